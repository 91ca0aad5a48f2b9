package fleet_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/fleet"
	"phutai/grid"
)

// codes gives a register with stations of codes that spreadsheets break.
func codes(t *testing.T, ids ...grid.SubstationID) *fleet.Register {
	t.Helper()
	r, _ := openRegister(t, &clock{day(6, 20)})
	s := &fleet.Set{Units: fleet.Of(grid.Unit{ID: "U", Name: "u"})}
	for _, id := range ids {
		s.Substations = append(s.Substations, fleet.Of(grid.Substation{ID: id, Name: "s", Unit: "U"})...)
	}
	mustImport(t, r, s, time.Time{})
	return r
}

func TestHarmedCodesAreRepairedWhereOneAloneCanBeMeant(t *testing.T) {
	for _, x := range []struct {
		known []grid.SubstationID
		cell  string
		want  grid.SubstationID // none: refused
		told  string            // by a note, or by a problem
	}{
		{[]grid.SubstationID{"0471", "0472"}, "471", "0471", `"471" is taken for what Excel makes of "0471"`},
		{[]grid.SubstationID{"0471", "00471"}, "471", "", `"471" may be 00471 or 0471`},
		{[]grid.SubstationID{"0471", "471"}, "471", "471", ""},
		{[]grid.SubstationID{"0471"}, "471.0", "0471", `"471.0" is taken for what Excel makes of "0471"`},
		{[]grid.SubstationID{"9"}, "471.0", "471", `"471.0" went through a number, and is taken for "471"`},
		{[]grid.SubstationID{"471E11", "472E11"}, "4.71E+13", "471E11", `"4.71E+13" is taken for what Excel makes of "471E11"`},
		{[]grid.SubstationID{"471E11", "472E11"}, "4,71E+13", "471E11", `"4,71E+13" is taken for`},
		{[]grid.SubstationID{"471E11"}, "4.73E+13", "", `"4.73E+13" is a code that Excel turned into a number, its digits are lost`},
		{[]grid.SubstationID{"100000"}, "1E+05", "100000", `"1E+05" is taken for what Excel makes of "100000"`},
		{[]grid.SubstationID{"100000", "1E5"}, "1E+05", "", `"1E+05" may be 100000 or 1E5`},
		{[]grid.SubstationID{"1E5"}, "100000", "1E5", `"100000" is taken for what Excel makes of "1E5"`},
		{[]grid.SubstationID{"1-2"}, "01/02/2026", "1-2", `"01/02/2026" is taken for what Excel makes of "1-2"`},
		{[]grid.SubstationID{"1-2"}, "2026-02-01", "1-2", `is taken for what Excel makes of "1-2"`},
		{[]grid.SubstationID{"1-2"}, "01-Feb", "1-2", `"01-Feb" is taken for what Excel makes of "1-2"`},
		{[]grid.SubstationID{"1-2"}, "01-Thg2", "1-2", `"01-Thg2" is taken for what Excel makes of "1-2"`},
		{[]grid.SubstationID{"1-2", "2-1"}, "01-Feb", "", `"01-Feb" may be 1-2 or 2-1`},
		{[]grid.SubstationID{"3-4"}, "2026-02-01", "", `"2026-02-01" is a date, which Excel makes of a code such as 1-2`},
		{[]grid.SubstationID{"pb06a"}, "PB06A", "pb06a", `"PB06A" is written as "pb06a"`},
		{[]grid.SubstationID{"PB06010001234"}, "PB06010001235", "PB06010001235", ""},
	} {
		r := codes(t, x.known...)
		set := readList(t, r, "MA_TRAM;TEN_TRAM;MA_DVIQLY\n"+x.cell+";tên mới;U\n", nil)
		c := r.Compare(set, fleet.ImportOptions{Rules: rules})
		told := strings.Join(append(lines(c.Notes), lines(c.Problems)...), "\n")
		if x.told == "" != (told == "") || x.told != "" && !strings.HasPrefix(told, "CMIS thang 6.csv:2: MA_TRAM: "+`"`) || !strings.Contains(told, x.told) {
			t.Errorf("%s among %v: told %q, want %q", x.cell, x.known, told, x.told)
		}
		var got grid.SubstationID
		if _, err := r.Import(t.Context(), set, fleet.ImportOptions{Rules: rules}); err == nil {
			for s := range r.View(day(6, 21)).Substations() {
				if s.Name == "tên mới" {
					got = s.ID
				}
			}
		}
		if got != x.want {
			t.Errorf("%s among %v: taken for %q, want %q", x.cell, x.known, got, x.want)
		}
	}
}

func TestHarmedReferencesAreRepairedOrUnmatched(t *testing.T) {
	r := codes(t, "0471", "471E11")
	set := readList(t, r, "MA_MBA,MA_TRAM,SDM\nA,471,400\nB,4.71E+13,250\nC,472,100\n", nil)
	c := r.Compare(set, fleet.ImportOptions{Rules: rules})
	if d := cmp.Diff([]string{
		`CMIS thang 6.csv:2: MA_TRAM: "471" is taken for what Excel makes of "0471"`,
		`CMIS thang 6.csv:3: MA_TRAM: "4.71E+13" is taken for what Excel makes of "471E11"`,
	}, lines(c.Notes)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{`CMIS thang 6.csv:4: MA_TRAM: "472" matches none of substations: correct it, or add it to the register first`}, lines(c.Unmatched)); d != "" {
		t.Error(d)
	}
	if len(c.Problems) > 0 || len(c.Differences) != 2 {
		t.Errorf("problems %v, differences %+v", c.Problems, c.Differences)
	}
}

func TestCodesOfAWorkbookListAreTrustedWhereTheyAreText(t *testing.T) {
	r := codes(t, "0471", "471E11", "1-2")
	path := workbook(t, map[string][][]any{"DS trạm": {
		{"MA_TRAM", "TEN_TRAM", "MA_DVIQLY"},
		{"471", "text", "U"}, {471e11, "number", "U"}, {46054, "day", "U"},
	}})
	set := r.Read(path, fleet.ReadOptions{Rules: rules})
	if _, err := r.Import(t.Context(), set, fleet.ImportOptions{Rules: rules}); err != nil {
		t.Fatal(err)
	}
	got := map[grid.SubstationID]string{}
	for s := range r.View(day(6, 21)).Substations() {
		got[s.ID] = s.Name
	}
	if d := cmp.Diff(map[grid.SubstationID]string{"471": "text", "0471": "s", "471E11": "number", "1-2": "day"}, got); d != "" {
		t.Error(d)
	}
	if n := lines(set.Notes()); len(n) != 2 || !strings.Contains(n[1], `book.xlsx!DS trạm:4: MA_TRAM: "46054" is taken for what Excel makes of "1-2"`) {
		t.Errorf("noted %q", n)
	}
}
