package storetest

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"phutai/db"
	"phutai/grid"
	"phutai/store"
)

// NewJournal opens an empty journal that lasts as long as the test.
func NewJournal(t testing.TB) *store.Journal {
	t.Helper()
	file, err := db.Open(filepath.Join(t.TempDir(), "journal.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	j, err := store.OpenJournal(context.Background(), file, nil)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// Fill commits half-hours of points, each with twelve figures, and tells how many
// readings that are.
func Fill(t testing.TB, j *store.Journal, points, rows int) int {
	t.Helper()
	for row := range rows {
		var part []grid.Reading
		for p := range points {
			r := Row(grid.PointID(fmt.Sprintf("PA08TT%04d", p)), -30*row, 0)
			for q := range grid.Quantity(12) {
				r.Values.Set(q, q.Round(230.17+float64(p%50)*0.31+float64(row%48)*1.7+float64(q)))
			}
			part = append(part, r)
		}
		if _, err := j.Commit(t.Context(), store.Entry{Readings: part}); err != nil {
			t.Fatal(err)
		}
	}
	return points * rows
}

// AwaitCopied waits until a consumer has passed all that is in the journal.
func AwaitCopied(t testing.TB, j *store.Journal, consumer string) {
	t.Helper()
	for end := time.Now().Add(within); ; time.Sleep(time.Millisecond) {
		behind, err := j.Behind(t.Context())
		if at, there := behind[consumer]; err == nil && there && at == 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s is behind: %v, %v", consumer, behind, err)
		}
	}
}

// Start runs a writer until stop is called, or else until the test ends.
func Start(t testing.TB, run func(context.Context) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := run(ctx); err != nil {
			t.Errorf("writer: %v", err)
		}
	}()
	stop = func() {
		cancel()
		<-ended
	}
	t.Cleanup(stop)
	return stop
}

// Nowhere knows no transformer's place.
type Nowhere struct{}

// Place gives neither feeder nor unit.
func (Nowhere) Place(grid.TransformerID, time.Time) (grid.FeederID, grid.UnitID) { return "", "" }
