package fleet

import (
	"path/filepath"
	"slices"
	"strings"
	"time"

	"phutai/sheet"
)

// ReadOptions is how a source is read.
type ReadOptions struct {
	Rules     Rules
	Mapping   *Mapping       // of a list of another system; nil: by the headers that are known
	Encoding  sheet.Encoding // of text from before Unicode; empty: that of the mapping
	Effective time.Time      // since when what the source says holds; zero: now
	Progress  func(rows int) // how many rows have been read; nil: nobody asks
}

// Read reads what fleet.Read does, and lists of other systems: whatever comes
// with a mapping, a CSV file, and a workbook of which no sheet is named like a
// table of the register. What a list does not say of a thing is filled in from
// what the register knows.
func (r *Register) Read(path string, opt ReadOptions) *Set {
	in := sheet.Reader{Encoding: opt.Encoding, Progress: opt.Progress}
	if in.Encoding == "" && opt.Mapping != nil {
		in.Encoding = opt.Mapping.Encoding
	}
	tables, faults := tablesAt(path, in)
	if opt.Mapping == nil && !strange(path, tables) {
		return readTables(path, tables, faults, opt.Rules)
	}
	s := r.known.Load()
	l := listing{
		reading: reading{set: &Set{onto: s.version}, zone: opt.Rules.zone()},
		known:   s.facts, at: millis(opt.Effective, r.now), rolls: map[Kind]*roll{},
	}
	for _, f := range faults {
		l.problem(f.Source, f.Line, "", "%s", f.Text)
	}
	l.lay(tables, opt.Mapping, filepath.Base(path))
	l.all()
	l.set.problems, l.set.unmatched = l.set.problems.sorted(), l.set.unmatched.sorted()
	return l.set
}

// strange tells whether no table is named like one of ours.
func strange(path string, tables []sheet.Table) bool {
	if len(tables) == 0 || !isCSV(path) && !strings.EqualFold(filepath.Ext(path), ".xlsx") {
		return false
	}
	known := forms()
	return !slices.ContainsFunc(tables, func(t sheet.Table) bool {
		return slices.ContainsFunc(known, func(f form) bool { return slices.Contains(f.names, headerKey(t.Name)) || f.near(t.Name) })
	})
}
