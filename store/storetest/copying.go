package storetest

import (
	"context"
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
