package store_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/grid"
	"phutai/store"
	"phutai/store/storetest"
)

// year is how long the journals of these tests keep everything.
var year = store.Keep{Readings: 12, Absences: 12, Loadings: 12, DeadLetters: 12, MostLetters: 100}

// aged is the minutes after storetest.Noon of something a year and a day old,
// seen from storetest.Noon.
const aged = -366 * 24 * 60

func always(context.Context) bool { return true }

func (f *file) expire(rest func(context.Context) bool) store.Expired {
	f.t.Helper()
	gone, err := f.Expire(f.t.Context(), storetest.Noon, year, rest)
	if err != nil {
		f.t.Fatal(err)
	}
	return gone
}

func TestOldRowsGoAndTheMemoryStaysRight(t *testing.T) {
	f := newFile(t)
	day := 24 * 60
	f.put(
		storetest.Reading("A", aged, 1), storetest.Row("A", aged, 2), storetest.Reading("A", -day, 3), storetest.Row("A", -day, 4),
		storetest.Reading("silent", aged, 5), storetest.Row("silent", aged, 6),
		storetest.Absence("A", aged+1, grid.NoAnswer), storetest.Absence("A", -5, grid.NoAnswer),
		storetest.Absence("silent", aged+1, grid.NoRoute), storetest.Absence("silent", -5, grid.NoRoute),
	)
	row := func(id grid.TransformerID, minutes int) grid.Loading {
		return grid.Loading{Transformer: id, Point: "A", Source: grid.Instant, At: storetest.Noon.Add(time.Duration(minutes) * time.Minute)}
	}
	if err := f.SaveLoading(t.Context(), []grid.Loading{row("gone", aged), row("T", aged), row("T", -day)}); err != nil {
		t.Fatal(err)
	}
	old := store.DeadLetter{FirstSeen: storetest.Noon.AddDate(-1, 0, -1), Collector: "c", Reason: "poison", Payload: []byte("old")}
	fresh := store.DeadLetter{FirstSeen: storetest.Noon, Collector: "c", Reason: "poison", Payload: []byte("new")}
	if err := f.Bury(t.Context(), old, fresh); err != nil {
		t.Fatal(err)
	}

	want := store.Expired{Readings: 4, Absences: 2, Loadings: 2, DeadLetters: 1}
	if diff := cmp.Diff(want, f.expire(always)); diff != "" {
		t.Errorf("removed (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(store.Expired{}, f.expire(always)); diff != "" {
		t.Errorf("removed again (-want +got):\n%s", diff)
	}
	for _, when := range []string{"", "opened again: "} {
		if got, want := f.Count(), (store.Counts{Readings: 2, Absences: 2, DeadLetters: 1}); got != want {
			t.Errorf("%scounts %+v, want %+v", when, got, want)
		}
		if n := f.number("SELECT (SELECT count(*) FROM reading) * 100 + (SELECT count(*) FROM absence) * 10 + (SELECT count(*) FROM loading)"); n != 221 {
			t.Errorf("%sthe tables hold %d readings, absences and loadings, want 221", when, n)
		}
		if r, ok := f.LatestOf("silent", grid.Instant); ok {
			t.Errorf("%sthe newest reading of the silent point is still %v", when, r.At)
		}
		if r, _ := f.LatestOf("A", grid.Profile); !r.At.Equal(storetest.Noon.Add(-24 * time.Hour)) {
			t.Errorf("%sthe newest row of A is of %v", when, r.At)
		}
		contacts := map[grid.PointID]int{}
		for _, c := range f.Contacts(t.Context()) {
			contacts[c.Point] = c.Misses
		}
		if diff := cmp.Diff(map[grid.PointID]int{"A": 0, "silent": 1}, contacts); diff != "" {
			t.Errorf("%smisses (-want +got):\n%s", when, diff)
		}
		loads, err := f.LatestLoading(t.Context())
		if diff := cmp.Diff([]grid.Loading{row("T", -day)}, loads); diff != "" || err != nil {
			t.Errorf("%snewest loadings (-want +got, %v):\n%s", when, err, diff)
		}
		f.reopen()
	}
}

func TestAccountsOfTheAuditGoWithTheReadings(t *testing.T) {
	f := newFile(t)
	for day := range 3000 { // more than a slice of them is older than a year
		_, err := f.db.Write.Exec("INSERT INTO collection (point, source, day, due, received, explained) VALUES (1, 1, ?, 288, 288, 0)",
			storetest.Noon.AddDate(0, 0, day-2999).UnixMilli())
		if err != nil {
			t.Fatal(err)
		}
	}
	f.expire(always)
	if n := f.number("SELECT count(*) FROM collection"); n != 366 {
		t.Errorf("%d days of accounts are kept, want those of the last year", n)
	}
}

func TestCommitsComeBetweenTheSlices(t *testing.T) {
	f := newFile(t)
	const points, each = 30, 300
	for p := range points {
		var rs []grid.Reading
		for i := range each {
			rs = append(rs, storetest.Reading(grid.PointID(fmt.Sprint("P", p)), aged-i, 1))
		}
		f.put(rs...)
	}
	var left []int64
	gone := f.expire(func(context.Context) bool {
		f.put(storetest.Reading("new", len(left), 1)) // the writer is free
		left = append(left, f.Count().Readings-int64(len(left)+1))
		return true
	})
	// 9,000 rows of series of 300 in slices of 2,000.
	if diff := cmp.Diff([]int64{7000, 5000, 3000, 1000, 0}, left); diff != "" || gone.Readings != points*each {
		t.Errorf("old readings left after each slice (-want +got, %d gone):\n%s", gone.Readings, diff)
	}
	if got := f.reopen().Count().Readings; got != int64(len(left)) {
		t.Errorf("%d readings are there, want the %d new ones", got, len(left))
	}
}

func TestRetentionThatIsEndedGoesOnNextTime(t *testing.T) {
	f := newFile(t)
	var rs []grid.Reading
	for i := range 4500 {
		rs = append(rs, storetest.Reading("A", aged-i, 1))
	}
	f.put(rs...)
	never := func(context.Context) bool { return false }
	for _, want := range []int64{2000, 2000, 500, 0} {
		if got := f.expire(never).Readings; got != want {
			t.Errorf("%d readings went, want %d", got, want)
		}
	}
}

func TestFollowerPassesRowsThatAreGone(t *testing.T) {
	f := newFile(t)
	f.put(storetest.Reading("A", -1, 1))
	follow(t, f.Journal, newFollower(), 1) // is then away
	f.put(storetest.Reading("A", aged, 2))
	f.put(storetest.Reading("A", aged+1, 3), storetest.Reading("A", 0, 4))
	f.expire(always)
	got := follow(t, f.Journal, newFollower(), 1)
	if diff := cmp.Diff([]grid.Reading{storetest.Reading("A", 0, 4)}, got, storetest.Equal); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestZeroMonthsKeepForEver(t *testing.T) {
	f := newFile(t)
	f.put(storetest.Reading("A", aged, 1), storetest.Absence("A", aged+1, grid.NoAnswer))
	gone, err := f.Expire(t.Context(), storetest.Noon, store.Keep{}, always)
	if err != nil || gone != (store.Expired{}) {
		t.Errorf("%+v went, %v", gone, err)
	}
}

func TestRetentionRunsEveryHour(t *testing.T) {
	f := newFile(t)
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		time.Sleep(10 * 365 * 24 * time.Hour) // the years before are not for readings
		start := time.Now()
		for i, minutes := range []int{-30, 30, 90} { // the ages at which they go, seen from now
			r := storetest.Reading(grid.PointID(fmt.Sprint("P", i)), 0, 1)
			r.At = start.AddDate(-1, 0, 0).Add(time.Duration(minutes) * time.Minute)
			if _, err := f.Commit(ctx, store.Entry{Readings: []grid.Reading{r}}); err != nil {
				t.Fatal(err)
			}
		}
		go func() { ended <- f.KeepTo(ctx, grid.RealClock{}, year) }()
		for _, want := range []int64{2, 1, 0} {
			time.Sleep(10 * time.Minute)
			synctest.Wait()
			if got := f.Count().Readings; got != want {
				t.Errorf("after %s %d readings are left, want %d", time.Since(start), got, want)
			}
			time.Sleep(50 * time.Minute)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestKeepNamesItsProblems(t *testing.T) {
	if got := store.DefaultKeep().Validate(); len(got) != 0 {
		t.Errorf("the default has problems: %v", got)
	}
	var fields []string
	for _, p := range (store.Keep{Readings: 25, Absences: 13, Loadings: -1, DeadLetters: 5000}).Validate() {
		fields = append(fields, p.Field)
	}
	if diff := cmp.Diff([]string{"loadings", "dead_letters", "absences", "most_dead_letters"}, fields); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
