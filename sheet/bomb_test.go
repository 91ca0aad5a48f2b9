package sheet_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"phutai/sheet"
)

// bomb copies a sound workbook and puts in place of one of its parts mib MiB of
// blanks, which pack to a thousandth. The directory of the zip file claims
// that the part unpacks to claim bytes; zero: the truth.
func bomb(t *testing.T, part string, mib int, claim uint64) string {
	t.Helper()
	sound := filepath.Join(t.TempDir(), "sound.xlsx")
	if err := sheet.WriteWorkbookFile(sound, []sheet.Table{table("a")}); err != nil {
		t.Fatal(err)
	}
	from, err := zip.OpenReader(sound)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = from.Close() }()
	path := filepath.Join(t.TempDir(), "bomb.xlsx")
	to, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(to)
	for _, f := range from.File {
		if f.Name == part {
			err = blanks(z, part, mib, claim)
		} else {
			err = z.Copy(f)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// blanks packs one MiB once and writes it again and again.
func blanks(z *zip.Writer, part string, mib int, claim uint64) error {
	plain := bytes.Repeat([]byte{' '}, 1<<20)
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestSpeed)
	if err != nil {
		return err
	}
	if _, err := w.Write(plain); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	piece := bytes.Clone(packed.Bytes())
	if err := w.Close(); err != nil {
		return err
	}
	end := packed.Bytes()[len(piece):]
	sum := crc32.NewIEEE()
	for range mib {
		_, _ = sum.Write(plain)
	}
	h := &zip.FileHeader{
		Name: part, Method: zip.Deflate, CRC32: sum.Sum32(),
		CompressedSize64: uint64(mib*len(piece) + len(end)), UncompressedSize64: claim,
	}
	if claim == 0 {
		h.UncompressedSize64 = uint64(mib) << 20
	}
	out, err := z.CreateRaw(h)
	if err != nil {
		return err
	}
	for range mib {
		if _, err := out.Write(piece); err != nil {
			return err
		}
	}
	_, err = out.Write(end)
	return err
}

func TestZipBombIsRefused(t *testing.T) {
	for name, x := range map[string]struct {
		part  string
		mib   int
		claim uint64
		want  string
	}{
		"a sheet that says so":         {"xl/worksheets/sheet1.xml", 600, 0, "it unpacks to more than 256 MiB"},
		"another part that says so":    {"xl/styles.xml", 600, 0, "it unpacks to more than 256 MiB"},
		"a sheet that lies":            {"xl/worksheets/sheet1.xml", 600, 1000, "xl/worksheets/sheet1.xml is damaged"},
		"a sheet that lies less":       {"xl/worksheets/sheet1.xml", 600, 20 << 20, "xl/worksheets/sheet1.xml is damaged"},
		"a sheet of nothing but blank": {"xl/worksheets/sheet1.xml", 50, 0, "xl/worksheets/sheet1.xml is damaged"},
	} {
		tables, faults := sheet.Reader{}.Workbook(bomb(t, x.part, x.mib, x.claim))
		if len(tables) > 0 || len(faults) != 1 || !strings.Contains(faults[0].Error(), x.want) {
			t.Errorf("%s: got %d tables and %v, want %s", name, len(tables), faults, x.want)
		}
	}
}

// A sheet that breaks off is no shorter sheet: half of the rows must not pass
// for all of them.
func TestSheetThatBreaksOffIsRefused(t *testing.T) {
	sound := filepath.Join(t.TempDir(), "sound.xlsx")
	if err := sheet.WriteWorkbookFile(sound, []sheet.Table{table("a")}); err != nil {
		t.Fatal(err)
	}
	from, err := zip.OpenReader(sound)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = from.Close() }()
	for name, breakIt := range map[string]func([]byte) []byte{
		"it ends":             func(b []byte) []byte { return b[:len(b)/2] },
		"it is another thing": func(b []byte) []byte { return append(bytes.Clone(b[:len(b)/2]), "<<<"...) },
	} {
		var out bytes.Buffer
		z := zip.NewWriter(&out)
		for _, f := range from.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			if f.Name == "xl/worksheets/sheet1.xml" {
				b = breakIt(b)
			}
			w, err := z.Create(f.Name)
			if err == nil {
				_, err = w.Write(b)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "broken.xlsx")
		if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		tables, faults := sheet.Reader{}.Workbook(path)
		if len(tables) > 0 || len(faults) != 1 || !strings.Contains(faults[0].Text, "xl/worksheets/sheet1.xml is damaged") {
			t.Errorf("%s: got %v and %v", name, tables, faults)
		}
	}
}

func TestWorkbookOf200MBIsRefusedUnread(t *testing.T) {
	path := filepath.Join(t.TempDir(), "large.xlsx")
	if err := os.WriteFile(path, []byte("PK\x03\x04"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 200<<20); err != nil {
		t.Fatal(err)
	}
	_, faults := sheet.Reader{}.Workbook(path)
	if len(faults) != 1 || faults[0].Error() != "large.xlsx: is larger than 64 MiB: split it" {
		t.Errorf("got %v", faults)
	}
	csv := strings.TrimSuffix(path, ".xlsx") + ".csv"
	if err := os.Rename(path, csv); err != nil {
		t.Fatal(err)
	}
	if _, faults = (sheet.Reader{}).File(csv); len(faults) != 1 || faults[0].Error() != "large.csv: is larger than 64 MiB: split it" {
		t.Errorf("got %v", faults)
	}
}

func TestFormulaIsReadAsWhatItShows(t *testing.T) {
	f := excelize.NewFile()
	for cell, s := range map[string]string{"A1": "name", "A2": `=HYPERLINK("http://x";"y")`, "A3": "+84912", "A4": "@SUM(A1)"} {
		if err := f.SetCellStr("Sheet1", cell, s); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.SetCellFormula("Sheet1", "A5", `HYPERLINK("http://x","y")`); err != nil {
		t.Fatal(err)
	}
	if err := f.SetCellStr("Sheet1", "B5", "beside"); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "x.xlsx")
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	got, faults := sheet.Reader{}.Workbook(path)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	for i, want := range []string{`=HYPERLINK("http://x";"y")`, "+84912", "@SUM(A1)", ""} {
		if s := got[0].Rows[i].Cells[0]; s != want {
			t.Errorf("row %d: got %q, want %q", i+2, s, want)
		}
	}
}
