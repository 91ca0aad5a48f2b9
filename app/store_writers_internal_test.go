package app

import (
	"context"
	"testing"

	"phutai/grid"
	"phutai/store"
	"phutai/store/influx"
	"phutai/store/storetest"
	"phutai/store/victoria"
)

// The place of a writer that is no longer configured would hold back the feed.
func TestPlacesOfDatabasesThatAreGoneAreGivenUp(t *testing.T) {
	j := storetest.NewJournal(t)
	if _, err := j.Commit(t.Context(), store.Entry{Readings: []grid.Reading{storetest.Reading("A", 0, 1)}}); err != nil {
		t.Fatal(err)
	}
	names := append(influx.Consumers(), victoria.Consumers()...)
	for _, name := range names {
		ctx, cancel := context.WithCancel(t.Context())
		if err := j.Follow(ctx, name, func(context.Context, []grid.Reading) error { cancel(); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	both := DefaultConfig().Store
	both.Influx.URL, both.Victoria.URL = "http://127.0.0.1:1", "http://127.0.0.1:1"
	alone := both
	alone.Victoria.URL = ""
	for _, test := range []struct {
		cfg             StoreConfig
		writers, places int
	}{{both, 2, len(names)}, {alone, 1, 2}, {DefaultConfig().Store, 0, 0}} {
		writers, err := newStoreWriters(t.Context(), test.cfg, j, storetest.Nowhere{}, nil, grid.RealClock{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		behind, err := j.Behind(t.Context())
		if err != nil || len(writers) != test.writers || len(behind) != test.places {
			t.Errorf("%d writers and the places %v, %v; want %d and %d", len(writers), behind, err, test.writers, test.places)
		}
	}
}
