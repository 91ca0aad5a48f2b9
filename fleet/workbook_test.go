package fleet_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"phutai/fleet"
)

// workbook writes sheets as people type them: cells of no format, of which Excel
// stores what looks like a number as one.
func workbook(t *testing.T, sheets map[string][][]any) string {
	t.Helper()
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	for name, rows := range sheets {
		if _, err := f.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		for i := range rows {
			cell, _ := excelize.CoordinatesToCellName(1, i+1)
			if err := f.SetSheetRow(name, cell, &rows[i]); err != nil {
				t.Fatal(err)
			}
		}
	}
	path := filepath.Join(t.TempDir(), "book.xlsx")
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestCodeThatIsANumberCellIsNotTrusted(t *testing.T) {
	for _, x := range []struct {
		cell   any
		lost   bool
		note   bool
		column string
	}{
		{471e11, true, true, "id"}, {47100000000000, true, true, "id"}, {123456789012, true, true, "id"}, {4.71, true, true, "id"},
		{12345678901, false, true, "id"}, {101, false, true, "id"}, {"0101", false, false, "id"}, {"471E11", false, false, "id"}, {"47100000000000", false, false, "id"},
	} {
		set, problems := fleet.Read(workbook(t, map[string][][]any{"feeders": {{"id", "name", "unit"}, {x.cell, "Lộ 471", "U"}}}), rules)
		lost := len(problems) == 1 && strings.Contains(problems[0].String(), "book.xlsx!feeders:2: "+x.column) && strings.Contains(problems[0].Text, "format the column as Text")
		if lost != x.lost || !lost && len(problems) > 0 {
			t.Errorf("%v: got %v, want it refused: %v", x.cell, problems, x.lost)
		}
		if notes := set.Notes(); len(notes) > 0 != x.note || x.note && !strings.HasPrefix(notes[0].String(), "book.xlsx!feeders:2: id: 1 cells hold numbers instead of text") {
			t.Errorf("%v: noted %v, want a note: %v", x.cell, notes, x.note)
		}
	}
}

func TestNumberCellOfAListOfCodesOrAPhoneIsToldToo(t *testing.T) {
	set, problems := fleet.Read(workbook(t, map[string][][]any{
		"points":      {{"id", "substation", "transformers", "ct_primary", "ct_secondary"}, {"P", "S", 47100000000000, 600, 5}},
		"substations": {{"id", "name", "unit", "keeper_phone"}, {"S", "s", "U", 912000111}},
	}), rules)
	if len(problems) != 1 || !strings.HasPrefix(problems[0].String(), "book.xlsx!points:2: transformers: ") {
		t.Errorf("got %v", problems)
	}
	if notes := set.Notes(); len(notes) != 2 {
		t.Errorf("noted %v, want one for the list and one for the phone", notes)
	}
}

func TestTextGoesThroughAWorkbookOrIsRefused(t *testing.T) {
	for _, name := range []string{"a\x07b", "\x1b[31m", "\x01", "a\ufffeb", "a\uffffb", "a\x0bb"} {
		set, _ := fleet.Read(write(t, map[string]string{"units.csv": "id,name\nU," + name + "\n"}), rules)
		if got := set.Check(rules); len(got) != 1 || !strings.HasPrefix(got[0].String(), "units.csv:2: name: has the control character U+") {
			t.Errorf("%q: got %v, want one problem", name, got)
		}
	}
	for _, name := range []string{"_x0041_", "a\u0085b", "a\u2028b", "\u200bx", "a\ufeffb", "<&>\"'", "𝄞 Đội", "'=1", "a\ufffdb"} {
		set := province()
		set.Units[0].Body.Name = name
		if problems := set.Check(rules); len(problems) > 0 {
			t.Errorf("%q is refused: %v", name, problems)
		}
		path := filepath.Join(t.TempDir(), "book.xlsx")
		if err := set.Write(path, rules); err != nil {
			t.Fatal(err)
		}
		again, problems := fleet.Read(path, rules)
		if len(problems) > 0 || again.Units[0].Body.Name != name {
			t.Errorf("%q comes back as %q, %v", name, again.Units[0].Body.Name, problems)
		}
	}
}
