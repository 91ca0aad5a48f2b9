package fleet

import (
	"cmp"
	"slices"
)

// clash reports each fact of a group that holds while one of another id does,
// beside that other one. The row of the import that comes later in its file is
// the one to be told; a fact that was there before never is.
func clash[T any, ID comparable](group timeline[T], id func(*T) ID, report func(s, other *segment[T])) {
	if len(group) < 2 {
		return
	}
	slices.SortStableFunc(group, func(a, b segment[T]) int {
		return cmp.Or(cmp.Compare(a.from, b.from), a.origin.line-b.origin.line)
	})
	last := &group[0] // of those so far the one that holds longest
	for i := 1; i < len(group); i++ {
		s := &group[i]
		if s.from < last.to && id(&s.value) != id(&last.value) {
			if s.origin.line >= last.origin.line {
				report(s, last)
			} else {
				report(last, s)
			}
		}
		if s.to > last.to {
			last = s
		}
	}
}
