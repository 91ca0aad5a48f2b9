package app

import (
	"context"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/zap"

	"phutai/db"
	"phutai/grid"
	"phutai/mqtt"
	"phutai/store"
)

// ratioOne is a register in which every point is measured directly.
type ratioOne struct{}

func (ratioOne) Ratio(grid.PointID, time.Time) (grid.Ratio, bool) {
	return grid.Ratio{CT: 1, VT: 1}, true
}

// partOfCenter is the center's intake at a broker, and what it has heard.
type partOfCenter struct {
	*center
	heard chan message
}

// message is one of a collector, by its number.
type message struct {
	from grid.CollectorID
	seq  uint64
}

// newPartOfCenter takes in what comes, except from a collector that it leaves
// unanswered.
func newPartOfCenter(t *testing.T, file *db.DB, wire mqtt.Config, unanswered grid.CollectorID) *partOfCenter {
	t.Helper()
	journal, err := store.OpenJournal(t.Context(), file, nil)
	if err != nil {
		t.Fatal(err)
	}
	wire.User, wire.Password = centerUser, "center-secret"
	link, err := mqtt.NewCenterLink(wire, nil)
	if err != nil {
		t.Fatal(err)
	}
	cfg := store.DefaultConfig()
	cfg.Within = time.Hour // the group stays in hand until the end
	p := &partOfCenter{&center{journal: journal, link: link}, make(chan message, 100)}
	p.ingester = store.NewIngester(cfg, store.Parts{Journal: journal, Decode: mqtt.DecodeBatch, Ratios: ratioOne{}, Watermarks: link, Clock: grid.RealClock{}})
	link.OnReadings(func(ctx context.Context, from grid.CollectorID, payload []byte, ack func()) {
		if from != unanswered && p.ingester.Offer(ctx, store.Message{Collector: from, Payload: payload, Ack: ack}) != nil {
			return
		}
		b, err := mqtt.DecodeBatch(payload)
		if err != nil {
			t.Error(err)
		}
		p.heard <- message{from, b.FirstSeq}
	})
	return p
}

// during runs it while f works.
func (p *partOfCenter) during(t *testing.T, f func()) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- p.takeIn(ctx) }()
	f()
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func (p *partOfCenter) next(t *testing.T) message {
	t.Helper()
	select {
	case m := <-p.heard:
		return m
	case <-time.After(time.Minute):
		t.Fatal("nothing comes")
		return message{}
	}
}

// A message that was left unanswered is delivered again; one that came before it
// and was taken by the ingester is not, although nothing of it was committed when
// the stop was asked for.
func TestMessagesThatTheCenterHasTakenDoNotComeAgainAfterAStop(t *testing.T) {
	cfg := mqtt.DefaultBrokerConfig()
	cfg.Listen, cfg.Dir, cfg.AckWait = "127.0.0.1:0", t.TempDir(), 3*time.Second
	broker, err := mqtt.StartBroker(cfg, []mqtt.User{
		{Name: centerUser, Password: "center-secret"},
		{Name: "north", Password: "north-secret", Collector: "north"}, {Name: "south", Password: "south-secret", Collector: "south"},
	}, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	defer broker.Close()
	wire := mqtt.DefaultConfig()
	wire.Address = "tcp://" + broker.Addr()
	file, err := db.Open(filepath.Join(t.TempDir(), journalFile))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()

	var mark atomic.Uint64 // that the broker tells north
	links := map[grid.CollectorID]*mqtt.CollectorLink{}
	for _, id := range []grid.CollectorID{"north", "south"} {
		own := wire
		own.User, own.Password = string(id), string(id)+"-secret"
		link, err := mqtt.NewCollectorLink(own, id, nil)
		if err != nil {
			t.Fatal(err)
		}
		link.OnWatermark(func(w grid.Watermark) { mark.Store(w.Seq) })
		links[id] = link
	}
	publish := func(id grid.CollectorID, seq uint64) {
		t.Helper()
		at := time.Now().Add(-time.Duration(seq) * time.Minute)
		r := grid.Reading{Point: "P", Source: grid.Instant, At: at, PolledAt: at}
		r.Values.Set(grid.P, 1)
		for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
			err := links[id].PublishBatch(t.Context(), grid.Batch{Epoch: "e", FirstSeq: seq, Readings: []grid.Reading{r}})
			if err == nil {
				return
			}
			if time.Now().After(deadline) {
				t.Fatal(err)
			}
		}
	}
	talk, hush := context.WithCancel(t.Context())
	defer hush()
	talking := make(chan error, len(links))
	for _, l := range links {
		go func() { talking <- l.Run(talk) }()
	}

	const messages = 20
	first := newPartOfCenter(t, file, wire, "south")
	first.during(t, func() {
		for !first.link.Connected() { // the broker keeps messages for a session that it knows
			time.Sleep(10 * time.Millisecond)
		}
		for seq := range uint64(messages) {
			publish("north", seq+1)
		}
		publish("south", 1)
		// On a slow machine the broker may deliver some twice before all have come.
		for all := map[message]bool{}; len(all) < messages+1; {
			all[first.next(t)] = true
		}
		if n := first.journal.Count().Readings; n != 0 {
			t.Fatalf("%d readings are committed before the stop: the test shows nothing", n)
		}
	})
	if n := first.journal.Count().Readings; n != messages {
		t.Errorf("%d readings are committed at the stop, want %d", n, messages)
	}
	for deadline := time.Now().Add(time.Minute); mark.Load() != messages; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the broker tells the watermark %d, want %d", mark.Load(), messages)
		}
	}

	second := newPartOfCenter(t, file, wire, "")
	second.during(t, func() {
		for {
			m := second.next(t)
			if m.from == "south" {
				return
			}
			t.Errorf("message %d was taken and came again", m.seq)
		}
	})
	hush()
	for range links {
		if err := <-talking; err != nil {
			t.Error(err)
		}
	}
}
