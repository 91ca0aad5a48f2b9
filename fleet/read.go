package fleet

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"phutai/sheet"
)

// Read reads a folder of CSV files or an .xlsx workbook with tables of the
// register. A file or sheet of which the name is none of the kinds is passed
// over and noted, so that notes can stand beside the tables; one that looks like
// a table of ours is a problem. The set keeps the problems: importing it is
// refused while it has any.
func Read(path string, rules Rules) (*Set, Problems) {
	tables, faults := tablesAt(path, sheet.Reader{})
	set := readTables(path, tables, faults, rules)
	return set, set.problems
}

func isCSV(path string) bool { return strings.EqualFold(filepath.Ext(path), ".csv") }

func readTables(path string, tables []sheet.Table, faults []sheet.Fault, rules Rules) *Set {
	in := reading{set: &Set{}, zone: rules.zone()}
	known := forms()
	for _, f := range faults {
		in.problem(f.Source, f.Line, "", "%s", f.Text)
		in.missTable(known, f.Source)
	}
	found := false
	for _, t := range tables {
		if in.table(t) || in.stray(known, &t) {
			found = true
		}
	}
	in.otherFiles(path)
	if !found && len(faults) == 0 {
		in.problem(filepath.Base(path), 0, "", "has none of the tables %s: name the sheets or CSV files so", kindNames())
	}
	in.set.problems = in.set.problems.sorted()
	return in.set
}

func tablesAt(path string, in sheet.Reader) ([]sheet.Table, []sheet.Fault) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, []sheet.Fault{{Source: path, Text: "cannot be opened: " + err.Error()}}
	case info.IsDir():
		return in.Folder(path)
	case strings.EqualFold(filepath.Ext(path), ".xlsx"):
		return in.Workbook(path)
	case isCSV(path):
		return in.File(path)
	}
	return nil, []sheet.Fault{{Source: filepath.Base(path), Text: "is neither a folder of CSV files, nor a CSV file, nor an .xlsx workbook: give one of them"}}
}

// reading collects the set and its problems.
type reading struct {
	set  *Set
	zone *time.Location
	seen []Kind
}

func (in *reading) problem(file string, line int, column, format string, args ...any) {
	in.set.problems = append(in.set.problems, Problem{file, line, column, fmt.Sprintf(format, args...)})
}

func (in *reading) note(file string, line int, column, format string, args ...any) {
	in.set.notes = append(in.set.notes, Problem{file, line, column, fmt.Sprintf(format, args...)})
}

// table reads t into the set and tells whether it is one of ours.
func (in *reading) table(t sheet.Table) bool {
	name := strings.ReplaceAll(Fold(t.Name), " ", "_")
	s := in.set
	return readTable(in, unitKind(), name, t, &s.Units) ||
		readTable(in, feederKind(), name, t, &s.Feeders) ||
		readTable(in, substationKind(), name, t, &s.Substations) ||
		readTable(in, transformerKind(), name, t, &s.Transformers) ||
		readTable(in, pointKind(), name, t, &s.Points) ||
		readTable(in, meterKind(), name, t, &s.Meters) ||
		readTable(in, priorityKind(), name, t, &s.Priorities) ||
		readTable(in, neighbourKind(), name, t, &s.Neighbours)
}

func readTable[T any](in *reading, k *kind[T], name string, t sheet.Table, out *[]Fact[T]) bool {
	if name != string(k.name) && !slices.Contains(k.aliases, name) {
		return false
	}
	if slices.Contains(in.seen, k.name) {
		in.problem(t.Source, 0, "", "is a second table of %s: put the rows into one", k.name)
		return true
	}
	in.seen = append(in.seen, k.name)
	if t.Header == nil {
		in.problem(t.Source, 0, "", "has no header: write the names of the columns in the first row")
		in.miss(k.name)
		return true
	}
	at, ok := in.header(t, k.find)
	for i := range k.columns {
		if c := &k.columns[i]; c.required && !slices.Contains(at, i) {
			in.problem(t.Source, 0, c.name, "the column is missing: add it")
			ok = false
		}
	}
	if !ok {
		in.miss(k.name)
		return true // each row would repeat what is wrong with the header
	}
	*out = make([]Fact[T], 0, len(t.Rows))
	for i := range t.Rows {
		*out = append(*out, readRow(in, k, &t, &t.Rows[i], at))
	}
	in.noteNumbers(&t, at, func(i int) bool { return k.columns[i].code })
	return true
}

