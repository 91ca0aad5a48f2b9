package fleet

import (
	"slices"
	"strings"

	"phutai/grid"
)

// Difference is one thing of which a source says otherwise than the register.
type Difference struct {
	Kind   Kind
	ID     string
	Name   string
	What   What    // Added: the register has it not; Removed: the source has it not
	Fields []Field // of Changed: before is what the register says
}

// Comparison is what a source and the register differ in.
type Comparison struct {
	Differences []Difference
	Problems    Problems // what keeps the source from being imported
	Unmatched   Problems // rows that name nothing that is known
	Notes       []Problem
}

// Compare holds a source against the register at the effective moment of opt;
// nothing is written. What the source has not is told of the kinds of which it
// has a table, and of the units alone in which anything stands that it has.
func (r *Register) Compare(set *Set, opt ImportOptions) Comparison {
	old := r.known.Load().facts
	at := millis(opt.Effective, r.now)
	_, problems := judge(old, set, at, opt.Rules)
	c := Comparison{Unmatched: set.unmatched, Notes: set.notes}
	unmatched := map[Problem]bool{}
	for _, p := range set.unmatched {
		unmatched[p] = true
	}
	for _, p := range problems {
		if !unmatched[p] {
			c.Problems = append(c.Problems, p)
		}
	}
	d := differ{at: at, rules: opt.Rules, set: set, old: old, claims: map[string][]Field{}}
	for _, x := range set.claims {
		d.claims[x.id] = append(d.claims[x.id], x.field)
	}
	d.scope()
	compareBook(&d, unitKind(), old.units, set.Units, nil)
	compareBook(&d, feederKind(), old.feeders, set.Feeders, func(x *grid.Feeder) grid.UnitID { return x.Unit })
	compareBook(&d, substationKind(), old.substations, set.Substations, func(x *grid.Substation) grid.UnitID { return x.Unit })
	compareBook(&d, transformerKind(), old.transformers, set.Transformers, func(x *grid.Transformer) grid.UnitID { return d.unit(x.Substation) })
	compareBook(&d, pointKind(), old.points, set.Points, func(x *grid.MeteringPoint) grid.UnitID { return d.unit(x.Substation) })
	compareBook(&d, meterKind(), old.meters, set.Meters, func(x *grid.Meter) grid.UnitID {
		if s := old.points[string(x.Point)].at(at); s != nil {
			return d.unit(s.value.Substation)
		}
		return ""
	})
	compareBook(&d, priorityKind(), old.priorities, set.Priorities, func(x *grid.PrioritySite) grid.UnitID { return d.unit(x.Substation) })
	compareBook(&d, neighbourKind(), old.neighbours, set.Neighbours, func(x *grid.Neighbour) grid.UnitID { return d.unit(x.Substation) })
	c.Differences = d.out
	return c
}

// differ compares the kinds one after the other.
type differ struct {
	at    int64
	rules Rules
	set   *Set
	old   *facts
	units map[grid.UnitID]bool // in which the source has something; empty: all
	// claims by the id of their point, the one kind of which there are any
	claims map[string][]Field
	out    []Difference
}

// unit gives the unit of a substation as the register has it.
func (d *differ) unit(id grid.SubstationID) grid.UnitID {
	if s := d.old.substations[string(id)].at(d.at); s != nil {
		return s.value.Unit
	}
	return ""
}

// scope finds the units of which the source tells.
func (d *differ) scope() {
	d.units = map[grid.UnitID]bool{}
	for i := range d.set.Substations {
		d.units[d.set.Substations[i].Body.Unit] = true
	}
	for i := range d.set.Transformers {
		d.units[d.unit(d.set.Transformers[i].Body.Substation)] = true
	}
	for i := range d.set.Points {
		d.units[d.unit(d.set.Points[i].Body.Substation)] = true
	}
	delete(d.units, "")
}

// compareBook compares one kind. Where unit is nil, nothing of the kind is
// missed.
func compareBook[T any](d *differ, k *kind[T], old book[T], rows []Fact[T], unit func(*T) grid.UnitID) {
	named := map[string]bool{}
	for id := range d.set.named[k.name] {
		named[id] = true
	}
	told := map[string][]Field{}
	for i := range rows {
		f := &rows[i]
		id := k.id(&f.Body)
		named[id] = true
		if id == "" || toMillis(f.To, open) <= d.at {
			continue
		}
		before := old[id].at(max(d.at, toMillis(f.From, ever)))
		if before == nil {
			if _, again := told[id]; !again {
				told[id] = nil
				d.out = append(d.out, Difference{k.name, id, k.cell(&f.Body, "name"), Added, nil})
			}
			continue
		}
		now := f.Body
		if k.spell != nil {
			k.spell(&now, d.rules)
		}
		fields := k.differing(&before.value, &now)
		if k.name == Points {
			fields = append(fields, d.claims[id]...)
		}
		if len(fields) > 0 && !slices.Equal(told[id], fields) {
			told[id] = fields
			d.out = append(d.out, Difference{k.name, id, k.cell(&now, "name"), Changed, fields})
		}
	}
	if unit == nil || len(rows) == 0 && len(d.set.named[k.name]) == 0 {
		return
	}
	for _, id := range old.ids() {
		s := old[id].at(d.at)
		if s == nil || named[id] {
			continue
		}
		if u := unit(&s.value); len(d.units) == 0 || d.units[u] {
			d.out = append(d.out, Difference{k.name, id, k.cell(&s.value, "name"), Removed, nil})
		}
	}
}

// differing gives the columns in which two things differ, as people write them:
// a plate as one figure, and beside it the multiplier that follows.
func (k *kind[T]) differing(before, after *T) []Field {
	var fields []Field
	for i := range k.columns {
		c := &k.columns[i]
		if c.write == nil || k.partOfPair(c.name) {
			continue
		}
		if b, a := c.write(before), c.write(after); b != a {
			fields = append(fields, Field{c.name, b, a})
		}
	}
	return fields
}

// partOfPair tells whether a column is one figure of a plate that has a column
// of its own.
func (k *kind[T]) partOfPair(name string) bool {
	pair, part, ok := strings.Cut(name, "_")
	if !ok || part != "primary" && part != "secondary" {
		return false
	}
	return slices.ContainsFunc(k.columns, func(c column[T]) bool { return c.name == pair && c.input })
}
