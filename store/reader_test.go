package store_test

import (
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"phutai/grid"
	"phutai/store/storetest"
)

// An export, a page or a consumer that stands still in the midst of its rows does
// not hold a moment of the file: the write-ahead log goes on beginning anew.
func TestReaderThatStandsStillDoesNotLetTheLogGrow(t *testing.T) {
	f := newFile(t)
	row := func(n int) grid.Loading {
		return grid.Loading{Transformer: "T", Point: "A", Source: grid.Profile, At: storetest.Noon.Add(time.Duration(n) * time.Minute), SKVA: grid.Known(1)}
	}
	var readings []grid.Reading
	var rows []grid.Loading
	for n := range 3000 {
		readings = append(readings, storetest.Reading("A", -n, 1))
		rows = append(rows, row(-n))
	}
	f.put(readings...)
	if err := f.SaveLoading(t.Context(), rows); err != nil {
		t.Fatal(err)
	}
	stuck, goOn := make(chan struct{}), make(chan struct{})
	ended := make(chan error, 2)
	enough := errors.New("enough")
	halt := func(n *int) error {
		if *n++; *n == 1500 {
			stuck <- struct{}{}
			<-goOn
			return enough
		}
		return nil
	}
	go func() {
		n := 0
		ended <- f.Series(t.Context(), "A", grid.Instant, time.Time{}, storetest.Noon, func(grid.Reading) error { return halt(&n) })
	}()
	go func() {
		n := 0
		ended <- f.LoadingSeries(t.Context(), "T", time.Time{}, storetest.Noon, func(grid.Loading) error { return halt(&n) })
	}()
	<-stuck
	<-stuck
	most := int64(0)
	for n := range 60 { // some 60 MB of pages written again and again
		var more []grid.Reading
		for k := range 2000 {
			more = append(more, storetest.Reading(grid.PointID(fmt.Sprint("P", k)), -n, 1))
		}
		f.put(more...)
		if info, err := os.Stat(f.path + "-wal"); err == nil {
			most = max(most, info.Size())
		}
	}
	close(goOn)
	for range 2 {
		if err := <-ended; !errors.Is(err, enough) {
			t.Error(err)
		}
	}
	// 2,000 pages are where a checkpoint begins; one commit comes on top.
	if most == 0 || most > 40<<20 {
		t.Errorf("the log has grown to %d MB beside readers that stand still", most>>20)
	}
	t.Logf("largest log: %d MB", most>>20)
}
