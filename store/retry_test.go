package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/db"
	"phutai/grid"
	"phutai/store"
	"phutai/store/storetest"
)

// clerk gives orders from beside the owner, as the verbs do.
func (c *center) clerk() *store.Letters {
	c.t.Helper()
	d, err := db.OpenBeside(c.t.Context(), c.path)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { _ = d.Close() })
	l, err := store.OpenLetters(c.t.Context(), d)
	if err != nil {
		c.t.Fatal(err)
	}
	return l
}

func (c *center) order(orders ...store.Order) {
	c.t.Helper()
	if err := c.clerk().Give(c.t.Context(), storetest.Noon, orders...); err != nil {
		c.t.Fatal(err)
	}
}

func (c *center) obey() {
	c.t.Helper()
	if err := c.Obey(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
}

// with makes an ingester that knows the ratios of these points.
func (c *center) with(points ...grid.PointID) {
	known := ratios{}
	for _, p := range points {
		known[p] = grid.Ratio{CT: 120, VT: 1}
	}
	c.Ingester = store.NewIngester(store.DefaultConfig(), store.Parts{
		Journal: c.Journal, Decode: decode, Ratios: known, Watermarks: c, Clock: stopped{},
	})
}

type ratios map[grid.PointID]grid.Ratio

func (r ratios) Ratio(p grid.PointID, _ time.Time) (grid.Ratio, bool) {
	x, ok := r[p]
	return x, ok
}

func TestRetriedReadingIsStoredOnceItsCauseIsMended(t *testing.T) {
	c := newCenter(t)
	c.with("PD1")
	c.during(func(ctx context.Context) {
		c.send(ctx, wire{"e", 1, []string{"X", "PD1"}, []int{0, 1}, []float64{0.5, 1}, nil}.payload())
	})
	letter := c.letters()[0]
	c.order(store.Order{Letter: letter.ID, Retry: true})
	if got := c.letters()[0].Ordered; got != "retry" {
		t.Errorf("the order shows as %q", got)
	}
	c.obey() // the register does not know it yet
	still := c.letters()
	want := letter
	want.Times, want.LastSeen = 2, stopped{}.Now()
	if diff := cmp.Diff([]store.DeadLetter{want}, still); diff != "" {
		t.Errorf("after a vain retry (-want +got):\n%s", diff)
	}
	c.obey() // an order is carried out once
	if got := c.letters()[0].Times; got != 2 {
		t.Errorf("%d times, want 2", got)
	}

	c.with("PD1", "X")
	c.order(store.Order{Letter: letter.ID, Retry: true})
	c.obey()
	for range 2 {
		if left := c.letters(); len(left) > 0 || c.Count() != (store.Counts{Readings: 2}) {
			t.Errorf("letters %v are left, counts %+v", left, c.Count())
		}
		r := storetest.Reading("X", 0, 60)
		got, _ := c.LatestOf("X", grid.Instant)
		if diff := cmp.Diff(r, got, storetest.Equal); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		c.reopen()
	}
	if w := c.Watermarks()["c1"]; w.Seq != 2 || len(w.Missing) > 0 {
		t.Errorf("watermark %+v", w)
	}
}

func TestRetriedReadingIsRenewedWithItsNewReason(t *testing.T) {
	c := newCenter(t)
	c.with()
	c.during(func(ctx context.Context) {
		c.send(ctx, wire{"e", 1, []string{"X"}, []int{0}, []float64{1e15}, nil}.payload())
	})
	c.with("X")
	c.order(store.Order{Letter: 1, Retry: true})
	c.obey()
	if l := c.letters(); len(l) != 1 || l[0].Reason != "out-of-range" || l[0].Times != 2 || l[0].ID != 1 {
		t.Errorf("got %+v", l)
	}
}

func TestRetriedMessageIsTakenIn(t *testing.T) {
	c := newCenter(t)
	later := wire{"e", 7, []string{"PD1", "nobody"}, []int{0, 1}, []float64{0.5, 1}, nil}.payload()
	deaf := func(b []byte) (grid.Batch, error) {
		return grid.Batch{}, fmt.Errorf("version 2 is not known")
	}
	c.Ingester = store.NewIngester(store.DefaultConfig(), store.Parts{
		Journal: c.Journal, Decode: deaf, Ratios: register{}, Watermarks: c, Clock: stopped{},
	})
	c.during(func(ctx context.Context) { c.send(ctx, later) })
	c.order(store.Order{Letter: 1, Retry: true})
	c.obey()
	if l := c.letters(); len(l) != 1 || l[0].Times != 2 || l[0].Reason != "poison" || !bytes.Equal(l[0].Payload, later) {
		t.Fatalf("after a vain retry: %+v", l)
	}

	c.renew() // a program that knows the version
	c.order(store.Order{Letter: 1, Retry: true})
	c.obey()
	left := c.letters()
	if len(left) != 1 || left[0].Reason != "no-ratio" || c.Count().Readings != 1 || c.Count().DeadLetters != 1 {
		t.Errorf("%+v are left, counts %+v; want the reading of nobody alone", left, c.Count())
	}
	if w, known := c.Watermarks()["c1"]; known {
		t.Errorf("a retry moved the watermark to %+v: its spool may be long gone", w)
	}
}

func TestOrdersThatCannotBeCarriedOutAreRefused(t *testing.T) {
	c := newCenter(t)
	c.during(func(ctx context.Context) {
		c.send(ctx, wire{"e", 1, []string{"PD1", "X"}, []int{0, 0}, []float64{-13, 1}, nil}.payload())
	})
	if err := c.Refused(t.Context(), "influx", storetest.Noon, []byte("reading p=x"), fmt.Errorf("field type conflict")); err != nil {
		t.Fatal(err)
	}
	clerk := c.clerk()
	for id, want := range map[int64]string{1: "only the collector", 3: "another database", 99: "no dead letter of that number"} {
		err := clerk.Give(t.Context(), storetest.Noon, store.Order{Letter: 2, Retry: true}, store.Order{Letter: id, Retry: true})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("letter %d: got %v, want %q", id, err, want)
		}
	}
	c.obey()
	if l := c.letters(); len(l) != 3 || l[1].Times != 1 {
		t.Errorf("an order of those refused was carried out: %+v", l)
	}
	c.order(store.Order{Letter: 1}, store.Order{Letter: 3}, store.Order{Letter: 2, Retry: true}, store.Order{Letter: 2})
	c.obey()
	if l := c.letters(); len(l) != 0 || c.Count().DeadLetters != 0 {
		t.Errorf("%+v are left", l)
	}
}

