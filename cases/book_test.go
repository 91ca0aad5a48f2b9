package cases_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"phutai/cases"
	"phutai/db"
	"phutai/grid"
	"phutai/plausibility"
)

// noon of a day, UTC.
var noon = time.Date(2026, 6, 22, 12, 0, 0, 0, time.UTC)

type handClock struct{ now time.Time }

func (c *handClock) Now() time.Time                              { return c.now }
func (c *handClock) Wait(ctx context.Context, _ time.Time) error { <-ctx.Done(); return ctx.Err() }

// desk is a book with a register of one point, P1, in front of T1.
type desk struct {
	t     *testing.T
	clock handClock
	db    *db.DB
	book  *cases.Book
	facts plausibility.Facts
	left  bool
}

func (d *desk) Facts(p grid.PointID, _ time.Time) (plausibility.Facts, bool) {
	return d.facts, p == "P1" && !d.left
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	file, err := db.Open(filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	d := &desk{t: t, clock: handClock{noon}, db: file, facts: plausibility.Facts{
		Point:     grid.MeteringPoint{ID: "P1", Transformers: []grid.TransformerID{"T1"}, CTPrimary: 600, CTSecondary: 5},
		RatedAmps: 577, Meter: "00123456",
	}}
	d.restart()
	return d
}

func (d *desk) restart() {
	d.t.Helper()
	b, err := cases.Open(d.t.Context(), cases.Deps{DB: d.db, Register: d, Clock: &d.clock})
	if err != nil {
		d.t.Fatal(err)
	}
	d.book = b
}

// reading is a sound one of now, with more where change says so.
func (d *desk) reading(change func(*grid.Reading)) grid.Reading {
	r := grid.Reading{Point: "P1", Source: grid.Instant, At: d.clock.now, PolledAt: d.clock.now, Ratio: 120}
	n := float64(d.clock.now.Unix() % 86400)
	for i := range 3 {
		q := grid.Quantity(i)
		r.Values.Set(grid.Ua+q, 230+n/1e5)
		r.Values.Set(grid.Ia+q, 200+n/1e4)
		r.Values.Set(grid.Pa+q, 42)
		r.Values.Set(grid.Qa+q, 15)
	}
	if change != nil {
		change(&r)
	}
	return r
}

// pass reads each quarter of an hour for so long.
func (d *desk) pass(over time.Duration, change func(*grid.Reading)) {
	d.t.Helper()
	for end := d.clock.now.Add(over); d.clock.now.Before(end); {
		d.clock.now = d.clock.now.Add(15 * time.Minute)
		if err := d.book.Consume(d.t.Context(), []grid.Reading{d.reading(change)}); err != nil {
			d.t.Fatal(err)
		}
	}
}

func (d *desk) says(p grid.Plate) {
	d.t.Helper()
	d.book.Said("P1", d.clock.now, p)
	d.pass(15*time.Minute, nil)
}

func (d *desk) open(want ...grid.Check) []grid.Case {
	d.t.Helper()
	list, err := d.book.Standing(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	var got []grid.Check
	for _, c := range list {
		got = append(got, c.Check)
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		d.t.Fatalf("open are %v, want %v", got, want)
	}
	return list
}

func (d *desk) closed(how grid.Closing) grid.Case {
	d.t.Helper()
	list, err := d.book.Closed(d.t.Context(), 10)
	if err != nil || len(list) == 0 || list[0].Closing != how {
		d.t.Fatalf("closed are %+v, %v, want one by %q", list, err, how)
	}
	return list[0]
}

func (d *desk) held(want bool) {
	d.t.Helper()
	if _, got := d.book.Held("T1"); got != want {
		d.t.Fatalf("held: %v, want %v", got, want)
	}
}

var wrongCT = grid.Plate{Serial: "123456", CTNum: 400, CTDen: 5}

func TestCaseStandsOverARestartAndEndsWithItsEvidence(t *testing.T) {
	d := newDesk(t)
	d.says(grid.Plate{Serial: "123456", CTNum: 600, CTDen: 5})
	d.open()
	d.says(wrongCT)
	first := d.open(grid.MeterRatio)[0]
	d.held(true)
	d.restart()
	d.held(true)
	d.says(wrongCT)
	again := d.open(grid.MeterRatio)[0]
	if again.ID != first.ID || !again.OpenedAt.Equal(first.OpenedAt) || !again.LastSeen.After(first.LastSeen) {
		t.Errorf("after a restart %+v, before %+v", again, first)
	}
	d.says(grid.Plate{Serial: "123456", CTNum: 600, CTDen: 5})
	d.open()
	d.held(false)
	if c := d.closed(grid.EvidenceGone); c.ID != first.ID {
		t.Errorf("closed %+v, want case %d", c, first.ID)
	}
}

func TestChangedRegisterEndsACase(t *testing.T) {
	d := newDesk(t)
	d.says(wrongCT)
	d.open(grid.MeterRatio)
	d.facts.Point.CTPrimary = 400
	d.says(wrongCT)
	d.open()
	d.closed(grid.RegisterChanged)
}

func TestPointThatLeavesTheRegisterTakesItsCasesAlong(t *testing.T) {
	d := newDesk(t)
	d.says(wrongCT)
	d.left = true
	d.pass(2*time.Hour, nil)
	d.open()
	d.closed(grid.RegisterChanged)
	d.restart()
	d.open()
}

func TestPersonClosesACaseUntilTheEvidenceIsOther(t *testing.T) {
	d := newDesk(t)
	d.says(wrongCT)
	id := d.open(grid.MeterRatio)[0].ID
	if err := d.book.Close(t.Context(), id, "Lan", " "); !errors.Is(err, cases.ErrNoReason) {
		t.Errorf("without a reason: %v", err)
	}
	if err := d.book.Close(t.Context(), id+1, "Lan", "x"); !errors.Is(err, cases.ErrNoCase) {
		t.Errorf("another case: %v", err)
	}
	if err := d.book.Close(t.Context(), id, "Lan", "the meter was never set"); err != nil {
		t.Fatal(err)
	}
	d.held(false)
	if c := d.closed(grid.ClosedByPerson); c.ClosedBy != "Lan" || c.Why != "the meter was never set" {
		t.Errorf("closed %+v", c)
	}
	d.says(wrongCT)
	d.open()
	d.restart()
	d.says(wrongCT)
	d.open()
	d.says(grid.Plate{Serial: "123456", CTNum: 300, CTDen: 5})
	d.open(grid.MeterRatio)
	d.restart()
	d.says(grid.Plate{Serial: "123456", CTNum: 600, CTDen: 5})
	d.open()
	d.restart()
	d.says(wrongCT)
	d.open(grid.MeterRatio)
}

func TestOldSuspectAndMissingFiguresOpenNothing(t *testing.T) {
	d := newDesk(t)
	noVoltage := func(r *grid.Reading) { r.Values.Set(grid.Ub, 3) }
	d.pass(6*time.Hour, func(r *grid.Reading) {
		noVoltage(r)
		r.Quality = r.Quality.With(grid.Ub, grid.Suspect)
	})
	d.pass(6*time.Hour, func(r *grid.Reading) { r.Values.Unset(grid.Ub) })
	d.open()
	var late []grid.Reading
	for range 12 {
		d.clock.now = d.clock.now.Add(15 * time.Minute)
		late = append(late, d.reading(noVoltage))
	}
	d.clock.now = d.clock.now.Add(3 * time.Hour)
	if err := d.book.Consume(t.Context(), late); err != nil {
		t.Fatal(err)
	}
	d.open()
	d.pass(15*time.Minute, noVoltage)
	d.open(grid.NoVoltage)
	d.pass(6*time.Hour, nil)
	d.open(grid.NoVoltage)
	d.pass(7*time.Hour, nil)
	d.open()
}

func TestClockThatIsOffHoldsNoPage(t *testing.T) {
	d := newDesk(t)
	d.pass(2*time.Hour, func(r *grid.Reading) { r.ClockKnown, r.ClockOffset = true, -11*time.Minute })
	d.open(grid.MeterClock)
	d.held(false)
}

func TestFailedCommitChangesNothing(t *testing.T) {
	d := newDesk(t)
	d.book.Said("P1", d.clock.now, wrongCT)
	d.clock.now = d.clock.now.Add(15 * time.Minute)
	dead, cancel := context.WithCancel(t.Context())
	cancel()
	r := d.reading(nil)
	if err := d.book.Consume(dead, []grid.Reading{r}); err == nil {
		t.Fatal("committed under a context that has ended")
	}
	d.open()
	d.held(false)
	if err := d.book.Consume(t.Context(), []grid.Reading{r}); err != nil {
		t.Fatal(err)
	}
	d.open(grid.MeterRatio)
}

func TestEvidenceIsKeptOverARestart(t *testing.T) {
	d := newDesk(t)
	d.pass(24*time.Hour, nil)
	missing := func(r *grid.Reading) { r.Values.Set(grid.Ic, 0.1) }
	d.pass(4*time.Hour, missing)
	d.restart()
	d.pass(4*time.Hour, missing)
	d.open(grid.MissingPhase)
}
