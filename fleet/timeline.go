package fleet

import (
	"cmp"
	"maps"
	"slices"
)

// segment is one fact within the timeline of one thing.
type segment[T any] struct {
	from, to int64 // [from, to) in milliseconds, or ever and open
	body     string
	value    T
	origin   origin
}

// timeline is what is known of one thing: segments by time, none overlapping.
type timeline[T any] []segment[T]

// book is what is known of one kind, by id.
type book[T any] map[string]timeline[T]

// at gives the segment that holds at ms, or nil.
func (t timeline[T]) at(ms int64) *segment[T] {
	i, found := slices.BinarySearchFunc(t, ms, func(s segment[T], ms int64) int { return cmp.Compare(s.from, ms) })
	if !found {
		i--
	}
	if i < 0 || ms >= t[i].to && t[i].to != open {
		return nil
	}
	return &t[i]
}

// covers tells whether t holds at every moment of [from, to).
func (t timeline[T]) covers(from, to int64) bool {
	for _, s := range t {
		if s.from > from {
			return false
		}
		if s.to > from {
			from = s.to
		}
		if from >= to {
			return true
		}
	}
	return from >= to
}

// ids gives the ids in order.
func (b book[T]) ids() []string { return slices.Sorted(maps.Keys(b)) }

// replace gives old with everything from rows[0].from on replaced by rows;
// what touches and is the same is joined. rows are ordered and do not overlap.
func (old timeline[T]) replace(rows timeline[T]) timeline[T] {
	var out timeline[T]
	for _, s := range old {
		if s.from >= rows[0].from {
			break
		}
		s.to = min(s.to, rows[0].from)
		out = append(out, s)
	}
	for _, s := range rows {
		if n := len(out); n > 0 && out[n-1].to == s.from && out[n-1].body == s.body {
			out[n-1].to, out[n-1].origin = s.to, s.origin
			continue
		}
		out = append(out, s)
	}
	return out
}
