package collector_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"phutai/collector"
	"phutai/grid"
	"phutai/meter"
)

// given counts what the tombstones at the center stand for. One that was sent
// before more was merged into it is covered by the next, which begins where it does.
func given(t *testing.T, w *works, p grid.PointID) (readings, stones int) {
	t.Helper()
	largest := map[string]int{}
	for _, r := range w.center.of(p, grid.Instant) {
		if r.Missing != grid.Late || !strings.HasPrefix(r.Detail, "readings given up") {
			continue
		}
		var n int
		var since string
		if _, err := fmt.Sscanf(r.Detail, "readings given up: %d, from %s", &n, &since); err != nil {
			t.Errorf("%q: %v", r.Detail, err)
		}
		_, why, _ := strings.Cut(r.Detail, "because")
		largest[since+why] = max(largest[since+why], n)
		stones++
	}
	for _, n := range largest {
		readings += n
	}
	return readings, stones
}

// whole checks that the center waits for nothing and the spool holds nothing.
func whole(t *testing.T, w *works) {
	t.Helper()
	w.center.mu.Lock()
	mark := w.center.mark()
	w.center.mu.Unlock()
	if s := w.c.Stats(); len(mark.Missing) != 0 || s.Spool != 0 || mark.Seq != s.LastSeq {
		t.Errorf("the center has %+v, the spool %d of %d", mark, s.Spool, s.LastSeq)
	}
}

// prefill puts readings of another point into the spool before the start.
func (w *works) prefill(n int) {
	w.t.Helper()
	s, err := collector.OpenSpool(w.t.Context(), w.cfg.Spool, collector.Bounds{}, true)
	if err == nil {
		err = errors.Join(s.Append(w.t.Context(), numbered(n)), s.Close())
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestReadingsOlderThanTheBoundArriveAsAWordThatTheyAreGone(t *testing.T) {
	for name, restart := range map[string]bool{"in one run": false, "with restarts": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := build(t, map[grid.MeterID]meter.Device{"A": &readyMeter{}, "B": &readyMeter{}})
				w.cfg.SpoolAge = day
				w.center.down = true
				a, b := on("l1", "A"), on("l2", "B")
				a.Every, b.Every = 10*time.Minute, 10*time.Minute
				w.start(a, b)
				for range 4 {
					time.Sleep(12 * time.Hour)
					if restart {
						w.stop()
						w.start()
					}
				}
				s := w.c.Stats()
				if s.Spool < 2*144 || s.Spool > 2*165 {
					t.Errorf("after two days the spool holds %d, want what one day brings", s.Spool)
				}
				w.center.set(func(c *center) { c.down = false })
				w.c.HandleConnect()
				w.drain()
				for _, p := range []grid.PointID{"A", "B"} {
					gone, stones := given(t, w, p)
					arrived := len(w.center.of(p, grid.Instant)) - stones
					if gone+arrived < 284 || gone+arrived > 300 || stones == 0 || stones > 2 {
						t.Errorf("%s: %d arrived, %d are said to be gone by %d words; want few words and 288 in all", p, arrived, gone, stones)
					}
				}
				whole(t, w)
			})
		})
	}
}

func TestFullSpoolKeepsOneWordAPointHoweverLongItLasts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := build(t, map[grid.MeterID]meter.Device{"A": &readyMeter{}, "B": &readyMeter{}})
		w.cfg.SpoolMax = 10_000
		w.center.mute = true // what is sent is never confirmed, so that words are on their way
		a, b := on("l1", "A"), on("l2", "B")
		a.Every, b.Every = time.Second, time.Second
		w.prefill(9_450)
		w.start(a, b)
		time.Sleep(time.Minute)
		before := w.c.Stats()
		for range 3 {
			time.Sleep(time.Minute)
			w.stop()
			w.start()
		}
		time.Sleep(time.Minute)
		if s := w.c.Stats(); s.Spool > 9_502+2 || s.LastSeq < before.LastSeq || s.Shed == 0 || len(w.c.Health()) != 1 {
			t.Errorf("full: %+v, before %+v, health %q", s, before, w.c.Health())
		}
		w.center.set(func(c *center) { c.mute = false })
		w.connect(0)
		w.drain()
		whole(t, w)
	})
}

func TestSpoolThatFillsUpIsToldInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := build(t, map[grid.MeterID]meter.Device{"A": &readyMeter{}})
		w.cfg.SpoolMax = 10_000
		w.center.mute = true
		a := on("l1", "A")
		a.Every = time.Second
		w.prefill(7_900)
		w.start(a)
		time.Sleep(50 * time.Second)
		if h := w.c.Health(); len(h) != 0 {
			t.Errorf("at 79 %%: %q", h)
		}
		time.Sleep(150 * time.Second)
		if h := w.c.Health(); len(h) != 1 || !strings.Contains(h[0].En, "81 % full") {
			t.Errorf("at 81 %%: %q", h)
		}
	})
}

func TestSpoolIsBoundedByItsBytesAndUsesFreedPagesAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "spool.db")
	s, err := collector.OpenSpool(t.Context(), path, collector.Bounds{Bytes: 2_000_000}, false)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	fill := func() (n int) {
		for ; s.Append(t.Context(), numbered(500)) == nil; n++ {
			if n > 1000 {
				t.Fatal("there is no bound")
			}
		}
		return n
	}
	n := fill()
	var largest int64
	for round := range 5 {
		if got := s.Bytes(); got < 2_000_000 || got > 2_200_000 {
			t.Fatalf("round %d: full at %d bytes, want 2,000,000 and little more", round, got)
		}
		epoch, last := s.Position()
		s.MarkSent(last)
		if _, err := s.Forget(t.Context(), grid.Watermark{Epoch: epoch, Seq: last}); err != nil {
			t.Fatal(err)
		}
		if s.Fill() > 0.2 {
			t.Fatalf("round %d: %.2f full although it is empty", round, s.Fill())
		}
		if again := fill(); again < n-2 || again > n+2 {
			t.Errorf("round %d: %d appends until full, %d at first", round, again, n)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if round == 0 {
			largest = info.Size()
		}
		if info.Size() > largest+200_000 {
			t.Errorf("round %d: the file has grown from %d to %d", round, largest, info.Size())
		}
	}
}
