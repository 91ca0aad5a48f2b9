package collector_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"phutai/grid"
	"phutai/meter"
)

const day = 24 * time.Hour

// wantRows checks that the load profile arrived whole: a row each half an hour
// from depth before began until the newest that can be there.
func wantRows(t *testing.T, rows []grid.Reading, began time.Time, depth time.Duration, until time.Time) {
	t.Helper()
	end := began.Add(-depth).Truncate(half).Add(half)
	for i := range rows {
		if !rows[i].At.Equal(end) {
			t.Fatalf("row %d ends at %s, want %s", i, rows[i].At, end)
		}
		if rows[i].Interval != half || rows[i].Absent() {
			t.Fatalf("row %d: %+v", i, rows[i])
		}
		end = end.Add(half)
	}
	if end.Before(until) {
		t.Errorf("rows end before %s, want them until %s", end, until)
	}
}

func TestHistoryIsReadNewestDayFirstAndThenRowByRow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(100 * day) // so that the past lies in a plausible year
		m := &readyMeter{history: true}
		w := build(t, map[grid.MeterID]meter.Device{"A": m})
		w.cfg.HistoryDepth = 10 * day
		w.start(on("l", "A"))
		time.Sleep(7 * time.Minute)
		asked := m.windows()
		if len(asked) < 10 {
			t.Fatalf("asked for %d stretches, want 10 days", len(asked))
		}
		asked = asked[:10]
		first := asked[0].from.Add(day) // the moment of contact
		for i := 1; i < len(asked); i++ {
			if !asked[i].to.Equal(asked[i-1].from) {
				t.Errorf("stretch %d ends at %s, want %s: newest first, no hole", i, asked[i].to, asked[i-1].from)
			}
		}
		if depth := first.Sub(asked[9].from); depth > 10*day || depth < 10*day-time.Minute {
			t.Errorf("read %s back", depth)
		}
		time.Sleep(2 * time.Hour)
		w.stop()
		wantRows(t, w.center.of("A", grid.Profile), first, 10*day, time.Now().Add(-half))
		for _, a := range m.windows()[10:] {
			if a.from.Before(first.Add(-half)) {
				t.Errorf("old rows from %s were asked for again", a.from)
			}
		}
	})
}

func TestKillDuringBackFillSkipsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(100 * day) // so that the past lies in a plausible year
		m := &readyMeter{history: true}
		w := build(t, map[grid.MeterID]meter.Device{"A": m})
		w.cfg.HistoryDepth = 10 * day
		n := 0
		m.fail = func(_, _ time.Time) error {
			if n++; n%71 == 0 { // the connection breaks again and again
				return errors.New("connection reset")
			}
			return nil
		}
		w.start(on("l", "A"))
		for range 10 {
			time.Sleep(5*time.Minute + 20*time.Millisecond)
			w.stop()
			w.start()
		}
		time.Sleep(4 * time.Hour)
		w.stop()
		began := m.windows()[0].from.Add(day)
		wantRows(t, w.center.of("A", grid.Profile), began, 10*day, time.Now().Add(-half))
	})
}

func TestRowsOfAnOutageAreReadAfterwards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(100 * day) // so that the past lies in a plausible year
		m := &readyMeter{history: true}
		w := build(t, map[grid.MeterID]meter.Device{"A": m})
		w.cfg.HistoryDepth = 10 * day
		w.start(on("l", "A"))
		time.Sleep(time.Hour)
		w.stop()
		began := m.windows()[0].from.Add(day)
		time.Sleep(3 * day) // the collector is down
		w.start()
		time.Sleep(time.Hour)
		w.stop()
		wantRows(t, w.center.of("A", grid.Profile), began, 10*day, time.Now().Add(-half))
	})
}

