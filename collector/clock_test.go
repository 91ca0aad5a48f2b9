package collector_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"phutai/grid"
	"phutai/meter"
)

// steppedClock is off by so much. As with a machine's clock, who waits sleeps
// for the time that was to go when it began, whatever the clock shows meanwhile.
type steppedClock struct{ off atomic.Int64 }

func (c *steppedClock) step(d time.Duration) { c.off.Add(int64(d)) }

func (c *steppedClock) Now() time.Time { return time.Now().Add(time.Duration(c.off.Load())).UTC() }

func (c *steppedClock) Wait(ctx context.Context, t time.Time) error {
	return pause(ctx, t.Sub(c.Now()))
}

// truthfulMeter has a clock of its own, off by drift from what is true, and
// stamps its half-hours with it.
type truthfulMeter struct {
	readyMeter
	drift time.Duration
}

func (m *truthfulMeter) Poll(ctx context.Context) (grid.Sample, error) {
	s, err := m.readyMeter.Poll(ctx)
	s.Clock = time.Now().Add(m.drift)
	return s, err
}

func (m *truthfulMeter) History(ctx context.Context, from, to time.Time, row func(grid.Sample) error) error {
	return m.readyMeter.History(ctx, from.Add(-m.drift), to.Add(-m.drift), func(s grid.Sample) error {
		s.End = s.End.Add(m.drift)
		return row(s)
	})
}

// runStepped runs a collector while its clock is set, two hours after each step,
// and looks whether meter A is asked as ever.
func runStepped(t *testing.T, m *truthfulMeter, steps ...time.Duration) *works {
	t.Helper()
	w, clock := build(t, map[grid.MeterID]meter.Device{"A": m}), &steppedClock{}
	w.cfg.HistoryDepth, w.clock = day, clock
	polls := func() int {
		m.mu.Lock()
		defer m.mu.Unlock()
		return m.polls
	}
	for i, step := range steps {
		clock.step(step)
		if i == 0 {
			w.start(on("l", "A"))
		}
		before := polls()
		time.Sleep(2 * time.Hour)
		if n := polls() - before; n < 22 || n > 26 {
			t.Errorf("after a step by %s: asked %d times in two hours, want 24", step, n)
		}
	}
	time.Sleep(time.Hour)
	w.stop()
	return w
}

// The collector's clock is set forward, back, and back beyond the truth: meters
// go on being asked, the rows of load profiles come under the meter's times, and
// the clock's error stands beside each reading.
func TestStepsOfTheClockStopNoPollsAndChangeNoKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(100 * day) // so that the past lies in a plausible year
		began := time.Now()
		w := runStepped(t, &truthfulMeter{readyMeter: readyMeter{history: true}}, 0, time.Hour, -time.Hour, -time.Hour, time.Hour)
		wantRows(t, w.center.of("A", grid.Profile), began, day, time.Now().Add(-half))
		flagged := map[time.Duration]int{}
		for _, r := range w.center.of("A", grid.Instant) {
			if !r.Absent() {
				flagged[r.ClockOffset.Round(time.Hour)]++
			}
		}
		for _, off := range []time.Duration{0, time.Hour, -time.Hour} {
			if flagged[off] < 10 {
				t.Errorf("readings by the clock's error: %v, want some at %s", flagged, off)
			}
		}
	})
}

// A machine without a battery starts with any time, and is set right later.
func TestClockThatWasFarAheadAtFirstStopsNoPolls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(100 * day)
		runStepped(t, &truthfulMeter{readyMeter: readyMeter{history: true}}, 26*time.Hour, -26*time.Hour, 0)
		runStepped(t, &truthfulMeter{}, -40*day, 40*day, 0)
	})
}

// A meter that is ten minutes off keeps its own times, and is told of.
func TestDriftOfAMeterIsToldAndNotCorrected(t *testing.T) {
	for _, drift := range []time.Duration{10 * time.Minute, -10 * time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			time.Sleep(100 * day)
			m := &truthfulMeter{readyMeter{history: true}, drift}
			w := build(t, map[grid.MeterID]meter.Device{"A": m})
			w.cfg.HistoryDepth = day
			w.start(on("l", "A"))
			time.Sleep(6 * time.Hour)
			w.stop()
			rows := w.center.of("A", grid.Profile)
			if len(rows) < 50 {
				t.Fatalf("%d rows", len(rows))
			}
			for _, r := range append(rows, w.center.of("A", grid.Instant)...) {
				if !r.ClockKnown || r.ClockOffset != drift {
					t.Fatalf("%s of %s is not flagged: %s", r.Source, r.At, r.ClockOffset)
				}
				if off := r.At.Add(-drift).Sub(r.At.Add(-drift).Truncate(half)); r.Source == grid.Profile && off != 0 {
					t.Fatalf("row %s is not of the meter's time", r.At)
				}
			}
		})
	}
}
