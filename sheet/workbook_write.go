package sheet

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// WriteWorkbook writes the tables as one XLSX file, a sheet each: codes and
// names as text cells of text format, so that editing does not turn them into
// numbers, numbers as numbers, the header bold and always in view.
func WriteWorkbook(w io.Writer, tables []Table) (err error) {
	f := excelize.NewFile()
	defer func() { err = errors.Join(err, f.Close()) }()
	text, err := f.NewStyle(&excelize.Style{NumFmt: 49})
	if err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	bold, err := f.NewStyle(&excelize.Style{NumFmt: 49, Font: &excelize.Font{Bold: true}})
	if err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	for i, t := range tables {
		if i == 0 {
			err = f.SetSheetName("Sheet1", t.Name)
		} else {
			_, err = f.NewSheet(t.Name)
		}
		if err == nil {
			err = writeSheet(f, t, text, bold)
		}
		if err != nil {
			return fmt.Errorf("write sheet %s: %w", t.Name, err)
		}
	}
	if err := f.Write(w); err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	return nil
}

// WriteWorkbookFile writes the workbook at path; a file that stands there is
// replaced only by a complete one.
func WriteWorkbookFile(path string, tables []Table) error {
	return replace(path, func(w io.Writer) error { return WriteWorkbook(w, tables) })
}

func writeSheet(f *excelize.File, t Table, text, bold int) error {
	s, err := f.NewStreamWriter(t.Name)
	if err != nil {
		return err
	}
	for i, name := range t.Header {
		if err := s.SetColWidth(i+1, i+1, float64(max(12, utf8.RuneCountInString(name)+3))); err != nil {
			return err
		}
		if !t.number(i) {
			if err := s.SetColStyle(i+1, i+1, text); err != nil {
				return err
			}
		}
	}
	if err := s.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	cells := make([]any, 0, len(t.Header))
	for _, name := range t.Header {
		cells = append(cells, excelize.Cell{StyleID: bold, Value: Guard(name)})
	}
	if err := s.SetRow("A1", cells); err != nil {
		return err
	}
	for n, row := range t.Rows {
		cells = cells[:0]
		for i, v := range row.Cells {
			cells = append(cells, value(v, t.number(i), text))
		}
		at, err := excelize.CoordinatesToCellName(1, n+2)
		if err != nil {
			return err
		}
		if err := s.SetRow(at, cells); err != nil {
			return err
		}
	}
	return s.Flush()
}

// value makes the cell; an empty one is left out of the file.
func value(s string, number bool, text int) any {
	switch {
	case s == "":
		return nil
	case number && isNumber(s):
		x, _ := strconv.ParseFloat(s, 64)
		return x
	}
	return excelize.Cell{StyleID: text, Value: Guard(s)}
}