func TestPollsAreNotLateForHistory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(100 * day) // so that the past lies in a plausible year
		slow := &readyMeter{history: true}
		slow.fail = func(_, _ time.Time) error { time.Sleep(2 * time.Second); return nil }
		w := build(t, map[grid.MeterID]meter.Device{"A": slow, "B": &readyMeter{}})
		w.cfg.HistoryDepth = 2 * day
		w.cfg.ReadTimeout = 5 * time.Minute
		a, b := on("l", "A"), on("l", "B")
		a.Every, b.Every = 10*time.Second, 10*time.Second
		w.start(a, b)
		time.Sleep(30 * time.Minute)
		w.stop()
		if s := w.c.Stats(); s.Missed > 0 || s.Polled < 358 {
			t.Errorf("%d slots missed, %d readings of 360", s.Missed, s.Polled)
		}
		began := slow.windows()[0].from.Add(day)
		wantRows(t, w.center.of("A", grid.Profile), began, 2*day, began)
	})
}

func TestMeterWithoutHistoryIsAskedForItOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(100 * day) // so that the past lies in a plausible year
		m := &readyMeter{}
		w := build(t, map[grid.MeterID]meter.Device{"A": m})
		w.cfg.HistoryDepth = day
		w.start(on("l", "A"))
		time.Sleep(6 * time.Hour)
		w.stop()
		if n := len(m.windows()); n != 1 {
			t.Errorf("asked %d times", n)
		}
	})
}

func TestRowsWhoseTimeCannotBeTrueAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(100 * day) // so that the past lies in a plausible year
		m := &dreamingMeter{}
		w := build(t, map[grid.MeterID]meter.Device{"A": m})
		w.cfg.HistoryDepth = day
		w.start(on("l", "A"))
		time.Sleep(10 * time.Minute)
		refused := w.c.Stats().Refused
		w.stop()
		rs := w.center.of("A", grid.Profile)
		if refused < 3 || len(rs) == 0 || len(rs) > int(refused)/3 {
			t.Errorf("%d refused, %d words; want one for a reading of three rows", refused, len(rs))
		}
		for _, r := range rs {
			if r.Missing != grid.ClockOff || !r.At.Equal(r.PolledAt) || !strings.Contains(r.Detail, "cannot be true: 3, the first of 30m0s ending at 1970-01-01T00:00:00Z") {
				t.Errorf("%+v, want clock-off at the time of the reading", r)
			}
		}
	})
}

func TestBackFillWaitsWhileTheSpoolIsBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(100 * day) // so that the past lies in a plausible year
		m := &readyMeter{history: true}
		w := build(t, map[grid.MeterID]meter.Device{"A": m})
		w.cfg.HistoryDepth, w.cfg.HistoryPause = 10*day, 100
		w.center.down = true
		w.start(on("l", "A"))
		time.Sleep(time.Hour)
		if n := w.c.Stats().Rows; n < 100 || n > 160 {
			t.Errorf("%d rows were read into a spool that nobody empties", n)
		}
		w.center.set(func(c *center) { c.down = false })
		w.c.HandleConnect()
		time.Sleep(time.Hour)
		w.stop()
		began := m.windows()[0].from.Add(day)
		wantRows(t, w.center.of("A", grid.Profile), began, 10*day, time.Now().Add(-half))
	})
}

func TestLedgerHoldsWhatArrivedAfterPauseAndDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(100 * day) // so that the past lies in a plausible year
		w := build(t, map[grid.MeterID]meter.Device{"A": &readyMeter{history: true}})
		w.cfg.HistoryDepth = 2 * day
		w.start(on("l", "A"))
		time.Sleep(time.Hour)
		if err := w.c.Pause(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := w.c.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		var ledger []grid.Key
		if err := w.c.Ledger(t.Context(), func(k grid.Key) error { ledger = append(ledger, k); return nil }); err != nil {
			t.Fatal(err)
		}
		w.stop()
		for _, k := range ledger {
			if _, there := w.center.got[k]; !there {
				t.Errorf("%v was committed and did not arrive", k)
			}
		}
		if len(ledger) != len(w.center.got) {
			t.Errorf("%d keys in the ledger, %d arrived", len(ledger), len(w.center.got))
		}
	})
}
