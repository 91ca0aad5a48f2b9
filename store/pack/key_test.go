package pack_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"phutai/grid"
	"phutai/store/pack"
)

func TestKeysOrderByPointSourceAndTime(t *testing.T) {
	var last int64
	for _, number := range []int64{1, 2, 40_000, pack.MaxNumber} {
		for _, source := range []grid.Source{grid.Instant, grid.Profile} {
			for _, at := range []time.Time{time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), noon, noon.Add(time.Millisecond), time.Date(2069, 1, 1, 0, 0, 0, 0, time.UTC)} {
				key, err := pack.Key(number, source, at)
				if err != nil {
					t.Fatal(err)
				}
				if key <= last {
					t.Errorf("key of %d %s %s is %d, not after %d", number, source, at, key, last)
				}
				last = key
				n, s, a := pack.Unkey(key)
				if n != number || s != source || !a.Equal(at) {
					t.Errorf("key of %d %s %s comes back as %d %s %s", number, source, at, n, s, a)
				}
			}
		}
	}
}

func TestWhatDoesNotFitIntoAKeyIsRefused(t *testing.T) {
	tests := []struct {
		number int64
		source grid.Source
		at     time.Time
	}{
		{0, grid.Instant, noon}, {-1, grid.Instant, noon}, {pack.MaxNumber + 1, grid.Instant, noon},
		{1, grid.NoSource, noon}, {1, 9, noon},
		{1, grid.Instant, time.Time{}}, {1, grid.Instant, time.Date(1999, 12, 31, 23, 59, 59, 0, time.UTC)},
		{1, grid.Instant, time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)},
	}
	for _, c := range tests {
		if key, err := pack.Key(c.number, c.source, c.at); err == nil {
			t.Errorf("number %d, source %d, time %s gave key %d", c.number, c.source, c.at, key)
		}
	}
}

func TestRangeHoldsItsBeginningAndNotItsEnd(t *testing.T) {
	key := func(at time.Time) int64 {
		k, err := pack.Key(3, grid.Profile, at)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	lo, hi := pack.Range(3, grid.Profile, noon, noon.Add(time.Hour))
	for at, want := range map[time.Time]bool{
		noon.Add(-time.Millisecond): false, noon: true, noon.Add(time.Hour - time.Millisecond): true, noon.Add(time.Hour): false,
	} {
		if got := lo <= key(at) && key(at) < hi; got != want {
			t.Errorf("%s in range: %v, want %v", at, got, want)
		}
	}
	lo, hi = pack.Range(3, grid.Profile, time.Time{}, time.Date(3000, 1, 1, 0, 0, 0, 0, time.UTC))
	other, err := pack.Key(4, grid.Instant, noon)
	if err != nil {
		t.Fatal(err)
	}
	if k := key(noon); k < lo || k >= hi || other < hi {
		t.Errorf("open range is %d to %d; it must hold %d and not %d", lo, hi, k, other)
	}
}

func TestKeySetComesBackSorted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOf(rapid.Int64Range(0, math.MaxInt64)).Draw(t, "keys")
		want := slices.Clone(keys)
		slices.Sort(want)
		got, err := pack.Keys(pack.AppendKeys(nil, keys))
		if err != nil || len(got) != len(want) || len(want) > 0 && !cmp.Equal(got, want) {
			t.Fatalf("got %v, %v, want %v", got, err, want)
		}
	})
}

func FuzzKeys(f *testing.F) {
	f.Add(pack.AppendKeys(nil, []int64{1, 2, 1 << 50}))
	f.Add([]byte{0})
	f.Add([]byte{5, 1})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01})
	f.Fuzz(func(t *testing.T, b []byte) {
		keys, err := pack.Keys(b)
		if err != nil {
			return
		}
		again, err := pack.Keys(pack.AppendKeys(nil, slices.Clone(keys)))
		slices.Sort(keys)
		if err != nil || !slices.Equal(keys, again) {
			t.Fatalf("%v came back as %v, %v", keys, again, err)
		}
	})
}
