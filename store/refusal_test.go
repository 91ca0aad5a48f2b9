package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"phutai/grid"
	"phutai/store"
	"phutai/store/storetest"
)

// refusing is an ingester of which every message is these readings.
func (c *center) refusing(known store.Ratios, rs func() []grid.Reading) {
	seq := uint64(0)
	c.Ingester = store.NewIngester(store.DefaultConfig(), store.Parts{
		Journal: c.Journal, Ratios: known, Watermarks: c, Clock: stopped{},
		Decode: func([]byte) (grid.Batch, error) {
			seq++
			return grid.Batch{Epoch: "e", FirstSeq: seq, Readings: rs()}, nil
		},
	})
}

// absent gives the absences of a point.
func (f *file) absent(p grid.PointID) (out []grid.Reading) {
	f.t.Helper()
	err := f.Absences(f.t.Context(), p, storetest.Noon.AddDate(-20, 0, 0), storetest.Noon.AddDate(1, 0, 0), func(r grid.Reading) error {
		out = append(out, r)
		return nil
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return out
}

func TestRefusedReadingLeavesItsReasonUnderItsKey(t *testing.T) {
	for name, test := range map[string]struct {
		point   grid.PointID
		minutes int
		kw      float64
		why     grid.Reason // NoReason: no absence
		detail  string
	}{
		"no ratio, heard of before": {"heard", 0, 1, grid.NotDeclared, "no-ratio"},
		"out of range":              {"PD1", 0, 1e15, grid.OutOfRange, "out-of-range"},
		"garbled":                   {"PD1", 0, -13, grid.MeterError, "poison"},
		"an absence":                {"heard", 0, -404, grid.NoAnswer, "timeout"},
		"a point of nobody":         {"nobody", 0, 1, grid.NoReason, ""},
		"of the future":             {"PD1", 71, 1, grid.NoReason, ""},
		"of two years ago":          {"PD1", -60 * 24 * 730, 1e15, grid.NoReason, ""},
		"of before 2000":            {"PD1", -60 * 24 * 366 * 30, 1, grid.NoReason, ""},
	} {
		c := newCenter(t)
		c.put(storetest.Reading("heard", -100, 1))
		for range 2 {
			c.during(func(ctx context.Context) {
				c.send(ctx, wire{"e", 1, []string{string(test.point)}, []int{test.minutes}, []float64{test.kw}, nil}.payload())
			})
			c.reopen()
			c.renew()
		}
		got := c.absent(test.point)
		if len(c.letters()) != 1 || (len(got) == 1) != (test.why != grid.NoReason) || len(got) > 1 {
			t.Errorf("%s: %d letters and absences %+v", name, len(c.letters()), got)
			continue
		}
		if len(got) == 1 && (got[0].Missing != test.why || !strings.Contains(got[0].Detail, test.detail) || got[0].PolledAt.IsZero() ||
			!got[0].At.Equal(storetest.Noon.Add(time.Duration(test.minutes)*time.Minute))) {
			t.Errorf("%s: %+v", name, got[0])
		}
	}
}

func TestRetriedLetterTakesThePlaceOfItsAbsence(t *testing.T) {
	c := newCenter(t)
	c.put(storetest.Reading("X", -100, 1))
	c.with()
	c.during(func(ctx context.Context) {
		c.send(ctx, wire{"e", 1, []string{"X"}, []int{0}, []float64{0.5}, nil}.payload())
	})
	c.order(store.Order{Letter: 1, Retry: true})
	c.obey()
	if got := c.absent("X"); len(got) != 1 || len(c.letters()) != 1 {
		t.Fatalf("after a vain retry: %+v", got)
	}
	c.with("X")
	c.order(store.Order{Letter: 1, Retry: true})
	c.obey()
	if got := c.absent("X"); len(got) != 0 || c.Count() != (store.Counts{Readings: 2}) {
		t.Errorf("%+v, counts %+v", got, c.Count())
	}
}

func TestRowThatComesOnceMoreIsTheSameLetter(t *testing.T) {
	c := newCenter(t)
	n := 0
	c.refusing(ratios{}, func() []grid.Reading {
		r := storetest.Row("X", 0, 1)
		n++
		r.PolledAt = r.PolledAt.Add(time.Duration(n) * time.Hour)
		r.ClockKnown, r.ClockOffset = true, time.Duration(n)*time.Second
		return []grid.Reading{r}
	})
	c.during(func(ctx context.Context) {
		for range 3 {
			c.send(ctx, nil)
		}
	})
	if l := c.letters(); len(l) != 1 || l[0].Times != 3 {
		t.Errorf("%+v", l)
	}
}

func TestAuditTakesTheReasonOfARefusalAndAsksForNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAuditor(t, store.Duty{Point: "P", Stays: []store.Stay{stay("M", half)}})
		defer a.db.Close()
		now := time.Now()
		a.polls("P", now.Add(-day), now.Add(-5*time.Hour))
		a.rows("P", now.Add(-day), now.Add(-5*time.Hour))
		a.polls("P", now.Add(-4*time.Hour), now.Add(day))
		a.rows("P", now.Add(-4*time.Hour), now.Add(day))
		var refused []grid.Reading
		for at := now.Add(-5 * time.Hour).Add(time.Minute); at.Before(now.Add(-4 * time.Hour)); at = at.Add(poll) {
			refused = append(refused, answer("P", at.Add(2*time.Second)))
		}
		refused = append(refused, rowAt("P", now.Add(-4*time.Hour-half)), rowAt("P", now.Add(-4*time.Hour)))
		g := store.NewIngester(store.DefaultConfig(), store.Parts{
			Journal: a.Journal, Ratios: ratios{}, Clock: grid.RealClock{}, Watermarks: silence{},
			Decode: func([]byte) (grid.Batch, error) { return grid.Batch{Epoch: "e", FirstSeq: 1, Readings: refused}, nil },
		})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- g.Run(ctx) }()
		acked := make(chan struct{})
		if err := g.Offer(ctx, store.Message{Collector: "main", Ack: func() { close(acked) }}); err != nil {
			t.Fatal(err)
		}
		<-acked
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		a.handed = now.Add(day)
		a.start()
		a.pass(8 * time.Hour) // with a look at what only the audit has said
		if sent := a.sent(); len(sent) != 0 {
			t.Errorf("asked for what was refused: %+v", sent)
		}
		if got := a.silences("P"); fmt.Sprint(got) != fmt.Sprint(map[grid.Reason]int{grid.NotDeclared: 14}) {
			t.Errorf("%v, want 12 polls and 2 rows not declared", got)
		}
		a.stop()
	})
}

