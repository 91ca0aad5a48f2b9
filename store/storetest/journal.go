package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/grid"
	"phutai/store"
)

// Ledger is what is asked of the journal beyond the contract of all stores.
type Ledger interface {
	Commit(ctx context.Context, entries ...store.Entry) (store.Committed, error)
	Series(ctx context.Context, point grid.PointID, source grid.Source, from, to time.Time, f func(grid.Reading) error) error
	Absences(ctx context.Context, point grid.PointID, from, to time.Time, f func(grid.Reading) error) error
	LatestOf(point grid.PointID, source grid.Source) (grid.Reading, bool)
	Has(ctx context.Context, keys ...grid.Key) ([]bool, error)
	Count() store.Counts
	SaveLoading(ctx context.Context, rows []grid.Loading) error
	LoadingSeries(ctx context.Context, id grid.TransformerID, from, to time.Time, f func(grid.Loading) error) error
	LatestLoading(ctx context.Context) ([]grid.Loading, error)
}

// RunLedger checks what is asked of the journal alone: which of two readings
// under one key stays, in which order series come, and that taking the same in
// again changes nothing. Those that open makes are empty at first; reopen closes
// one and opens it again on what it has kept.
func RunLedger(t *testing.T, open func(*testing.T) (s Ledger, reopen func() Ledger)) {
	for name, test := range map[string]func(*testing.T, *fixture){
		"SeriesComesInTheOrderOfTime":      seriesInOrder,
		"SourcesDoNotMix":                  sourcesDoNotMix,
		"ReplayChangesNothing":             replay,
		"BetterReplacesWorseNeverReversed": better,
		"ValueReplacesAbsence":             valueReplacesAbsence,
		"LongSeriesIsComplete":             longSeries,
		"CallersErrorEndsTheSeries":        callersError,
		"LoadingIsOverwrittenByKey":        loading,
		"UnknownThingsAreEmpty":            unknown,
		"RefusedCommitLeavesNothing":       refused,
	} {
		t.Run(name, func(t *testing.T) {
			s, reopen := open(t)
			test(t, &fixture{t, s, reopen})
		})
	}
}

type fixture struct {
	*testing.T
	s      Ledger
	reopen func() Ledger
}

func (f *fixture) commit(rs ...grid.Reading) store.Committed {
	f.Helper()
	done, err := f.s.Commit(f.Context(), store.Entry{Readings: rs})
	if err != nil {
		f.Fatal(err)
	}
	return done
}

func (f *fixture) series(point grid.PointID, source grid.Source, to int) (out []grid.Reading) {
	f.Helper()
	at := func(m int) time.Time { return Noon.Add(time.Duration(m) * time.Minute) }
	err := f.s.Series(f.Context(), point, source, at(0), at(to), func(r grid.Reading) error {
		out = append(out, r)
		return nil
	})
	if err != nil {
		f.Fatal(err)
	}
	return out
}

func (f *fixture) absences(point grid.PointID) (out []grid.Reading) {
	f.Helper()
	err := f.s.Absences(f.Context(), point, Noon.Add(-time.Hour), Noon.Add(time.Hour), func(r grid.Reading) error {
		out = append(out, r)
		return nil
	})
	if err != nil {
		f.Fatal(err)
	}
	return out
}

// want compares before and after the store was opened again.
func (f *fixture) want(what string, want any, got func() any) {
	f.Helper()
	for _, when := range []string{"", " after opening again"} {
		if diff := cmp.Diff(want, got(), Equal); diff != "" {
			f.Errorf("%s%s (-want +got):\n%s", what, when, diff)
		}
		f.s = f.reopen()
	}
}

func seriesInOrder(t *testing.T, f *fixture) {
	a, b, c, other := Reading("A", 0, 1), Reading("A", 5, 2), Reading("A", 10, -3.5), Reading("B", 5, 9)
	f.commit(c, other, a)
	f.commit(b)
	f.want("series", []grid.Reading{a, b, c}, func() any { return f.series("A", grid.Instant, 11) })
	f.want("window without its end", []grid.Reading{a, b}, func() any { return f.series("A", grid.Instant, 10) })
	f.want("latest", c, func() any { r, _ := f.s.LatestOf("A", grid.Instant); return r })
}

func sourcesDoNotMix(t *testing.T, f *fixture) {
	instant, row := Reading("A", 0, 1), Row("A", 0, 2)
	f.commit(instant, row)
	f.want("instant", []grid.Reading{instant}, func() any { return f.series("A", grid.Instant, 1) })
	f.want("profile", []grid.Reading{row}, func() any { return f.series("A", grid.Profile, 1) })
}

func replay(t *testing.T, f *fixture) {
	all := []grid.Reading{Reading("A", 0, 1), Row("A", 0, 2), Absence("B", 0, grid.NoAnswer)}
	if got := f.commit(all...); got.New != 2 || got.Absences != 1 {
		t.Errorf("first commit gave %+v", got)
	}
	for range 2 {
		if got := f.commit(all...); got.New+got.Replaced+got.Absences != 0 {
			t.Errorf("replay changed %+v", got)
		}
		f.s = f.reopen()
	}
	f.want("counts", store.Counts{Readings: 2, Absences: 1}, func() any { return f.s.Count() })
	f.want("presence", []bool{true, true, true, false}, func() any {
		missing := Reading("A", 1, 0)
		has, err := f.s.Has(t.Context(), all[0].Key(), all[1].Key(), all[2].Key(), missing.Key())
		if err != nil {
			t.Error(err)
		}
		return has
	})
}

