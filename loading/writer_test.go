package loading_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"phutai/grid"
	"phutai/loading"
	"phutai/thermal"
)

type handClock struct{ now time.Time }

func (c *handClock) Now() time.Time { return c.now }
func (c *handClock) Wait(ctx context.Context, _ time.Time) error {
	<-ctx.Done()
	return ctx.Err()
}

type oneStation struct{}

// changed is a register in which the rating grows from 400 to 630 kVA in the evening.
type changed struct{ every time.Duration }

func (c changed) Station(p grid.PointID, at time.Time) (loading.Station, bool) {
	t := mba(400)
	if !at.Before(evening) {
		t = mba(630)
	}
	return loading.Station{Point: point(), Transformers: []grid.Transformer{t}, Every: c.every}, p == "P1"
}

func (oneStation) Station(p grid.PointID, _ time.Time) (loading.Station, bool) {
	return loading.Station{Point: point(), Transformers: []grid.Transformer{mba(400)}}, p == "P1"
}

// hotDay swings by five degrees about 33 °C.
type hotDay struct{}

func (hotDay) AirAt(at time.Time, _ grid.SubstationID) (float64, bool) {
	return 33 + 5*math.Sin(float64(at.Unix())/86400*2*math.Pi), true
}

type key struct {
	at     time.Time
	source grid.Source
}

// shelf is a store and a watcher in memory.
type shelf struct {
	mu     sync.Mutex // guards state
	rows   map[key]grid.Loading
	state  map[string][]byte
	seen   []grid.Loading
	deaf   bool // the watcher fails
	writes int
}

func newShelf() *shelf { return &shelf{rows: map[key]grid.Loading{}, state: map[string][]byte{}} }

func (s *shelf) SaveLoading(_ context.Context, rows []grid.Loading) error {
	for _, l := range rows {
		l.ThermalGrade = grid.Good // a store need not keep it
		s.rows[key{l.At, l.Source}] = l
		s.writes++
	}
	return nil
}

func (s *shelf) sorted() []grid.Loading {
	var all []grid.Loading
	for _, l := range s.rows {
		all = append(all, l)
	}
	slices.SortFunc(all, func(a, b grid.Loading) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return int(a.Source) - int(b.Source)
	})
	return all
}

