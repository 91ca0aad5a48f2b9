package plausibility

import (
	"time"

	"phutai/grid"
)

// run is an unbroken run of readings that say the same.
type run struct {
	Since time.Time // of the first
	Last  time.Time
	N     int
}

func (r *run) extend(at time.Time) {
	if r.N == 0 {
		r.Since = at
	}
	r.Last = at
	r.N++
}

// needs is how much of it makes evidence.
type needs struct {
	span time.Duration
	n    int
}

func (r *run) ripe(n needs) bool { return r.N >= n.n && r.Last.Sub(r.Since) >= n.span }

// watch weighs one check: what speaks for it and, once it was found, against it.
type watch struct {
	For, Against run
	Found        bool
}

// yes takes a reading that speaks for it, and tells whether it is found.
func (w *watch) yes(at time.Time, n needs) bool {
	w.For.extend(at)
	w.Against = run{}
	w.Found = w.Found || w.For.ripe(n)
	return w.Found
}

// no takes a reading that speaks against it, and tells whether what was found is
// gone: after clearAfter, so that a fault that comes and goes stays one.
func (w *watch) no(at time.Time) bool {
	if !w.Found {
		w.For = run{}
		return false
	}
	w.Against.extend(at)
	if !w.Against.ripe(clearAfter) {
		return false
	}
	*w = watch{}
	return true
}

// clearAfter: half a day has an evening peak or a night in it, and loads change
// their direction with the sun within less.
var clearAfter = needs{12 * time.Hour, 6}

// judge takes a reading that speaks for the check or against it.
func (w *watch) judge(is bool, n needs, v Verdict, evidence func() []grid.Figure) []Verdict {
	if is {
		if !w.yes(v.At, n) {
			return nil
		}
		v.Outcome, v.Since, v.Evidence = Found, w.For.Since, evidence()
		return []Verdict{v}
	}
	if !w.no(v.At) {
		return nil
	}
	v.Outcome = Gone
	return []Verdict{v}
}