// silence tells nobody what was committed.
type silence struct{}

func (silence) PublishWatermark(context.Context, grid.CollectorID, grid.Watermark) error { return nil }

// A letter that there was no room for is nowhere: its row must stay one that the
// meter is asked for.
func TestRowOfWhichNoLetterIsKeptIsNotTakenForDealtWith(t *testing.T) {
	c := newCenter(t)
	c.put(storetest.Reading("X", -100, 1))
	rows := []grid.Reading{rowAt("X", storetest.Noon.Add(-half)), rowAt("X", storetest.Noon), answer("X", storetest.Noon)}
	take := func() []grid.Reading {
		c.refusing(nobody{}, func() []grid.Reading { return rows })
		c.during(func(ctx context.Context) { c.send(ctx, []byte("all")) })
		return c.absent("X")
	}
	c.LimitLetters(1)
	for _, r := range take() {
		if firm := r.Source == grid.Instant; r.PolledAt.IsZero() == firm || r.Missing != grid.NotDeclared || !strings.Contains(r.Detail, "no room") {
			t.Errorf("without room for its letter: %+v", r)
		}
	}
	c.LimitLetters(100)
	got := take()
	for _, r := range got {
		if r.PolledAt.IsZero() || r.Missing != grid.NotDeclared || r.Source == grid.Profile && strings.Contains(r.Detail, "no room") {
			t.Errorf("with its letter: %+v", r)
		}
	}
	if len(got) != 3 || len(c.letters()) != 3 {
		t.Errorf("%d absences and %d letters, want three of each", len(got), len(c.letters()))
	}
}

// nobody is a register without points.
type nobody struct{}

func (nobody) Ratio(grid.PointID, time.Time) (grid.Ratio, bool) { return grid.Ratio{}, false }
