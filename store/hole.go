package store

import (
	"time"

	"phutai/grid"
)

// hole is a gap of a load profile with the rows that stand beside it.
type hole struct {
	before, after *grid.Reading
	times         []time.Time // of the rows that are missing
	every         time.Duration
}

// comparable tells whether the rows beside the hole speak of the same: the same
// interval and ratio, and counters that have gone on.
func (h *hole) comparable() bool { return alike(h.before, h.after, h.every) }

func alike(a, b *grid.Reading, every time.Duration) bool {
	if a.Interval != every || b.Interval != every || a.Ratio != b.Ratio {
		return false
	}
	for q := grid.EaImp; q <= grid.ErExp; q++ {
		x, ok1 := a.Values.Get(q)
		y, ok2 := b.Values.Get(q)
		if ok1 && ok2 && y < x {
			return false
		}
	}
	return true
}

func counter(q grid.Quantity) bool { return q >= grid.EaImp && q <= grid.ErExp }

// sound gives a figure that may be built on.
func sound(r *grid.Reading, q grid.Quantity) (float64, bool) {
	x, ok := r.Values.Get(q)
	return x, ok && r.Quality.Of(q) == grid.Good
}

// linear gives figures on the straight line from the row before to the row
// after. Counters so have the energy that has passed, in equal parts.
func (h *hole) linear(makes func(grid.Quantity) bool) []grid.Values {
	out := make([]grid.Values, len(h.times))
	for q := range h.before.Values.All() {
		a, ok1 := sound(h.before, q)
		b, ok2 := sound(h.after, q)
		if !ok1 || !ok2 || !makes(q) {
			continue
		}
		for i := range out {
			out[i].Set(q, q.Round(a+(b-a)*float64(i+1)/float64(len(out)+1)))
		}
	}
	return out
}

// mostUnlike is by how much the energy of a day may differ from that of the hole
// for its course to stand for it.
const mostUnlike = 4

// likeDay gives figures with the course of another day: rows at the same times,
// with those beside them. Powers and currents are scaled to the energy that the
// counters say has passed, where they say it; counters end where they stood. It
// gives nil where that day does not fit.
func (h *hole) likeDay(day []grid.Reading, makes func(grid.Quantity) bool) []grid.Values {
	n := len(h.times)
	if len(day) != n+2 || !alike(&day[0], &day[n+1], h.every) {
		return nil
	}
	for i := range day {
		if !day[i].At.Equal(day[0].At.Add(time.Duration(i) * h.every)) {
			return nil
		}
	}
	factor := 1.0
	passed, known := energy(h.before, h.after)
	like, alsoKnown := energy(&day[0], &day[n+1])
	if known && alsoKnown {
		factor = passed / like
		if !(like > 0 && factor >= 1.0/mostUnlike && factor <= mostUnlike) {
			return nil
		}
	}
	out := make([]grid.Values, n)
	for q := range h.before.Values.All() {
		if _, ok := sound(h.after, q); !ok || !makes(q) {
			continue
		}
		for i, x := range h.course(day, q, factor) {
			out[i].Set(q, q.Round(x))
		}
	}
	if out[0].Len() == 0 {
		return nil
	}
	return out
}

// course gives the figures of one quantity; none where the other day lacks one.
func (h *hole) course(day []grid.Reading, q grid.Quantity, factor float64) []float64 {
	out := make([]float64, 0, len(h.times))
	for i := range day {
		x, ok := sound(&day[i], q)
		if !ok {
			return nil
		}
		if i > 0 && i < len(day)-1 {
			out = append(out, x)
		}
	}
	switch {
	case counter(q):
		from, ok := sound(h.before, q)
		if !ok {
			return nil
		}
		to, _ := h.after.Values.Get(q)
		low, _ := day[0].Values.Get(q)
		high, _ := day[len(day)-1].Values.Get(q)
		for i := range out {
			share := float64(i+1) / float64(len(out)+1)
			if high > low {
				share = (out[i] - low) / (high - low)
			}
			out[i] = from + (to-from)*share
		}
	case q.Scaling() == grid.ScaleCT || q.Scaling() == grid.ScaleBoth:
		for i := range out {
			out[i] *= factor
		}
	}
	return out
}

// energy is what has passed between two rows without the interval of the latter,
// kWh towards the customers less what came back; false where a counter or the
// latter's power is not known.
func energy(a, b *grid.Reading) (float64, bool) {
	from, ok1 := sound(a, grid.EaImp)
	to, ok2 := sound(b, grid.EaImp)
	last, ok3 := sound(b, grid.P)
	if !ok1 || !ok2 || !ok3 {
		return 0, false
	}
	x := to - from - last*b.Interval.Hours()
	back, ok1 := sound(a, grid.EaExp)
	since, ok2 := sound(b, grid.EaExp)
	if ok1 && ok2 {
		x -= since - back
	}
	return x, true
}
