package grid_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"phutai/grid"
)

func TestQuantityNamesRoundTrip(t *testing.T) {
	for q := range grid.NumQuantities {
		got, ok := grid.ParseQuantity(q.String())
		if !ok || got != q {
			t.Errorf("ParseQuantity(%q) = %v, %v", q.String(), got, ok)
		}
	}
	if _, ok := grid.ParseQuantity("no such"); ok {
		t.Error("an unknown name was found")
	}
	if got := grid.NumQuantities.String(); got != "quantity?" {
		t.Errorf("a number that is no quantity prints %q", got)
	}
}

func TestAbsentIsNotZero(t *testing.T) {
	var v grid.Values
	if _, ok := v.Get(grid.P); ok || v.Len() != 0 {
		t.Error("the zero value holds something")
	}
	v.Set(grid.P, 0)
	if x, ok := v.Get(grid.P); !ok || x != 0 {
		t.Errorf("a measured zero reads %v, %v", x, ok)
	}
	v.Unset(grid.P)
	if v.Has(grid.P) {
		t.Error("still there after Unset")
	}
}

func TestValuesBehaveLikeAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var v grid.Values
		want := map[grid.Quantity]float64{}
		for range rapid.IntRange(0, 60).Draw(t, "n") {
			q := grid.Quantity(rapid.IntRange(0, int(grid.NumQuantities)-1).Draw(t, "q"))
			if rapid.Bool().Draw(t, "set") {
				x := rapid.Float64().Draw(t, "x")
				v.Set(q, x)
				want[q] = x
			} else {
				v.Unset(q)
				delete(want, q)
			}
		}
		if v.Len() != len(want) {
			t.Fatalf("Len %d, want %d", v.Len(), len(want))
		}
		for q, x := range v.All() {
			if want[q] != x {
				t.Fatalf("%v = %v, want %v", q, x, want[q])
			}
		}
	})
}

func TestQualityKeepsEachGradeApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var k grid.Quality
		want := map[grid.Quantity]grid.Grade{}
		for range rapid.IntRange(0, 60).Draw(t, "n") {
			q := grid.Quantity(rapid.IntRange(0, int(grid.NumQuantities)-1).Draw(t, "q"))
			g := grid.Grade(rapid.IntRange(0, 3).Draw(t, "g"))
			k, want[q] = k.With(q, g), g
		}
		for q := range grid.NumQuantities {
			if k.Of(q) != want[q] {
				t.Fatalf("%v is %v, want %v", q, k.Of(q), want[q])
			}
		}
	})
}

func TestRatioMakesPrimaryValues(t *testing.T) {
	lv := grid.MeteringPoint{CTPrimary: 600, CTSecondary: 5}
	mv := grid.MeteringPoint{CTPrimary: 50, CTSecondary: 5, VTPrimary: 22000, VTSecondary: 100}
	if got := lv.Ratio().Product(); got != 120 {
		t.Errorf("600/5 gives %v, want 120", got)
	}
	if got := mv.Ratio().Product(); got != 2200 {
		t.Errorf("50/5 and 22000/100 give %v, want 2200", got)
	}
	for _, c := range []struct {
		q               grid.Quantity
		secondary, want float64
	}{
		{grid.Ia, 2.5, 25}, {grid.Ua, 57.74, 12702.8}, {grid.P, 0.1, 220}, {grid.EaImp, 1.0005, 2201.1}, {grid.Pf, 0.98, 0.98}, {grid.F, 50.01, 50.01},
	} {
		if got := mv.Ratio().Primary(c.q, c.secondary); got != c.want {
			t.Errorf("%v: %v secondary gives %v, want %v", c.q, c.secondary, got, c.want)
		}
	}
}

func TestRatioIsAppliedOnce(t *testing.T) {
	var rd grid.Reading
	rd.Values.Set(grid.Ia, 5)
	r := grid.Ratio{CT: 120, VT: 1}
	once := r.Apply(rd)
	twice := r.Apply(once)
	if x, _ := twice.Values.Get(grid.Ia); x != 600 || twice.Ratio != 120 {
		t.Errorf("got %v A at ratio %v, want 600 A at 120", x, twice.Ratio)
	}
}

func TestRatedCurrentIsOfTheMeteredSide(t *testing.T) {
	tr := grid.Transformer{RatedKVA: 400, HVKV: 22, LVKV: 0.4}
	if got := tr.RatedCurrent(grid.LV); math.Abs(got-577.35) > 0.005 {
		t.Errorf("LV: %v A, want 577.35", got)
	}
	if got := tr.RatedCurrent(grid.MV); math.Abs(got-10.497) > 0.005 {
		t.Errorf("MV: %v A, want 10.50", got)
	}
	if got := (&grid.Transformer{RatedKVA: 400}).RatedCurrent(grid.LV); got != 0 {
		t.Errorf("without a voltage: %v A, want 0 for unknown", got)
	}
}

func TestUnknownFigureIsNullInJSON(t *testing.T) {
	for text, want := range map[string]grid.Float{"null": {}, "0": grid.Known(0), "1.5": grid.Known(1.5)} {
		var got grid.Float
		if err := json.Unmarshal([]byte(text), &got); err != nil || got != want {
			t.Errorf("%s reads as %v, %v", text, got, err)
		}
		if b, err := json.Marshal(want); err != nil || string(b) != text {
			t.Errorf("%v writes as %s, %v, want %s", want, b, err, text)
		}
	}
}

func TestReasonsAndSourcesRoundTrip(t *testing.T) {
	for r := grid.NoReason; r <= grid.NotPolled; r++ {
		if got, ok := grid.ParseReason(r.String()); !ok || got != r {
			t.Errorf("%v reads back as %v, %v", r, got, ok)
		}
	}
	for _, s := range []grid.Source{grid.Instant, grid.Profile} {
		if got, ok := grid.ParseSource(s.String()); !ok || got != s {
			t.Errorf("%v reads back as %v, %v", s, got, ok)
		}
	}
}

func TestRoundKeepsWhatTheStoresKeep(t *testing.T) {
	if got := grid.Ia.Round(640.00049); got != 640 {
		t.Errorf("current rounds to %v", got)
	}
	if got := grid.EaImp.Round(12345678.9014); got != 12345678.901 {
		t.Errorf("energy rounds to %v", got)
	}
}

var evening = time.Date(2026, 6, 24, 10, 0, 0, 0, time.UTC)

func TestProfileRowBelongsWhereItsIntervalStarts(t *testing.T) {
	midnight := time.Date(2026, 6, 22, 17, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		source   grid.Source
		interval time.Duration
		want     time.Time
	}{
		{grid.Instant, 0, midnight},
		{grid.Instant, 15 * time.Minute, midnight},
		{grid.Profile, 30 * time.Minute, midnight.Add(-30 * time.Minute)},
		{grid.Profile, 0, midnight.Add(-time.Millisecond)},
	} {
		r := grid.Reading{Source: c.source, At: midnight, Interval: c.interval}
		l := grid.Loading{Source: c.source, At: midnight, Interval: c.interval}
		if !r.ValidAt().Equal(c.want) || !l.ValidAt().Equal(c.want) || l.FreshFor() != 2*c.interval {
			t.Errorf("%v of %v: %v, %v, fresh for %v; want %v", c.source, c.interval, r.ValidAt(), l.ValidAt(), l.FreshFor(), c.want)
		}
	}
}
