package sheet_test

import (
	"archive/zip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"phutai/sheet"
)

// forge writes a zip file with one part that claims to unpack to size bytes.
func forge(t *testing.T, path string, size uint64) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	w, err := z.CreateRaw(&zip.FileHeader{Name: "xl/worksheets/sheet1.xml", Method: zip.Deflate, UncompressedSize64: size, CompressedSize64: 4})
	if err == nil {
		_, err = w.Write([]byte{0x63, 0x60, 0x60, 0})
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestWorkbookThatUnpacksToTooMuchIsRefused(t *testing.T) {
	for _, size := range []uint64{3, 1 << 20, 1 << 40} {
		path := filepath.Join(t.TempDir(), "bomb.xlsx")
		forge(t, path, size)
		tables, faults := sheet.Reader{}.Workbook(path)
		if len(tables) != 0 || len(faults) != 1 {
			t.Errorf("%d bytes: got %v and %v, want one fault", size, tables, faults)
		}
	}
}

func TestWorkbookWithTooManyColumnsIsRefused(t *testing.T) {
	f := excelize.NewFile()
	if err := f.SetCellStr("Sheet1", "XFD7", "far away"); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "wide.xlsx")
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	_, faults := sheet.Reader{}.Workbook(path)
	if len(faults) != 1 || !strings.HasPrefix(faults[0].Error(), "wide.xlsx!Sheet1:7: has 16384 columns") {
		t.Errorf("got %v", faults)
	}
}

func TestMissingPathsAreFaults(t *testing.T) {
	if _, faults := (sheet.Reader{}).Folder("no such folder"); len(faults) != 1 {
		t.Errorf("folder: %v", faults)
	}
	if _, faults := (sheet.Reader{}).Workbook("no such.xlsx"); len(faults) != 1 {
		t.Errorf("workbook: %v", faults)
	}
}
