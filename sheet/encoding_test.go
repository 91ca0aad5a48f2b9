package sheet_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"phutai/sheet"
)

// old has texts of before Unicode as a program shows them that takes each byte
// for a letter of Latin 1. Those of TCVN3 are what iconv makes of them, those
// of VNI are typed after its code table.
var old = []struct {
	encoding  sheet.Encoding
	old, text string
}{
	{
		sheet.TCVN3, latin1("Tr\xb9m bi\xd5n \xb8p Th\xf4y Li\xaan 1 - \xae\xad\xeang L\xaa L\xeei, \xadu ti\xaan, ngh\xdca x\xb7 \xa7\xabng Qu\xfd, ng\xe2 \xa1n \xeb"),
		"Trạm biến áp Thụy Liên 1 - đường Lê Lợi, ưu tiên, nghĩa xã Đông Quý, ngõ Ăn ở",
	},
	{sheet.VNI, "Traïm bieán aùp Thuïy Lieân 1 - ñöôøng Leâ Lôïi, öu tieân, nghóa xaõ Ñoâng Quyù, ngoõ AÊn ÔÛ", "Trạm biến áp Thụy Liên 1 - đường Lê Lợi, ưu tiên, nghĩa xã Đông Quý, ngõ Ăn Ở"},
	{sheet.VNI, "Xin chaøo caùc baïn: kyø, kyû, kyõ, yî, mì, chæ, hò, tröõ, ñaëng, lúa", "Xin chào các bạn: kỳ, kỷ, kỹ, yỵ, mì, chỉ, hị, trữ, đặng, lúa"},
	{sheet.VNI, "TRAÏM BIEÁN AÙP ÑAËNG THUÌ", "TRẠM BIẾN ÁP ĐẶNG THUÌ"},
	{sheet.TCVN3, "PA08TT0001", "PA08TT0001"},
}

func latin1(octets string) string {
	var b strings.Builder
	for i := range len(octets) {
		b.WriteRune(rune(octets[i]))
	}
	return b.String()
}

// octets undoes latin1.
func octets(text string) string {
	var b []byte
	for _, r := range text {
		b = append(b, byte(r))
	}
	return string(b)
}

func TestOldFontsAreDecodedInCSV(t *testing.T) {
	for _, x := range old {
		in := sheet.Reader{Encoding: x.encoding}
		got, err := in.CSV(strings.NewReader("ten;a\n"+octets(x.old)+";1\n"), "x.csv")
		if err != nil || got.Rows[0].Cells[0] != x.text {
			t.Errorf("%s: got  %v, %v\nwant %s", x.encoding, got.Rows, err, x.text)
		}
	}
}

func TestOldFontsAreDecodedInWorkbooksBesideUnicode(t *testing.T) {
	for _, x := range old {
		f := excelize.NewFile()
		for cell, s := range map[string]string{"A1": "a", "A2": x.old, "A3": "Thụy Liên", "A4": "Đội"} {
			if err := f.SetCellStr("Sheet1", cell, s); err != nil {
				t.Fatal(err)
			}
		}
		path := filepath.Join(t.TempDir(), "x.xlsx")
		if err := f.SaveAs(path); err != nil {
			t.Fatal(err)
		}
		got, faults := sheet.Reader{Encoding: x.encoding}.Workbook(path)
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		for i, want := range []string{x.text, "Thụy Liên", "Đội"} {
			if s := got[0].Rows[i].Cells[0]; s != want {
				t.Errorf("%s: got %s, want %s", x.encoding, s, want)
			}
		}
	}
}

func TestWrongEncodingIsTold(t *testing.T) {
	for _, x := range []struct {
		encoding   sheet.Encoding
		text, want string
	}{
		{sheet.TCVN3, "a\nThụy\n", "x.csv: is UTF-8, not tcvn3: leave the encoding out"},
		{sheet.VNI, "\ufeffa\n1\n", "x.csv: is UTF-8, not vni"},
		{"", "a\nTh\xf4y\n", "by the encoding tcvn3 or vni"},
		{sheet.TCVN3, "\xff\xfea\x00", "is UTF-16"},
		{sheet.VNI, "a\x00", "NUL"},
	} {
		if _, err := (sheet.Reader{Encoding: x.encoding}).CSV(strings.NewReader(x.text), "x.csv"); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s %q: got %v, want %s", x.encoding, x.text, err, x.want)
		}
	}
}

func TestRowsAreCountedOverAllTables(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.csv", "b.csv"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x\n"+strings.Repeat("1\n", 600)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var told []int
	in := sheet.Reader{Progress: func(rows int) { told = append(told, rows) }}
	if tables, _ := in.Folder(dir); len(tables) != 2 || len(told) != 2 || told[1] != 1000 {
		t.Errorf("told %v of %d tables, want 500 and 1000 of 2", told, len(tables))
	}
}
