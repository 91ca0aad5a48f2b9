package loading_test

import (
	"maps"
	"math"
	"testing"
	"time"

	"phutai/grid"
	"phutai/loading"
)

var evening = time.Date(2026, 6, 22, 13, 0, 0, 0, time.UTC)

func values(m map[grid.Quantity]float64) grid.Values {
	var v grid.Values
	for q, x := range m {
		v.Set(q, x)
	}
	return v
}

func amps(a, b, c float64) grid.Values {
	return values(map[grid.Quantity]float64{grid.Ia: a, grid.Ib: b, grid.Ic: c})
}

func mba(kva float64) grid.Transformer {
	return grid.Transformer{ID: "T1", RatedKVA: kva, HVKV: 22, LVKV: 0.4}
}

func point() grid.MeteringPoint {
	return grid.MeteringPoint{ID: "P1", Side: grid.LV, CTPrimary: 600, CTSecondary: 5}
}

func near(a grid.Float, x, tolerance float64) bool {
	return a.Known && math.Abs(a.X-x) <= tolerance
}

func TestWorstPhaseOverTheSmallestLimit(t *testing.T) {
	with := func(f func(*grid.MeteringPoint, *grid.Transformer)) loading.Station {
		p, tr := point(), mba(400)
		f(&p, &tr)
		return loading.Station{Point: p, Transformers: []grid.Transformer{tr}}
	}
	for _, c := range []struct {
		name     string
		station  loading.Station
		values   grid.Values
		want     float64
		governor grid.Governor
		phase    grid.Phase
	}{
		{"the rating", with(func(*grid.MeteringPoint, *grid.Transformer) {}), amps(640, 420, 400), 110.85, grid.GovernRating, grid.PhaseA},
		{"the breaker", with(func(_ *grid.MeteringPoint, t *grid.Transformer) { t.BreakerA = 500 }), amps(400, 450, 420), 90, grid.GovernBreaker, grid.PhaseB},
		{"the current transformers", with(func(p *grid.MeteringPoint, _ *grid.Transformer) { p.CTPrimary = 400 }), amps(400, 420, 480), 100, grid.GovernCT, grid.PhaseC},
		{"a plate's thermal factor", with(func(p *grid.MeteringPoint, _ *grid.Transformer) { p.CTPrimary, p.CTThermal = 400, 1.25 }), amps(0, 0, 500), 100, grid.GovernCT, grid.PhaseC},
		{"22 kV", with(func(p *grid.MeteringPoint, _ *grid.Transformer) { p.Side, p.CTPrimary = grid.MV, 50 }), amps(10.4973, 9, 8), 100, grid.GovernRating, grid.PhaseA},
		{"the breaker seen from 22 kV", with(func(p *grid.MeteringPoint, t *grid.Transformer) {
			p.Side, p.CTPrimary, t.BreakerA = grid.MV, 50, 550
		}), amps(10, 9, 8), 100, grid.GovernBreaker, grid.PhaseA},
		{"two CTs", with(func(p *grid.MeteringPoint, t *grid.Transformer) { p.Wiring = grid.TwoCT }), amps(300, 900, 577.35), 100, grid.GovernRating, grid.PhaseC},
	} {
		t.Run(c.name, func(t *testing.T) {
			ls := loading.Measure(grid.Reading{Point: "P1", Source: grid.Instant, At: evening, Values: c.values}, c.station)
			if len(ls) != 1 || !near(ls[0].PhaseMaxPct, c.want, 0.01) || ls[0].Governor != c.governor || ls[0].WorstPhase != c.phase || ls[0].Grade != grid.Good {
				t.Errorf("got %+v, want %v %% of %v on phase %v", ls, c.want, c.governor, c.phase)
			}
		})
	}
}

func TestTheLoadedStationInFull(t *testing.T) {
	r := grid.Reading{Point: "P1", Source: grid.Instant, At: evening, Values: values(map[grid.Quantity]float64{
		grid.Ia: 640, grid.Ib: 420, grid.Ic: 400, grid.Ua: 230, grid.Ub: 230, grid.Uc: 230, grid.P: 320})}
	l := loading.Measure(r, loading.Station{Point: point(), Transformers: []grid.Transformer{mba(400)}})[0]
	if !near(l.SKVA, 335.8, 0.01) || !near(l.LoadingPct, 83.95, 0.01) || !near(l.PKW, 320, 0) {
		t.Errorf("S %v, %v %%, P %v", l.SKVA, l.LoadingPct, l.PKW)
	}
	if !near(l.NeutralA, 230.65, 0.01) || !near(l.UnbalancePct, 31.51, 0.01) || !near(l.HeadroomKVA, -43.41, 0.01) {
		t.Errorf("neutral %v, unbalance %v, headroom %v", l.NeutralA, l.UnbalancePct, l.HeadroomKVA)
	}
}

func TestWithoutARatingThereIsNoPercentage(t *testing.T) {
	tr := grid.Transformer{ID: "T1", LVKV: 0.4, BreakerA: 500}
	r := grid.Reading{At: evening, Values: values(map[grid.Quantity]float64{grid.Ia: 640, grid.Ib: 1, grid.Ic: 1, grid.S: 300})}
	l := loading.Measure(r, loading.Station{Point: point(), Transformers: []grid.Transformer{tr}})[0]
	if l.PhaseMaxPct.Known || l.LoadingPct.Known || l.HeadroomKVA.Known || l.LimitA != 0 || !near(l.SKVA, 300, 0) {
		t.Errorf("got %+v, want kVA alone", l)
	}
}

