package sheet

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"

	"github.com/xuri/excelize/v2"
)

// figure is the text of a cell that may be stored as a number.
var figure = regexp.MustCompile(`^-?\d+(\.\d+)?([eE][+-]?\d+)?$`)

// Workbook reads each sheet of the XLSX file at path. All cells come as
// text: what is typed as text stays as it is, a number comes with a decimal
// point and without its display format, a date as Excel's day number.
func (in Reader) Workbook(path string) ([]Table, []Fault) {
	name := filepath.Base(path)
	info, err := os.Stat(path)
	if err != nil {
		return nil, []Fault{{name, 0, err.Error()}}
	}
	if info.Size() > maxFile {
		return nil, []Fault{{name, 0, fmt.Sprintf("is larger than %d MiB: split it", maxFile>>20)}}
	}
	if err := soundParts(path); err != nil {
		return nil, []Fault{{name, 0, "is no workbook that can be read (" + err.Error() + "): save it anew as .xlsx, without a password"}}
	}
	f, err := excelize.OpenFile(path, excelize.Options{RawCellValue: true, UnzipSizeLimit: maxUnpack, UnzipXMLSizeLimit: 16 << 20})
	if err != nil {
		return nil, []Fault{{name, 0, "is no workbook that can be read (" + err.Error() + "): save it as .xlsx, without a password"}}
	}
	defer func() { _ = f.Close() }()
	var tables []Table
	var faults []Fault
	count := rows{tell: in.Progress}
	for _, sheet := range f.GetSheetList() {
		t := Table{Name: sheet, Source: name + "!" + sheet}
		if err := in.sheet(f, sheet, &t, &count); err != nil {
			faults = append(faults, asFault(err, t.Source))
			continue
		}
		tables = append(tables, t)
	}
	return tables, faults
}

func (in Reader) sheet(f *excelize.File, sheet string, t *Table, count *rows) error {
	lines, err := f.Rows(sheet)
	if err != nil {
		return fmt.Errorf("cannot be read: %w", err)
	}
	defer func() { _ = lines.Close() }()
	line := 0
	err = t.fill(count, func() ([]string, int, error) {
		if !lines.Next() {
			if err := lines.Error(); err != nil {
				return nil, 0, fmt.Errorf("cannot be read: %w", err)
			}
			return nil, 0, io.EOF
		}
		line++
		cells, err := lines.Columns()
		if err != nil {
			return nil, 0, &Fault{t.Source, line, "cannot be read: " + err.Error()}
		}
		for i, s := range cells {
			cells[i] = in.Encoding.decode(s)
		}
		return cells, line, nil
	})
	if err != nil {
		return err
	}
	return markNumbers(f, sheet, t)
}

// markNumbers asks for the type of the cells whose text leaves it open.
func markNumbers(f *excelize.File, sheet string, t *Table) error {
	for r := range t.Rows {
		row := &t.Rows[r]
		for c, s := range row.Cells {
			if !figure.MatchString(s) {
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
				if row.Numeric == nil {
					row.Numeric = map[int]bool{}
				}
				row.Numeric[c] = true
			}
		}
	}
	return nil
}
