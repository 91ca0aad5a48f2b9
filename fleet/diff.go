package fleet

import (
	"slices"
	"time"
)

// What tells how something changes.
type What string

// The changes.
const (
	Added   What = "added"
	Changed What = "changed"
	Removed What = "removed"
)

// Change is one interval in which one thing differs from what was known.
type Change struct {
	Kind     Kind
	ID       string
	What     What
	From, To time.Time // zero: since ever, open
	Fields   []Field   // of Changed: the columns that differ
}

// Field is one column before and after, as text; empty means unknown.
type Field struct {
	Column, Before, After string
}

// Diff is what an import changes, ordered by kind, id and time.
type Diff struct {
	Version int64 // of the register after the import; that before it where nothing changed or nothing was written
	Changes []Change
}

// Empty tells whether the import said nothing new.
func (d *Diff) Empty() bool { return len(d.Changes) == 0 }

// Count gives the number of changes of one sort.
func (d *Diff) Count(w What) int {
	n := 0
	for i := range d.Changes {
		if d.Changes[i].What == w {
			n++
		}
	}
	return n
}

func diff(old, now *facts) []Change {
	var c []Change
	c = diffBook(c, unitKind(), old.units, now.units)
	c = diffBook(c, feederKind(), old.feeders, now.feeders)
	c = diffBook(c, substationKind(), old.substations, now.substations)
	c = diffBook(c, transformerKind(), old.transformers, now.transformers)
	c = diffBook(c, pointKind(), old.points, now.points)
	c = diffBook(c, meterKind(), old.meters, now.meters)
	c = diffBook(c, priorityKind(), old.priorities, now.priorities)
	return diffBook(c, neighbourKind(), old.neighbours, now.neighbours)
}

// diffBook compares what was known with what is. An import only adds to the
// ids and to the timelines, so now has every id that old has.
func diffBook[T any](out []Change, k *kind[T], old, now book[T]) []Change {
	for _, id := range now.ids() {
		before, after := old[id], now[id]
		if slices.EqualFunc(before, after, sameSegment[T]) {
			continue
		}
		cuts := boundaries(nil, before)
		cuts = boundaries(cuts, after)
		slices.Sort(cuts)
		cuts = slices.Compact(cuts)
		var last *Change
		var lastB, lastA *segment[T]
		for i, from := range cuts {
			if from == open {
				break
			}
			to := cuts[min(i+1, len(cuts)-1)]
			b, a := before.at(from), after.at(from)
			if sameBody(b, a) {
				last = nil
				continue
			}
			if last != nil && sameBody(b, lastB) && sameBody(a, lastA) {
				last.To = fromMillis(to)
				continue
			}
			out = append(out, change(k, id, b, a, from, to))
			last, lastB, lastA = &out[len(out)-1], b, a
		}
	}
	return out
}

func boundaries[T any](cuts []int64, t timeline[T]) []int64 {
	for i := range t {
		cuts = append(cuts, t[i].from, t[i].to)
	}
	return cuts
}

func sameSegment[T any](a, b segment[T]) bool {
	return a.from == b.from && a.to == b.to && a.body == b.body
}

func sameBody[T any](a, b *segment[T]) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.body == b.body
}

func change[T any](k *kind[T], id string, before, after *segment[T], from, to int64) Change {
	c := Change{Kind: k.name, ID: id, From: fromMillis(from), To: fromMillis(to)}
	switch {
	case before == nil:
		c.What = Added
	case after == nil:
		c.What = Removed
	default:
		c.What = Changed
		for i := range k.columns {
			if col := &k.columns[i]; !col.input {
				b, a := col.write(&before.value), col.write(&after.value)
				if b != a {
					c.Fields = append(c.Fields, Field{col.name, b, a})
				}
			}
		}
	}
	return c
}
