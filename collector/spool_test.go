package collector_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/collector"
	"phutai/db"
	"phutai/grid"
)

var exact = cmp.Comparer(func(a, b grid.Values) bool { return a == b })

func openSpool(t *testing.T, path string, limit uint64) *collector.Spool {
	t.Helper()
	s, err := collector.OpenSpool(t.Context(), path, collector.Bounds{Readings: limit}, true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func numbered(n int) []grid.Reading {
	out := make([]grid.Reading, n)
	for i := range out {
		out[i] = grid.Reading{Point: "P", Source: grid.Instant, At: time.UnixMilli(1_780_000_000_000 + int64(i)).UTC()}
		out[i].Values.Set(grid.P, float64(i)/8)
	}
	return out
}

func appendAll(t *testing.T, s *collector.Spool, rs []grid.Reading) {
	t.Helper()
	if err := s.Append(t.Context(), rs); err != nil {
		t.Fatal(err)
	}
}

func TestEpochAndSequenceSurviveReopening(t *testing.T) {
	path := filepath.Join(t.TempDir(), "spool.db")
	s := openSpool(t, path, 1000)
	appendAll(t, s, numbered(3))
	epoch, last := s.Position()
	if _, err := s.Forget(t.Context(), grid.Watermark{Epoch: epoch, Seq: 3}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openSpool(t, path, 1000)
	appendAll(t, s, numbered(2))
	epoch2, last2 := s.Position()
	if epoch2 != epoch || last != 3 || last2 != 5 {
		t.Errorf("epoch %s then %s, last %d then %d; want the same epoch, 3 and 5", epoch, epoch2, last, last2)
	}
	b, err := s.Batch(t.Context(), 1, 100, 10)
	if err != nil || b.FirstSeq != 4 {
		t.Errorf("first reading has number %d, %v, want 4", b.FirstSeq, err)
	}
	if diff := cmp.Diff(numbered(2), b.Readings, exact); diff != "" {
		t.Error(diff)
	}
	other, _ := openSpool(t, filepath.Join(t.TempDir(), "other.db"), 1000).Position()
	if other == epoch {
		t.Error("two files have one epoch")
	}
}

func TestOnlyWhatTheWatermarkCoversIsForgotten(t *testing.T) {
	for name, c := range map[string]struct {
		mark grid.Watermark
		left []uint64
	}{
		"prefix":           {grid.Watermark{Seq: 8}, []uint64{9, 10}},
		"holes":            {grid.Watermark{Seq: 9, Missing: [][2]uint64{{2, 3}, {7, 7}}}, []uint64{2, 3, 7, 10}},
		"hole at the ends": {grid.Watermark{Seq: 10, Missing: [][2]uint64{{1, 1}, {10, 10}}}, []uint64{1, 10}},
		"nothing yet":      {grid.Watermark{}, []uint64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}},
		"another epoch":    {grid.Watermark{Epoch: "0123", Seq: 10}, []uint64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}},
	} {
		s := openSpool(t, filepath.Join(t.TempDir(), "spool.db"), 1000)
		appendAll(t, s, numbered(10))
		if c.mark.Epoch == "" {
			c.mark.Epoch, _ = s.Position()
		}
		gone, err := s.Forget(t.Context(), c.mark)
		if err != nil || gone != uint64(10-len(c.left)) || s.Depth() != uint64(len(c.left)) {
			t.Errorf("%s: %d gone, %d left, %v", name, gone, s.Depth(), err)
		}
		var left []uint64
		for from := uint64(1); ; {
			b, err := s.Batch(t.Context(), from, 100, 10)
			if err != nil {
				t.Fatal(err)
			}
			if len(b.Readings) == 0 {
				break
			}
			for i := range b.Readings {
				left = append(left, b.FirstSeq+uint64(i))
			}
			from = b.FirstSeq + uint64(len(b.Readings))
		}
		if diff := cmp.Diff(c.left, left); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
	}
}

func TestRenewedSpoolCountsFromOneUnderANewEpoch(t *testing.T) {
	path := filepath.Join(t.TempDir(), "spool.db")
	s := openSpool(t, path, 1000)
	appendAll(t, s, numbered(10))
	epoch, _ := s.Position()
	if _, err := s.Forget(t.Context(), grid.Watermark{Epoch: epoch, Seq: 9, Missing: [][2]uint64{{4, 5}}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Renew(t.Context()); err != nil {
		t.Fatal(err)
	}
	appendAll(t, s, numbered(1))
	renewed, last := s.Position()
	b, err := s.Batch(t.Context(), 1, 100, 10)
	if err != nil || renewed == epoch || last != 4 || b.FirstSeq != 1 || len(b.Readings) != 4 || s.Depth() != 4 {
		t.Errorf("epoch %s then %s, last %d, %d readings from %d, %v; want 4 from 1", epoch, renewed, last, len(b.Readings), b.FirstSeq, err)
	}
}

func TestFullSpoolRefusesAndTakesNothingHalf(t *testing.T) {
	s := openSpool(t, filepath.Join(t.TempDir(), "spool.db"), 10)
	appendAll(t, s, numbered(8))
	if err := s.Append(t.Context(), numbered(3)); !errors.Is(err, collector.ErrSpoolFull) {
		t.Errorf("got %v, want ErrSpoolFull", err)
	}
	if _, last := s.Position(); last != 8 || s.Depth() != 8 {
		t.Errorf("last %d, depth %d, want 8 and 8", last, s.Depth())
	}
}

func TestAppendsAtTheSameTimeAllGetNumbers(t *testing.T) {
	s := openSpool(t, filepath.Join(t.TempDir(), "spool.db"), 100_000)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			for range 20 {
				if err := s.Append(t.Context(), numbered(1+i%3)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	want := 20 * (7*1 + 7*2 + 6*3)
	b, err := s.Batch(t.Context(), 1, 1<<40, 100_000)
	if _, last := s.Position(); err != nil || last != uint64(want) || len(b.Readings) != want {
		t.Errorf("%d readings up to %d, %v, want %d", len(b.Readings), last, err, want)
	}
}

func TestDamagedFileIsNotTakenForASpool(t *testing.T) {
	path := filepath.Join(t.TempDir(), "spool.db")
	d, err := db.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Migrate(t.Context(), "spool", "CREATE TABLE x (y)", "CREATE TABLE z (y)"); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err := collector.OpenSpool(t.Context(), path, collector.Bounds{Readings: 1}, false); err == nil {
		_ = s.Close()
		t.Error("a newer program's file was opened")
	}
}

func BenchmarkAppend(b *testing.B) {
	for _, size := range []int{1, 500} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			s, err := collector.OpenSpool(b.Context(), filepath.Join(b.TempDir(), "spool.db"), collector.Bounds{Readings: 1 << 40}, false)
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			rs := numbered(size)
			for b.Loop() {
				if err := s.Append(b.Context(), rs); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N*size)/b.Elapsed().Seconds(), "readings/s")
		})
	}
}
