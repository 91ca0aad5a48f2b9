package store_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/db"
	"phutai/grid"
	"phutai/store"
	"phutai/store/storetest"
)

// hanoi is where days are cut in these tests.
func hanoi(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Ho_Chi_Minh")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func (f *file) days(zone *time.Location) *store.Days {
	return store.NewDays(f.Journal, zone, store.DefaultKeep(), stopped{})
}

// follow brings days up to date, or ends on the way after some steps.
func (f *file) followDays(d *store.Days, zone *time.Location, steps int) {
	f.t.Helper()
	ctx, stop := context.WithTimeout(f.t.Context(), time.Minute)
	defer stop()
	ended := make(chan error, 1)
	go func() {
		ended <- d.Run(ctx, func(err error) {
			if err != nil && ctx.Err() == nil {
				f.t.Error(err)
			}
			if steps--; steps == 0 {
				stop()
			}
		})
	}()
	for ctx.Err() == nil {
		behind, err := f.Behind(f.t.Context())
		if err != nil {
			f.t.Fatal(err)
		}
		if n, placed := behind["days/1/"+zone.String()]; placed && n == 0 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		f.t.Fatal("days do not come up to date")
	}
	stop()
	if err := <-ended; err != nil {
		f.t.Fatal(err)
	}
}

// In whatever order rows come, are repeated and corrected, and wherever the
// program is killed, days are what a scan over all rows comes to.
func TestDaysAreWhatAScanComesTo(t *testing.T) {
	for seed := range uint64(4) {
		r := rand.New(rand.NewPCG(seed, 17))
		zone := []*time.Location{hanoi(t), time.UTC}[seed%2]
		f := newFile(t)
		for round := range 4 {
			for range 1 + r.IntN(8) {
				var rows []grid.Loading
				for range 1 + r.IntN(300) {
					rows = append(rows, anyRow(r))
				}
				if r.IntN(2) == 0 { // as they come live, which is mostly in order
					slices.SortFunc(rows, func(a, b grid.Loading) int { return a.At.Compare(b.At) })
				}
				if err := f.SaveLoading(t.Context(), rows); err != nil {
					t.Fatal(err)
				}
				if r.IntN(3) == 0 {
					f.followDays(f.days(zone), zone, 1+r.IntN(3))
				}
			}
			if round == 2 {
				if err := store.RecomputeDays(t.Context(), f.db); err != nil {
					t.Fatal(err)
				}
			}
			f.reopen()
			d := f.days(zone)
			f.followDays(d, zone, -1)
			byDay := map[time.Time]int{}
			for _, id := range []grid.TransformerID{"T0", "T1", "T2", "nobody"} {
				want := f.scanned(id, zone)
				got, err := d.LoadDays(t.Context(), id, time.Time{}, storetest.Noon.AddDate(1, 0, 0))
				if diff := cmp.Diff(want, got); diff != "" || err != nil {
					t.Fatalf("seed %d, round %d, %s (-scan +days, %v):\n%s", seed, round, id, err, diff)
				}
				for _, x := range want {
					byDay[x.Day]++
				}
			}
			for day, n := range byDay {
				if got, err := d.FleetDay(t.Context(), day.Add(5*time.Hour)); err != nil || len(got) != n {
					t.Errorf("the fleet has %d transformers on %s, want %d (%v)", len(got), day, n, err)
				}
			}
		}
	}
}

func TestRowBelongsToTheDayInWhichItsIntervalStarts(t *testing.T) {
	f, zone := newFile(t), hanoi(t)
	midnight := time.Date(2026, 6, 3, 0, 0, 0, 0, zone)
	row := func(at time.Time, source grid.Source, pct float64) grid.Loading {
		return grid.Loading{
			Transformer: "T", Point: "P", At: at.UTC(), Source: source, Interval: 30 * time.Minute,
			PhaseMaxPct: grid.Known(pct), WorstPhase: grid.PhaseB, PKW: grid.Known(100),
		}
	}
	err := f.SaveLoading(t.Context(), []grid.Loading{
		row(midnight, grid.Profile, 120), row(midnight.Add(30*time.Minute), grid.Profile, 50), row(midnight, grid.Instant, 90),
	})
	if err != nil {
		t.Fatal(err)
	}
	d := f.days(zone)
	f.followDays(d, zone, -1)
	got, err := d.LoadDays(t.Context(), "T", midnight.AddDate(0, 0, -1), midnight.AddDate(0, 0, 1))
	if err != nil || len(got) != 2 {
		t.Fatalf("%d days, %v", len(got), err)
	}
	for i, want := range []grid.LoadDay{
		{Transformer: "T", Day: midnight.AddDate(0, 0, -1).UTC(), Profile: [4]int{1}, Last: midnight.UTC(),
			PhaseMaxPct: grid.Peak{X: 120, At: midnight.UTC(), Known: true}, WorstPhase: grid.PhaseB,
			MinKW: grid.Known(100), MaxKW: grid.Known(100), EnergyKWh: grid.Known(50), Covered: 30 * time.Minute},
		{Transformer: "T", Day: midnight.UTC(), Instant: [4]int{1}, Profile: [4]int{1}, Last: midnight.Add(30 * time.Minute).UTC(),
			PhaseMaxPct: grid.Peak{X: 90, At: midnight.UTC(), Known: true}, WorstPhase: grid.PhaseB,
			MinKW: grid.Known(100), MaxKW: grid.Known(100), EnergyKWh: grid.Known(50), Covered: 30 * time.Minute},
	} {
		if diff := cmp.Diff(want, got[i]); diff != "" {
			t.Errorf("day %d (-want +got):\n%s", i, diff)
		}
	}
	if mean := got[1].MeanKW(); mean != grid.Known(100) {
		t.Errorf("mean %v, want 100 kW", mean)
	}
}