func better(t *testing.T, f *fixture) {
	good, suspect, estimated := Reading("A", 0, 1), Reading("A", 0, 2), Reading("A", 0, 3)
	suspect.Quality = suspect.Quality.With(grid.P, grid.Suspect)
	estimated.Quality = estimated.Quality.With(grid.P, grid.Estimated)
	wider := Reading("A", 0, 1)
	wider.Values.Set(grid.Q, 0.5)
	f.commit(suspect)
	for _, step := range []struct {
		name     string
		put      grid.Reading
		replaced int
		want     grid.Reading
	}{
		{"estimate over suspect", estimated, 0, suspect},
		{"good over suspect", good, 1, good},
		{"suspect over good", suspect, 0, good},
		{"absence over good", Absence("A", 0, grid.NoAnswer), 0, good},
		{"more quantities over fewer", wider, 1, wider},
		{"fewer quantities over more", good, 0, wider},
	} {
		if got := f.commit(step.put); got.Replaced != step.replaced || got.New+got.Absences != 0 {
			t.Errorf("%s: got %+v, want %d replaced", step.name, got, step.replaced)
		}
		f.want(step.name, []grid.Reading{step.want}, func() any { return f.series("A", grid.Instant, 1) })
	}
}

func valueReplacesAbsence(t *testing.T, f *fixture) {
	late, silent, value := Absence("A", 0, grid.Late), Absence("A", 0, grid.NoAnswer), Reading("A", 0, 1)
	f.commit(late)
	f.commit(silent)
	f.commit(late)
	f.want("absence", []grid.Reading{silent}, func() any { return f.absences("A") })
	f.commit(value)
	f.commit(silent)
	f.want("value", []grid.Reading{value}, func() any { return f.series("A", grid.Instant, 1) })
	f.want("absence after the value", []grid.Reading(nil), func() any { return f.absences("A") })
	f.want("counts", store.Counts{Readings: 1}, func() any { return f.s.Count() })
}

func longSeries(t *testing.T, f *fixture) {
	const n = 2500
	var rs []grid.Reading
	for i := range n {
		rs = append(rs, Reading("A", i, float64(i)), Absence("B", -i%60, grid.NoRoute))
	}
	f.commit(rs...)
	f.want("length", n, func() any {
		got := f.series("A", grid.Instant, n)
		for i := range got {
			if p, _ := got[i].Values.Get(grid.P); p != float64(i) {
				t.Fatalf("reading %d holds %v kW", i, p)
			}
		}
		return len(got)
	})
}

func callersError(t *testing.T, f *fixture) {
	f.commit(Reading("A", 0, 1), Reading("A", 1, 2))
	enough := errors.New("enough")
	calls := 0
	err := f.s.Series(t.Context(), "A", grid.Instant, Noon, Noon.Add(time.Hour), func(grid.Reading) error {
		calls++
		return enough
	})
	if !errors.Is(err, enough) || calls != 1 {
		t.Errorf("got %v after %d calls", err, calls)
	}
}

func loading(t *testing.T, f *fixture) {
	row := func(minutes int, source grid.Source, pct float64) grid.Loading {
		return grid.Loading{Transformer: "T1", Point: "A", Source: source, At: Noon.Add(time.Duration(minutes) * time.Minute),
			PhaseMaxPct: grid.Known(pct), WorstPhase: grid.PhaseA, Governor: grid.GovernRating, LimitA: 577.35}
	}
	var rows []grid.Loading
	for i := range 2200 {
		rows = append(rows, row(i, grid.Instant, float64(i)))
		if i%30 == 0 {
			rows = append(rows, row(i, grid.Profile, float64(i)))
		}
	}
	for range 2 {
		if err := f.s.SaveLoading(t.Context(), rows); err != nil {
			t.Fatal(err)
		}
	}
	rows[len(rows)-1].PhaseMaxPct = grid.Known(110.9)
	if err := f.s.SaveLoading(t.Context(), rows[len(rows)-1:]); err != nil {
		t.Fatal(err)
	}
	f.want("series", rows, func() any {
		var got []grid.Loading
		err := f.s.LoadingSeries(t.Context(), "T1", Noon, Noon.Add(48*time.Hour), func(l grid.Loading) error {
			got = append(got, l)
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		return got
	})
	instant, profile := rows[len(rows)-1], row(2190, grid.Profile, 2190)
	f.want("latest of each source", []grid.Loading{instant, profile}, func() any {
		got, err := f.s.LatestLoading(t.Context())
		if err != nil {
			t.Error(err)
		}
		slices.SortFunc(got, func(a, b grid.Loading) int { return int(a.Source) - int(b.Source) })
		return got
	})
}

func unknown(t *testing.T, f *fixture) {
	f.want("series", 0, func() any { return len(f.series("nobody", grid.Instant, 1)) + len(f.absences("nobody")) })
	if _, ok := f.s.LatestOf("nobody", grid.Instant); ok {
		t.Error("there is a latest reading of nobody")
	}
}

func refused(t *testing.T, f *fixture) {
	bad := Reading("B", 0, 1)
	bad.At = time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)
	if _, err := f.s.Commit(t.Context(), store.Entry{Readings: []grid.Reading{Reading("A", 0, 1), bad}}); err == nil {
		t.Fatal("a reading of 1970 was taken in")
	}
	f.want("series", []grid.Reading(nil), func() any { return f.series("A", grid.Instant, 1) })
	good := Reading("B", 0, 2)
	f.commit(good)
	f.want("a later commit", []grid.Reading{good}, func() any { return f.series("B", grid.Instant, 1) })
	if got := fmt.Sprint(f.s.Count().Readings); got != "1" {
		t.Errorf("%s readings, want 1", got)
	}
}