func (s *shelf) LoadingSeries(_ context.Context, _ grid.TransformerID, from, to time.Time, f func(grid.Loading) error) error {
	for _, l := range s.sorted() {
		if !l.At.Before(from) && l.At.Before(to) {
			if err := f(l); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *shelf) SaveState(_ context.Context, name string, b []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state[name] = b
	return nil
}

func (s *shelf) LoadState(_ context.Context, name string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state[name], nil
}

func (s *shelf) Observe(_ context.Context, ls []grid.Loading) error {
	if s.deaf {
		return errors.New("the disk of alarms is full")
	}
	s.seen = append(s.seen, ls...)
	return nil
}

func open(t *testing.T, s *shelf, c *handClock) *loading.Writer {
	t.Helper()
	return openWith(t, s, c, oneStation{})
}

func openWith(t *testing.T, s *shelf, c *handClock, stations loading.Stations) *loading.Writer {
	t.Helper()
	w, err := loading.NewWriter(t.Context(), loading.DefaultConfig(), loading.Deps{Stations: stations, Air: hotDay{}, Store: s, Watcher: s, Clock: c})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func consume(t *testing.T, w *loading.Writer, rs ...grid.Reading) {
	t.Helper()
	if err := w.Consume(t.Context(), rs); err != nil {
		t.Fatal(err)
	}
}

// load is a day's curve in A.
func load(at time.Time) float64 {
	return 400 + 150*math.Sin(float64(at.Unix())/86400*2*math.Pi+1)
}

func instant(at time.Time, a float64) grid.Reading {
	return grid.Reading{Point: "P1", Source: grid.Instant, At: at, PolledAt: at, Ratio: 1, Values: amps(a, a*0.9, a*0.8)}
}

func profile(at time.Time, a float64) grid.Reading {
	return grid.Reading{Point: "P1", Source: grid.Profile, At: at, Interval: 30 * time.Minute, Ratio: 1, Values: amps(a, a*0.9, a*0.8)}
}

// walked is the path that the model itself takes over the rows.
func walked(t *testing.T, rows []grid.Loading) map[time.Time]float64 {
	p, err := thermal.FromTransformer(mba(400), grid.LV)
	if err != nil {
		t.Fatal(err)
	}
	m, err := thermal.New(p)
	if err != nil {
		t.Fatal(err)
	}
	out := map[time.Time]float64{}
	var s thermal.State
	var last time.Time
	for _, l := range rows {
		air, _ := hotDay{}.AirAt(l.At, "")
		k := l.Amps[0].X / (400 / (math.Sqrt(3) * 0.4))
		if last.IsZero() {
			s = m.Steady(k, air)
		} else {
			s = m.Step(s, k, air, l.At.Sub(last))
		}
		last = l.At
		out[l.At] = s.HotSpotC()
	}
	return out
}

func TestHistoryInAnyOrderGivesTheSamePath(t *testing.T) {
	clock, s := &handClock{evening}, newShelf()
	w := open(t, s, clock)
	consume(t, w, instant(evening, load(evening))) // the first contact
	var history []grid.Reading
	for i := range 3 * 48 {
		at := evening.Add(-time.Duration(i+1) * 30 * time.Minute)
		history = append(history, profile(at, load(at)))
	}
	r := rand.New(rand.NewPCG(1, 2))
	r.Shuffle(len(history), func(i, j int) { history[i], history[j] = history[j], history[i] })
	for part := range slices.Chunk(history, 20) {
		consume(t, w, part...)
		consume(t, w, part[:3]...) // some come twice
	}
	if err := w.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	rows := s.sorted()
	if len(rows) != 3*48+1 {
		t.Fatalf("%d rows, want one for each reading", len(rows))
	}
	want := walked(t, rows)
	for _, l := range rows {
		if !near(l.HotSpotC, want[l.At], 0.01) {
			t.Errorf("%v: hot spot %v, want %.3f", l.At, l.HotSpotC, want[l.At])
		}
	}
	for _, l := range s.seen {
		if evening.Sub(l.At) > time.Hour {
			t.Errorf("history of %v reached the watcher", l.At)
		}
	}
	// The live path goes on from the walked one.
	next := evening.Add(15 * time.Minute)
	clock.now = next
	consume(t, w, instant(next, load(next)))
	if want := walked(t, s.sorted())[next]; !near(s.rows[key{next, grid.Instant}].HotSpotC, want, 0.01) {
		t.Errorf("live hot spot %v, want %.3f", s.rows[key{next, grid.Instant}].HotSpotC, want)
	}
	if before := s.writes; w.Settle(t.Context()) != nil || s.writes != before {
		t.Error("nothing was late and yet the path was walked again")
	}
}

func TestRestartGoesOnWhereItStopped(t *testing.T) {
	clock, s := &handClock{evening}, newShelf()
	w := open(t, s, clock)
	for i := range 200 {
		clock.now = evening.Add(time.Duration(i) * 15 * time.Minute)
		consume(t, w, instant(clock.now, load(clock.now)))
		if i == 60 || i == 120 { // SIGKILL: nothing is said at the end
			w = open(t, s, clock)
			consume(t, w, instant(clock.now, load(clock.now))) // and the last batch comes again
		}
	}
	want := walked(t, s.sorted())
	for _, l := range s.sorted() {
		if !near(l.HotSpotC, want[l.At], 0.01) {
			t.Fatalf("%v: hot spot %v, want %.3f", l.At, l.HotSpotC, want[l.At])
		}
	}
}

func TestProfileRowIsUsedOnlyWhereNothingWasReadInItsInterval(t *testing.T) {
	clock, s := &handClock{evening}, newShelf()
	w := open(t, s, clock)
	for i := range 9 {
		clock.now = evening.Add(time.Duration(i) * 15 * time.Minute)
		consume(t, w, instant(clock.now, 500))
		if i%2 == 0 {
			consume(t, w, profile(clock.now, 100)) // a mean that is far off
		}
	}
	if err := w.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	var path []grid.Loading
	for _, l := range s.sorted() {
		if l.Source == grid.Instant {
			path = append(path, l)
		}
	}
	want := walked(t, path)
	for _, l := range s.sorted() {
		if !near(l.HotSpotC, want[l.At], 0.3) {
			t.Errorf("%v %v: hot spot %v, want %.3f", l.Source, l.At, l.HotSpotC, want[l.At])
		}
	}
	for _, l := range s.seen {
		if l.Source == grid.Profile {
			t.Error("a profile row reached the watcher although the point is polled")
		}
	}
}

func TestOldReadingsNeverReachTheWatcher(t *testing.T) {
	clock, s := &handClock{evening}, newShelf()
	w := open(t, s, clock)
	consume(t, w, instant(evening.Add(-31*time.Minute), 700), profile(evening.Add(-61*time.Minute), 700))
	if len(s.seen) != 0 || len(s.rows) != 2 {
		t.Errorf("%d seen, %d rows; want 0, 2", len(s.seen), len(s.rows))
	}
	consume(t, w, instant(evening.Add(-29*time.Minute), 700), grid.Reading{Point: "P9", At: evening, Values: amps(1, 1, 1)})
	if len(s.seen) != 1 {
		t.Errorf("%d seen, want 1", len(s.seen))
	}
}

func TestDeafWatcherGetsTheSameAgain(t *testing.T) {
	clock, s := &handClock{evening}, newShelf()
	w := open(t, s, clock)
	s.deaf = true
	if err := w.Consume(t.Context(), []grid.Reading{instant(evening, 640)}); err == nil {
		t.Fatal("the failure was not told")
	}
	s.deaf = false
	consume(t, w, instant(evening, 640))
	if len(s.seen) != 1 || !near(s.seen[0].PhaseMaxPct, 110.85, 0.01) || !near(s.seen[0].MinutesToHit, 0, 0) {
		t.Errorf("seen %+v", s.seen)
	}
}

func TestTemperaturesAfterAGapAreMarkedEstimated(t *testing.T) {
	clock, s := &handClock{evening}, newShelf()
	w := open(t, s, clock)
	grades := func(at time.Time) grid.Grade {
		clock.now = at
		consume(t, w, instant(at, 450))
		return s.seen[len(s.seen)-1].ThermalGrade
	}
	if grades(evening) != grid.Estimated {
		t.Error("a start from nothing counts as known")
	}
	at := evening
	for range 24 * 4 {
		at = at.Add(15 * time.Minute)
		grades(at)
	}
	if grades(at.Add(30*time.Minute)) != grid.Good {
		t.Error("after a day, and over one missing poll, the state is known")
	}
	if grades(at.Add(9*time.Hour)) != grid.Estimated {
		t.Error("after a long gap the state is not known")
	}
}

// A reading that comes late has the path walked again. What was a guess before
// does not become knowledge by that, and what was known stays known.
func TestWalkedAgainAGuessStaysAGuess(t *testing.T) {
	clock, s := &handClock{evening}, newShelf()
	w := open(t, s, clock)
	grade := func(at time.Time) grid.Grade {
		t.Helper()
		clock.now = at
		consume(t, w, instant(at, 450))
		return s.seen[len(s.seen)-1].ThermalGrade
	}
	late := func(at time.Time) {
		t.Helper()
		consume(t, w, instant(at, 300))
		if err := w.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	at := evening
	for range 4 {
		grade(at)
		at = at.Add(15 * time.Minute)
	}
	late(at.Add(-20 * time.Minute))
	if grade(at) != grid.Estimated {
		t.Error("an hour after the first contact the state counts as known, because a reading came late")
	}
	for range 2 * 24 * 4 {
		at = at.Add(15 * time.Minute)
		grade(at)
	}
	late(at.Add(-20 * time.Minute))
	if grade(at.Add(15*time.Minute)) != grid.Good {
		t.Error("two days later the state does not count as known, because a reading came late")
	}
}

func TestMinutesFollowTheTrend(t *testing.T) {
	clock, s := &handClock{evening}, newShelf()
	w := open(t, s, clock)
	for i := range 4 { // 80, 82, 84, 86 %
		clock.now = evening.Add(time.Duration(i) * 15 * time.Minute)
		consume(t, w, instant(clock.now, 577.350*(0.80+0.02*float64(i))))
	}
	l := s.seen[3]
	if !near(l.TrendPctPerHr, 8, 0.01) || !near(l.MinutesToHit, 105, 0.2) {
		t.Errorf("trend %v, minutes %v; want 8, 105", l.TrendPctPerHr, l.MinutesToHit)
	}
}

func TestRunWalksLateHistoryByItselfAndSavesAtTheEnd(t *testing.T) {
	clock, s := &handClock{evening}, newShelf()
	w := open(t, s, clock)
	consume(t, w, instant(evening, 500))
	consume(t, w, profile(evening.Add(-5*time.Hour), 500))
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	late := key{evening.Add(-5 * time.Hour), grid.Profile}
	for deadline := time.Now().Add(10 * time.Second); ; {
		if dirty, _ := s.LoadState(t.Context(), "loading/dirty"); string(dirty) == "{}" {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("late history was not walked")
		}
		time.Sleep(5 * time.Millisecond)
	}
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if !s.rows[late].HotSpotC.Known {
		t.Error("the late row has no temperature")
	}
	saved := 0
	for name := range s.state {
		if name != "loading/dirty" {
			saved++
		}
	}
	if saved == 0 {
		t.Error("no thermal state was saved")
	}
}

func TestRowThatEndsAtAChangeHasTheEarlierRating(t *testing.T) {
	clock, s := &handClock{evening.Add(time.Hour)}, newShelf()
	w := openWith(t, s, clock, changed{})
	unknown := profile(evening, 577.35)
	unknown.At, unknown.Interval = evening.Add(-time.Hour), 0
	consume(t, w, profile(evening, 577.35), profile(evening.Add(30*time.Minute), 577.35), instant(evening, 577.35), unknown)
	want := map[key]float64{
		{evening, grid.Profile}: 100, {evening.Add(30 * time.Minute), grid.Profile}: 80.19,
		{evening, grid.Instant}: 80.19, {evening.Add(-time.Hour), grid.Profile}: 100,
	}
	for k, pct := range want {
		if l := s.rows[k]; !near(l.PhaseMaxPct, pct, 0.01) {
			t.Errorf("%v %v: %v %%, want %v", k.source, k.at, l.PhaseMaxPct, pct)
		}
	}
}

func TestWalkedAgainARowKeepsItsTransformer(t *testing.T) {
	clock, s := &handClock{evening.Add(time.Hour)}, newShelf()
	w := openWith(t, s, clock, changed{})
	for i := range 6 {
		consume(t, w, profile(evening.Add(time.Duration(i-5)*30*time.Minute), 577.35))
	}
	last := key{evening, grid.Profile} // it ends where the rating changes
	before := s.rows[last].HotSpotC
	if err := w.Recompute(t.Context(), "T1", evening.Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	if after := s.rows[last].HotSpotC; !near(after, before.X, 0.01) {
		t.Errorf("hot spot %v, walked again %v", before, after)
	}
}

func TestRowsTellTheirOwnInterval(t *testing.T) {
	for _, c := range []struct{ station, want time.Duration }{{0, 15 * time.Minute}, {time.Hour, time.Hour}} {
		clock, s := &handClock{evening}, newShelf()
		w := openWith(t, s, clock, changed{c.station})
		consume(t, w, instant(evening.Add(-c.want-time.Minute), 500), instant(evening, 500), profile(evening, 500))
		if got := s.rows[key{evening, grid.Instant}].Interval; got != c.want || len(s.seen) != 2 {
			t.Errorf("interval %v, %d rows seen; want %v, 2", got, len(s.seen), c.want)
		}
		if got := s.rows[key{evening, grid.Profile}].Interval; got != 30*time.Minute {
			t.Errorf("profile interval %v", got)
		}
	}
}
