package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/grid"
	"phutai/store"
	"phutai/store/storetest"
)

// center is an ingester with the world around it.
type center struct {
	t *testing.T
	*file
	*store.Ingester
	mu     sync.Mutex
	marks  []grid.Watermark
	deaf   int // publications that still fail
	events chan struct{}
}

// register knows the ratios of the points whose names begin with PD.
type register struct{}

func (register) Ratio(p grid.PointID, at time.Time) (grid.Ratio, bool) {
	if p == "PDX" && at.Before(exchange) { // its transformers were smaller
		return grid.Ratio{CT: 40, VT: 1}, true
	}
	return grid.Ratio{CT: 120, VT: 1}, strings.HasPrefix(string(p), "PD")
}

// exchange is when the current transformers of PDX are changed.
var exchange = storetest.Noon.Add(30 * time.Minute)

// stopped is a clock that shows one hour after storetest.Noon.
type stopped struct{ grid.RealClock }

func (stopped) Now() time.Time { return storetest.Noon.Add(time.Hour) }

func (c *center) PublishWatermark(_ context.Context, _ grid.CollectorID, w grid.Watermark) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.deaf > 0 {
		c.deaf--
		return errors.New("not connected")
	}
	c.marks = append(c.marks, w)
	c.events <- struct{}{}
	return nil
}

func (c *center) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.marks = nil
}

func (c *center) newest() grid.Watermark {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.marks) == 0 {
		return grid.Watermark{}
	}
	return c.marks[len(c.marks)-1]
}

// wire is the payload of these tests.
type wire struct {
	Epoch    string
	FirstSeq uint64
	Points   []string
	Minutes  []int
	KW       []float64
	Void     [][2]uint64
}

func decode(b []byte) (grid.Batch, error) {
	var w wire
	if err := json.Unmarshal(b, &w); err != nil {
		return grid.Batch{}, err
	}
	out := grid.Batch{Epoch: w.Epoch, FirstSeq: w.FirstSeq, Void: w.Void}
	var bad faults
	for i, p := range w.Points {
		r := storetest.Reading(grid.PointID(p), w.Minutes[i], w.KW[i])
		r.Ratio = 0
		if w.KW[i] == -666 {
			r.Values.Set(grid.P, math.NaN())
		}
		if w.KW[i] == -404 {
			r = storetest.Absence(r.Point, w.Minutes[i], grid.NoAnswer)
		}
		out.Readings = append(out.Readings, r)
		if w.KW[i] == -13 {
			bad = append(bad, i)
		}
	}
	if len(bad) > 0 {
		return out, bad
	}
	return out, nil
}

// faults are the places of readings that cannot be decoded.
type faults []int

func (faults) Error() string { return "some readings are garbled" }

func (f faults) Fault(i int) string {
	if slices.Contains(f, i) {
		return "garbled"
	}
	return ""
}

func (w wire) payload() []byte {
	b, err := json.Marshal(w)
	if err != nil {
		panic(err)
	}
	return b
}

func newCenter(t *testing.T) *center {
	c := &center{t: t, file: newFile(t), events: make(chan struct{}, 1000)}
	c.renew()
	return c
}

// renew makes a new ingester on the journal as it is.
func (c *center) renew() {
	c.Ingester = store.NewIngester(store.DefaultConfig(), store.Parts{
		Journal: c.Journal, Decode: decode, Ratios: register{}, Watermarks: c, Clock: stopped{},
	})
}

// during runs the ingester while f works.
func (c *center) during(f func(ctx context.Context)) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 20*time.Second)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	f(ctx)
	cancel()
	if err := <-ended; err != nil {
		c.t.Error(err)
	}
}

// send offers payloads and waits until all are acknowledged and announced.
func (c *center) send(ctx context.Context, payloads ...[]byte) {
	c.t.Helper()
	var acked sync.WaitGroup
	for _, p := range payloads {
		acked.Add(1)
		if err := c.Offer(ctx, store.Message{Collector: "c1", Payload: p, Ack: acked.Done}); err != nil {
			c.t.Fatal(err)
		}
	}
	acked.Wait()
}

func (c *center) until(ctx context.Context, what string, ok func() bool) {
	c.t.Helper()
	for !ok() {
		select {
		case <-c.events:
		case <-ctx.Done():
			c.t.Fatalf("waited in vain for %s", what)
		}
	}
}

func TestValuesBecomePrimaryAndTheWatermarkFollows(t *testing.T) {
	c := newCenter(t)
	c.during(func(ctx context.Context) {
		c.send(ctx, wire{"e", 1, []string{"PD1", "PD2"}, []int{0, 1}, []float64{0.5, -0.25}, nil}.payload())
		c.until(ctx, "the watermark", func() bool { return c.newest().Seq == 2 })
	})
	for point, want := range map[grid.PointID]float64{"PD1": 60, "PD2": -30} {
		r, _ := c.LatestOf(point, grid.Instant)
		if p, _ := r.Values.Get(grid.P); p != want || r.Ratio != 120 {
			t.Errorf("%s carries %v kW by ratio %v, want %v", point, p, r.Ratio, want)
		}
	}
	want := store.Stats{Messages: 1, Readings: 2, Stored: 2, Commits: 1}
	if diff := cmp.Diff(want, c.Stats()); diff != "" {
		t.Errorf("stats (-want +got):\n%s", diff)
	}
}

