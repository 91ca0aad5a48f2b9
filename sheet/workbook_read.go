package sheet

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/unicode/norm"
)

// ambiguous is a figure of which the text alone does not tell whether the
// point groups thousands.
var ambiguous = regexp.MustCompile(`^-?[1-9]\d{0,2}\.\d{3}$`)

// ReadWorkbook reads each sheet of the XLSX file at path. All cells come as
// text: what is typed as text stays as it is, a number comes with a decimal
// point and without its display format, a date as Excel's day number.
func ReadWorkbook(path string) ([]Table, []Fault) {
	name := filepath.Base(path)
	info, err := os.Stat(path)
	if err != nil {
		return nil, []Fault{{name, 0, err.Error()}}
	}
	if info.Size() > maxFile {
		return nil, []Fault{{name, 0, fmt.Sprintf("is larger than %d MiB: split it", maxFile>>20)}}
	}
	f, err := excelize.OpenFile(path, excelize.Options{RawCellValue: true, UnzipSizeLimit: maxUnpack, UnzipXMLSizeLimit: 16 << 20})
	if err != nil {
		return nil, []Fault{{name, 0, "is no workbook that can be read (" + err.Error() + "): save it as .xlsx, without a password"}}
	}
	defer func() { _ = f.Close() }()
	var tables []Table
	var faults []Fault
	for _, sheet := range f.GetSheetList() {
		t := Table{Name: sheet, Source: name + "!" + sheet}
		if err := readSheet(f, sheet, &t); err != nil {
			faults = append(faults, asFault(err, t.Source))
			continue
		}
		tables = append(tables, t)
	}
	return tables, faults
}

func readSheet(f *excelize.File, sheet string, t *Table) error {
	rows, err := f.Rows(sheet)
	if err != nil {
		return fmt.Errorf("cannot be read: %w", err)
	}
	defer func() { _ = rows.Close() }()
	line := 0
	err = t.fill(func() ([]string, int, error) {
		if !rows.Next() {
			if err := rows.Error(); err != nil {
				return nil, 0, fmt.Errorf("cannot be read: %w", err)
			}
			return nil, 0, io.EOF
		}
		line++
		cells, err := rows.Columns()
		if err != nil {
			return nil, 0, &Fault{t.Source, line, "cannot be read: " + err.Error()}
		}
		for i, s := range cells {
			cells[i] = norm.NFC.String(s)
		}
		return cells, line, nil
	})
	if err != nil {
		return err
	}
	return markDecimals(f, sheet, t)
}

// markDecimals asks for the type of a cell only where its text leaves a doubt,
// because each question walks through the sheet.
func markDecimals(f *excelize.File, sheet string, t *Table) error {
	for r := range t.Rows {
		row := &t.Rows[r]
		for c, s := range row.Cells {
			if !strings.Contains(s, ".") || !ambiguous.MatchString(s) {
				continue
			}
			cell, err := excelize.CoordinatesToCellName(c+1, row.Line)
			if err != nil {
				return err
			}
			kind, err := f.GetCellType(sheet, cell)
			if err != nil {
				return err
			}
			if kind == excelize.CellTypeUnset || kind == excelize.CellTypeNumber {
				if row.Decimals == nil {
					row.Decimals = map[int]bool{}
				}
				row.Decimals[c] = true
			}
		}
	}
	return nil
}
