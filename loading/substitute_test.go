package loading_test

import (
	"testing"
	"time"

	"phutai/grid"
)

// made is a row of the load profile that a rule has put where none is.
func made(at time.Time, a float64) grid.Reading {
	r := profile(at, a)
	for q := range r.Values.All() {
		r.Quality = r.Quality.With(q, grid.Estimated)
	}
	return r
}

func TestNoTemperatureOrAlarmRestsOnASubstitute(t *testing.T) {
	clock, with, without := &handClock{evening}, newShelf(), newShelf()
	hole := evening.Add(-4 * time.Hour)
	for _, s := range []*shelf{with, without} {
		w := open(t, s, clock)
		for i := range 40 {
			at := evening.Add(time.Duration(i-40) * 30 * time.Minute)
			if !at.Equal(hole) {
				consume(t, w, profile(at, load(at)))
			}
		}
		if s == with {
			consume(t, w, made(hole, 5000), made(evening, 5000))
		}
		if err := w.Recompute(t.Context(), "T1", evening.Add(-10*time.Hour)); err != nil {
			t.Fatal(err)
		}
		w = open(t, s, clock) // walks from what is stored
		consume(t, w, profile(evening.Add(30*time.Minute), load(evening)))
	}
	for at, l := range without.rows {
		if got := with.rows[at]; !near(got.HotSpotC, l.HotSpotC.X, 1e-9) || got.TrendPctPerHr != l.TrendPctPerHr {
			t.Errorf("%v: hot spot %v and trend %v beside a substitute, %v and %v without", at.at, got.HotSpotC, got.TrendPctPerHr, l.HotSpotC, l.TrendPctPerHr)
		}
	}
	if l := with.rows[key{hole, grid.Profile}]; l.Grade != grid.Estimated || !l.PhaseMaxPct.Known || l.HotSpotC.Known || len(with.rows) != len(without.rows)+2 {
		t.Errorf("%d rows, the substitute's is %+v", len(with.rows), l)
	}
	for _, l := range with.seen {
		if l.PhaseGrade >= grid.Estimated {
			t.Errorf("%+v reached the watcher", l)
		}
	}
	w := open(t, with, clock)
	consume(t, w, profile(hole, load(hole)))
	if err := w.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if l := with.rows[key{hole, grid.Profile}]; l.Grade != grid.Good || !l.HotSpotC.Known {
		t.Errorf("after the true row came: %+v", l)
	}
}

// A rule may make single quantities: what it makes is no better for that.
func TestRowOfMadeFiguresAloneIsNoGoodOne(t *testing.T) {
	for _, q := range []grid.Quantity{grid.P, grid.Ua, grid.EaImp} {
		r := grid.Reading{Point: "P1", Source: grid.Profile, At: evening, Interval: 30 * time.Minute, Ratio: 1}
		r.Values.Set(q, 100)
		r.Quality = r.Quality.With(q, grid.Estimated)
		s := newShelf()
		consume(t, open(t, s, &handClock{evening}), r)
		if l := s.rows[key{evening, grid.Profile}]; len(s.rows) != 1 || l.Grade != grid.Estimated || l.PhaseGrade != grid.Estimated || len(s.seen) != 0 {
			t.Errorf("%s: %+v, and %d rows reached the watcher", q, l, len(s.seen))
		}
	}
}
