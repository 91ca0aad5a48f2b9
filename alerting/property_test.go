package alerting_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"phutai/alerting"
	"phutai/grid"
)

func TestAlarmsStepSoundly(t *testing.T) {
	levels := alerting.DefaultConfig().Overload
	const fresh = 30 * time.Minute
	rapid.Check(t, func(t *rapid.T) {
		var s alerting.State
		now := time.Date(2026, 6, 22, 10, 0, 0, 0, time.UTC)
		standing := false
		var lastFresh time.Time
		for range rapid.IntRange(1, 80).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 50).Draw(t, "minutes")) * time.Minute)
			in := alerting.Input{}
			if rapid.Bool().Draw(t, "value") {
				age := time.Duration(rapid.SampledFrom([]int{0, 0, 0, 1, 29, 31, 600}).Draw(t, "age")) * time.Minute
				in = alerting.Input{Value: rapid.Float64Range(60, 130).Draw(t, "x"), At: now.Add(-age), Usable: rapid.IntRange(0, 3).Draw(t, "good") > 0}
				if in.Usable && age <= fresh && in.At.After(lastFresh) {
					lastFresh = in.At
				}
			}
			before := s.Severity
			var changes []alerting.Change
			s, changes = alerting.Step(levels, fresh, s, now, in)
			stale := lastFresh.IsZero() || now.Sub(lastFresh) > fresh
			for _, c := range changes {
				switch c {
				case alerting.Raised:
					if standing {
						t.Fatal("raised twice in one episode")
					}
					standing = true
				case alerting.Cleared:
					if !standing {
						t.Fatal("cleared what does not stand")
					}
					standing = false
				case alerting.Worsened:
					if s.Severity <= before {
						t.Fatalf("worsened from %v to %v", before, s.Severity)
					}
				}
				if stale && (c == alerting.Raised || c == alerting.Cleared || c == alerting.Worsened || c == alerting.Eased) {
					t.Fatalf("%s on stale data", c)
				}
			}
			if standing != s.Standing() {
				t.Fatalf("standing %v, want %v", s.Standing(), standing)
			}
			if rapid.IntRange(0, 9).Draw(t, "ack") == 0 {
				s, _ = s.Acknowledge()
			}
			if s.Standing() != (s.Alarm == grid.Unacked || s.Alarm == grid.Acked) {
				t.Fatalf("severity %v in state %v", s.Severity, s.Alarm)
			}
		}
	})
}

func TestPointThatNeverAnsweredCountsFromTheFirstAttempt(t *testing.T) {
	c := alerting.DefaultConfig().Comms
	var s alerting.State
	start := time.Date(2026, 6, 22, 10, 0, 0, 0, time.UTC)
	for minute := range 60 {
		now := start.Add(time.Duration(minute) * time.Minute)
		var changes []alerting.Change
		s, changes = alerting.StepContact(c, s, now, grid.Contact{Point: "P9", LastTry: now, Misses: minute + 1})
		if raised := len(changes) > 0; raised != (minute == 30) {
			t.Errorf("minute %d: changes %v", minute, changes)
		}
	}
}

func TestFewMissesOrShortSilenceRaiseNothing(t *testing.T) {
	c := alerting.DefaultConfig().Comms
	now := time.Date(2026, 6, 22, 10, 0, 0, 0, time.UTC)
	for _, in := range []grid.Contact{
		{Misses: 2, LastGood: now.Add(-5 * time.Hour), LastTry: now},
		{Misses: 9, LastGood: now.Add(-29 * time.Minute), LastTry: now},
		{Misses: 0, LastGood: now.Add(-5 * time.Hour), LastTry: now},
		{},
	} {
		if s, changes := alerting.StepContact(c, alerting.State{}, now, in); s.Standing() || len(changes) > 0 {
			t.Errorf("%+v raised %v", in, changes)
		}
	}
}
