package collector

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"phutai/grid"
)

var exactly = cmp.Comparer(func(a, b grid.Values) bool { return a == b })

func full() grid.Reading {
	r := grid.Reading{
		Point: "Trạm 1", Source: grid.Profile, At: time.UnixMilli(1_780_000_000_001).UTC(), Interval: 30 * time.Minute,
		PolledAt: time.UnixMilli(1_780_000_060_000).UTC(), ClockKnown: true, ClockOffset: -7 * time.Second,
		Quality: grid.Quality(0).With(grid.ErExp, grid.Substituted), Detail: "a word", Ratio: 1.5,
	}
	for q := range grid.NumQuantities {
		r.Values.Set(q, -1.25*float64(q))
	}
	return r
}

func TestRecordKeepsAReadingExactly(t *testing.T) {
	gap := grid.Reading{Point: "P", Source: grid.Instant, At: time.UnixMilli(-5).UTC(), Missing: grid.GapInMeter}
	plated := full()
	plated.Plate = &grid.Plate{Serial: "00123", CTNum: 600, CTDen: 5, VTNum: 22000, VTDen: 100}
	for _, want := range []grid.Reading{full(), gap, plated} {
		raw := appendRecord(nil, &want)
		got, err := parseRecord(raw)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, exactly); diff != "" {
			t.Error(diff)
		}
		for n := range raw {
			if _, err := parseRecord(raw[:n]); err == nil {
				t.Errorf("a record cut to %d of %d bytes was read", n, len(raw))
			}
		}
	}
}

func FuzzRecord(f *testing.F) {
	r := full()
	f.Add(appendRecord(nil, &r))
	f.Add(appendRecord(nil, &grid.Reading{Point: "P", Missing: grid.NoRoute, Detail: "x"}))
	r.Plate = &grid.Plate{Serial: "1", CTNum: 120}
	f.Add(appendRecord(nil, &r))
	f.Add([]byte{recordVersion, 1, 0, 3, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := parseRecord(raw)
		if err != nil {
			return
		}
		if _, err := parseRecord(appendRecord(nil, &got)); err != nil {
			t.Fatalf("cannot read own record: %v", err)
		}
	})
}

// TestHistoryIsCoveredOnceWhateverHappens plays contacts, outages and readings
// that break off at any row, and checks that each half hour has been read.
func TestHistoryIsCoveredOnceWhateverHappens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const step, slice = 30 * time.Minute, 24 * time.Hour
		start := time.UnixMilli(1_780_000_000_000).UTC().Truncate(step)
		now := start.Add(time.Duration(rapid.IntRange(0, 480).Draw(t, "age")) * step)
		p, read := progress{Newest: start}, map[time.Time]bool{}
		take := func(w window, broken bool) (reached time.Time) {
			reached = w.From
			for end := w.From.Truncate(step).Add(step); !end.After(w.To) && !end.After(now); end = end.Add(step) {
				if broken && rapid.IntRange(0, 9).Draw(t, "breaks") == 0 {
					return reached
				}
				read[end], reached = true, end
			}
			if !broken {
				return later(w.To, reached)
			}
			return reached
		}
		back := func(broken bool) {
			if w := p.back(slice); !w.empty() {
				p = p.afterBack(w, take(w, broken))
			}
		}
		for range rapid.IntRange(1, 40).Draw(t, "turns") {
			now = now.Add(time.Duration(rapid.IntRange(0, 100).Draw(t, "passes")) * time.Minute)
			if rapid.Bool().Draw(t, "tail") {
				q, w := p.tail(now, slice)
				take(w, false)
				p = q.afterTail(now.Truncate(step))
			} else {
				back(true)
			}
			raw, err := p.encode()
			if err != nil {
				t.Fatal(err)
			}
			if p, err = parseProgress(raw); err != nil {
				t.Fatal(err)
			}
		}
		q, w := p.tail(now, slice)
		take(w, false)
		for p = q; len(p.Pending) > 0; {
			back(false)
		}
		for end := start.Add(step); !end.After(now); end = end.Add(step) {
			if !read[end] {
				t.Fatalf("the interval that ends at %s was never read", end)
			}
		}
	})
}
