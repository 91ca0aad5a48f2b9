package collector_test

import (
	"testing"
	"testing/synctest"
	"time"

	"phutai/grid"
	"phutai/meter"
)

func TestTurnsThatAreUnderWayAreEndedBeforeTheStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := &readyMeter{delay: 500 * time.Millisecond}
		w := build(t, map[grid.MeterID]meter.Device{"A": slow, "B": &stuckMeter{}})
		a, b := on("l1", "A"), on("l2", "B")
		a.Every, b.Every = time.Minute, time.Minute
		w.cfg.Spread = 0
		w.start(a, b)
		time.Sleep(time.Until(time.Now().Truncate(time.Minute).Add(time.Minute + 100*time.Millisecond))) // amid a turn
		began := time.Now()
		w.stop()
		if took := time.Since(began); took >= time.Second {
			t.Errorf("the stop took %s", took)
		}
		slow.mu.Lock()
		polls := slow.polls
		slow.mu.Unlock()
		w.start()
		w.drain()
		if n := len(w.center.of("A", grid.Instant)); polls != 1 || n != 1 {
			t.Errorf("%d polls of A, %d readings", polls, n)
		}
		for _, r := range w.center.of("B", grid.Instant) { // cut short: whether it would have answered nobody knows
			if r.Missing == grid.NoReason || r.At.Before(began) {
				t.Errorf("of the meter that did not answer: %+v", r)
			}
		}
	})
}
