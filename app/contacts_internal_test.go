package app

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"phutai/alerting"
	"phutai/db"
	"phutai/fleet"
	"phutai/grid"
)

// handClock stands until a test moves it.
type handClock struct{ now time.Time }

func (c *handClock) Now() time.Time { return c.now }
func (c *handClock) Wait(ctx context.Context, _ time.Time) error {
	<-ctx.Done()
	return ctx.Err()
}

// heard is what has arrived, by point.
type heard map[grid.PointID]grid.Contact

func (h heard) Contacts(context.Context) []grid.Contact {
	var out []grid.Contact
	for id, c := range h {
		c.Point = id
		out = append(out, c)
	}
	return out
}

// exampleAt gives the example register, open on a state file of its own.
func exampleAt(t *testing.T, clock grid.Clock) (*fleet.Register, *db.DB) {
	t.Helper()
	state, err := db.Open(filepath.Join(t.TempDir(), stateFile))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = state.Close() })
	r, err := fleet.Open(t.Context(), state, clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Import(t.Context(), exampleRegister(), fleet.ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	return r, state
}

var noon = time.Date(2026, 6, 22, 5, 0, 0, 0, time.UTC)

// The points of the example.
const (
	point1 grid.PointID = "PA08TT0001"
	point2 grid.PointID = "PA08TT0002"
)

func (c *contacts) of(t *testing.T, p grid.PointID) grid.Contact {
	t.Helper()
	all, err := c.Contacts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range all {
		if k.Point == p {
			return k
		}
	}
	t.Fatalf("%s is not told of: %+v", p, all)
	return grid.Contact{}
}

func TestPointsOfADeadCollectorAreMissed(t *testing.T) {
	clock := &handClock{noon}
	r, _ := exampleAt(t, clock)
	cfg := DefaultConfig()
	arrived := heard{point1: {LastGood: noon, LastTry: noon}, "gone": {LastGood: noon, LastTry: noon}}
	c := newContacts(arrived, r, clock, &cfg)
	for _, x := range []struct {
		after  time.Duration
		misses int
	}{{0, 0}, {29 * time.Minute, 0}, {40 * time.Minute, cfg.Alerting.Comms.Misses}} {
		clock.now = noon.Add(x.after)
		for _, p := range []grid.PointID{point1, point2} { // point2 was never heard of
			if got := c.of(t, p); got.Misses != x.misses {
				t.Errorf("%s after %v: %d misses, want %d", p, x.after, got.Misses, x.misses)
			}
		}
		if all, _ := c.Contacts(t.Context()); len(all) != 2 {
			t.Errorf("got %+v, want the two metered points", all)
		}
	}
	if got := c.of(t, point1); got.Missing != grid.Late || !got.LastGood.Equal(noon) || got.Detail != "nothing has come from collector main since 2026-06-22T05:00:00Z" {
		t.Errorf("the reason is %v (%s) and the last good one of %v", got.Missing, got.Detail, got.LastGood)
	}
	arrived[point1] = grid.Contact{LastGood: clock.now, LastTry: clock.now}
	if got := c.of(t, point1); got.Misses != 0 || got.Missing != grid.NoReason {
		t.Errorf("heard of again: %+v", got)
	}
}

func TestStartOfTheProgramMissesNobody(t *testing.T) {
	clock := &handClock{noon.Add(5 * time.Hour)}
	r, _ := exampleAt(t, clock)
	cfg := DefaultConfig()
	c := newContacts(heard{point1: {LastGood: noon, LastTry: noon}}, r, clock, &cfg)
	for _, p := range []grid.PointID{point1, point2} {
		if got := c.of(t, p); got.Misses != 0 {
			t.Errorf("%s: %d misses at the start", p, got.Misses)
		}
	}
	// A point that comes into the register later has its time too.
	clock.now = clock.now.Add(40 * time.Minute)
	set := exampleRegister()
	next := set.Points[1].Body
	next.ID, next.Transformers = "NEW", []grid.TransformerID{"TBA-0002-T2"}
	if _, err := r.Import(t.Context(), &fleet.Set{
		Transformers: fleet.Of(grid.Transformer{ID: "TBA-0002-T2", Substation: "TBA-0002", RatedKVA: 400, HVKV: 22, LVKV: 0.4}),
		Points:       fleet.Of(next), Meters: fleet.Of(grid.Meter{ID: "9", Point: "NEW", Profile: "generic-dlms", Line: "tcp://192.0.2.30:4059"}),
	}, fleet.ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	if got := c.of(t, "NEW"); got.Misses != 0 {
		t.Errorf("a new point has %d misses", got.Misses)
	}
	if got := c.of(t, point2); got.Misses == 0 {
		t.Error("a point that was never heard of is not missed")
	}
}

func TestSlowMeterIsGivenTwoOfItsIntervals(t *testing.T) {
	clock := &handClock{noon}
	r, _ := exampleAt(t, clock)
	cfg := DefaultConfig()
	set := exampleRegister()
	set.Meters[0].Body.Every = time.Hour
	if _, err := r.Import(t.Context(), set, fleet.ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	c := newContacts(heard{point1: {LastGood: noon, LastTry: noon}}, r, clock, &cfg)
	c.of(t, point1)
	clock.now = noon.Add(121 * time.Minute)
	if got := c.of(t, point1); got.Misses != 0 {
		t.Errorf("%d misses after two hours", got.Misses)
	}
	clock.now = noon.Add(122 * time.Minute)
	if got := c.of(t, point1); got.Misses == 0 {
		t.Error("no misses after two hours and more")
	}
}

func TestDeadCollectorRaisesACommsLoss(t *testing.T) {
	clock := &handClock{noon}
	r, state := exampleAt(t, clock)
	cfg := DefaultConfig()
	engine, err := alerting.Open(t.Context(), cfg.Alerting, alerting.Deps{
		DB: state, Places: newStations(r, clock), Clock: clock, Contacts: newContacts(heard{point1: {LastGood: noon, LastTry: noon}}, r, clock, &cfg),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		after time.Duration
		want  int
	}{{0, 0}, {29 * time.Minute, 0}, {33 * time.Minute, 2}} {
		clock.now = noon.Add(x.after)
		if err := engine.Tick(t.Context()); err != nil {
			t.Fatal(err)
		}
		all, err := engine.List(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(all) != x.want {
			t.Errorf("after %v %d alarms stand, want %d: %+v", x.after, len(all), x.want, all)
		}
		for _, a := range all {
			if a.Kind != grid.CommsLoss || a.Missing != grid.Late {
				t.Errorf("raised %s for %v", a.Kind, a.Missing)
			}
		}
	}
}
