package fleet

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is wrong with a file of the register, told so that
// the reader knows what to do.
type Problem struct {
	File   string // "points.csv" or "book.xlsx!points"; the kind where no file was read
	Line   int    // zero: the file as a whole
	Column string // empty: the row as a whole
	Text   string
}

// String gives "file:line: column: text" without the parts that are empty.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d", p.Line)
	}
	if p.Column != "" {
		fmt.Fprintf(&b, ": %s", p.Column)
	}
	return b.String() + ": " + p.Text
}

// Problems is all that is wrong, ordered by file and line. It is the error of
// an import that was refused.
type Problems []Problem

// Error lists the problems, one on each line.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i := range p {
		lines[i] = p[i].String()
	}
	return strings.Join(lines, "\n")
}

// add notes a problem with a row that was read from a file, or with the thing
// id where the row came from elsewhere.
func (p *Problems) add(at origin, kind Kind, id, column, format string, args ...any) {
	if at.spoiled[column] {
		return
	}
	file := at.file
	if file == "" {
		file = string(kind) + " " + id
	}
	*p = append(*p, Problem{file, at.line, column, fmt.Sprintf(format, args...)})
}

// sorted gives the problems in the order of reading, without repetitions.
func (p Problems) sorted() Problems {
	rank := func(x Problem) int {
		name, _, _ := strings.Cut(x.File[strings.LastIndex(x.File, "!")+1:], " ")
		i := slices.Index(kinds[:], Kind(strings.TrimSuffix(name, ".csv")))
		return (i + len(kinds) + 1) % (len(kinds) + 1)
	}
	s := slices.Clone(p)
	slices.SortStableFunc(s, func(a, b Problem) int {
		return cmp.Or(rank(a)-rank(b), strings.Compare(a.File, b.File), a.Line-b.Line)
	})
	return slices.Compact(s)
}

// kindNames lists the kinds, for people.
func kindNames() string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = string(k)
	}
	return strings.Join(names, ", ")
}

var kinds = [...]Kind{Units, Feeders, Substations, Transformers, Points, Meters, Priorities, Neighbours}
