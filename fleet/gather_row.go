package fleet

import (
	"fmt"
	"strings"

	"phutai/sheet"
)

// text gives what a row says in a column of the mapping, and whether a workbook
// has it stored as a number.
func (t *listed) text(row *sheet.Row, c Cell) (s string, numeric bool) {
	if i, there := t.at[headerKey(c.From)]; there && c.From != "" && i < len(row.Cells) {
		s, numeric = strings.TrimSpace(row.Cells[i]), row.Numeric[i]
	}
	if word, ok := c.Words[Fold(s)]; ok && s != "" {
		return word, false
	}
	if s == "" {
		return c.Value, false
	}
	return s, numeric
}

// verdict is where the reading of a row tells what it meets, by column and text.
type verdict struct {
	bad   func(column, text string) // the cell is wrong
	stray func(column, text string) // it names nothing that is known
	note  func(column, text string) // it was not taken as it stands
}

// silent is the verdict of a first look at a row, which is read once more.
func silent() verdict {
	pass := func(string, string) {}
	return verdict{pass, pass, pass}
}

// fill writes into x what a row says, tells what is wrong with it, and gives the
// columns of which it says something.
func (g *gathering[T]) fill(x *T, t *listed, row *sheet.Row, v verdict) map[string]bool {
	columns := t.columns[g.k.name]
	given := make(map[string]bool, len(columns))
	for name, c := range columns {
		if s, _ := t.text(row, c); s != "" {
			given[name] = true
		}
	}
	if g.k.renew != nil {
		g.k.renew(x, func(column string) bool { return given[column] })
	}
	for _, input := range []bool{false, true} {
		for i := range g.k.columns {
			c := &g.k.columns[i]
			if c.input != input || !given[c.name] || c.name == "id" {
				continue
			}
			text, numeric := t.text(row, columns[c.name])
			if c.to != "" {
				if text = g.refer(c, t, row, columns[c.name], v); text == "" {
					continue
				}
				numeric = false
			}
			if problem := c.read(x, text, numeric); problem != "" {
				v.bad(c.name, problem)
			}
		}
	}
	return given
}

// refer gives the codes that a cell names, joined by + as they stand in it, or
// nothing where one of them is not known.
func (g *gathering[T]) refer(column *column[T], t *listed, row *sheet.Row, c Cell, v verdict) string {
	cell, numeric := t.text(row, c)
	parts := []string{cell}
	if column.many {
		parts = strings.Split(cell, "+")
	}
	roll := g.l.rolls[column.to]
	var codes []string
	for _, part := range parts {
		part = strings.TrimSpace(part)
		var f found
		if c.Named {
			f = roll.byName(part)
		} else {
			f = roll.byCode(part, numeric, t.workbook)
		}
		if f.code == "" {
			v.stray(c.From, unknownName(f, part, column.to))
			return ""
		}
		if f.note != "" {
			v.note(c.From, f.note)
		}
		codes = append(codes, f.code)
	}
	return strings.Join(codes, "+")
}

func unknownName(f found, cell string, k Kind) string {
	if f.problem != "" {
		return f.problem
	}
	return fmt.Sprintf("%q matches none of %s: correct it, or add it to the register first", cell, k)
}
