package collector_test

import (
	"testing"
	"testing/synctest"
	"time"

	"phutai/grid"
	"phutai/meter"
)

// wantStay checks that the rows of p are those of the stay from since to until,
// and that there are some.
func wantStay(t *testing.T, w *works, p grid.PointID, since, until time.Time) {
	t.Helper()
	rows := w.center.of(p, grid.Profile)
	end := since.Add(half - 1).Truncate(half).Add(half) // of the first interval that began there
	for i := range rows {
		if !rows[i].At.Equal(end) {
			t.Fatalf("%s: row %d ends at %s, want %s for a stay since %s", p, i, rows[i].At, end, since)
		}
		end = end.Add(half)
	}
	if len(rows) == 0 || end.Before(until) {
		t.Errorf("%s: %d rows, until %s, want them until %s", p, len(rows), end, until)
	}
}

func TestExchangedMeterBringsNothingFromWhereItStoodBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(100 * day) // so that the past lies in a plausible year
		m := &readyMeter{history: true}
		w := build(t, map[grid.MeterID]meter.Device{"old": &readyMeter{}, "new": m})
		w.cfg.HistoryDepth = 10 * day
		old := on("l", "old")
		old.Point = "P"
		w.start(old)
		time.Sleep(time.Hour)
		next := on("l", "new")
		next.Point, next.Since = "P", time.Now().Add(-3*day-13*time.Minute).UTC()
		w.c.HandlePlan(w.plan(2, next))
		time.Sleep(time.Hour)
		w.stop()
		w.start() // the plan that was kept says the same
		time.Sleep(time.Hour)
		w.stop()
		wantStay(t, w, "P", next.Since, time.Now().Add(-half))
		for _, a := range m.windows() {
			if a.from.Before(next.Since) {
				t.Errorf("asked from %s, stands there since %s", a.from, next.Since)
			}
		}
	})
}

func TestMeterThatMovesIsReadForEachOfItsPlaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(100 * day) // so that the past lies in a plausible year
		m := &readyMeter{history: true}
		w := build(t, map[grid.MeterID]meter.Device{"M": m})
		w.cfg.HistoryDepth = 10 * day
		m.fail = func(from, _ time.Time) error { // so that there is a rest to read when it moves
			if time.Since(from) > 5*day {
				return reasoned{grid.NoAnswer, "silent"}
			}
			return nil
		}
		at := on("l", "M")
		at.Point, at.Since = "P1", time.Now().Add(-8*day).UTC()
		w.start(at)
		time.Sleep(2 * time.Hour)
		m.mu.Lock()
		m.fail = nil
		m.mu.Unlock()
		at.Point, at.Since = "P2", time.Now().Add(-2*day).UTC() // the register hears of it late
		w.c.HandlePlan(w.plan(2, at))
		time.Sleep(2 * time.Hour)
		w.stop()
		wantStay(t, w, "P2", at.Since, time.Now().Add(-half))

		w.start()
		at.Since = at.Since.Add(-day) // and then that it was still earlier
		w.c.HandlePlan(w.plan(3, at))
		time.Sleep(2 * time.Hour)
		w.stop()
		wantStay(t, w, "P2", at.Since, time.Now().Add(-half))
	})
}