// A day outlives the rows of which it was made, and a row of it that comes
// later does not make it less.
func TestDaysOutliveTheirRows(t *testing.T) {
	f, zone := newFile(t), hanoi(t)
	old := storetest.Noon.AddDate(0, -26, 0)
	row := func(at time.Time) grid.Loading {
		return grid.Loading{Transformer: "T", Point: "P", At: at, Source: grid.Instant, Interval: 5 * time.Minute, PhaseMaxPct: grid.Known(99)}
	}
	if err := f.SaveLoading(t.Context(), []grid.Loading{row(old), row(old.Add(time.Hour))}); err != nil {
		t.Fatal(err)
	}
	young := store.NewDays(f.Journal, zone, store.Keep{}, stopped{})
	f.followDays(young, zone, -1)
	gone, err := f.Expire(t.Context(), storetest.Noon, store.DefaultKeep(), always)
	if err != nil || gone.Loadings != 2 || gone.Days != 0 {
		t.Fatalf("%+v went, %v", gone, err)
	}
	if err := f.SaveLoading(t.Context(), []grid.Loading{row(old)}); err != nil {
		t.Fatal(err)
	}
	d := f.days(zone)
	f.followDays(d, zone, -1)
	if err := store.RecomputeDays(t.Context(), f.db); err != nil {
		t.Fatal(err)
	}
	f.followDays(d, zone, -1)
	got, err := d.LoadDays(t.Context(), "T", time.Time{}, storetest.Noon)
	if err != nil || len(got) != 1 || got[0].Instant[0] != 2 {
		t.Errorf("days %+v, %v; want one of two rows", got, err)
	}
	gone, err = f.Expire(t.Context(), storetest.Noon.AddDate(8, 0, 0), store.DefaultKeep(), always)
	if err != nil || gone.Days != 1 {
		t.Errorf("after ten years %+v went, %v", gone, err)
	}
}

// What a person orders beside the running program is done with the next row.
func TestDaysAreWorkedOutAgainBesideTheRunningProgram(t *testing.T) {
	f, zone := newFile(t), hanoi(t)
	row := func(minutes int) grid.Loading {
		return grid.Loading{Transformer: "T", Point: "P", At: storetest.Noon.Add(time.Duration(minutes) * time.Minute), Source: grid.Instant, PhaseMaxPct: grid.Known(80)}
	}
	save := func(minutes int) {
		t.Helper()
		if err := f.SaveLoading(t.Context(), []grid.Loading{row(minutes)}); err != nil {
			t.Fatal(err)
		}
	}
	save(0)
	d := f.days(zone)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	done := make(chan struct{}, 100)
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx, func(error) { done <- struct{}{} }) }()
	<-done
	if _, err := f.db.Write.Exec("DELETE FROM load_day"); err != nil {
		t.Fatal(err)
	}
	beside, err := db.OpenBeside(t.Context(), f.path)
	if err != nil {
		t.Fatal(err)
	}
	defer beside.Close()
	if err := store.RecomputeDays(t.Context(), beside); err != nil {
		t.Fatal(err)
	}
	save(-24 * 60)
	deadline := time.After(time.Minute)
	for {
		all, err := d.LoadDays(t.Context(), "T", time.Time{}, storetest.Noon.AddDate(0, 0, 1))
		if err != nil {
			t.Fatal(err)
		}
		if len(all) == 2 {
			break
		}
		select {
		case <-done:
		case <-deadline:
			t.Fatalf("the days are %+v", all)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
