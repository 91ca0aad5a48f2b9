package fleet

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"phutai/sheet"
)

// gathering takes the facts of one kind out of the rows of a list.
type gathering[T any] struct {
	l    *listing
	k    *kind[T]
	book book[T]
	out  *[]Fact[T]
	told map[interval]*telling
}

// interval is what several rows of a list may tell of.
type interval struct {
	id       string
	from, to time.Time
}

// telling is what the rows so far have told of it.
type telling struct {
	index int             // of the fact; -1: it is left out
	given map[string]bool // columns
}

func gather[T any](l *listing, k *kind[T], b book[T], out *[]Fact[T]) {
	l.rolls[k.name] = rollOf(k, b, l.at)
	g := gathering[T]{l: l, k: k, book: b, out: out, told: map[interval]*telling{}}
	ids := make([][]string, len(l.tables))
	for i := range l.tables {
		if t := &l.tables[i]; t.columns[k.name] != nil {
			ids[i] = g.identify(t)
		}
	}
	for i := range ids { // only now, so that no code of the list is taken for the harmed one of another
		t := &l.tables[i]
		for n, id := range ids[i] {
			if id != "" {
				name, _ := t.text(&t.Rows[n], t.columns[k.name]["name"])
				l.rolls[k.name].add(id, name)
				l.set.name(k.name, id)
			}
		}
	}
	for i := range ids {
		for n, id := range ids[i] {
			if id != "" {
				g.row(&l.tables[i], &l.tables[i].Rows[n], id)
			}
		}
	}
}

// identify gives the code of what each row tells of; empty where it tells of
// nothing of this kind, or of nothing that is known.
func (g *gathering[T]) identify(t *listed) []string {
	ids := make([]string, len(t.Rows))
	column, single := t.columns[g.k.name]["id"]
	blank, first := 0, 0
	for n := range t.Rows {
		row := &t.Rows[n]
		if !single {
			var x T
			g.fill(&x, t, row, silent())
			ids[n] = g.k.id(&x)
			continue
		}
		if ids[n] = g.code(t, row, column); ids[n] == "" {
			if text, _ := t.text(row, column); text == "" {
				if blank++; blank == 1 {
					first = row.Line
				}
			}
		}
	}
	if blank > 0 {
		g.l.note(t.Source, first, column.From, "%d rows have none and tell nothing of %s, this is the first", blank, g.k.name)
	}
	return ids
}

// code gives the code that a row has for what it tells of.
func (g *gathering[T]) code(t *listed, row *sheet.Row, c Cell) string {
	text, numeric := t.text(row, c)
	if text == "" {
		return ""
	}
	if c.Sole {
		return g.l.soleOf(t, row, c, text, numeric)
	}
	roll := g.l.rolls[g.k.name]
	if c.Named {
		f := roll.byName(text)
		if f.code == "" {
			g.l.unmatched(t, row.Line, c.From, "%s", unknownName(f, text, g.k.name))
		}
		return f.code
	}
	f := roll.byCode(text, numeric, t.workbook)
	switch {
	case f.problem != "":
		g.l.problem(t.Source, row.Line, c.From, "%s", f.problem)
	case f.code != "":
		if f.note != "" {
			g.l.note(t.Source, row.Line, c.From, "%s", f.note)
		}
	case floated.MatchString(text):
		f.code = text[:strings.IndexAny(text, ".,")]
		g.l.note(t.Source, row.Line, c.From, "%q went through a number, and is taken for %q", text, f.code)
	default:
		if harm := harmed(text, numeric); harm != "" {
			g.l.problem(t.Source, row.Line, c.From, "%s", harm)
			return ""
		}
		f.code = text
	}
	return f.code
}

// row takes what one row tells of the thing id.
func (g *gathering[T]) row(t *listed, row *sheet.Row, id string) {
	l, k, columns := g.l, g.k, t.columns[g.k.name]
	f := Fact[T]{origin: origin{file: t.Source, line: row.Line}}
	bad := func(column, text string) {
		l.problem(t.Source, row.Line, cmp.Or(columns[column].From, column), "%s", text)
		if f.origin.spoiled == nil {
			f.origin.spoiled = map[string]bool{}
		}
		f.origin.spoiled[column] = true
	}
	f.From, f.To = g.date(t, row, "valid_from", bad), g.date(t, row, "valid_to", bad)
	key := interval{id, f.From, f.To}
	before, again := g.told[key]
	switch {
	case again && before.index < 0:
		return
	case again:
		f.Body = (*g.out)[before.index].Body
	default:
		moment := l.at
		if !f.From.IsZero() {
			moment = f.From.UnixMilli()
		}
		if s := g.book[id].at(moment); s != nil {
			f.Body = s.value
		}
	}
	was, strayed := f.Body, false
	given := g.fill(&f.Body, t, row, verdict{
		bad: func(column, text string) {
			bad(column, text)
			if known := k.cell(&was, column); column == "multiplier" && known != "" {
				says, _ := t.text(row, columns[column])
				l.set.claims = append(l.set.claims, claim{id, Field{column, known, says}})
			}
		},
		stray: func(column, text string) {
			l.unmatched(t, row.Line, column, "%s", text)
			strayed = true
		},
		note: func(column, text string) { l.note(t.Source, row.Line, column, "%s", text) },
	})
	if k.columns[0].name == "id" {
		if text := k.columns[0].read(&f.Body, id, false); text != "" {
			bad("id", text)
		}
	}
	if !again {
		before = &telling{len(*g.out), given}
		g.told[key] = before
		if strayed {
			before.index = -1
			return
		}
		*g.out = append(*g.out, f)
		return
	}
	for i := range k.columns {
		c := &k.columns[i]
		if c.write != nil && given[c.name] && before.given[c.name] && c.write(&was) != c.write(&f.Body) {
			first := (*g.out)[before.index].origin
			bad(c.name, fmt.Sprintf("tells %q of %q, but %s:%d tells %q: correct one of the two", c.write(&f.Body), id, first.file, first.line, c.write(&was)))
			return
		}
	}
	for column := range given {
		before.given[column] = true
	}
	(*g.out)[before.index].Body = f.Body
}

func (g *gathering[T]) date(t *listed, row *sheet.Row, column string, bad func(column, text string)) time.Time {
	text, _ := t.text(row, t.columns[g.k.name][column])
	if text == "" {
		return time.Time{}
	}
	at, problem := parseDate(text, g.l.zone)
	if problem != "" {
		bad(column, problem)
	}
	return at
}
