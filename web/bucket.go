package web

import (
	"time"

	"phutai/grid"
)

// maxPoints bounds the points of one curve, far more than a screen has columns.
const maxPoints = 10_000

// buckets thins a curve out: of each step it keeps one value, the worst, whole,
// so that a peak is never averaged away and the figures of a point belong
// together.
type buckets struct {
	from time.Time
	step time.Duration
	kept []grid.Loading // zero At: none in this step
}

func newBuckets(from, to time.Time, step time.Duration) *buckets {
	n := int((to.Sub(from) + step - 1) / step)
	return &buckets{from: from, step: step, kept: make([]grid.Loading, n)}
}

// add takes one value; those outside the window are left out.
func (b *buckets) add(l grid.Loading) {
	since := l.At.Sub(b.from)
	if since < 0 {
		return
	}
	i := int(since / b.step)
	if i >= len(b.kept) {
		return
	}
	if old := &b.kept[i]; old.At.IsZero() || worse(&l, old) {
		*old = l
	}
}

// worse tells whether a should stand for the step rather than b: what was measured
// before what was made, a value with a phase percentage before one without, then
// the higher.
func worse(a, b *grid.Loading) bool {
	if made := a.Grade >= grid.Estimated; made != (b.Grade >= grid.Estimated) {
		return !made
	}
	if c := compareDown(a.PhaseMaxPct, b.PhaseMaxPct); c != 0 {
		return c < 0
	}
	return compareDown(a.SKVA, b.SKVA) < 0
}

// curve walks over what was kept, in time order. Where the silence before a
// value is longer than gapAfter allows, it first calls gap with a moment inside
// it: a line must not be drawn across.
func (b *buckets) curve(gapAfter func(*grid.Loading) time.Duration, point func(*grid.Loading), gap func(time.Time)) {
	var last *grid.Loading
	for i := range b.kept {
		l := &b.kept[i]
		if l.At.IsZero() {
			continue
		}
		if last != nil {
			quiet := l.At.Sub(last.At)
			if quiet > max(gapAfter(last), gapAfter(l), 2*b.step) {
				gap(last.At.Add(quiet / 2))
			}
		}
		point(l)
		last = l
	}
}

// niceStep gives the smallest usual step that makes no more than about a
// thousand points of the window.
func niceStep(window time.Duration) time.Duration {
	for _, step := range []time.Duration{
		time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 6 * time.Hour,
	} {
		if window/step <= 1000 {
			return step
		}
	}
	return 24 * time.Hour
}
