package fleet

import (
	"fmt"
	"slices"
	"strings"

	"phutai/grid"
	"phutai/sheet"
)

// listing reads a list of another system into a set. What the list does not
// say of a thing stays as the register has it at the moment of the import.
type listing struct {
	reading
	tables []listed
	known  *facts
	at     int64
	rolls  map[Kind]*roll
	// standing has the transformers of each substation as they were before the
	// list; nil until they are needed
	standing map[grid.SubstationID][]grid.TransformerID
}

// listed is one table of a list, and what is read from it.
type listed struct {
	sheet.Table
	workbook bool // a code that it holds as text has not been harmed
	columns  map[Kind]map[string]Cell
	at       map[string]int // headers by their key
}

// unmatched notes a row that names nothing known. The list is not taken in
// without it.
func (l *listing) unmatched(t *listed, line int, column, format string, args ...any) {
	l.set.unmatched = append(l.set.unmatched, Problem{t.Source, line, column, fmt.Sprintf(format, args...)})
}

// lay finds the columns of each table. A nil mapping stands for the headers that
// are known anyway.
func (l *listing) lay(tables []sheet.Table, m *Mapping, source string) {
	var lacking []string
	for _, table := range tables {
		t := listed{Table: table, workbook: strings.Contains(table.Source, "!"), at: map[string]int{}}
		if m != nil && len(m.Sheets) > 0 && t.workbook && !slices.Contains(m.Sheets, t.Name) {
			continue
		}
		for i, h := range t.Header {
			if _, twice := t.at[headerKey(h)]; !twice {
				t.at[headerKey(h)] = i
			}
		}
		use := m
		if use == nil {
			use = KnownColumns(t.Header)
		}
		if missing := t.missing(use); len(missing) > 0 || len(use.tables) == 0 {
			lacking = append(lacking, t.Source+": "+strings.Join(missing, ", "))
			if t.Header != nil {
				l.note(t.Source, 0, "", "passed over: it has not the columns of the list")
			}
			continue
		}
		t.columns = use.tables
		l.tables = append(l.tables, t)
		l.noteUnread(&t, use)
	}
	switch {
	case len(l.tables) > 0 || len(l.set.problems) > 0:
	case m == nil:
		l.problem(source, 0, "", "has no columns that are known, such as MA_TRAM with TEN_TRAM, or MA_DDO with HSN: give a mapping; phutai init writes an example, mapping.yml")
	default:
		l.problem(source, 0, "", "lacks columns that the mapping names (%s): correct the mapping, or the list", strings.Join(lacking, "; "))
	}
}

// missing gives the headers that a mapping needs and t has not.
func (t *listed) missing(m *Mapping) []string {
	var out []string
	for _, columns := range m.tables {
		for _, c := range columns {
			if _, there := t.at[headerKey(c.From)]; c.From != "" && c.Value == "" && !there {
				out = append(out, c.From)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (l *listing) noteUnread(t *listed, m *Mapping) {
	read := m.headers()
	var unread []string
	for _, h := range t.Header {
		if h != "" && !slices.Contains(read, headerKey(h)) {
			unread = append(unread, h)
		}
	}
	if len(unread) > 0 {
		l.note(t.Source, 0, "", "columns that are not read: %s", strings.Join(unread, ", "))
	}
}

// all reads the kinds in the order in which they refer to each other.
func (l *listing) all() {
	s := l.set
	gather(l, unitKind(), l.known.units, &s.Units)
	gather(l, feederKind(), l.known.feeders, &s.Feeders)
	gather(l, substationKind(), l.known.substations, &s.Substations)
	gather(l, transformerKind(), l.known.transformers, &s.Transformers)
	gather(l, pointKind(), l.known.points, &s.Points)
	l.soleTransformers()
	gather(l, meterKind(), l.known.meters, &s.Meters)
	gather(l, priorityKind(), l.known.priorities, &s.Priorities)
	gather(l, neighbourKind(), l.known.neighbours, &s.Neighbours)
}

// soleTransformers puts the only transformer of a substation behind a new point
// of which the list does not say what stands behind it.
func (l *listing) soleTransformers() {
	in := l.transformersIn()
	for i := range l.set.Points {
		f := &l.set.Points[i]
		if all := in[f.Body.Substation]; len(f.Body.Transformers) == 0 && len(all) == 1 && f.Body.Substation != "" {
			f.Body.Transformers = all
			l.note(f.origin.file, f.origin.line, "transformers", "the only one of substation %q, %q, is taken for point %q", f.Body.Substation, all[0], f.Body.ID)
		}
	}
}

// transformersIn gives the transformers of each substation as the list and,
// where that says nothing, the register have them.
func (l *listing) transformersIn() map[grid.SubstationID][]grid.TransformerID {
	in := map[grid.SubstationID][]grid.TransformerID{}
	listed := map[string]bool{}
	for i := range l.set.Transformers {
		t := &l.set.Transformers[i].Body
		in[t.Substation] = append(in[t.Substation], t.ID)
		listed[string(t.ID)] = true
	}
	for id, line := range l.known.transformers {
		if s := line.at(l.at); s != nil && !listed[id] {
			in[s.value.Substation] = append(in[s.value.Substation], s.value.ID)
		}
	}
	return in
}

// soleOf gives the only transformer of the substation that a cell names.
func (l *listing) soleOf(t *listed, row *sheet.Row, c Cell, cell string, numeric bool) string {
	if l.standing == nil {
		l.standing = l.transformersIn()
	}
	f := l.rolls[Substations].byCode(cell, numeric, t.workbook)
	all := l.standing[grid.SubstationID(f.code)]
	switch {
	case f.code == "":
		l.unmatched(t, row.Line, c.From, "%s", unknownName(f, cell, Substations))
	case len(all) == 0:
		l.unmatched(t, row.Line, c.From, "substation %q has no transformer yet: give the code of one", f.code)
	case len(all) > 1:
		for _, id := range all {
			l.set.name(Transformers, string(id)) // one of them is meant: none is gone
		}
		l.unmatched(t, row.Line, c.From, "substation %q has %d transformers: give the code of the one that is meant", f.code, len(all))
	default:
		if f.note != "" {
			l.note(t.Source, row.Line, c.From, "%s", f.note)
		}
		return string(all[0])
	}
	return ""
}
