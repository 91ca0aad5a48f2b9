package collector_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"

	"phutai/collector"
	"phutai/grid"
	"phutai/meter"
	"phutai/mqtt"
)

// background runs f until the test ends or the returned function is called.
func background(t *testing.T, f func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run ended with %v", err)
		}
	})
	t.Cleanup(stop)
	return stop
}

// wire is a real broker with a collector and a center on real sockets.
type wire struct {
	t     *testing.T
	log   *zap.Logger
	users []mqtt.User
	addr  string
	keep  *center
}

func (w *wire) broker(listen, dir string) *mqtt.Broker {
	w.t.Helper()
	cfg := mqtt.DefaultBrokerConfig()
	cfg.Listen, cfg.Dir = listen, dir
	b, err := mqtt.StartBroker(cfg, w.users, w.log)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(b.Close)
	w.addr = b.Addr()
	return b
}

func (w *wire) config(user int) mqtt.Config {
	c := mqtt.DefaultConfig()
	c.Address, c.User, c.Password = "tcp://"+w.addr, w.users[user].Name, w.users[user].Password
	return c
}

// center starts a center that keeps what arrives and then acknowledges it.
func (w *wire) center() (stop func()) {
	w.t.Helper()
	link, err := mqtt.NewCenterLink(w.config(0), w.log)
	if err != nil {
		w.t.Fatal(err)
	}
	link.OnReadings(func(ctx context.Context, from grid.CollectorID, payload []byte, ack func()) {
		b, err := mqtt.DecodeBatch(payload)
		if err != nil {
			w.t.Error(err)
			return
		}
		w.keep.mu.Lock()
		w.keep.take(b)
		mark := w.keep.mark()
		w.keep.mu.Unlock()
		ack()
		if err := link.PublishWatermark(ctx, from, mark); err != nil && ctx.Err() == nil && !errors.Is(err, context.Canceled) {
			w.log.Info("watermark not sent", zap.Error(err))
		}
	})
	return background(w.t, link.Run)
}

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("still not: %s", what)
		}
	}
}

func TestNothingIsLostWhenBrokerAndCenterAreKilledAndReplaced(t *testing.T) {
	dir := t.TempDir()
	log := zaptest.NewLogger(t, zaptest.Level(zap.InfoLevel))
	w := &wire{t: t, log: log, keep: newCenter(), users: []mqtt.User{
		{Name: "center", Password: mqtt.NewPassword()}, {Name: "main", Password: mqtt.NewPassword(), Collector: "main"},
	}}
	b := w.broker("127.0.0.1:0", filepath.Join(dir, "first"))
	stopCenter := w.center()

	link, err := mqtt.NewCollectorLink(w.config(1), "main", log)
	if err != nil {
		t.Fatal(err)
	}
	cfg := collector.DefaultConfig()
	cfg.Spool, cfg.Ledger, cfg.Every, cfg.ResendAfter = filepath.Join(dir, "spool.db"), true, time.Second, time.Second
	out := &field{meters: map[grid.MeterID]meter.Device{"A": &readyMeter{}, "B": &readyMeter{}},
		opened: map[string]int{}, closed: map[string]int{}}
	clock := grid.NewScaledClock(time.Now(), 20)
	c, err := collector.Open(t.Context(), cfg, collector.Parts{Clock: clock, Lines: out, Uplink: link, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	link.OnPlan(c.HandlePlan)
	link.OnWatermark(c.HandleWatermark)
	link.OnConnect(c.HandleConnect)
	background(t, link.Run)
	stopCollector := background(t, c.Run)
	c.HandlePlan(grid.Plan{Collector: "main", Version: 1, Meters: []grid.Meter{on("l1", "A"), on("l2", "B")}})

	polled := func(n uint64) func() bool {
		from := c.Stats().Polled
		return func() bool { return c.Stats().Polled >= from+n }
	}
	acked := func() func() bool {
		from := c.Stats().Acked
		return func() bool { return c.Stats().Acked > from }
	}
	until(t, "the center has some", acked())
	b.Close()
	until(t, "polling goes on without a broker", polled(20))
	b = w.broker(w.addr, filepath.Join(dir, "second")) // an empty one
	until(t, "it flows again", acked())
	stopCenter()
	until(t, "polling goes on without a center", polled(20))
	stopCenter = w.center()
	until(t, "it flows once more", acked())
	b.Close()
	w.broker(w.addr, filepath.Join(dir, "second")) // the same one, restarted
	until(t, "it flows to the end", acked())

	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	if err := c.Pause(ctx); err != nil {
		t.Fatal(err)
	}
	if err := c.Drain(ctx); err != nil {
		t.Fatal(err)
	}
	arrived(t, &works{c: c, center: w.keep})
	stopCollector()
	stopCenter()
	// On a slow machine a turn lasts beyond the next slot, which is stated.
	if n, s := len(w.keep.got), c.Stats(); uint64(n) != s.Polled+s.Absent {
		t.Errorf("%d readings arrived; %d were polled and %d absences stated", n, s.Polled, s.Absent)
	}
}
