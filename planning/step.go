package planning

import (
	"time"

	"phutai/grid"
)

// steps gathers values into steps of equal length.
type steps struct {
	start time.Time // of the first step
	every time.Duration
	hold  time.Duration
	n     int
	bins  [2][]bin // by source
	prev  [2]time.Time
}

// figures is how many means a row has.
const figures = 7

// bin gathers the values of one source in one step.
type bin struct {
	sum, weight [figures]float64 // weights in seconds
	covered     time.Duration
	grade       grid.Grade
}

func newSteps(firstEnd time.Time, every time.Duration, n int, hold time.Duration) *steps {
	return &steps{
		start: firstEnd.Add(-every), every: every, hold: hold, n: n,
		bins: [2][]bin{make([]bin, n), make([]bin, n)},
	}
}

// of gives the step in which t lies; its end belongs to it.
func (s *steps) of(t time.Time) (int, bool) {
	d := t.Sub(s.start)
	if d <= 0 {
		return 0, false
	}
	i := int((d - 1) / s.every)
	return i, i < s.n
}

// speaksFor is how far back a value speaks at most: a row of a load profile for
// its interval, an instantaneous value for two polls, so that one that failed
// is bridged; hold where its interval is not known.
func (s *steps) speaksFor(l *grid.Loading) time.Duration {
	switch {
	case l.Interval <= 0:
		return s.hold
	case l.Source == grid.Instant:
		return l.FreshFor()
	}
	return l.Interval
}

// add lets a value speak for the time since the one before it of the same
// source, as far back as it can.
func (s *steps) add(l *grid.Loading) {
	if l.Source != grid.Instant && l.Source != grid.Profile {
		return
	}
	k := l.Source - grid.Instant
	since := l.At.Add(-s.speaksFor(l))
	if s.prev[k].After(since) {
		since = s.prev[k]
	}
	s.prev[k] = l.At
	if since.Before(s.start) {
		since = s.start
	}
	for since.Before(l.At) {
		i := int(since.Sub(s.start) / s.every)
		if i >= s.n {
			return
		}
		until := s.start.Add(time.Duration(i+1) * s.every)
		if l.At.Before(until) {
			until = l.At
		}
		s.bins[k][i].add(l, until.Sub(since))
		since = until
	}
}

func (b *bin) add(l *grid.Loading, d time.Duration) {
	for i, f := range [figures]grid.Float{l.SKVA, l.PKW, l.Amps[0], l.Amps[1], l.Amps[2], l.PhaseMaxPct, l.LoadingPct} {
		if f.Known {
			b.sum[i] += f.X * d.Seconds()
			b.weight[i] += d.Seconds()
		}
	}
	b.covered += d
	b.grade = max(b.grade, l.Grade)
}

// row makes the row of a step. Means of the load profile are the meter's own,
// so they are taken where they cover half of the step or more; else the
// instantaneous values are, where there are any. Figures that were made are taken
// where nothing else covers half of the step.
func (s *steps) row(i int) Row {
	instant, profile := &s.bins[0][i], &s.bins[1][i]
	b, source := instant, grid.Instant
	made := profile.grade >= grid.Estimated && instant.grade < grid.Estimated && 2*instant.covered >= s.every
	if (2*profile.covered >= s.every || instant.covered == 0) && !made {
		b, source = profile, grid.Profile
	}
	if b.covered == 0 {
		return Row{}
	}
	mean := func(k int) grid.Float {
		if b.weight[k] == 0 {
			return grid.Float{}
		}
		return grid.Known(b.sum[k] / b.weight[k])
	}
	grade := b.grade
	if 2*b.covered < s.every {
		grade = max(grade, grid.Suspect) // the lesser part of a step is no mean of it
	}
	return Row{
		SKVA: mean(0), PKW: mean(1), Amps: [3]grid.Float{mean(2), mean(3), mean(4)},
		PhaseMaxPct: mean(5), LoadingPct: mean(6), Grade: grade, Source: source,
	}
}
