package collector_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"phutai/grid"
	"phutai/meter"
)

// arrived checks that all that was ever committed is at the center.
func arrived(t *testing.T, w *works) {
	t.Helper()
	n := 0
	err := w.c.Ledger(t.Context(), func(k grid.Key) error {
		n++
		w.center.mu.Lock()
		defer w.center.mu.Unlock()
		if _, ok := w.center.got[k]; !ok {
			return errors.New(k.At.String() + " was lost")
		}
		return nil
	})
	if err != nil || n == 0 {
		t.Errorf("%d committed, %v", n, err)
	}
}

func busy() map[grid.MeterID]meter.Device {
	return map[grid.MeterID]meter.Device{"A": &readyMeter{}, "B": &readyMeter{}, "C": &stuckMeter{}}
}

func quick(w *works) []grid.Meter {
	w.cfg.TurnTimeout = time.Second
	meters := []grid.Meter{on("l1", "A"), on("l2", "B"), on("l3", "C")}
	for i := range meters {
		meters[i].Every = 5 * time.Second
	}
	return meters
}

func TestMessagesThatAreLostOnTheWayAreSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := build(t, busy())
		n := 0
		w.center.lose = func(grid.Batch) bool { n++; return n%3 != 0 }
		w.start(quick(w)...)
		time.Sleep(10 * time.Minute)
		if err := w.c.Pause(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := w.c.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		arrived(t, w)
	})
}

func TestPollingGoesOnWithoutABrokerAndNothingIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := build(t, busy())
		w.center.down = true
		w.start(quick(w)...)
		time.Sleep(10 * time.Minute)
		s := w.c.Stats()
		if s.Polled < 238 || s.Spool != s.Polled+s.Absent || len(w.c.Health()) != 1 {
			t.Errorf("without a broker: %+v, health %q", s, w.c.Health())
		}
		w.stop() // and the machine restarts
		w.start()
		w.center.set(func(c *center) { c.down = false })
		w.c.HandleConnect()
		if err := w.c.Pause(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := w.c.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		arrived(t, w)
		if len(w.c.Health()) != 0 {
			t.Errorf("health with a broker: %q", w.c.Health())
		}
	})
}

func TestCenterThatIsSilentIsSentTheSameAgainButLessAndLess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := build(t, busy())
		w.center.mute = true
		w.start(quick(w)...)
		time.Sleep(time.Minute)
		if err := w.c.Pause(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Hour)
		s := w.c.Stats()
		if s.Resent < 3 || s.Resent > 20 || s.Spool == 0 {
			t.Errorf("sent again %d times in two hours, %d in the spool", s.Resent, s.Spool)
		}
		w.center.set(func(c *center) { c.mute = false })
		w.c.HandleWatermark(w.center.mark())
		if err := w.c.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		arrived(t, w)
	})
}

func TestSendingDoesNotRunFarAheadOfTheWatermark(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(100 * day)
		w := build(t, map[grid.MeterID]meter.Device{"A": &readyMeter{history: true}})
		w.cfg.HistoryDepth, w.cfg.InFlight = 60*day, 500
		w.center.mute = true
		w.start(on("l", "A"))
		time.Sleep(10 * time.Minute)
		w.center.mu.Lock()
		defer w.center.mu.Unlock()
		if sent := w.center.mark().Seq; sent != 500 {
			t.Errorf("%d readings were sent ahead, want 500", sent)
		}
	})
}

func TestWatermarkOfAnotherSpoolChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := build(t, busy())
		w.center.down = true
		w.start(quick(w)...)
		time.Sleep(time.Minute)
		before := w.c.Stats()
		w.c.HandleWatermark(grid.Watermark{Epoch: "of a disk that was replaced", Seq: 1_000_000})
		synctest.Wait()
		if after := w.c.Stats(); after.Spool < before.Spool || after.Epoch != before.Epoch {
			t.Errorf("before %+v, after %+v", before, after)
		}
	})
}

func TestSpoolPutBackFromABackupLosesNothingNew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := build(t, busy())
		w.start(quick(w)...)
		time.Sleep(time.Minute)
		w.stop()
		old, err := os.ReadFile(w.cfg.Spool)
		if err != nil {
			t.Fatal(err)
		}
		w.start()
		time.Sleep(time.Minute)
		w.stop()
		if err := os.WriteFile(w.cfg.Spool, old, 0o600); err != nil {
			t.Fatal(err)
		}
		w.start()
		w.center.set(func(c *center) { c.down = true })
		time.Sleep(2 * time.Second)
		w.c.HandleWatermark(w.center.mark()) // the retained one
		time.Sleep(time.Minute)
		w.center.set(func(c *center) { c.down = false })
		time.Sleep(time.Minute)
		if err := w.c.Pause(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := w.c.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		arrived(t, w)
		if len(w.center.epochs) != 2 {
			t.Errorf("epochs %v, want a second one", w.center.epochs)
		}
	})
}

func TestFullSpoolLeavesAWordAndPollingGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := build(t, map[grid.MeterID]meter.Device{"A": &readyMeter{}, "B": &readyMeter{}})
		w.cfg.SpoolMax = 10_000
		w.center.down = true
		a, b := on("l1", "A"), on("l2", "B")
		a.Every, b.Every = time.Second, time.Second
		w.prefill(9_000)
		w.start(a, b)
		time.Sleep(10 * time.Minute)
		s := w.c.Stats()
		if s.Shed < 500 || s.Spool > 9_502+2 || len(w.c.Health()) != 2 {
			t.Errorf("full: %+v, health %q", s, w.c.Health())
		}
		w.center.set(func(c *center) { c.down = false })
		w.c.HandleConnect()
		time.Sleep(5 * time.Minute)
		if len(w.c.Health()) != 0 {
			t.Errorf("afterwards: %q", w.c.Health())
		}
		w.stop()
		words := 0
		for _, r := range w.center.of("A", grid.Instant) {
			if r.Missing == grid.Late && r.Detail != "" {
				words++
			}
		}
		if words == 0 {
			t.Error("nothing tells that readings were left out")
		}
	})
}

func TestKeptPlanIsNotOverwrittenByAnothersPlan(t *testing.T) {
	w := build(t, busy())
	w.cfg.Spool = filepath.Join(t.TempDir(), "x.db")
	w.open()
	w.c.HandlePlan(w.plan(3, on("l", "A")))
	w.c.HandlePlan(grid.Plan{Collector: "other", Version: 9})
	if err := w.c.Close(); err != nil {
		t.Fatal(err)
	}
	w.open()
	defer func() { _ = w.c.Close() }()
	if s := w.c.Stats(); s.PlanVersion != 3 || s.Meters != 1 {
		t.Errorf("after a restart: %+v", s)
	}
}
