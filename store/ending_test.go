package store_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"phutai/store"
)

// patient makes the ingester wait for more much longer than a test lasts.
func (c *center) patient() *center {
	cfg := store.DefaultConfig()
	cfg.Within, cfg.Queue = time.Hour, 4
	c.Ingester = store.NewIngester(cfg, store.Parts{Journal: c.Journal, Decode: decode, Ratios: register{}, Watermarks: c, Clock: stopped{}})
	return c
}

// one is a message with one reading of number seq.
func one(seq int) []byte {
	return wire{"e", uint64(seq), []string{"PD1"}, []int{-seq}, []float64{1}, nil}.payload()
}

func TestWhatHasBeenTakenIsFinishedAtTheEnd(t *testing.T) {
	c := newCenter(t).patient()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	// Many offer at once, more than the queue has room for, while the end comes.
	var taken, acked atomic.Int64
	var offering sync.WaitGroup
	for n := range 8 {
		offering.Go(func() {
			for k := 1; ; k++ {
				m := store.Message{Collector: "c1", Payload: one(n*1000 + k), Ack: func() { acked.Add(1) }}
				if c.Offer(t.Context(), m) != nil {
					return
				}
				if taken.Add(1) == 100 {
					stop()
				}
			}
		})
	}
	offering.Wait()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if n := taken.Load(); acked.Load() != n || c.Count().Readings != n || n < 100 {
		t.Errorf("%d messages were taken, %d acknowledged, %d stored", n, acked.Load(), c.Count().Readings)
	}
	if got, want := c.newest(), c.Watermarks()["c1"]; got.Seq != want.Seq || got.Seq == 0 {
		t.Errorf("announced is %d, committed %d", got.Seq, want.Seq)
	}
	if err := c.Offer(t.Context(), store.Message{Collector: "c1", Payload: one(9000)}); err == nil {
		t.Error("a message was taken that nobody will commit")
	}
	c.during(func(ctx context.Context) { // and after a new start one is taken again
		for c.Offer(ctx, store.Message{Collector: "c1", Payload: one(9000)}) != nil && ctx.Err() == nil {
		}
	})
	if got := c.Watermarks()["c1"].Seq; got != 9000 {
		t.Errorf("the watermark is %d, want 9000", got)
	}
}

func TestEndDoesNotWaitForAFileThatCannotBeWritten(t *testing.T) {
	c := newCenter(t).patient()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	acked := false
	if err := c.Offer(ctx, store.Message{Collector: "c1", Payload: one(1), Ack: func() { acked = true }}); err != nil {
		t.Fatal(err)
	}
	if err := c.db.Close(); err != nil {
		t.Fatal(err)
	}
	stop()
	select {
	case err := <-ended:
		if err != nil || acked {
			t.Errorf("acknowledged %v although nothing was committed (%v)", acked, err)
		}
	case <-time.After(time.Minute):
		t.Fatal("the ingester does not end")
	}
}