func TestCrashBetweenCommitAndAckChangesNothing(t *testing.T) {
	c := newCenter(t)
	batch := wire{"e", 1, []string{"PD1", "nobody", "PD1"}, []int{0, 1, 2}, []float64{1, 2, -404}, nil}.payload()
	for range 3 {
		c.during(func(ctx context.Context) { c.send(ctx, batch) })
		feed := c.number("SELECT count(*) FROM commit_log")
		if got := c.Count(); got != (store.Counts{Readings: 1, Absences: 1, DeadLetters: 1}) || feed != 1 {
			t.Errorf("the journal holds %+v and %d commits in its feed", got, feed)
		}
		c.reopen()
		c.renew()
	}
	if got := c.Watermarks()["c1"]; got.Seq != 3 || len(got.Missing) != 0 {
		t.Errorf("watermark %+v", got)
	}
}

func TestWhatCannotBeStoredGoesToTheDeadLettersAndIsAcknowledged(t *testing.T) {
	tests := []struct {
		name    string
		payload []byte
		reason  string
		detail  string
		seq     uint64
	}{
		{"no JSON", []byte("{"), "poison", "payload cannot be decoded", 0},
		{"no sequence number", wire{"e", 0, []string{"PD1"}, []int{0}, []float64{1}, nil}.payload(), "poison", "count from 1", 0},
		{"unknown point", wire{"e", 1, []string{"X"}, []int{0}, []float64{1}, nil}.payload(), "no-ratio", "add the point", 1},
		{"future", wire{"e", 2, []string{"PD1"}, []int{71}, []float64{1}, nil}.payload(), "clock-off", "set the clock", 2},
		{"no number", wire{"e", 3, []string{"PD1"}, []int{0}, []float64{-666}, nil}.payload(), "out-of-range", "NaN", 3},
		{"before 2000", wire{"e", 4, []string{"PD1"}, []int{-60 * 24 * 366 * 30}, []float64{1}, nil}.payload(), "out-of-range", "outside 2000", 4},
		{"too large", wire{"e", 5, []string{"PD1"}, []int{0}, []float64{1e15}, nil}.payload(), "out-of-range", "p is", 5},
	}
	c := newCenter(t)
	for i, test := range tests {
		c.during(func(ctx context.Context) { c.send(ctx, test.payload) })
		letters := c.letters()
		if len(letters) != i+1 {
			t.Fatalf("%s: %d dead letters, want %d", test.name, len(letters), i+1)
		}
		d := letters[i]
		if d.Reason != test.reason || !strings.Contains(d.Detail, test.detail) || d.Collector != "c1" || len(d.Payload) == 0 {
			t.Errorf("%s: got %s: %s (%s)", test.name, d.Reason, d.Detail, d.Payload)
		}
		if got := c.Watermarks()["c1"].Seq; got != test.seq {
			t.Errorf("%s: watermark %d, want %d", test.name, got, test.seq)
		}
		c.renew()
	}
	if n := c.Count().Readings; n != 0 {
		t.Errorf("%d readings were stored", n)
	}
}

func TestGarbledReadingDoesNotHoldUpTheOthersOfItsMessage(t *testing.T) {
	c := newCenter(t)
	c.during(func(ctx context.Context) {
		c.send(ctx, wire{"e", 1, []string{"PD1", "PD2", "PD3"}, []int{0, 0, 0}, []float64{1, -13, 3}, nil}.payload())
	})
	if n := c.Count().Readings; n != 2 {
		t.Errorf("%d readings were stored, want the 2 sound ones", n)
	}
	if l := c.letters(); len(l) != 1 || l[0].Reason != "poison" || l[0].Detail != "garbled" {
		t.Errorf("dead letters: %+v", l)
	}
	if w := c.Watermarks()["c1"]; w.Seq != 3 || len(w.Missing) != 0 {
		t.Errorf("watermark %+v, want all three done", w)
	}
}

func TestNewestAllowedTimeIsTaken(t *testing.T) {
	c := newCenter(t)
	c.during(func(ctx context.Context) {
		c.send(ctx, wire{"e", 1, []string{"PD1"}, []int{70}, []float64{1}, nil}.payload())
	})
	if got := c.Count(); got.Readings != 1 {
		t.Errorf("got %+v", got)
	}
}

