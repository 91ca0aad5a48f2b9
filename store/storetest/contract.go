package storetest

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/grid"
	"phutai/store"
)

// Journal is the way into every store.
type Journal interface {
	Commit(ctx context.Context, entries ...store.Entry) (store.Committed, error)
	SaveLoading(ctx context.Context, rows []grid.Loading) error
	DeadLetters(ctx context.Context, f func(store.DeadLetter) error) error
}

// Subject is a store under the contract, empty at first, with all that carries
// rows from the journal into it at work.
type Subject struct {
	Journal func() Journal
	// Readings and Loadings give what the store's own readers see, by time and
	// field.
	Readings func(grid.PointID, grid.Source) ([]Sample, error)
	Loadings func(grid.TransformerID) ([]Sample, error)
	// Kill ends the store without a warning and starts it again on what it has
	// kept.
	Kill func()
	// Refused is a reading that the store does not take and that stands at a
	// time of its own; nil where it takes everything.
	Refused *grid.Reading
	// Appends tells that the store has no key: beside a correction it may keep,
	// for each figure, the one that was corrected.
	Appends bool
}

// Run checks the contract on stores that open makes.
func Run(t *testing.T, open func(*testing.T) Subject) {
	for _, clause := range []struct {
		name string
		test func(*testing.T, *clauses)
	}{
		{"EveryFigureComesBack", everyFigure},
		{"ReplayChangesNothing", replayOfCopies},
		{"BetterReplacesWorse", correction},
		{"HostileNamesComeBack", hostileNames},
		{"LoadingsComeBackAndAreReplaced", loadings},
		{"KilledStoreLosesNothing", killed},
		{"RefusedReadingIsADeadLetterAndTheOthersAreWritten", refusedAlone},
	} {
		t.Run(clause.name, func(t *testing.T) {
			clause.test(t, &clauses{t, open(t)})
		})
	}
}

type clauses struct {
	t *testing.T
	Subject
}

func (c *clauses) commit(rs ...grid.Reading) {
	c.t.Helper()
	if _, err := c.Journal().Commit(c.t.Context(), store.Entry{Readings: rs}); err != nil {
		c.t.Fatal(err)
	}
}

// within bounds how long a copy may be on its way on a busy machine.
const within = 90 * time.Second

// eventually asks until what got gives is fine.
func (c *clauses) eventually(what string, got func() ([]Sample, error), fine func([]Sample) string) {
	c.t.Helper()
	for end := time.Now().Add(within); ; time.Sleep(50 * time.Millisecond) {
		have, err := got()
		wrong := "no answer"
		if err == nil {
			wrong = fine(have)
		}
		if wrong == "" {
			return
		}
		if time.Now().After(end) {
			c.t.Fatalf("%s: %s (%v)", what, wrong, err)
		}
	}
}

// want waits for the samples of these readings under the point, and no others.
func (c *clauses) want(what string, id grid.PointID, source grid.Source, rs ...grid.Reading) {
	c.t.Helper()
	var want []Sample
	for i := range rs {
		want = append(want, SamplesOf(&rs[i])...)
	}
	c.eventually(what, func() ([]Sample, error) { return c.Readings(id, source) }, func(have []Sample) string { return cmp.Diff(want, have) })
}

// then commits a reading after the others and waits until it is to be seen: what
// was committed before is then through as well.
func (c *clauses) then() {
	c.t.Helper()
	last := Reading("last", 1000, 1)
	c.commit(last)
	c.want("the last reading", "last", grid.Instant, last)
}

func everyFigure(t *testing.T, c *clauses) {
	r, row := Reading("471E11", 0, 250), Row("471E11", 0, -3.5)
	for q := range grid.NumQuantities {
		r.Values.Set(q, q.Round(float64(q)*1234.5-0.25))
	}
	r.Quality = r.Quality.With(grid.P, grid.Suspect)
	later := Reading("471E11", 5, 0)
	c.commit(later, row, r)
	c.want("instantaneous", "471E11", grid.Instant, r, later)
	c.want("profile", "471E11", grid.Profile, row)
}

func replayOfCopies(t *testing.T, c *clauses) {
	a, b := Reading("A", 0, 1), Reading("A", 5, 2)
	for range 3 {
		c.commit(a, b)
	}
	c.then()
	c.want("after replays", "A", grid.Instant, a, b)
	c.Kill()
	c.commit(a, b)
	c.then()
	c.want("after a kill and a replay", "A", grid.Instant, a, b)
}