func TestTwoTransformersShareByRating(t *testing.T) {
	a, b := mba(400), mba(100)
	b.ID = "T2"
	p := point()
	p.CTPrimary = 1000
	r := grid.Reading{At: evening, Values: values(map[grid.Quantity]float64{grid.Ia: 721.69, grid.Ib: 500, grid.Ic: 500, grid.S: 400})}
	ls := loading.Measure(r, loading.Station{Point: p, Transformers: []grid.Transformer{a, b}})
	if len(ls) != 2 || !near(ls[0].SKVA, 320, 1e-9) || !near(ls[1].SKVA, 80, 1e-9) || !near(ls[0].PhaseMaxPct, 100, 0.01) || !near(ls[1].PhaseMaxPct, 100, 0.01) {
		t.Errorf("got %+v", ls)
	}
	b.RatedKVA = 0
	ls = loading.Measure(r, loading.Station{Point: p, Transformers: []grid.Transformer{a, b}})
	if len(ls) != 2 {
		t.Fatalf("one rating unknown, got %+v", ls)
	}
	for _, l := range ls {
		if !near(l.SKVA, 200, 1e-9) || l.PhaseMaxPct.Known || l.LoadingPct.Known || l.Amps[0].Known || l.Grade != grid.Estimated {
			t.Errorf("one rating unknown, got %+v, want kVA alone", l)
		}
	}
}

func TestHalfAMeasurementIsSuspect(t *testing.T) {
	r := grid.Reading{At: evening, Values: values(map[grid.Quantity]float64{grid.Ia: 100, grid.Ib: 100})}
	l := loading.Measure(r, loading.Station{Point: point(), Transformers: []grid.Transformer{mba(400)}})[0]
	if l.Grade != grid.Suspect || l.PhaseGrade != grid.Suspect || l.UnbalancePct.Known {
		t.Errorf("got %+v", l)
	}
	if ls := loading.Measure(grid.Reading{At: evening, Missing: grid.NoAnswer}, loading.Station{Point: point(), Transformers: []grid.Transformer{mba(400)}}); ls != nil {
		t.Errorf("an absence gave %+v", ls)
	}
}

func TestDoubtAboutPowerIsNoDoubtAboutTheCurrents(t *testing.T) {
	all := map[grid.Quantity]float64{grid.Ia: 640, grid.Ib: 420, grid.Ic: 400, grid.In: 230, grid.P: 320, grid.Q: 90, grid.S: 335, grid.Ua: 230, grid.Ub: 230, grid.Uc: 230}
	without := func(qs ...grid.Quantity) map[grid.Quantity]float64 {
		out := maps.Clone(all)
		for _, q := range qs {
			delete(out, q)
		}
		return out
	}
	for _, c := range []struct {
		name         string
		values       map[grid.Quantity]float64
		doubtful     grid.Quantity
		grade, phase grid.Grade
	}{
		{"P", all, grid.P, grid.Suspect, grid.Good},
		{"S", all, grid.S, grid.Suspect, grid.Good},
		{"Q for S", without(grid.S), grid.Q, grid.Suspect, grid.Good},
		{"the neutral", all, grid.In, grid.Suspect, grid.Good},
		{"a voltage for S", without(grid.S, grid.Q), grid.Ub, grid.Suspect, grid.Good},
		{"a voltage that is not used", all, grid.Ub, grid.Good, grid.Good},
		{"a phase", all, grid.Ib, grid.Suspect, grid.Suspect},
		{"S alone", without(grid.Ia, grid.Ib, grid.Ic), grid.S, grid.Suspect, grid.Suspect},
		{"P beside S alone", without(grid.Ia, grid.Ib, grid.Ic), grid.P, grid.Suspect, grid.Good},
	} {
		r := grid.Reading{At: evening, Values: values(c.values), Quality: grid.Quality(0).With(c.doubtful, grid.Suspect)}
		l := loading.Measure(r, loading.Station{Point: point(), Transformers: []grid.Transformer{mba(400)}})[0]
		if l.Grade != c.grade || l.PhaseGrade != c.phase {
			t.Errorf("%s: graded %v, phases %v; want %v, %v", c.name, l.Grade, l.PhaseGrade, c.grade, c.phase)
		}
	}
}

func TestSlopeAndCrossing(t *testing.T) {
	var points []loading.Trending
	for i := range 4 {
		points = append(points, loading.Trending{At: evening.Add(time.Duration(i) * 15 * time.Minute), X: 80 + float64(i)*2})
	}
	slope, ok := loading.Slope(points)
	if !ok || math.Abs(slope-8) > 1e-9 {
		t.Errorf("slope %v, %v, want 8", slope, ok)
	}
	if m, ok := loading.MinutesToCross(86, slope, 100, 12*time.Hour); !ok || math.Abs(m-105) > 1e-9 {
		t.Errorf("crossing in %v, %v, want 105", m, ok)
	}
	if _, ok := loading.Slope(points[:1]); ok {
		t.Error("one point has no slope")
	}
	if _, ok := loading.MinutesToCross(86, -1, 100, 12*time.Hour); ok {
		t.Error("a falling load crosses nothing")
	}
	if m, ok := loading.MinutesToCross(101, -1, 100, 12*time.Hour); !ok || m != 0 {
		t.Error("the limit is passed already")
	}
}

func TestConfigNamesAllThatIsWrong(t *testing.T) {
	if ps := loading.DefaultConfig().Validate(); len(ps) != 0 {
		t.Errorf("the defaults are refused: %v", ps)
	}
	if ps := (loading.Config{}).Validate(); len(ps) != 6 {
		t.Errorf("got %v, want 6 problems", ps)
	}
}
