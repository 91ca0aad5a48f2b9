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

// replace gives old with rows put in place of what it says in the interval of
// each; what lies before, between and after them stays. rows are ordered and do
// not overlap.
func (old timeline[T]) replace(rows timeline[T]) timeline[T] {
	var out timeline[T]
	for i := range rows {
		for _, s := range old {
			if s.from < rows[i].from {
				s.to = min(s.to, rows[i].from)
				out = out.join(s)
			}
		}
		out, old = out.join(rows[i]), old.after(&rows[i])
	}
	for _, s := range old {
		out = out.join(s)
	}
	return out
}

// after gives what goes on once row is over. The segment within which row ends
// goes on too, unless row ends it.
func (old timeline[T]) after(row *segment[T]) timeline[T] {
	var rest timeline[T]
	for _, s := range old {
		if s.to <= row.to || s.from < row.to && row.ends(&s) {
			continue
		}
		s.from = max(s.from, row.to)
		rest = append(rest, s)
	}
	return rest
}

// ends tells whether row, which is over before s is, says that s holds no
// longer, instead of correcting a stretch of it. A row that says the same as s
// has nothing but its end to tell, unless that is only where the next row of
// the file starts; a row without a start or an end of its own is no stretch.
func (row *segment[T]) ends(s *segment[T]) bool {
	if row.body == s.body {
		return !row.origin.cut
	}
	return row.origin.vague || row.origin.cut
}

// join adds s, which does not begin before t is over. Where it only goes on,
// the last segment is made longer, and the row of the import stays the one to
// be told of.
func (t timeline[T]) join(s segment[T]) timeline[T] {
	n := len(t)
	if n == 0 || t[n-1].to != s.from || t[n-1].body != s.body {
		return append(t, s)
	}
	t[n-1].to = s.to
	if s.origin.line > 0 {
		t[n-1].origin = s.origin
	}
	return t
}
