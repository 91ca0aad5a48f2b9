package fleet

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"phutai/sheet"
)

// Write writes the set at path: an .xlsx workbook where the name ends so, else
// a folder of CSV files. What is written reads back as the same set.
func (s *Set) Write(path string, rules Rules) error {
	tables := s.Tables(rules)
	var err error
	ext := strings.ToLower(filepath.Ext(path))
	if slices.Contains([]string{".xls", ".xlsm", ".ods", ".csv"}, ext) {
		return fmt.Errorf("export the register: %s files are not written; name a file that ends in .xlsx, or a folder for CSV files", ext)
	}
	if ext == ".xlsx" {
		err = sheet.WriteWorkbookFile(path, tables)
	} else {
		err = sheet.WriteFolder(path, tables, sheet.CSVStyle{BOM: true})
	}
	if err != nil {
		return fmt.Errorf("export the register: %w", err)
	}
	return nil
}

// Tables gives the set as tables, one of each kind, with the days of validity
// in the last two columns.
func (s *Set) Tables(rules Rules) []sheet.Table {
	return []sheet.Table{
		toTable(unitKind(), s.Units, rules), toTable(feederKind(), s.Feeders, rules),
		toTable(substationKind(), s.Substations, rules), toTable(transformerKind(), s.Transformers, rules),
		toTable(pointKind(), s.Points, rules), toTable(meterKind(), s.Meters, rules),
		toTable(priorityKind(), s.Priorities, rules), toTable(neighbourKind(), s.Neighbours, rules),
	}
}

func toTable[T any](k *kind[T], facts []Fact[T], rules Rules) sheet.Table {
	t := sheet.Table{Name: string(k.name)}
	var columns []column[T]
	for _, c := range k.columns {
		if !c.input {
			columns = append(columns, c)
			t.Header = append(t.Header, c.name)
			t.Numbers = append(t.Numbers, c.number)
		}
	}
	t.Header = append(t.Header, "valid_from", "valid_to")
	zone := rules.zone()
	t.Rows = slices.Grow(t.Rows, len(facts))
	for i := range facts {
		f := &facts[i]
		cells := make([]string, 0, len(t.Header))
		for _, c := range columns {
			cells = append(cells, c.write(&f.Body))
		}
		cells = append(cells, formatDate(f.From, zone), formatDate(f.To, zone))
		t.Rows = append(t.Rows, sheet.Row{Line: i + 2, Cells: cells})
	}
	return t
}
