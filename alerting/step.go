package alerting

import (
	"time"

	"phutai/grid"
)

// Change is a transition of an alarm.
type Change string

// The changes, as the history keeps them.
const (
	Raised       Change = "raised"
	Worsened     Change = "worsened" // the severity rose: it counts as not acknowledged again
	Eased        Change = "eased"    // the severity fell, the alarm stands
	Cleared      Change = "cleared"
	WentStale    Change = "stale" // no fresh, good data; the state is held
	Refreshed    Change = "fresh" // data are back; the state goes on
	Told         Change = "told"  // a page tells of it later than of its beginning, with others of its feeder
	Acknowledged Change = "acknowledged"
	Released     Change = "released"   // the doubt that held its page is over
	Withdrawn    Change = "withdrawn"  // its point or transformer left the register
	Superseded   Change = "superseded" // never acknowledged, closed by the next episode
)

// Run is an unbroken run of fresh values on one side of a limit.
type Run struct {
	Since  time.Time // of its first value; zero: none
	Values int
}

func (r *Run) extend(in bool, at time.Time) {
	if !in {
		*r = Run{}
		return
	}
	if r.Values == 0 {
		r.Since = at
	}
	r.Values++
}

// ripe tells whether the run has lasted for the delay by now and has enough
// values. Time counts while the newest value is fresh, which Step makes sure of.
func (r Run) ripe(now time.Time, delay time.Duration, confirm int) bool {
	return r.Values >= max(1, confirm) && now.Sub(r.Since) >= delay
}

// State is where one alarm stands. The zero value is normal and knows nothing.
type State struct {
	Alarm      grid.AlarmState
	Severity   grid.Severity // of the standing episode
	LastAt     time.Time     // of the newest value that counted
	StaleSince time.Time
	// TakenUp is when a restart took the state up; zero: not since. Silence
	// counts from then: what came before the restart is not kept value by value.
	TakenUp time.Time `json:"-"`
	// The runs of values over and under each level, warning first. They are
	// not carried over a restart, which may lengthen a delay and never shorten it.
	Over, Under [2]Run
}

// Standing tells whether the condition holds as far as is known.
func (s State) Standing() bool { return s.Severity != grid.NoSeverity }

// Input is one value; the zero value says that only time has passed.
type Input struct {
	Value  float64
	At     time.Time
	Usable bool // known and graded good
}

// Step advances an alarm to now. A value counts if it is usable, newer than the
// last one that counted, and not older than fresh; every other is as if it had
// not come. When nothing has counted for longer than fresh, the alarm is held.
func Step(l LevelConfig, fresh time.Duration, s State, now time.Time, in Input) (State, []Change) {
	var out []Change
	if s.LastAt.After(now.Add(fresh)) {
		s.LastAt = time.Time{} // the clock was set back: do not wait for it to catch up
	}
	if in.Usable && in.At.After(s.LastAt) && now.Sub(in.At) <= fresh {
		s, out = s.take(l, fresh, in)
	}
	if s.LastAt.IsZero() {
		return s, out
	}
	if now.Sub(s.LastAt) > fresh {
		if now.Sub(s.TakenUp) <= fresh {
			return s, out
		}
		return s.hold(out)
	}
	s, changes := s.judge(l, now)
	return s, append(out, changes...)
}

func (s State) take(l LevelConfig, fresh time.Duration, in Input) (State, []Change) {
	var out []Change
	if !s.LastAt.IsZero() && in.At.Sub(s.LastAt) > fresh {
		s.Over, s.Under = [2]Run{}, [2]Run{} // nobody knows what was in between
	}
	for i, limit := range [2]float64{l.Warn, l.Critical} {
		s.Over[i].extend(in.Value >= limit, in.At)
		s.Under[i].extend(in.Value < limit-l.Deadband, in.At)
	}
	s.LastAt = in.At
	if !s.StaleSince.IsZero() {
		s.StaleSince = time.Time{}
		if s.Standing() {
			out = append(out, Refreshed)
		}
	}
	return s, out
}

func (s State) hold(out []Change) (State, []Change) {
	s.Over, s.Under = [2]Run{}, [2]Run{}
	if s.StaleSince.IsZero() {
		s.StaleSince = s.LastAt
		if s.TakenUp.After(s.LastAt) {
			s.StaleSince = s.TakenUp
		}
		if s.Standing() {
			out = append(out, WentStale)
		}
	}
	return s, out
}

// judge raises, worsens, eases or clears by fresh data.
func (s State) judge(l LevelConfig, now time.Time) (State, []Change) {
	over := grid.NoSeverity
	if s.Over[0].ripe(now, l.OnDelay, l.Confirm) {
		over = grid.Warning
	}
	if s.Over[1].ripe(now, l.OnDelay, l.Confirm) {
		over = grid.Critical
	}
	switch {
	case over > s.Severity && s.Standing():
		s.Severity, s.Alarm = over, grid.Unacked
		return s, []Change{Worsened}
	case over > s.Severity:
		var out []Change
		if s.Alarm == grid.ReturnUnacked {
			out = append(out, Superseded)
		}
		s.Severity, s.Alarm = over, grid.Unacked
		return s, append(out, Raised)
	case s.Standing() && s.Under[0].ripe(now, l.OffDelay, l.Confirm):
		return s.clear(), []Change{Cleared}
	case s.Severity == grid.Critical && s.Under[1].ripe(now, l.OffDelay, l.Confirm):
		s.Severity = grid.Warning
		return s, []Change{Eased}
	}
	return s, nil
}

func (s State) clear() State {
	s.Severity = grid.NoSeverity
	if s.Alarm == grid.Acked {
		s.Alarm = grid.Normal
	} else {
		s.Alarm = grid.ReturnUnacked
	}
	return s
}

// Acknowledge says that a person has seen the alarm; false where there was
// nothing to acknowledge.
func (s State) Acknowledge() (State, bool) {
	switch s.Alarm {
	case grid.Unacked:
		s.Alarm = grid.Acked
		return s, true
	case grid.ReturnUnacked:
		s.Alarm = grid.Normal
		return s, true
	}
	return s, false
}

// StepContact advances the comms-loss alarm of a point. It is raised by enough
// misses and enough time since the last good reading, and cleared by the next
// good contact. A point that never answered counts from the first attempt that
// was seen; State.LastAt keeps that time.
func StepContact(c CommsConfig, s State, now time.Time, in grid.Contact) (State, []Change) {
	if in.Misses == 0 {
		s.LastAt = in.LastGood
		if !s.Standing() || in.LastGood.IsZero() {
			return s, nil
		}
		return s.clear(), []Change{Cleared}
	}
	switch {
	case !in.LastGood.IsZero():
		s.LastAt = in.LastGood
	case s.LastAt.IsZero():
		s.LastAt = in.LastTry
	}
	if s.Standing() || in.Misses < c.Misses || s.LastAt.IsZero() || now.Sub(s.LastAt) < c.After {
		return s, nil
	}
	var out []Change
	if s.Alarm == grid.ReturnUnacked {
		out = append(out, Superseded)
	}
	s.Severity, s.Alarm = grid.Warning, grid.Unacked
	return s, append(out, Raised)
}