func TestRunningOwnerCarriesOrdersOut(t *testing.T) {
	c := newCenter(t)
	c.during(func(ctx context.Context) {
		c.send(ctx, []byte("{"))
		c.order(store.Order{Letter: 1})
		for len(c.letters()) > 0 {
			if ctx.Err() != nil {
				t.Fatal("the order was not carried out")
			}
			time.Sleep(10 * time.Millisecond) // a real file: there is nothing to wait on
		}
	})
}

func TestLettersBeyondTheRoomAreCountedAndTold(t *testing.T) {
	c := newCenter(t)
	c.LimitLetters(3)
	c.during(func(ctx context.Context) {
		for i := range 5 {
			c.send(ctx, fmt.Appendf(nil, "{%d", i))
		}
		c.send(ctx, []byte("{0")) // one that is there already needs no room
	})
	for range 2 {
		if got := c.Count(); got != (store.Counts{DeadLetters: 3, Shed: 2}) {
			t.Errorf("counts %+v, want 3 kept and 2 shed", got)
		}
		c.reopen()
	}
	c.LimitLetters(3)
	c.renew()
	if h := c.Health(); len(h) != 1 || !strings.Contains(h[0].En, "2 new ones were not kept") || !strings.Contains(h[0].Vi, "2 mục mới") {
		t.Errorf("health says %+v", h)
	}
	if shed, expired, err := c.clerk().Shed(t.Context()); shed != 2 || expired != 0 || err != nil {
		t.Errorf("%d shed, %d expired, %v", shed, expired, err)
	}
	if got := c.letters()[0].Times; got != 2 {
		t.Errorf("the first came %d times, want 2", got)
	}
	c.order(store.Order{Letter: 1})
	c.obey()
	if h := c.Health(); len(h) != 0 {
		t.Errorf("health says %+v although there is room", h)
	}
}

func TestLinesThatADatabaseRefusesLeaveRoomForReadings(t *testing.T) {
	c := newCenter(t)
	c.LimitLetters(4)
	for i := range 3 {
		if err := c.Refused(t.Context(), "influx", storetest.Noon, fmt.Appendf(nil, "reading p=%d", i), errors.New("beyond the bucket's retention")); err != nil {
			t.Fatal(err)
		}
	}
	c.during(func(ctx context.Context) { c.send(ctx, []byte("{0"), []byte("{1")) })
	kinds := map[store.LetterKind]int{}
	for _, l := range c.letters() {
		kinds[l.Kind]++
	}
	if kinds[store.LetterLine] != 2 || kinds[store.LetterMessage] != 2 || c.Count().Shed != 1 {
		t.Errorf("kept %v and shed %d, want two of each kind and one line shed", kinds, c.Count().Shed)
	}
}

func TestOldFileGetsTheTablesForOrders(t *testing.T) {
	f := newFile(t)
	f.put(storetest.Reading("A", 0, 1))
	for _, q := range []string{
		"DROP TABLE dead_letter_order", "ALTER TABLE dead_letter DROP COLUMN kind", "DELETE FROM schema_version WHERE component = 'letters'",
		`INSERT INTO dead_letter VALUES (1, x'00', 0, 0, 1, 'c1', 'no-ratio', 'unknown point', '{"Point":"PD1","Source":"instant","At":"2026-06-03T05:00:00Z","Values":{"p":"0.5"}}')`,
	} {
		if _, err := f.db.Write.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	c := &center{t: t, file: f, events: make(chan struct{}, 1000)}
	if _, err := store.OpenLetters(t.Context(), f.db); err == nil || !strings.Contains(err.Error(), "start this program on it once") {
		t.Errorf("got %v", err)
	}
	c.reopen()
	c.renew()
	c.order(store.Order{Letter: 1, Retry: true})
	c.obey()
	if got, ok := c.LatestOf("PD1", grid.Instant); !ok || len(c.letters()) != 0 {
		t.Errorf("the old letter was not taken in: %+v", got)
	}
}
