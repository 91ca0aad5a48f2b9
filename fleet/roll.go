package fleet

import (
	"fmt"
	"slices"
	"strings"
)

// roll is what a list may name of one kind: what the register has at the moment
// of the import, and what the list itself brings.
type roll struct {
	codes  map[string]bool
	folded map[string][]string // codes by their folded spelling
	images map[string][]string // codes by what a spreadsheet makes of them
	names  map[string][]string // codes by folded name
}

func newRoll() *roll {
	return &roll{map[string]bool{}, map[string][]string{}, map[string][]string{}, map[string][]string{}}
}

// rollOf gives the roll of what a book holds at a moment.
func rollOf[T any](k *kind[T], b book[T], ms int64) *roll {
	r := newRoll()
	for _, id := range b.ids() {
		if s := b[id].at(ms); s != nil {
			r.add(id, k.cell(&s.value, "name"))
		}
	}
	return r
}

// cell gives one column of a thing as text; empty where it has none.
func (k *kind[T]) cell(x *T, name string) string {
	i := slices.IndexFunc(k.columns, func(c column[T]) bool { return c.name == name })
	if i < 0 || k.columns[i].write == nil {
		return ""
	}
	return k.columns[i].write(x)
}

func (r *roll) add(code, name string) {
	if !r.codes[code] {
		r.codes[code] = true
		r.folded[Fold(code)] = append(r.folded[Fold(code)], code)
		for _, image := range imagesOf(code) {
			r.images[image] = append(r.images[image], code)
		}
	}
	if key := Fold(name); key != "" && !slices.Contains(r.names[key], code) {
		r.names[key] = append(r.names[key], code)
	}
}

// found is what a cell is taken for.
type found struct {
	code    string // empty: for nothing that is known
	note    string // how the code differs from the cell, where it does
	problem string // why it is not clear what is meant
}

// byCode finds the code that a cell means. What a workbook holds as text is as
// it was typed, unless it bears the marks of a number.
func (r *roll) byCode(cell string, numeric, workbook bool) found {
	if r.codes[cell] {
		return found{code: cell}
	}
	if all := r.folded[Fold(cell)]; len(all) > 0 {
		return only(all, cell, "is written as")
	}
	if workbook && !numeric && allDigits.MatchString(cell) {
		return found{}
	}
	var all []string
	for _, image := range readings(cell, numeric) {
		for _, code := range r.images[image] {
			if !slices.Contains(all, code) {
				all = append(all, code)
			}
		}
	}
	if len(all) > 0 {
		return only(all, cell, "is taken for what Excel makes of")
	}
	return found{}
}

// byName finds the code of what a cell names.
func (r *roll) byName(cell string) found {
	all := r.names[Fold(cell)]
	if len(all) == 1 {
		return found{code: all[0]}
	}
	if len(all) > 1 {
		return found{problem: fmt.Sprintf("%q is the name of %s: give the code instead", cell, strings.Join(all, " and of "))}
	}
	return found{}
}

func only(all []string, cell, how string) found {
	if len(all) > 1 {
		return found{problem: fmt.Sprintf("%q may be %s: format the column as Text and write the code", cell, strings.Join(all, " or "))}
	}
	return found{code: all[0], note: fmt.Sprintf("%q %s %q", cell, how, all[0])}
}
