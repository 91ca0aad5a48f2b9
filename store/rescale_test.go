package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/grid"
	"phutai/store"
	"phutai/store/storetest"
)

// due makes readings primary by one ratio; those of the point "A" came by 600/5.
func due(ct float64) store.Scaling {
	return store.Scaling{
		Made: func(r *grid.Reading) (grid.Ratio, bool) { return grid.Ratio{CT: 120, VT: 1}, r.Ratio == 120 },
		Due:  func(*grid.Reading) (grid.Ratio, bool) { return grid.Ratio{CT: ct, VT: 1}, true },
	}
}

func every(*grid.Reading) bool { return true }

func (f *file) rescale(ct float64) store.Rescaled {
	f.t.Helper()
	n, err := f.Rescale(f.t.Context(), "A", storetest.Noon.AddDate(-2, 0, 0), storetest.Noon.AddDate(1, 0, 0), due(ct), every)
	if err != nil {
		f.t.Fatal(err)
	}
	return n
}

func (f *file) origins() (n int) {
	f.t.Helper()
	if err := f.db.Read.QueryRow("SELECT count(*) FROM origin").Scan(&n); err != nil {
		f.t.Fatal(err)
	}
	return n
}

func (f *file) kw() (out []float64) {
	f.t.Helper()
	for _, source := range []grid.Source{grid.Instant, grid.Profile} {
		err := f.Series(f.t.Context(), "A", source, storetest.Noon.AddDate(-2, 0, 0), storetest.Noon.AddDate(1, 0, 0), func(r grid.Reading) error {
			x, _ := r.Values.Get(grid.P)
			out = append(out, x)
			return nil
		})
		if err != nil {
			f.t.Fatal(err)
		}
	}
	return out
}

func TestRescaledReadingsKeepWhatTheyWere(t *testing.T) {
	f := newFile(t)
	rough := storetest.Reading("A", 1, 24)
	rough.Quality = rough.Quality.With(grid.P, grid.Suspect)
	foreign := storetest.Reading("A", 2, 7)
	foreign.Ratio = 33 // no ratio that the register ever had
	f.put(storetest.Reading("A", 0, 12.345), rough, foreign, storetest.Row("A", 30, 36))
	if n := f.rescale(160); n != (store.Rescaled{Changed: 3, Unknown: 1}) {
		t.Errorf("rescaled %+v", n)
	}
	if diff := cmp.Diff([]float64{16.46, 32, 7, 48}, f.kw()); diff != "" {
		t.Error(diff)
	}
	if r, _ := f.LatestOf("A", grid.Profile); r.Ratio != 160 {
		t.Errorf("the newest row stands by %v", r.Ratio)
	}
	if n := f.rescale(160); n.Changed != 0 || f.origins() != 3 {
		t.Errorf("again %+v, %d origins", n, f.origins())
	}
	better := rough // by the ratio that holds now
	better.Quality, better.Ratio = 0, 160
	better.Values.Set(grid.P, 32.5)
	f.put(better)
	if f.origins() != 2 {
		t.Errorf("a reading that was replaced keeps its origin: %d", f.origins())
	}
	f.reopen()
	if n := f.rescale(0.1); n.Changed != 2 { // the replaced one came by 160
		t.Errorf("to a small ratio %+v", n)
	}
	if n := f.rescale(120); n.Changed != 2 || f.origins() != 0 {
		t.Errorf("taken back %+v, %d origins", n, f.origins())
	}
	if diff := cmp.Diff([]float64{12.345, 32.5, 7, 36}, f.kw()); diff != "" {
		t.Errorf("taken back: %s", diff)
	}
}

func TestSeriesByOtherRatiosLeavesTheJournalAlone(t *testing.T) {
	f := newFile(t)
	f.put(storetest.Reading("A", 0, 12), storetest.Reading("A", 1, 24))
	f.rescale(160)
	for ct, want := range map[float64][]float64{120: {12, 24}, 160: {16, 32}, 60: {6, 12}} {
		var got []float64
		err := f.SeriesBy(t.Context(), "A", grid.Instant, storetest.Noon, storetest.Noon.AddDate(0, 0, 1), due(ct), func(r grid.Reading) error {
			x, _ := r.Values.Get(grid.P)
			if r.Ratio != ct {
				t.Errorf("ratio %v, want %v", r.Ratio, ct)
			}
			got = append(got, x)
			return nil
		})
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("by %v: %v %s", ct, err, diff)
		}
	}
	if diff := cmp.Diff([]float64{16, 32}, f.kw()); diff != "" {
		t.Error(diff)
	}
}

// The consumer that derives is not handed what was only scaled, the writers of other
// databases are.
func TestOnlyCopiesFollowWhatWasScaled(t *testing.T) {
	f := newFile(t)
	f.put(storetest.Reading("A", 0, 12))
	all, measured := newFollower(), newFollower()
	follow(t, f.Journal, all, 1)
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- f.FollowMeasured(ctx, "measured", measured.take) }()
	<-measured.came
	f.rescale(160)
	f.put(storetest.Reading("A", 1, 7)) // the next that is measured
	<-measured.came
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if got := measured.all(); len(got) != 2 || got[1].Ratio != 120 {
		t.Errorf("measured: %+v", got)
	}
	if got := follow(t, f.Journal, all, 3); len(got) != 3 || got[1].Ratio != 160 {
		t.Errorf("copied: %+v", got)
	}
}

func TestOldOriginsGoWithTheirReadings(t *testing.T) {
	f := newFile(t)
	f.put(storetest.Reading("A", aged, 1), storetest.Reading("A", -60, 2))
	f.rescale(160)
	f.expire(always)
	if n := f.origins(); n != 1 {
		t.Errorf("%d origins are left, want that of the reading that is kept", n)
	}
}
