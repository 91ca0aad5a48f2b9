package fleet

import (
	"slices"

	"phutai/sheet"
)

// Mapping tells which columns of a list that another system exports are which
// of the register. Such a list has rows that tell of several kinds at once, and
// only some of their columns.
type Mapping struct {
	Encoding sheet.Encoding
	Sheets   []string // of a workbook that are read; empty: each that has the columns
	tables   map[Kind]map[string]Cell
}

// Cell is where a column of the register gets its text from.
type Cell struct {
	From  string            // header of the list, compared without accents and case; empty: Value alone
	Value string            // where there is no such header, or the cell is empty
	Named bool              // the cell has the name of what is meant, not its code
	Sole  bool              // it has the code of a substation, and its only transformer is meant
	Words map[string]string // what the list says, folded, to what the register says
}

// header gives the headers that m names, folded.
func (m *Mapping) headers() []string {
	var all []string
	for _, columns := range m.tables {
		for _, c := range columns {
			if c.From != "" {
				all = append(all, headerKey(c.From))
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// KnownColumns gives the mapping of a list by headers that staff use anyway. A
// kind is read where its code has a column and something is said of it besides
// what others say of it: the code of a unit alone makes no unit.
func KnownColumns(header []string) *Mapping {
	m := &Mapping{tables: map[Kind]map[string]Cell{}}
	all := forms()
	ids, refs := map[string]bool{}, map[string]bool{}
	for _, f := range all {
		for _, h := range header {
			column, to := f.column(h)
			ids[headerKey(h)] = ids[headerKey(h)] || column == "id"
			refs[headerKey(h)] = refs[headerKey(h)] || to != ""
		}
	}
	for _, f := range all {
		columns, own := map[string]Cell{}, false
		for _, h := range header {
			column, _ := f.column(h)
			if headerKey(h) == "id" || headerKey(h) == "name" || column == "" || columns[column].From != "" {
				continue
			}
			columns[column] = Cell{From: h}
			own = own || column != "id" && !ids[headerKey(h)] && column != "valid_from" && column != "valid_to" || column == "id" && !refs[headerKey(h)]
		}
		if f.name == Units || f.name == Feeders {
			own = columns["name"].From != "" // the voltage of a list of stations is no feeder's
		}
		if _, ok := columns["id"]; ok && own {
			m.tables[f.name] = columns
		}
	}
	return m
}
