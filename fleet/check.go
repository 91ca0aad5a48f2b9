package fleet

import (
	"maps"
	"slices"

	"phutai/grid"
)

// check judges how the facts fit together: references, the unit tree, and
// what two meters may not share. The facts that were there before have passed
// already, so each problem has a row of the import in it, or is told of the
// row that lost what it refers to. What refers to a kind that is lost is not
// judged.
func (f *facts) check(rules Rules, lost map[Kind]bool, p *Problems) {
	refer(p, lost, f.units, f.units, ref[grid.Unit]{Units, "parent", "unit", Units, func(x *grid.Unit) []string { return one(x.Parent) }})
	refer(p, lost, f.feeders, f.units, ref[grid.Feeder]{Feeders, "unit", "unit", Units, func(x *grid.Feeder) []string { return one(x.Unit) }})
	refer(p, lost, f.substations, f.units, ref[grid.Substation]{Substations, "unit", "unit", Units, func(x *grid.Substation) []string { return one(x.Unit) }})
	refer(p, lost, f.substations, f.feeders, ref[grid.Substation]{Substations, "feeder", "feeder", Feeders, func(x *grid.Substation) []string { return one(x.Feeder) }})
	refer(p, lost, f.transformers, f.substations, ref[grid.Transformer]{Transformers, "substation", "substation", Substations, func(x *grid.Transformer) []string { return one(x.Substation) }})
	refer(p, lost, f.points, f.substations, ref[grid.MeteringPoint]{Points, "substation", "substation", Substations, func(x *grid.MeteringPoint) []string { return one(x.Substation) }})
	refer(p, lost, f.points, f.transformers, ref[grid.MeteringPoint]{Points, "transformers", "transformer", Transformers, func(x *grid.MeteringPoint) []string { return some(x.Transformers) }})
	refer(p, lost, f.meters, f.points, ref[grid.Meter]{Meters, "point", "point", Points, func(x *grid.Meter) []string { return one(x.Point) }})
	refer(p, lost, f.priorities, f.substations, ref[grid.PrioritySite]{Priorities, "substation", "substation", Substations, func(x *grid.PrioritySite) []string { return one(x.Substation) }})
	refer(p, lost, f.neighbours, f.substations, ref[grid.Neighbour]{Neighbours, "substation", "substation", Substations, func(x *grid.Neighbour) []string { return one(x.Substation) }})
	refer(p, lost, f.neighbours, f.substations, ref[grid.Neighbour]{Neighbours, "neighbour", "substation", Substations, func(x *grid.Neighbour) []string { return one(x.Other) }})
	f.checkTree(p)
	f.checkPlaces(p)
	f.checkShared(p)
	f.checkMeters(rules, p)
}

func one[S ~string](id S) []string {
	if id == "" {
		return nil
	}
	return []string{string(id)}
}

func some[S ~string](ids []S) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = string(id)
	}
	return out
}

// ref describes one column that refers to another kind.
type ref[T any] struct {
	kind   Kind
	column string
	noun   string
	target Kind
	ids    func(*T) []string
}

// refer checks that what each segment refers to is there while it holds. A row
// that holds since ever needs it only from the target's first day on.
func refer[T, U any](p *Problems, lost map[Kind]bool, from book[T], to book[U], r ref[T]) {
	if lost[r.target] {
		return
	}
	for id, line := range from {
		for i := range line {
			s := &line[i]
			for _, target := range r.ids(&s.value) {
				t := to[target]
				if len(t) == 0 {
					p.add(s.origin, r.kind, id, r.column, "there is no %s %q: correct the code, or add it to %s", r.noun, target, r.target)
					continue
				}
				start := s.from
				if start == ever {
					start = t[0].from
				}
				if !t.covers(start, s.to) {
					p.add(s.origin, r.kind, id, r.column, "%s %q does not hold for the whole time of this row: end the row by valid_to, or extend the %s", r.noun, target, r.noun)
				}
			}
		}
	}
}

// checkTree finds units that are their own ancestors at any time.
func (f *facts) checkTree(p *Problems) {
	for id, line := range f.units {
		for i := range line {
			s := &line[i]
			for _, ms := range f.unitChanges(s) {
				if f.cyclic(id, ms) {
					p.add(s.origin, Units, id, "parent", "unit %q is above itself in the tree: give it a parent that does not stand below it", id)
					break
				}
			}
		}
	}
}

// unitChanges gives the moments within s at which the tree above may change.
func (f *facts) unitChanges(s *segment[grid.Unit]) []int64 {
	moments := []int64{s.from}
	for _, line := range f.units {
		for i := range line {
			if m := line[i].from; len(line) > 1 && m > s.from && m < s.to {
				moments = append(moments, m)
			}
		}
	}
	return moments
}

func (f *facts) cyclic(id string, ms int64) bool {
	at := id
	for range len(f.units) + 1 {
		s := f.units[at].at(ms)
		if s == nil || s.value.Parent == "" {
			return false
		}
		if at = string(s.value.Parent); at == id {
			return true
		}
	}
	return false
}

// checkPlaces finds points whose transformers stand in another substation.
func (f *facts) checkPlaces(p *Problems) {
	for id, line := range f.points {
		for i := range line {
			s := &line[i]
			for _, t := range s.value.Transformers {
				for _, m := range f.transformers[string(t)] {
					if s.from < m.to && m.from < s.to && m.value.Substation != "" && s.value.Substation != "" && m.value.Substation != s.value.Substation {
						p.add(s.origin, Points, id, "transformers", "transformer %q stands in substation %q, not in %q: correct one of the two", t, m.value.Substation, s.value.Substation)
						break
					}
				}
			}
		}
	}
}

// checkShared finds transformers behind two points at the same time. Series and
// alarms are kept by transformer, and two points would write over each other.
func (f *facts) checkShared(p *Problems) {
	behind := map[grid.TransformerID]timeline[grid.MeteringPoint]{}
	for _, id := range f.points.ids() {
		for _, s := range f.points[id] {
			for i, t := range s.value.Transformers {
				if !slices.Contains(s.value.Transformers[:i], t) {
					behind[t] = append(behind[t], s)
				}
			}
		}
	}
	for _, t := range slices.Sorted(maps.Keys(behind)) {
		clash(behind[t], func(x *grid.MeteringPoint) grid.PointID { return x.ID }, func(s, o *segment[grid.MeteringPoint]) {
			p.add(s.origin, Points, string(s.value.ID), "transformers", "transformer %q stands behind point %q at that time%s, but one meter only tells its load: name it at the point of its totalizing meter and take it, or this whole point, away here; after a move end that point by valid_to", t, o.value.ID, also(o.origin))
		})
	}
}
