package fleet

import (
	"slices"
	"sort"
	"sync"

	"phutai/grid"
)

// views makes the views of one version when they are asked for. Between two
// moments at which something changes by date, all views are the same.
type views struct {
	version int64
	facts   *facts
	cuts    []int64 // moments at which something begins or ends, ordered
	stays   func() map[grid.PointID][]metered

	mu   sync.RWMutex // guards the fields below
	made map[int]*View
}

// keepViews is how many views are kept made: the present one and those that a
// report or a re-computation passes through. A view of 20,000 transformers
// takes about 20 MB.
const keepViews = 8

func newViews(version int64, f *facts) *views {
	var cuts []int64
	cuts = bookCuts(cuts, f.units)
	cuts = bookCuts(cuts, f.feeders)
	cuts = bookCuts(cuts, f.substations)
	cuts = bookCuts(cuts, f.transformers)
	cuts = bookCuts(cuts, f.points)
	cuts = bookCuts(cuts, f.meters)
	cuts = bookCuts(cuts, f.priorities)
	cuts = bookCuts(cuts, f.neighbours)
	slices.Sort(cuts)
	return &views{version: version, facts: f, cuts: slices.Compact(cuts), stays: sync.OnceValue(f.stays), made: map[int]*View{}}
}

func bookCuts[T any](cuts []int64, b book[T]) []int64 {
	for _, line := range b {
		for i := range line {
			if line[i].from != ever {
				cuts = append(cuts, line[i].from)
			}
			if line[i].to != open {
				cuts = append(cuts, line[i].to)
			}
		}
	}
	return cuts
}

// at gives the view of a moment.
func (v *views) at(ms int64) *View {
	n := sort.Search(len(v.cuts), func(i int) bool { return v.cuts[i] > ms })
	v.mu.RLock()
	view := v.made[n]
	v.mu.RUnlock()
	if view != nil {
		return view
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if view := v.made[n]; view != nil {
		return view
	}
	view = newView(v.facts, ms)
	view.version, view.order = v.version, int64(n)
	if n > 0 {
		view.from = fromMillis(v.cuts[n-1])
	}
	if n < len(v.cuts) {
		view.until = fromMillis(v.cuts[n])
	}
	for old := range v.made {
		if len(v.made) < keepViews {
			break
		}
		delete(v.made, old)
	}
	v.made[n] = view
	return view
}

// planStep leaves room between the plans of two versions for those that come
// by date within one.
const planStep = 1 << 20

// Plan gives what a collector polls: the meters that name it and, for the
// default collector, those that name none. They are ordered by line, address
// and id, and say since when they stand at their points. Its version grows with
// each import and with each change by date.
func (v *View) Plan(collector grid.CollectorID, isDefault bool) grid.Plan {
	p := grid.Plan{Collector: collector, Version: v.version*planStep + min(v.order, planStep-1)}
	for _, m := range v.meters.all {
		if m.Collector == collector || m.Collector == "" && isDefault {
			m.Since = v.since[m.ID]
			p.Meters = append(p.Meters, m)
		}
	}
	slices.SortStableFunc(p.Meters, byLine)
	return p
}

func byLine(a, b grid.Meter) int {
	switch {
	case a.Line != b.Line && a.Line < b.Line:
		return -1
	case a.Line != b.Line:
		return 1
	}
	return a.Address - b.Address
}