func correction(t *testing.T, c *clauses) {
	worse, better := Reading("A", 0, 900), Reading("A", 0, 100)
	worse.Quality = worse.Quality.With(grid.P, grid.Suspect)
	c.commit(worse)
	c.want("the worse one", "A", grid.Instant, worse)
	c.commit(better)
	if !c.Appends {
		c.want("the better one", "A", grid.Instant, better)
		return
	}
	c.then()
	before, after := SamplesOf(&worse), SamplesOf(&better)
	c.eventually("one of the two for each figure", func() ([]Sample, error) { return c.Readings("A", grid.Instant) }, func(have []Sample) string {
		for i := range before {
			if len(have) != len(before) || have[i] != before[i] && have[i] != after[i] {
				return fmt.Sprintf("have %v of %v and %v", have, before, after)
			}
		}
		return ""
	})
}

// Hostile are names that a store must give back as they are.
func Hostile() []string {
	return []string{"471E11", "a b", "a,b=c", `end\`, `a\,b`, "two\nlines", "100%", "%41", "đường dây 22 kV", `"quoted"`, "it's", "p q=1 2\nreading,point=z p=9", "$1", "'; DROP MEASUREMENT reading --"}
}

func hostileNames(t *testing.T, c *clauses) {
	for i, id := range Hostile() {
		c.commit(Reading(grid.PointID(id), i, float64(i)))
	}
	for i, id := range Hostile() {
		c.want(fmt.Sprintf("%q", id), grid.PointID(id), grid.Instant, Reading(grid.PointID(id), i, float64(i)))
	}
}

func loadings(t *testing.T, c *clauses) {
	row := func(minutes int, pct float64) grid.Loading {
		return grid.Loading{Transformer: "T 1", Point: "A", Source: grid.Instant, At: Noon.Add(time.Duration(minutes) * time.Minute),
			PhaseMaxPct: grid.Known(pct), WorstPhase: grid.PhaseB, Governor: grid.GovernRating, LimitA: 577.35, PKW: grid.Known(-3)}
	}
	save := func(rows ...grid.Loading) {
		t.Helper()
		if err := c.Journal().SaveLoading(t.Context(), rows); err != nil {
			t.Fatal(err)
		}
	}
	want := func(what string, rows ...grid.Loading) {
		t.Helper()
		var want []Sample
		for i := range rows {
			want = append(want, SamplesOfLoading(&rows[i])...)
		}
		c.eventually(what, func() ([]Sample, error) { return c.Loadings("T 1") }, func(have []Sample) string { return cmp.Diff(want, have) })
	}
	save(row(0, 80), row(5, 110.9))
	want("loadings", row(0, 80), row(5, 110.9))
	if !c.Appends {
		save(row(5, 90))
		want("a loading worked out anew", row(0, 80), row(5, 90))
	}
}

func killed(t *testing.T, c *clauses) {
	const n = 400
	var all []grid.Reading
	for i := range n {
		r := Reading("A", i, float64(i))
		all = append(all, r)
		c.commit(r)
		if i == n/2 {
			c.want("the first half", "A", grid.Instant, all...)
			c.Kill()
		}
	}
	c.then()
	c.Kill()
	c.want("after two kills", "A", grid.Instant, all...)
}

func refusedAlone(t *testing.T, c *clauses) {
	if c.Refused == nil {
		t.Skip("this store takes every reading of the journal")
	}
	var good []grid.Reading
	for i := range 20 {
		good = append(good, Reading("A", i, float64(i)))
	}
	c.commit(append(slices.Clone(good), *c.Refused)...)
	c.then()
	c.want("the others", "A", grid.Instant, good...)
	// What stands beside it may be written before it is found.
	var letters []store.DeadLetter
	for end := time.Now().Add(within); len(letters) == 0 && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		err := c.Journal().DeadLetters(t.Context(), func(d store.DeadLetter) error {
			letters = append(letters, d)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(letters) != 1 || letters[0].Reason != "refused" || letters[0].Detail == "" ||
		!bytes.Contains(letters[0].Payload, []byte(c.Refused.Point)) {
		t.Errorf("dead letters: %+v", letters)
	}
}
