package store

import (
	"time"

	"phutai/grid"
)

// Duty is what the register says of one metering point: which meters stood
// there, and how often each was to be read.
type Duty struct {
	Point grid.PointID
	Stays []Stay
}

// Stay is a meter at a point for a while, and what is due of it meanwhile.
type Stay struct {
	Meter     grid.MeterID
	Collector grid.CollectorID
	From, To  time.Time     // zero From: ever; zero To: until further notice
	Poll      time.Duration // between two polls
	Phase     time.Duration // of the polls' slots, behind multiples of Poll
	Row       time.Duration // interval of the load profile where its rows do not say; zero: the meter keeps none
	RowLag    time.Duration // how long after the end of its interval a row may come by plan
}

// slots is a run of times at each of which one reading is due. Slot i lasts from
// first+i·every to the start of the next one, in Unix milliseconds. A poll
// answers within its slot. A row of a load profile lies in the middle of its
// slot, so that one that is stamped a little off still finds it.
type slots struct {
	first, every int64
	n            int
}

func (s slots) start(i int) int64 { return s.first + int64(i)*s.every }

// mark gives the time of the key under which the reading of slot i belongs.
func (s slots) mark(source grid.Source, i int) time.Time {
	ms := s.start(i)
	if source == grid.Profile {
		ms += s.every / 2
	}
	return time.UnixMilli(ms).UTC()
}

// frame says which slots are looked at: those whose interval begins in
// [from, to) and is over, with all that a reading may take, at now. Of a point
// nothing is due before it was heard of.
type frame struct {
	from, to time.Time
	now      time.Time
	grace    time.Duration // beyond what the plan allows a reading to take
	polled   time.Time     // the first that was heard of polls; zero: nothing
	row      time.Time     // the end of the first row of the load profile; zero: none
}

// due gives the slots of a stay that lie in a frame. every is the interval: of
// the polls, or of the rows as the meter writes them.
func (s *Stay) due(source grid.Source, every time.Duration, f *frame) slots {
	step := every.Milliseconds()
	if step <= 0 {
		return slots{}
	}
	// half is how far a slot begins before the end of its interval rather than
	// before its beginning.
	phase, half, lag := s.Phase.Milliseconds(), int64(0), time.Duration(0)
	if source == grid.Profile {
		phase, half, lag = -step/2, step-step/2, s.RowLag
	}
	first := f.heard(source, step, half)
	if first == unheard {
		return slots{}
	}
	first = max(first, f.from.UnixMilli()+half)
	if !s.From.IsZero() {
		first = max(first, s.From.UnixMilli()+half)
	}
	end := min(f.to.UnixMilli()+half, f.now.Add(-f.grace-lag).UnixMilli()-step+half+1)
	if !s.To.IsZero() {
		end = min(end, s.To.UnixMilli()-step+half+1)
	}
	out := slots{first: phase + ceil(first-phase, step)*step, every: step}
	if out.first < end {
		out.n = int((end - out.first + step - 1) / step)
	}
	return out
}

// unheard is the start of the slots of a point that was never heard of.
const unheard = 1<<63 - 1

// heard gives the earliest start of a slot by what has been heard of the point.
func (f *frame) heard(source grid.Source, step, half int64) int64 {
	out := int64(unheard)
	within := func(t time.Time) int64 { return t.UnixMilli() - step + 1 } // of the slot that t lies in
	switch {
	case source == grid.Instant && !f.polled.IsZero():
		out = within(f.polled)
	case source == grid.Profile:
		if !f.polled.IsZero() {
			out = f.polled.UnixMilli() + half
		}
		if !f.row.IsZero() {
			out = min(out, within(f.row))
		}
	}
	return out
}

// ceil divides upwards.
func ceil(a, b int64) int64 {
	q := a / b
	if a%b > 0 {
		q++
	}
	return q
}
