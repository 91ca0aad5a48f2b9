package app_test

import (
	"context"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"

	"phutai/db"
	"phutai/grid"
	"phutai/mqtt"
	"phutai/store"
)

// wire is a real broker with an ingester and its journal behind it.
type wire struct {
	testing.TB
	addr     string
	journal  *store.Journal
	ingester *store.Ingester
	center   *mqtt.CenterLink
}

var wireUsers = []mqtt.User{
	{Name: "center", Password: "center-secret"},
	{Name: "north", Password: "north-secret", Collector: "north"},
	{Name: "south", Password: "south-secret", Collector: "south"},
}

// known is a register that knows the points whose names begin with PD.
type known struct{}

func (known) Ratio(p grid.PointID, _ time.Time) (grid.Ratio, bool) {
	return grid.Ratio{CT: 120, VT: 1}, strings.HasPrefix(string(p), "PD")
}

// newWire starts all of it, with the settings that it has by default. It ends
// with the test.
func newWire(t testing.TB) *wire {
	t.Helper()
	dir, cfg := t.TempDir(), mqtt.DefaultBrokerConfig()
	cfg.Listen, cfg.Dir = "127.0.0.1:0", filepath.Join(dir, "broker")
	b, err := mqtt.StartBroker(cfg, wireUsers, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	file, err := db.Open(filepath.Join(dir, "journal.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	w := &wire{TB: t, addr: b.Addr()}
	if w.journal, err = store.OpenJournal(t.Context(), file, nil); err != nil {
		t.Fatal(err)
	}
	if w.center, err = mqtt.NewCenterLink(w.config("center"), nil); err != nil {
		t.Fatal(err)
	}
	w.ingester = store.NewIngester(store.DefaultConfig(), store.Parts{
		Journal: w.journal, Decode: mqtt.DecodeBatch, Ratios: known{}, Watermarks: w.center, Clock: grid.RealClock{},
	})
	w.center.OnReadings(func(ctx context.Context, from grid.CollectorID, payload []byte, ack func()) {
		_ = w.ingester.Offer(ctx, store.Message{Collector: from, Payload: payload, Ack: ack})
	})
	w.center.OnConnect(w.ingester.Announce)
	w.runs(w.ingester.Run)
	w.runs(w.center.Run)
	w.until("the center is connected", w.center.Connected)
	return w
}

func (w *wire) config(user string) mqtt.Config {
	c := mqtt.DefaultConfig()
	c.Address, c.User, c.Password = "tcp://"+w.addr, user, user+"-secret"
	return c
}

// link gives the link of a collector that has the name of its user.
func (w *wire) link(user string) *mqtt.CollectorLink {
	w.Helper()
	l, err := mqtt.NewCollectorLink(w.config(user), grid.CollectorID(user), nil)
	if err != nil {
		w.Fatal(err)
	}
	return l
}

// runs runs f until the test ends or the returned function is called.
func (w *wire) runs(f func(context.Context) error) (stop func()) {
	w.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			w.Error(err)
		}
	})
	w.Cleanup(stop)
	return stop
}

func (w *wire) until(what string, ok func() bool) {
	w.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			w.Fatalf("still not: %s", what)
		}
	}
}
