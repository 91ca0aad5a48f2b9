package fleet

import (
	"cmp"
	"maps"
	"slices"

	"phutai/grid"
)

// succession is a unit that has ended in favour of another.
type succession struct {
	unit, to grid.UnitID
	end      int64
	origin   origin // of the row that says so
}

// succeed moves what stands in a unit that ends to its successor, from that
// moment on: two units are merged by the rows of the two alone. What starts
// later in the unit that is gone stays, for check to tell. Where a unit is split,
// rows of what goes elsewhere say so, and the successor gets the rest.
func (f *facts) succeed(p *Problems) {
	for _, s := range f.successions(p) {
		f.units = hand(f.units, unitKind(), &s, func(x *grid.Unit) *grid.UnitID { return &x.Parent })
		f.feeders = hand(f.feeders, feederKind(), &s, func(x *grid.Feeder) *grid.UnitID { return &x.Unit })
		f.substations = hand(f.substations, substationKind(), &s, func(x *grid.Substation) *grid.UnitID { return &x.Unit })
	}
}

// successions gives them in the order of time, and reports those that cannot be.
func (f *facts) successions(p *Problems) []succession {
	var all []succession
	for _, id := range f.units.ids() {
		line := f.units[id]
		for i := range line {
			s := &line[i]
			to := s.value.Successor
			switch {
			case to == "":
			case s.to == open:
				p.add(s.origin, Units, id, "successor", "unit %q does not end: give the day from which %q takes over as valid_to", id, to)
			case i+1 < len(line) && line[i+1].from == s.to:
				if line[i+1].value.Successor == "" {
					p.add(s.origin, Units, id, "successor", "unit %q goes on after this row: name a successor in its last row alone", id)
				}
			case f.units[string(to)].at(s.to) == nil:
				p.add(s.origin, Units, id, "successor", "there is no unit %q on the day on which this one ends: correct the code, or add it to %s", to, Units)
			default:
				all = append(all, succession{grid.UnitID(id), to, s.to, s.origin})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b succession) int { return cmp.Compare(a.end, b.end) })
	return all
}

// hand gives b with what stands in s.unit beyond its end standing in its
// successor.
func hand[T any](b book[T], k *kind[T], s *succession, unit func(*T) *grid.UnitID) book[T] {
	copied := false
	for id, line := range b {
		beyond := func(x segment[T]) bool { return *unit(&x.value) == s.unit && x.from < s.end && x.to > s.end }
		if !slices.ContainsFunc(line, beyond) {
			continue
		}
		var moved timeline[T]
		for _, x := range line {
			if !beyond(x) {
				moved = moved.join(x)
				continue
			}
			rest := x
			x.to, rest.from, rest.origin = s.end, s.end, s.origin
			*unit(&rest.value) = s.to
			rest.body = k.encode(&rest.value)
			moved = append(moved, x).join(rest)
		}
		if !copied {
			b, copied = maps.Clone(b), true
		}
		b[id] = moved
	}
	return b
}
