package sheet_test

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"phutai/sheet"
)

var hostile = []string{"=1+1", "+84912", "-5", "@SUM(A1)", "\tx", "\r=1", "'=1", "''+", "'quoted'", "plain", "0101", "471E11", "Trạm \"A\"; B, C", "4.71"}

func TestGuardIsTakenAwayAgain(t *testing.T) {
	for _, s := range hostile {
		g := sheet.Guard(s)
		if strings.ContainsAny(g[:1], "=+-@\t\r") {
			t.Errorf("Guard(%q) = %q still starts a formula", s, g)
		}
		if got := sheet.Unguard(g); got != s {
			t.Errorf("%q comes back as %q", s, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`'{0,3}[=+\-@\t\r\na0]{0,3}`).Draw(t, "s")
		if got := sheet.Unguard(sheet.Guard(s)); got != s {
			t.Fatalf("%q comes back as %q", s, got)
		}
	})
}

func TestSeparatorAndMarkAreFound(t *testing.T) {
	want := sheet.Table{Name: "x", Source: "x.csv", Header: []string{"a", "b;c"}, Rows: []sheet.Row{{Line: 2, Cells: []string{"1,5", "đ"}}}}
	for name, text := range map[string]string{
		"semicolon":  "a;\"b;c\"\n1,5;đ\n",
		"comma":      "a,b;c\n\"1,5\",đ\n",
		"tab":        "a\t\"b;c\"\r\n1,5\tđ\r\n",
		"mark":       "\ufeffa;\"b;c\"\n 1,5 ;đ",
		"blank rows": "a;\"b;c\"\n1,5;đ\n;\n\n",
	} {
		got, err := sheet.Reader{}.CSV(strings.NewReader(text), "x.csv")
		if err != nil || !cmp.Equal(got, want) {
			t.Errorf("%s: %v\n%s", name, err, cmp.Diff(want, got))
		}
	}
}

func TestLinesAreThoseOfTheFile(t *testing.T) {
	got, err := sheet.Reader{}.CSV(strings.NewReader("sep=;\n\na;b\n\n\"two\nlines\";x\n\ny;z\n"), "x.csv")
	if err != nil {
		t.Fatal(err)
	}
	want := []sheet.Row{{Line: 5, Cells: []string{"two\nlines", "x"}}, {Line: 8, Cells: []string{"y", "z"}}}
	if d := cmp.Diff(want, got.Rows); d != "" {
		t.Error(d)
	}
}

func TestComposedAndDecomposedTextIsTheSame(t *testing.T) {
	got, err := sheet.Reader{}.CSV(strings.NewReader("a\nThu\u0323y\n"), "x.csv")
	if err != nil || got.Rows[0].Cells[0] != "Thụy" {
		t.Errorf("got %q, %v", got.Rows[0].Cells[0], err)
	}
}

func TestFilesThatCannotBeReadSayWhatToDo(t *testing.T) {
	for text, want := range map[string]string{
		"a,b\n\"x\n":              "x.csv:2: has a stray \"",
		"a\nx\"y\n":               "x.csv:2: has a stray \"",
		"sep=,\na\nx\"y\n":        "x.csv:3: has a stray \"",
		"\xff\xfea\x00":           "UTF-16",
		"a\n\xe9\n":               "not UTF-8",
		"PK\x03\x04":              "is a workbook",
		"a\x00b":                  "NUL",
		strings.Repeat(",", 300):  "301 columns",
		strings.Repeat("a,", 300): "301 columns",
	} {
		_, err := sheet.Reader{}.CSV(strings.NewReader(text), "x.csv")
		var f *sheet.Fault
		if !errors.As(err, &f) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: got %v, want %q", text, err, want)
		}
	}
}

func table(name string) sheet.Table {
	t := sheet.Table{Name: name, Header: []string{"code", "x"}, Numbers: []bool{false, true}}
	for i, s := range hostile {
		if s = strings.TrimSpace(s); s != "" {
			t.Rows = append(t.Rows, sheet.Row{Line: i + 2, Cells: []string{s, "12.345"}})
		}
	}
	return t
}

var content = cmpopts.IgnoreFields(sheet.Table{}, "Source", "Numbers")

func TestFolderComesBack(t *testing.T) {
	for _, style := range []sheet.CSVStyle{{}, {BOM: true}, {Semicolon: true, BOM: true}} {
		dir := filepath.Join(t.TempDir(), "new")
		if err := sheet.WriteFolder(dir, []sheet.Table{table("a"), table("b")}, style); err != nil {
			t.Fatal(err)
		}
		got, faults := sheet.Reader{}.Folder(dir)
		if d := cmp.Diff([]sheet.Table{table("a"), table("b")}, got, content); d != "" || len(faults) > 0 {
			t.Errorf("%+v: %v\n%s", style, faults, d)
		}
	}
}

