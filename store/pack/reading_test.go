package pack_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"phutai/grid"
	"phutai/store/pack"
)

var noon = time.Date(2026, 6, 3, 5, 0, 0, 0, time.UTC)

// opaque lets go-cmp compare values, which keep their fields to themselves.
var opaque = cmp.Comparer(func(a, b grid.Values) bool { return a == b })

func full() grid.Values {
	var v grid.Values
	for q, x := range map[grid.Quantity]float64{
		grid.Ua: 229.87, grid.Ub: 231.02, grid.Uc: 228.4, grid.Ia: 412.345, grid.Ib: 399.1, grid.Ic: 430.777,
		grid.P: 268.115, grid.Q: 71.9, grid.S: 277.588, grid.Pf: 0.9659, grid.F: 49.987, grid.EaImp: 1234567.891,
	} {
		v.Set(q, x)
	}
	return v
}

func roundTrip(t interface{ Fatalf(string, ...any) }, r grid.Reading) (grid.Reading, int) {
	body, err := pack.AppendReading(nil, 7, &r)
	if err != nil {
		t.Fatalf("pack %+v: %v", r, err)
	}
	if n, err := pack.ReadingShape(body); n != 7 || err != nil {
		t.Fatalf("shape is %d, %v, want 7", n, err)
	}
	back, err := pack.Reading(body, pack.ShapeOf(&r), r.Key())
	if err != nil {
		t.Fatalf("unpack %+v: %v", r, err)
	}
	return back, len(body)
}

func TestReadingComesBackAsItWas(t *testing.T) {
	var odd grid.Values
	odd.Set(grid.P, -12.5)
	odd.Set(grid.Pc, 3e9)
	odd.Set(grid.Qc, -3e9)
	odd.Set(grid.Ic, 0.001)
	tests := map[string]grid.Reading{
		"instant":     {Point: "PD1", Source: grid.Instant, At: noon, PolledAt: noon, Values: full(), Ratio: 120, ClockKnown: true, ClockOffset: -3400 * time.Millisecond},
		"profile":     {Point: "PD1", Source: grid.Profile, At: noon, Interval: 30 * time.Minute, PolledAt: noon.Add(7 * time.Minute), Values: full(), Ratio: 1},
		"never asked": {Point: "PD1", Source: grid.Profile, At: noon, Values: full(), Ratio: 1},
		"graded":      {Point: "PD1", Source: grid.Instant, At: noon, PolledAt: noon, Values: full(), Quality: grid.Quality(0).With(grid.ErExp, grid.Substituted), Ratio: 1},
		"detail":      {Point: "PD1", Source: grid.Instant, At: noon, PolledAt: noon, Values: odd, Ratio: 1, Detail: "register 40 gave no answer"},
		"empty":       {Point: "PD1", Source: grid.Instant, At: noon, PolledAt: noon, Ratio: 1},
	}
	for name, want := range tests {
		got, size := roundTrip(t, want)
		if diff := cmp.Diff(want, got, opaque); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if name == "instant" && size > 42 {
			t.Errorf("twelve values take %d bytes, want at most 42", size)
		}
	}
}

func TestAnyReadingComesBackAtTheStoredResolution(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := grid.Reading{Point: "x", Source: grid.Profile, At: noon,
			Ratio:       rapid.Float64Range(1, 5000).Draw(t, "ratio"),
			Interval:    time.Duration(rapid.IntRange(0, 3600).Draw(t, "interval")) * time.Second,
			PolledAt:    noon.Add(time.Duration(rapid.Int64Range(-1e10, 1e10).Draw(t, "polled")) * time.Millisecond),
			ClockKnown:  true,
			ClockOffset: time.Duration(rapid.Int64Range(-1e10, 1e10).Draw(t, "offset")) * time.Millisecond,
			Quality:     grid.Quality(rapid.Uint64Range(0, 1<<44-1).Draw(t, "quality")),
			Detail:      rapid.StringN(0, 20, 60).Draw(t, "detail"),
		}
		mask := rapid.Uint32Range(0, 1<<grid.NumQuantities-1).Draw(t, "mask")
		for q := range grid.NumQuantities {
			if mask&(1<<q) != 0 {
				r.Values.Set(q, q.Round(rapid.Float64Range(-1e9, 1e9).Draw(t, q.String())))
			}
		}
		got, _ := roundTrip(t, r)
		if diff := cmp.Diff(r, got, opaque); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	})
}

func TestFigureThatIsNoNumberIsRefused(t *testing.T) {
	for _, x := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e300, -1e14} {
		r := grid.Reading{Point: "PD1", Source: grid.Instant, At: noon}
		r.Values.Set(grid.P, x)
		if body, err := pack.AppendReading([]byte{1}, 1, &r); err == nil || len(body) != 1 {
			t.Errorf("%v was packed into %d bytes, %v", x, len(body), err)
		}
	}
}

func FuzzReading(f *testing.F) {
	r := grid.Reading{Point: "p", Source: grid.Instant, At: noon, Values: full(), ClockKnown: true, Detail: "d", Quality: 5}
	body, err := pack.AppendReading(nil, 300, &r)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(body, r.Values.Mask())
	f.Add([]byte{1, 1}, uint32(0))
	f.Add([]byte{0xf1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}, uint32(1))
	f.Add([]byte{}, uint32(1<<31))
	f.Fuzz(func(t *testing.T, body []byte, mask uint32) {
		shape := pack.Shape{Mask: mask, Ratio: 1}
		key := grid.Key{Point: "p", Source: grid.Instant, At: noon}
		r, err := pack.Reading(body, shape, key)
		if err != nil {
			return
		}
		again, err := pack.AppendReading(nil, 1, &r)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		back, err := pack.Reading(again, pack.ShapeOf(&r), key)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		if diff := cmp.Diff(r, back, opaque); diff != "" {
			t.Fatalf("second reading differs (-first +second):\n%s", diff)
		}
	})
}

func BenchmarkAppendReading(b *testing.B) {
	r := grid.Reading{Point: "p", Source: grid.Instant, At: noon, PolledAt: noon, Values: full(), Ratio: 120}
	body := make([]byte, 0, 100)
	for b.Loop() {
		body, _ = pack.AppendReading(body[:0], 1, &r)
	}
	b.ReportMetric(float64(len(body)), "bytes/body")
}

func BenchmarkReading(b *testing.B) {
	r := grid.Reading{Point: "p", Source: grid.Instant, At: noon, PolledAt: noon, Values: full(), Ratio: 120}
	body, err := pack.AppendReading(nil, 1, &r)
	if err != nil {
		b.Fatal(err)
	}
	shape, key := pack.ShapeOf(&r), r.Key()
	for b.Loop() {
		if _, err := pack.Reading(body, shape, key); err != nil {
			b.Fatal(err)
		}
	}
}
