package fleet

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// column is one column of a kind: how it is called, read, written and kept.
type column[T any] struct {
	name     string
	aliases  []string // headers of the company's own exports, folded
	required bool
	number   bool
	code     bool                                              // all its digits count: it is no number even where it looks like one
	input    bool                                              // read only: stands for other columns
	to       Kind                                              // of which it names things; empty: it names none
	many     bool                                              // it names several, joined by +
	read     func(x *T, s string, exact bool) (problem string) // of a cell that is not empty
	write    func(x *T) string                                 // empty where unknown
}

// kind is all there is to know of one kind of fact.
type kind[T any] struct {
	name    Kind
	aliases []string // names of sheets, folded
	columns []column[T]
	id      func(*T) string
	// steady tells that what is gone does not come back under the same id, so
	// that a gap in its time is a slip. Transformers and meters go to the store
	// and return; an exam comes each June.
	steady bool
	// renew forgets what a row of a foreign list is about to say anew by other
	// columns; nil: no column stands for others.
	renew func(x *T, given func(column string) bool)
	vet   func(x *T, r Rules, report func(column, text string))
	spell func(x *T, r Rules) // brings what has several spellings to one; nil: nothing has
}

// find gives the index of the column that a header names, or -1.
func (k *kind[T]) find(header string) int {
	name := headerKey(header)
	return slices.IndexFunc(k.columns, func(c column[T]) bool {
		return c.name == name || slices.Contains(c.aliases, name)
	})
}

// headerKey brings a header to the form in which headers are compared.
func headerKey(header string) string { return strings.ReplaceAll(Fold(header), " ", "_") }

// encode gives the form in which a fact is kept and compared: the columns that
// are known, as JSON. It does not depend on the names in package grid.
func (k *kind[T]) encode(x *T) string {
	cells := make(map[string]string, len(k.columns))
	for i := range k.columns {
		if c := &k.columns[i]; !c.input {
			if s := c.write(x); s != "" {
				cells[c.name] = s
			}
		}
	}
	b, err := json.Marshal(cells) // sorts the keys
	if err != nil {
		panic("fleet: a map of strings does not marshal: " + err.Error())
	}
	return string(b)
}

// decode reads what encode wrote. A column that this program does not know is
// passed over.
func (k *kind[T]) decode(body string) (x T, err error) {
	var cells map[string]string
	if err := json.Unmarshal([]byte(body), &cells); err != nil {
		return x, fmt.Errorf("read a stored fact of %s: %w", k.name, err)
	}
	for i := range k.columns {
		c := &k.columns[i]
		if s := cells[c.name]; s != "" {
			if problem := c.read(&x, s, true); problem != "" {
				return x, fmt.Errorf("read a stored fact of %s: %s: %s", k.name, c.name, problem)
			}
		}
	}
	return x, nil
}

// code makes a column of codes.
func code[T any, S ~string](name string, required bool, field func(*T) *S, aliases ...string) column[T] {
	c := text(name, required, field, aliases...)
	c = digits(c)
	keep := c.read
	c.read = func(x *T, s string, exact bool) string {
		if problem := broken(s); problem != "" {
			return problem
		}
		return keep(x, s, exact)
	}
	return c
}

// refers makes a column of codes one that names things of a kind.
func refers[T any](to Kind, c column[T]) column[T] {
	c.to = to
	return c
}

// digits makes a column one that a cell stored as a number may not have whole.
func digits[T any](c column[T]) column[T] {
	c.code = true
	return c
}

// text makes a column of free text on one line.
func text[T any, S ~string](name string, required bool, field func(*T) *S, aliases ...string) column[T] {
	return column[T]{
		name: name, aliases: aliases, required: required,
		read: func(x *T, s string, _ bool) string {
			if strings.ContainsAny(s, "\r\n\t\x00") {
				return "has a line break or a tab within: write it on one line"
			}
			*field(x) = S(s)
			return ""
		},
		write: func(x *T) string { return string(*field(x)) },
	}
}

// unwritable finds a character that XML, and with it a workbook, cannot carry:
// what is in the register must come out of it again as it is.
func unwritable(s string) (rune, bool) {
	for _, r := range s {
		if r < ' ' || r == '\ufffe' || r == '\uffff' {
			return r, true
		}
	}
	return 0, false
}

// number makes a column of figures; zero means unknown and is written empty.
// No figure lies beyond limit, and positive ones must be above zero.
func number[T any](name string, limit float64, positive bool, field func(*T) *float64, aliases ...string) column[T] {
	return column[T]{
		name: name, aliases: aliases, number: true,
		read: func(x *T, s string, exact bool) string {
			v, problem := parseNumber(s, limit, exact)
			if problem == "" && positive && v <= 0 {
				problem = fmt.Sprintf("%q must be above zero: leave it empty where it is not known", s)
			}
			if problem == "" {
				*field(x) = v
			}
			return problem
		},
		write: func(x *T) string { return formatNumber(*field(x)) },
	}
}

// choice makes a column of words; words maps what people write, folded, to
// what is kept.
func choice[T any, S ~string](name string, field func(*T) *S, allowed string, words map[string]S, aliases ...string) column[T] {
	return column[T]{
		name: name, aliases: aliases,
		read: func(x *T, s string, _ bool) string {
			v, ok := words[Fold(s)]
			if !ok {
				return fmt.Sprintf("%q is not known: write %s", s, allowed)
			}
			*field(x) = v
			return ""
		},
		write: func(x *T) string { return string(*field(x)) },
	}
}