// noteNumbers tells of the columns of codes that have numbers in them.
func (in *reading) noteNumbers(t *sheet.Table, at []int, code func(column int) bool) {
	for c, h := range t.Header {
		if at[c] < 0 || !code(at[c]) {
			continue
		}
		first, count := 0, 0
		for i := range t.Rows {
			if t.Rows[i].Numeric[c] {
				if count++; count == 1 {
					first = t.Rows[i].Line
				}
			}
		}
		if count > 0 {
			in.note(t.Source, first, h, "%d cells hold numbers instead of text, this is the first: zeros before a code are lost so; format the column as Text", count)
		}
	}
}

// The columns that each kind has besides its own, as indices after those of
// header's result.
const (
	unused    = -1
	validFrom = -2
	validTo   = -3
)

// header gives for each header cell the index of its column.
func (in *reading) header(t sheet.Table, find func(string) int) (at []int, ok bool) {
	ok = true
	at = make([]int, len(t.Header))
	for i, h := range t.Header {
		n, known := columnOf(h, find)
		if at[i] = n; !known {
			in.problem(t.Source, 0, h, "is no column of this table: correct its name, or remove the column (notes go into a column \"note\")")
			ok = false
		}
		if at[i] != unused && slices.Contains(at[:i], at[i]) {
			in.problem(t.Source, 0, h, "stands twice in the header: remove one")
			ok = false
		}
	}
	return at, ok
}

// columnOf gives the index of the column that a header names; false where it
// names none.
func columnOf(header string, find func(string) int) (int, bool) {
	switch strings.ReplaceAll(Fold(header), " ", "_") {
	case "", "stt", "note", "notes", "ghi_chu", "ma_khang", "bcs":
		return unused, true
	case "valid_from", "ngay_hluc", "ngay_hieu_luc":
		return validFrom, true
	case "valid_to", "ngay_het_hluc", "ngay_het_hieu_luc":
		return validTo, true
	}
	n := find(header)
	return n, n >= 0
}

func readRow[T any](in *reading, k *kind[T], t *sheet.Table, row *sheet.Row, at []int) Fact[T] {
	f := Fact[T]{origin: origin{file: t.Source, line: row.Line}}
	bad := func(column, text string) {
		in.problem(t.Source, row.Line, column, "%s", text)
		if f.origin.spoiled == nil {
			f.origin.spoiled = map[string]bool{}
		}
		f.origin.spoiled[column] = true
	}
	later := make([]int, 0, 3)
	for i, s := range row.Cells {
		if s = strings.TrimSpace(s); s == "" {
			continue
		}
		var text string
		switch {
		case i >= len(at):
			bad("", fmt.Sprintf("has %q beyond the last column: quote a cell that has the separator within", s))
			continue
		case at[i] == unused:
			continue
		case at[i] == validFrom:
			if f.From, text = parseDate(s, in.zone); text != "" {
				bad("valid_from", text)
			}
			continue
		case at[i] == validTo:
			if f.To, text = parseDate(s, in.zone); text != "" {
				bad("valid_to", text)
			}
			continue
		case k.columns[at[i]].input:
			later = append(later, i)
			continue
		}
		c := &k.columns[at[i]]
		if c.code && row.Numeric[i] {
			text = numbered(s)
		}
		if text == "" {
			text = c.read(&f.Body, s, row.Numeric[i])
		}
		if text != "" {
			bad(c.name, text)
		}
	}
	readInputs(k, &f, row, at, later, bad)
	return f
}

// readInputs reads the columns that stand for others, after those others and
// in the order of the kind, whatever the order of the header.
func readInputs[T any](k *kind[T], f *Fact[T], row *sheet.Row, at, later []int, bad func(column, text string)) {
	slices.SortFunc(later, func(a, b int) int { return at[a] - at[b] })
	for _, i := range later {
		c := &k.columns[at[i]]
		if text := c.read(&f.Body, strings.TrimSpace(row.Cells[i]), row.Numeric[i]); text != "" {
			bad(c.name, text)
		}
	}
}
