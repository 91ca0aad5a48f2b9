package fleet

import (
	"cmp"
	"slices"

	"phutai/grid"
)

// clash reports each meter of a group that holds while one of another id does,
// beside that other one. The row of the import that comes later in its file is
// the one to be told; a fact that was there before never is.
func clash(group timeline[grid.Meter], report func(s, other *segment[grid.Meter])) {
	if len(group) < 2 {
		return
	}
	slices.SortStableFunc(group, func(a, b segment[grid.Meter]) int {
		return cmp.Or(cmp.Compare(a.from, b.from), a.origin.line-b.origin.line)
	})
	last := &group[0] // of those so far the one that holds longest
	for i := 1; i < len(group); i++ {
		s := &group[i]
		if s.from < last.to && s.value.ID != last.value.ID {
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
