package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/grid"
	"phutai/store"
	"phutai/store/storetest"
)

// follower gathers what a consumer is handed, and may be told to misbehave.
type follower struct {
	mu   sync.Mutex
	seen []grid.Reading
	fail error
	came chan struct{}
}

func newFollower() *follower { return &follower{came: make(chan struct{}, 1000)} }

func (f *follower) take(_ context.Context, rs []grid.Reading) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	defer func() { f.came <- struct{}{} }()
	if err := f.fail; err != nil {
		f.fail = nil
		return err
	}
	f.seen = append(f.seen, rs...)
	return nil
}

func (f *follower) all() []grid.Reading {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]grid.Reading(nil), f.seen...)
}

// follow runs a consumer until it has seen n readings or more, then ends it.
func follow(t *testing.T, j *store.Journal, f *follower, n int) []grid.Reading {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- j.Follow(ctx, "test", f.take) }()
	for len(f.all()) < n {
		select {
		case <-f.came:
		case <-ctx.Done():
			t.Fatalf("saw %d readings, want %d", len(f.all()), n)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	return f.all()
}

func TestFollowerGetsWhatWasThereAndThenWhatComes(t *testing.T) {
	f := newFile(t)
	var past []grid.Reading
	for i := range 1500 {
		past = append(past, storetest.Reading("A", i, float64(i)))
	}
	f.put(past...)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	c := newFollower()
	ended := make(chan error, 1)
	go func() { ended <- f.Follow(ctx, "test", c.take) }()
	wait := func(n int) {
		t.Helper()
		for len(c.all()) < n {
			select {
			case <-c.came:
			case <-ctx.Done():
				t.Fatalf("saw %d, want %d", len(c.all()), n)
			}
		}
	}
	wait(len(past))
	next := storetest.Reading("B", 0, 7)
	f.put(next, storetest.Absence("C", 0, grid.NoRoute))
	wait(len(past) + 1)
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(append(past, next), c.all(), storetest.Equal); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFollowerGoesOnWhereItWasAfterARestart(t *testing.T) {
	f := newFile(t)
	first, second := storetest.Reading("A", 0, 1), storetest.Reading("A", 5, 2)
	f.put(first)
	follow(t, f.Journal, newFollower(), 1)
	f.put(second)
	f.put(first, second) // a replay adds nothing
	f.reopen()
	third := storetest.Reading("A", 10, 3)
	f.put(third)
	got := follow(t, f.Journal, newFollower(), 2)
	if diff := cmp.Diff([]grid.Reading{second, third}, got, storetest.Equal); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFailedConsumerGetsTheSameAgain(t *testing.T) {
	f := newFile(t)
	f.put(storetest.Reading("A", 0, 1))
	c := newFollower()
	c.fail = errors.New("disk full")
	got := follow(t, f.Journal, c, 1)
	if diff := cmp.Diff([]grid.Reading{storetest.Reading("A", 0, 1)}, got, storetest.Equal); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestConsumerIsPutBackToAnEarlierPlace(t *testing.T) {
	f := newFile(t)
	put := func(name, like string) {
		t.Helper()
		if err := f.SetPlace(t.Context(), name, like); err != nil {
			t.Fatal(err)
		}
	}
	first, second := storetest.Reading("A", 0, 1), storetest.Reading("A", 5, 2)
	f.put(first)
	follow(t, f.Journal, newFollower(), 1)
	put("kept", "test")
	f.put(second)
	follow(t, f.Journal, newFollower(), 1)
	f.reopen()
	put("test", "kept")
	if diff := cmp.Diff([]grid.Reading{second}, follow(t, f.Journal, newFollower(), 1), storetest.Equal); diff != "" {
		t.Errorf("from the kept place (-want +got):\n%s", diff)
	}
	put("test", "nobody")
	if diff := cmp.Diff([]grid.Reading{first, second}, follow(t, f.Journal, newFollower(), 2), storetest.Equal); diff != "" {
		t.Errorf("from the beginning (-want +got):\n%s", diff)
	}
}

func TestReplacedReadingComesAgain(t *testing.T) {
	f := newFile(t)
	bad, good := storetest.Reading("A", 0, 9), storetest.Reading("A", 0, 1)
	bad.Quality = bad.Quality.With(grid.P, grid.Suspect)
	f.put(bad)
	follow(t, f.Journal, newFollower(), 1)
	f.put(good)
	got := follow(t, f.Journal, newFollower(), 1)
	if diff := cmp.Diff([]grid.Reading{good}, got, storetest.Equal); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFeedIsShortenedOnceAllHavePassed(t *testing.T) {
	f := newFile(t)
	f.LimitFeed(store.FeedLimits{Keep: 10})
	commits := func(from, to int) {
		for i := from; i < to; i++ {
			f.put(storetest.Reading("A", i, 1))
		}
	}
	rows := func() int64 { return f.number("SELECT count(*) FROM commit_log") }
	f.put(storetest.Reading("A", -1, 1))
	follow(t, f.Journal, newFollower(), 1) // passes one, and is then away
	commits(0, 300)
	if n := rows(); n < 300 {
		t.Errorf("the feed holds %d commits although a cursor needs 300", n)
	}
	if got := follow(t, f.Journal, newFollower(), 300); len(got) != 300 {
		t.Errorf("the one that was away got %d readings", len(got))
	}
	commits(300, 450)
	if err := f.Forget(t.Context(), "test"); err != nil {
		t.Fatal(err)
	}
	commits(450, 600)
	if n := rows(); n > 10+64+1 {
		t.Errorf("the feed holds %d commits although nobody needs them", n)
	}
}

func TestFollowerFarBehindReadsEverythingAgain(t *testing.T) {
	f := newFile(t)
	f.LimitFeed(store.FeedLimits{Keep: 10, Max: 100})
	f.put(storetest.Reading("A", -1, 1))
	follow(t, f.Journal, newFollower(), 1)
	for i := range 300 {
		f.put(storetest.Reading("A", i, 1))
	}
	if n := f.number("SELECT count(*) FROM commit_log"); n > 200 {
		t.Errorf("the feed holds %d commits, want 100 or so", n)
	}
	if got := follow(t, f.Journal, newFollower(), 301); len(got) < 301 {
		t.Errorf("got %d readings, want all 301", len(got))
	}
}

func TestLoadingHasAFeedOfItsOwn(t *testing.T) {
	f := newFile(t)
	f.put(storetest.Reading("A", 0, 1))
	want := []grid.Loading{{Transformer: "T1", Point: "A", Source: grid.Instant, At: storetest.Noon, LimitA: 577.35}}
	if err := f.SaveLoading(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var got []grid.Loading
	err := f.FollowLoading(ctx, "loadings", func(_ context.Context, rows []grid.Loading) error {
		got = append(got, rows...)
		if len(got) == 1 {
			again := want[0]
			again.LimitA = 600
			want = append(want, again)
			if err := f.SaveLoading(ctx, want[1:]); err != nil {
				return err
			}
		}
		if len(got) == 2 {
			cancel()
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if seen := follow(t, f.Journal, newFollower(), 1); len(seen) != 1 {
		t.Errorf("the follower of readings saw %d, want 1", len(seen))
	}
	behind, err := f.Behind(t.Context())
	if err != nil || len(behind) != 2 {
		t.Errorf("behind is %v, %v", behind, err)
	}
}

func TestManyFollowersSeeEverythingWhileNewPointsAppear(t *testing.T) {
	f := newFile(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	const points, followers = 200, 6
	var ended sync.WaitGroup
	seen := make([]map[grid.PointID]bool, followers)
	for i := range followers {
		seen[i] = map[grid.PointID]bool{}
		mine, done := context.WithCancel(ctx)
		ended.Go(func() {
			defer done()
			err := f.Follow(mine, fmt.Sprint("follower ", i), func(_ context.Context, rs []grid.Reading) error {
				for _, r := range rs {
					seen[i][r.Point] = true
				}
				if len(seen[i]) == points {
					done()
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	for p := range points {
		id := grid.PointID(fmt.Sprint("P", p))
		f.put(storetest.Reading(id, p, 1), storetest.Absence(id, p+2, grid.NoAnswer), storetest.Absence(id, p+1, grid.NoAnswer))
	}
	ended.Wait()
	for i := range followers {
		if len(seen[i]) != points {
			t.Errorf("follower %d saw %d points, want %d", i, len(seen[i]), points)
		}
	}
}
