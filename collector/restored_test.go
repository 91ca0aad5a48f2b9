package collector_test

import (
	"context"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"phutai/grid"
)

// restored gives works whose spool file is older than what the center has seen
// of it, and which have no uplink yet.
func restored(t *testing.T) *works {
	t.Helper()
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
	w.center.set(func(c *center) { c.down = true })
	return w
}

// connect brings the uplink and, after a while, the retained watermark.
func (w *works) connect(after time.Duration) {
	w.center.set(func(c *center) { c.down = false })
	w.c.HandleConnect()
	time.Sleep(after)
	w.center.mu.Lock()
	mark := w.center.mark()
	w.center.mu.Unlock()
	w.c.HandleWatermark(mark)
}

func (w *works) drain() {
	w.t.Helper()
	if err := w.c.Pause(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Hour)
	defer cancel()
	if err := w.c.Drain(ctx); err != nil {
		w.t.Fatal(err)
	}
}

func TestRestoredSpoolThatPolledPastTheCentersMarkLosesNothing(t *testing.T) {
	for name, c := range map[string]struct{ restart, late bool }{
		"word comes at once":        {},
		"restarted before the word": {restart: true},
		"word comes a little late":  {late: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := restored(t)
				w.center.mu.Lock()
				mark := w.center.mark()
				w.center.mu.Unlock()
				w.start()
				time.Sleep(5 * time.Minute)
				if c.restart {
					w.stop()
					w.start()
					time.Sleep(time.Minute)
				}
				if s := w.c.Stats(); s.LastSeq <= mark.Seq {
					t.Fatalf("polled up to %d, the center's mark is %d", s.LastSeq, mark.Seq)
				}
				// What is sent before the word is known would be taken for known.
				w.center.set(func(k *center) { k.lose = func(b grid.Batch) bool { return b.Epoch == mark.Epoch } })
				if c.late {
					w.connect(time.Second)
				} else {
					w.connect(0)
				}
				w.drain()
				arrived(t, w)
				if len(w.center.epochs) != 2 {
					t.Errorf("epochs %v, want a second one", w.center.epochs)
				}
			})
		})
	}
}

func TestRestartBeforeTheWatermarkKeepsTheEpoch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := build(t, busy())
		w.center.mute = true
		w.start(quick(w)...)
		time.Sleep(time.Minute)
		w.stop()
		w.start()
		w.connect(0) // the center has what was sent before the restart
		w.center.set(func(c *center) { c.mute = false })
		time.Sleep(time.Minute)
		w.drain()
		arrived(t, w)
		if len(w.center.epochs) != 1 || w.c.Stats().Resent > 1 {
			t.Errorf("epochs %v, sent again %d times", w.center.epochs, w.c.Stats().Resent)
		}
	})
}

func TestSpoolKnowsAfterReopeningWhatWasSentFromIt(t *testing.T) {
	path := t.TempDir() + "/spool.db"
	s := openSpool(t, path, 1000)
	appendAll(t, s, numbered(10))
	if s.Sent() != 0 {
		t.Errorf("%d sent at first", s.Sent())
	}
	s.MarkSent(6)
	s.MarkSent(4)
	reopen := func() {
		t.Helper()
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = openSpool(t, path, 1000)
	}
	if reopen(); s.Sent() != 6 {
		t.Errorf("%d sent, want 6", s.Sent())
	}
	if err := s.Renew(t.Context()); err != nil {
		t.Fatal(err)
	}
	if reopen(); s.Sent() != 0 {
		t.Errorf("%d sent under the new epoch", s.Sent())
	}
}

// The center's journal was put back from a backup, or is a new one: it lacks what
// the spool has long forgotten, and must not wait for it for ever.
func TestCenterThatForgotIsToldThatNothingIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := build(t, busy())
		w.start(quick(w)...)
		time.Sleep(time.Minute)
		w.center.set(func(c *center) { clear(c.seen) })
		time.Sleep(time.Minute)
		w.center.mu.Lock()
		mark := w.center.mark()
		w.center.mu.Unlock()
		if len(mark.Missing) > 0 || mark.Seq == 0 {
			t.Errorf("the center waits for %v below %d", mark.Missing, mark.Seq)
		}
		w.drain()
		arrived(t, w)
		w.stop()
	})
}
