package collector_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"phutai/grid"
	"phutai/meter"
)

// forgetful is a meter whose load profile has no rows between two moments.
type forgetful struct {
	readyMeter
	from, to time.Time // guarded by mu
}

func (m *forgetful) History(ctx context.Context, from, to time.Time, row func(grid.Sample) error) error {
	m.mu.Lock()
	lost, found := m.from, m.to
	m.mu.Unlock()
	return m.readyMeter.History(ctx, from, to, func(s grid.Sample) error {
		if s.End.After(lost) && !s.End.After(found) {
			return nil
		}
		return row(s)
	})
}

// want asks for the last slots before the moment, and gives what came of it.
func (w *works) want(id grid.MeterID, point grid.PointID, before time.Time, slots int) *grid.Outcome {
	to := before.Truncate(half).Add(-half / 2)
	said := new(grid.Outcome)
	w.c.HandleBackFill(grid.BackFill{
		ID: "f", Meter: id, Point: point, Every: half, Expires: time.Now().Add(time.Hour),
		Spans: []grid.Span{{From: to.Add(-time.Duration(slots) * half), To: to}},
	}, func(o grid.Outcome) { *said = o })
	return said
}

func TestWantedRowsAreReadOnceMoreAndTheMetersGapsAreStated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(100 * day) // so that the past lies in a plausible year
		m := &forgetful{}
		m.history = true
		w := build(t, map[grid.MeterID]meter.Device{"A": m})
		w.cfg.HistoryDepth = 10 * day
		w.start(on("l", "A"))
		time.Sleep(2 * time.Hour)
		// The center loses three days, and the meter some hours of them.
		lost := time.Now().Add(-2 * day)
		m.mu.Lock()
		m.from, m.to = lost.Add(-day).Truncate(half), lost.Add(-day).Truncate(half).Add(5*half)
		m.mu.Unlock()
		w.center.set(func(c *center) { clear(c.got) })
		said := w.want("A", "A", lost, 3*48)
		time.Sleep(time.Second)
		synctest.Wait()
		if *said != grid.Accepted {
			t.Errorf("the outcome is %q", *said)
		}
		w.stop() // what is accepted is on the disk
		w.start()
		time.Sleep(time.Hour)
		w.stop()
		var rows, gaps int
		for _, r := range w.center.of("A", grid.Profile) {
			if r.At.After(lost) {
				continue
			}
			inGap := r.At.After(m.from) && !r.At.After(m.to)
			switch {
			case r.Absent() != inGap || r.Interval != half || !r.At.Equal(r.At.Truncate(half)):
				t.Errorf("%+v", r)
			case inGap:
				gaps++
				if r.Missing != grid.GapInMeter || r.PolledAt.IsZero() {
					t.Errorf("%+v", r)
				}
			default:
				rows++
			}
		}
		if gaps != 5 || rows != 3*48-5 {
			t.Errorf("%d rows and %d gaps, want %d and 5", rows, gaps, 3*48-5)
		}
	})
}

func TestWantedRowsComeInTheNarrowestGapsOfTheSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(100 * day)
		m := &readyMeter{history: true}
		m.fail = func(_, _ time.Time) error { time.Sleep(11 * time.Second); return nil }
		w := build(t, map[grid.MeterID]meter.Device{"A": m})
		w.cfg.HistoryDepth, w.cfg.HistorySlice, w.cfg.ReadTimeout = time.Hour, time.Hour, 5*time.Minute
		a := on("l", "A")
		a.Every = 10 * time.Second
		w.start(a)
		time.Sleep(2 * time.Hour)
		lost := time.Now().Add(-day)
		said := w.want("A", "A", lost, 48)
		time.Sleep(2 * time.Hour)
		w.stop()
		n := 0
		for _, r := range w.center.of("A", grid.Profile) {
			if r.At.Before(lost) {
				n++
			}
		}
		if *said != grid.Accepted || n != 48 {
			t.Errorf("%q, %d rows of 48", *said, n)
		}
	})
}

func TestCommandThatCannotBeDoneIsAnsweredSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(100 * day)
		w := build(t, map[grid.MeterID]meter.Device{"A": &readyMeter{}, "B": &readyMeter{history: true}})
		w.cfg.HistoryDepth = day
		w.start(on("l", "A"), on("k", "B"))
		time.Sleep(time.Hour)
		late := new(grid.Outcome)
		w.c.HandleBackFill(grid.BackFill{Meter: "B", Point: "B", Expires: time.Now()}, func(o grid.Outcome) { *late = o })
		for what, c := range map[string]struct{ got, want *grid.Outcome }{
			"a meter without memory":   {w.want("A", "A", time.Now(), 2), new(grid.NoMemory)},
			"a meter of somebody else": {w.want("C", "C", time.Now(), 2), new(grid.UnknownMeter)},
			"a meter at another point": {w.want("B", "A", time.Now(), 2), new(grid.UnknownMeter)},
			"an expired command":       {late, new(grid.Outcome)},
		} {
			time.Sleep(time.Second)
			synctest.Wait()
			if *c.got != *c.want {
				t.Errorf("%s: %q, want %q", what, *c.got, *c.want)
			}
		}
		w.stop()
	})
}
