package collector_test

import (
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"phutai/grid"
	"phutai/internal/disktest"
	"phutai/meter"
)

// A removal that fails for lack of room is tried again: where nothing is polled,
// or nothing can be kept, no other watermark comes.
func TestWatermarkThatCameWhileTheDiskWasFullIsNotForgotten(t *testing.T) {
	disk := disktest.Small(t, 24)
	synctest.Test(t, func(t *testing.T) {
		w := build(t, map[grid.MeterID]meter.Device{"A": &readyMeter{}})
		w.cfg.Spool, w.cfg.ReserveMB = filepath.Join(disk.Dir, "spool.db"), 0
		w.center.down = true
		w.prefill(2000)
		w.start(on("l1", "A"))
		time.Sleep(time.Hour)
		if err := w.c.Pause(t.Context()); err != nil {
			t.Fatal(err)
		}
		disk.Fill()
		w.center.set(func(c *center) { c.down = false })
		w.c.HandleConnect()
		time.Sleep(time.Minute)
		if s := w.c.Stats(); s.Acked != s.LastSeq || s.Spool == 0 {
			t.Fatalf("the full disk did not keep the spool from forgetting: %+v", s)
		}
		disk.Free()
		w.drain()
		whole(t, w)
	})
}

func TestReadingsOfAFullDiskAreAccountedFor(t *testing.T) {
	disk := disktest.Small(t, 48)
	synctest.Test(t, func(t *testing.T) {
		m := &readyMeter{}
		w := build(t, map[grid.MeterID]meter.Device{"A": m})
		w.cfg.Spool = filepath.Join(disk.Dir, "spool.db")
		a := on("l1", "A")
		a.Every = time.Second
		w.start(a)
		time.Sleep(time.Minute)
		disk.Fill()
		time.Sleep(10 * time.Minute)
		if h := w.c.Health(); len(h) != 1 || !strings.Contains(h[0].En, "free at least 16 MB") || !strings.Contains(h[0].Vi, "ít nhất 16 MB") {
			t.Fatalf("health says %q", h)
		}
		w.stop() // what is owed by now stands on the disk
		w.start()
		time.Sleep(10 * time.Minute)
		disk.Free()
		time.Sleep(time.Minute)
		if h := w.c.Health(); len(h) != 0 {
			t.Errorf("with room again: %q", h)
		}
		w.drain()
		whole(t, w)
		gone, stones := given(t, w, "A")
		m.mu.Lock()
		defer m.mu.Unlock()
		if kept := len(w.center.of("A", grid.Instant)) - stones; kept+gone < m.polls || kept < 110 || gone < 1000 {
			t.Errorf("%d polls: %d kept and %d said to be gone", m.polls, kept, gone)
		}
	})
}