func TestFullDiskHoldsMessagesUntilThereIsRoom(t *testing.T) {
	c := newCenter(t)
	var pages int
	if err := c.db.Write.QueryRow("PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	limit := func(n int) {
		if _, err := c.db.Write.Exec(fmt.Sprintf("PRAGMA max_page_count = %d", n)); err != nil {
			t.Fatal(err)
		}
	}
	limit(pages)
	big := wire{Epoch: "e", FirstSeq: 1}
	for i := range 2000 {
		big.Points, big.Minutes, big.KW = append(big.Points, "PD1"), append(big.Minutes, -i), append(big.KW, 1)
	}
	c.during(func(ctx context.Context) {
		var acked atomic.Bool
		if err := c.Offer(ctx, store.Message{Collector: "c1", Payload: big.payload(), Ack: func() { acked.Store(true); c.events <- struct{}{} }}); err != nil {
			t.Fatal(err)
		}
		for len(c.Health()) == 0 {
			if ctx.Err() != nil {
				t.Fatal("the full disk was not told")
			}
			time.Sleep(time.Millisecond) // a real file: there is nothing to wait on
		}
		if h := c.Health()[0]; !strings.Contains(h.En, "full") || !strings.Contains(h.Vi, "đầy") || h.Since != (stopped{}).Now() {
			t.Errorf("health says %+v", h)
		}
		if acked.Load() || c.Count().Readings != 0 {
			t.Error("a message was acknowledged that is not stored")
		}
		limit(1 << 20)
		c.until(ctx, "the acknowledgement", acked.Load)
	})
	if h := c.Health(); len(h) != 0 || c.Count().Readings != 2000 {
		t.Errorf("health %+v with %d readings", h, c.Count().Readings)
	}
}

func TestTheWatermarkCoversWhatASpoolHasGivenUp(t *testing.T) {
	c := newCenter(t)
	c.during(func(ctx context.Context) {
		c.send(ctx, wire{"e", 9, []string{"PD1"}, []int{0}, []float64{1}, [][2]uint64{{1, 8}}}.payload())
		c.until(ctx, "the watermark", func() bool { w := c.newest(); return w.Seq == 9 && len(w.Missing) == 0 })
	})
}

func TestWatermarkIsPublishedAgainUntilItIsOut(t *testing.T) {
	c := newCenter(t)
	c.deaf = 1
	c.during(func(ctx context.Context) {
		c.send(ctx, wire{"e", 1, []string{"PD1"}, []int{0}, []float64{1}, nil}.payload())
		c.until(ctx, "the watermark", func() bool { return c.newest().Seq == 1 })
	})
}

func TestWatermarksAreAnnouncedAtTheStartAndOnDemand(t *testing.T) {
	c := newCenter(t)
	c.during(func(ctx context.Context) {
		c.send(ctx, wire{"e", 4, []string{"PD1"}, []int{0}, []float64{1}, nil}.payload())
		c.until(ctx, "the watermark", func() bool { return c.newest().Seq == 4 })
	})
	c.reopen()
	c.renew()
	want := grid.Watermark{Epoch: "e", Seq: 4, Missing: [][2]uint64{{1, 3}}}
	c.during(func(ctx context.Context) {
		for range 2 {
			c.forget()
			c.Announce()
			c.until(ctx, "the announcement", func() bool { return c.newest().Seq == 4 })
			if diff := cmp.Diff(want, c.newest()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		}
	})
}

func TestFullQueueBlocksUntilTheCallerGivesUp(t *testing.T) {
	c := newCenter(t)
	ctx, cancel := context.WithCancel(t.Context())
	for range store.DefaultConfig().Queue {
		if err := c.Offer(ctx, store.Message{}); err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	if err := c.Offer(ctx, store.Message{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestConfigurationNamesItsProblems(t *testing.T) {
	if got := store.DefaultConfig().Validate(); len(got) != 0 {
		t.Errorf("the default has problems: %v", got)
	}
	var fields []string
	for _, p := range (store.Config{}).Validate() {
		fields = append(fields, p.Field)
	}
	if diff := cmp.Diff([]string{"batch", "queue", "ahead"}, fields); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestProfileRowHasTheRatioOfTheStartOfItsInterval(t *testing.T) {
	row := func(minutes int, source grid.Source, interval time.Duration) grid.Reading {
		r := storetest.Reading("PDX", minutes, 1)
		r.Source, r.Interval, r.Ratio = source, interval, 0
		return r
	}
	rows := []grid.Reading{
		row(30, grid.Profile, 30*time.Minute), row(45, grid.Profile, 0), row(60, grid.Profile, 30*time.Minute), row(30, grid.Instant, 0), row(29, grid.Instant, 0),
	}
	rows[1].At = exchange.Add(-time.Hour) // its interval is not known
	c := newCenter(t)
	c.Ingester = store.NewIngester(store.DefaultConfig(), store.Parts{
		Journal: c.Journal, Ratios: register{}, Watermarks: c, Clock: stopped{},
		Decode: func([]byte) (grid.Batch, error) {
			return grid.Batch{Epoch: "e", FirstSeq: 1, Readings: rows}, nil
		},
	})
	c.during(func(ctx context.Context) { c.send(ctx, nil) })
	for i, want := range []float64{40, 40, 120, 120, 40} {
		found := false
		err := c.Series(t.Context(), "PDX", rows[i].Source, rows[i].At, rows[i].At.Add(time.Millisecond), func(r grid.Reading) error {
			found = r.Ratio == want
			return nil
		})
		if err != nil || !found {
			t.Errorf("row %d has not the ratio %v (%v)", i, want, err)
		}
	}
}
