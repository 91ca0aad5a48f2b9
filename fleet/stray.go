package fleet

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"phutai/sheet"
)

// form is what tells a table of one kind, of whichever type it is.
type form struct {
	name  Kind
	names []string // of sheets and files, folded, that of the kind first
	fits  func(header []string) bool
	// column gives the column that a header names, and the kind to which that
	// refers; empty: none.
	column func(header string) (name string, to Kind)
	key    []string // columns without which no row is told from another
}

func forms() []form {
	return []form{
		formOf(unitKind()), formOf(feederKind()), formOf(substationKind()),
		formOf(transformerKind()), formOf(pointKind()), formOf(meterKind()),
		formOf(priorityKind()), formOf(neighbourKind()),
	}
}

func formOf[T any](k *kind[T]) form {
	return form{k.name, append([]string{string(k.name)}, k.aliases...), k.fits, k.named, k.key()}
}

// named gives the name of the column that a header names, and the kind to which
// it refers; empty: none.
func (k *kind[T]) named(header string) (string, Kind) {
	switch i, known := columnOf(header, k.find); {
	case !known || i == unused:
		return "", ""
	case i == validFrom:
		return "valid_from", ""
	case i == validTo:
		return "valid_to", ""
	default:
		return k.columns[i].name, k.columns[i].to
	}
}

// key gives the columns of which the id is made.
func (k *kind[T]) key() []string {
	if k.columns[0].name == "id" {
		return []string{"id"}
	}
	return []string{k.columns[0].name, k.columns[1].name}
}

// fits tells whether a header is that of a table of k: it has all columns that
// are needed, and most of it is understood.
func (k *kind[T]) fits(header []string) bool {
	var at []int
	strange := 0
	for _, h := range header {
		if n, known := columnOf(h, k.find); known {
			at = append(at, n)
		} else {
			strange++
		}
	}
	for i := range k.columns {
		if k.columns[i].required && !slices.Contains(at, i) {
			return false
		}
	}
	return strange < len(at)
}

// stray tells of a table that has no name of ours, and gives whether it looks
// like one of ours all the same: then its rows would be missed.
func (in *reading) stray(known []form, t *sheet.Table) bool {
	if t.Header == nil {
		return false // an empty sheet, as new workbooks have
	}
	var kinds []string
	for _, f := range known {
		if f.near(t.Name) {
			in.problem(t.Source, 0, "", "is named nearly like %s: name it so, or give it quite another name", f.name)
			in.miss(f.name)
			return true
		}
		if f.fits(t.Header) {
			kinds = append(kinds, string(f.name))
			in.miss(f.name)
		}
	}
	if len(kinds) > 0 {
		in.problem(t.Source, 0, "", "has the columns of %s and another name: name it so, or move it away", strings.Join(kinds, " or "))
		return true
	}
	in.note(t.Source, 0, "", "passed over: it is none of the tables %s", kindNames())
	return false
}

// near tells whether a name is one of the form's but for a slip. Names of three
// letters are too near to each other to tell.
func (f *form) near(name string) bool {
	name = strings.ReplaceAll(Fold(name), " ", "_")
	return slices.ContainsFunc(f.names, func(s string) bool { return len(s) > 3 && slip(name, s) })
}

// slip tells whether one letter changed, added or left out, or two swapped,
// make a of b.
func slip(a, b string) bool {
	for a != "" && b != "" && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for a != "" && b != "" && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return len(a) <= 1 && len(b) <= 1 || len(a) == 2 && len(b) == 2 && a[0] == b[1] && a[1] == b[0]
}

// otherFiles notes the files of a folder that are no tables at all.
func (in *reading) otherFiles(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return // a workbook, or told already
	}
	for _, e := range entries {
		if name := e.Name(); !e.IsDir() && !strings.HasPrefix(name, ".") && !strings.HasPrefix(name, "~") && !strings.EqualFold(filepath.Ext(name), ".csv") {
			in.note(name, 0, "", "passed over: it is no CSV file")
		}
	}
}

// miss marks a kind of which the rows could not be read. What refers to them is
// not judged: it would be called wrong for no fault of its own.
func (in *reading) miss(k Kind) {
	if in.set.lost == nil {
		in.set.lost = map[Kind]bool{}
	}
	in.set.lost[k] = true
}

// missTable marks the kind of a table that cannot be read, by the name of its file
// or sheet.
func (in *reading) missTable(known []form, source string) {
	name := source[strings.LastIndex(source, "!")+1:]
	if ext := filepath.Ext(name); strings.EqualFold(ext, ".csv") {
		name = strings.TrimSuffix(name, ext)
	}
	for _, f := range known {
		if slices.Contains(f.names, strings.ReplaceAll(Fold(name), " ", "_")) || f.near(name) {
			in.miss(f.name)
		}
	}
}