func TestWorkbookComesBackWithItsTypes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.xlsx")
	if err := sheet.WriteWorkbookFile(path, []sheet.Table{table("a"), table("b")}); err != nil {
		t.Fatal(err)
	}
	got, faults := sheet.Reader{}.Workbook(path)
	want := []sheet.Table{table("a"), table("b")}
	for i := range want {
		for r := range want[i].Rows {
			want[i].Rows[r].Numeric = map[int]bool{1: true}
		}
	}
	if d := cmp.Diff(want, got, content); d != "" || len(faults) > 0 {
		t.Errorf("%v\n%s", faults, d)
	}
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for r := range want[0].Rows {
		cell, _ := excelize.CoordinatesToCellName(1, r+2)
		kind, err := f.GetCellType("a", cell)
		formula, _ := f.GetCellFormula("a", cell)
		if err != nil || formula != "" || kind == excelize.CellTypeNumber || kind == excelize.CellTypeUnset || kind == excelize.CellTypeFormula {
			t.Errorf("%s is of type %v, formula %q, %v: want text", cell, kind, formula, err)
		}
	}
}

func TestTextThatLooksLikeANumberIsNotTakenForOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.xlsx")
	if err := sheet.WriteWorkbookFile(path, []sheet.Table{{Name: "a", Header: []string{"x"}, Rows: []sheet.Row{{Cells: []string{"2.150"}}}}}); err != nil {
		t.Fatal(err)
	}
	got, _ := sheet.Reader{}.Workbook(path)
	if row := got[0].Rows[0]; row.Cells[0] != "2.150" || row.Numeric != nil {
		t.Errorf("got %+v, want the text as it was", row)
	}
}

func TestStreamedRowsKeepNumbersAndGuardText(t *testing.T) {
	var b bytes.Buffer
	w := sheet.NewCSVWriter(&b, sheet.CSVStyle{BOM: true})
	err := errors.Join(
		w.Header("time", "name", "p_kw"),
		w.Write(sheet.Text("2026-06-24T17:00:00+07:00"), sheet.Text("=cmd"), sheet.Number(-1.5)),
		w.Write(sheet.Text(""), sheet.Text("a,b"), sheet.Number(math.NaN())),
		w.Flush(),
	)
	want := "\ufefftime,name,p_kw\n2026-06-24T17:00:00+07:00,'=cmd,-1.5\n,\"a,b\",\n"
	if err != nil || b.String() != want {
		t.Errorf("%v\ngot  %q\nwant %q", err, b.String(), want)
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestFailedWritingIsTold(t *testing.T) {
	if err := sheet.WriteCSV(fullDisk{}, table("a"), sheet.CSVStyle{}); err == nil {
		t.Error("CSV: no error")
	}
	if err := sheet.WriteWorkbook(fullDisk{}, []sheet.Table{table("a")}); err == nil {
		t.Error("workbook: no error")
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "a.csv"), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := sheet.WriteFolder(dir, []sheet.Table{table("a")}, sheet.CSVStyle{}); err == nil {
		t.Error("folder: no error")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".new-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestFaultyFileDoesNotHideTheOthers(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"a.csv": "x\n\"\n", "b.CSV": "x\n1\n", "c.txt": "no"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tables, faults := sheet.Reader{}.Folder(dir)
	if len(tables) != 1 || tables[0].Name != "b" || len(faults) != 1 || faults[0].Source != "a.csv" {
		t.Errorf("got %v and %v", tables, faults)
	}
}

func FuzzReadCSV(f *testing.F) {
	for _, s := range []string{"a;b\n1;2\n", "\ufeffa,b\n\"x\",\n", "sep=;\na;b\n'=x;''\n", "\"", "a\tb\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := sheet.Reader{}.CSV(bytes.NewReader(b), "x.csv")
		if err != nil || strings.ContainsAny(strings.Join(got.Header, ""), ",;\t\r\n\"") || strings.Join(got.Header, "") == "" {
			return // by such a header the separator is not found with certainty
		}
		var out bytes.Buffer
		if err := sheet.WriteCSV(&out, got, sheet.CSVStyle{BOM: true}); err != nil {
			t.Fatal(err)
		}
		again, err := sheet.Reader{}.CSV(&out, "x.csv")
		if err != nil {
			t.Fatalf("%q does not read back: %v", b, err)
		}
		if d := cmp.Diff(got, again, cmpopts.IgnoreFields(sheet.Row{}, "Line")); d != "" {
			t.Error(d)
		}
	})
}
