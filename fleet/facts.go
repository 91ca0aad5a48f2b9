package fleet

import "phutai/grid"

// facts is the whole of what is known at one version. It is not changed once
// it is made.
type facts struct {
	units        book[grid.Unit]
	feeders      book[grid.Feeder]
	substations  book[grid.Substation]
	transformers book[grid.Transformer]
	points       book[grid.MeteringPoint]
	meters       book[grid.Meter]
	priorities   book[grid.PrioritySite]
	neighbours   book[grid.Neighbour]
}

func noFacts() *facts {
	return &facts{
		book[grid.Unit]{}, book[grid.Feeder]{}, book[grid.Substation]{}, book[grid.Transformer]{}, book[grid.MeteringPoint]{}, book[grid.Meter]{},
		book[grid.PrioritySite]{}, book[grid.Neighbour]{},
	}
}

// merge gives what is known once set is taken in, and notes in p what does not
// fit together within set.
func (f *facts) merge(set *Set, effective int64, rules Rules, p *Problems) *facts {
	merged := &facts{
		units:        mergeBook(unitKind(), f.units, set.Units, effective, rules, p),
		feeders:      mergeBook(feederKind(), f.feeders, set.Feeders, effective, rules, p),
		substations:  mergeBook(substationKind(), f.substations, set.Substations, effective, rules, p),
		transformers: mergeBook(transformerKind(), f.transformers, set.Transformers, effective, rules, p),
		points:       mergeBook(pointKind(), f.points, set.Points, effective, rules, p),
		meters:       mergeBook(meterKind(), f.meters, set.Meters, effective, rules, p),
		priorities:   mergeBook(priorityKind(), f.priorities, set.Priorities, effective, rules, p),
		neighbours:   mergeBook(neighbourKind(), f.neighbours, set.Neighbours, effective, rules, p),
	}
	merged.succeed(p)
	return merged
}

// settle forgets the lines of the files that the facts came from: they belong
// to the import alone. It touches only timelines that the import has made.
func (f *facts) settle() {
	settleBook(f.units)
	settleBook(f.feeders)
	settleBook(f.substations)
	settleBook(f.transformers)
	settleBook(f.points)
	settleBook(f.meters)
	settleBook(f.priorities)
	settleBook(f.neighbours)
}

func settleBook[T any](b book[T]) {
	for _, line := range b {
		for i := range line {
			if line[i].origin.file != "" {
				line[i].origin = origin{}
			}
		}
	}
}

// set gives everything that f knows.
func (f *facts) set() *Set {
	return &Set{
		Units: bookFacts(f.units), Feeders: bookFacts(f.feeders), Substations: bookFacts(f.substations),
		Transformers: bookFacts(f.transformers), Points: bookFacts(f.points), Meters: bookFacts(f.meters),
		Priorities: bookFacts(f.priorities), Neighbours: bookFacts(f.neighbours),
	}
}

func bookFacts[T any](b book[T]) []Fact[T] {
	var out []Fact[T]
	for _, id := range b.ids() {
		for _, s := range b[id] {
			out = append(out, Fact[T]{Body: s.value, From: fromMillis(s.from), To: fromMillis(s.to), origin: origin{vague: s.from == ever, kept: true}})
		}
	}
	return out
}
