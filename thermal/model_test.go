package thermal_test

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"phutai/grid"
	"phutai/thermal"
)

var classes = []grid.Cooling{grid.Distribution, grid.ONAN, grid.ONAF, grid.OF, grid.OD}

func model(t interface{ Fatal(...any) }, c grid.Cooling) thermal.Model {
	m, err := thermal.New(thermal.Params{RatedCurrentA: 577.35, Cooling: c})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func near(a, b, tolerance float64) bool { return math.Abs(a-b) <= tolerance }

func TestSteadyStateMeetsTheClosedForms(t *testing.T) {
	for _, c := range classes {
		m := model(t, c)
		p := m.Params()
		s := m.Begin(0.3, 30)
		for range 2000 {
			s = m.Step(s, 1, 30, 10*time.Minute)
		}
		if !near(s.TopOilC, 30+p.TopOilRiseK, 1e-6) || !near(s.HotSpotC(), 30+p.TopOilRiseK+p.HotSpotRiseK, 1e-6) {
			t.Errorf("%s at rated load: %v, hot spot %v", c, s, s.HotSpotC())
		}
		idle := m.Steady(0, 30)
		want := 30 + p.TopOilRiseK*math.Pow(p.NoLoadLossW/(p.NoLoadLossW+p.LoadLossW), p.OilExponent)
		if !near(idle.TopOilC, want, 1e-9) || idle.HotSpotC() != idle.TopOilC {
			t.Errorf("%s without load: %v, want %v", c, idle, want)
		}
	}
}

func TestOneLongStepEqualsManyShortOnes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := model(t, rapid.SampledFrom(classes).Draw(t, "class"))
		k := rapid.Float64Range(-2, 2).Draw(t, "k")
		air := rapid.Float64Range(-5, 45).Draw(t, "air")
		one := m.Steady(rapid.Float64Range(0, 1.5).Draw(t, "before"), 30)
		many := one
		one = m.Step(one, k, air, 30*time.Minute)
		for range 30 {
			many = m.Step(many, k, air, time.Minute)
		}
		if !near(one.TopOilC, many.TopOilC, 1e-9) || !near(one.HotSpotC(), many.HotSpotC(), 1e-9) {
			t.Fatalf("one step %v, thirty %v", one, many)
		}
	})
}

func TestMoreLoadAndWarmerAirAreNeverCooler(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := model(t, grid.Distribution)
		k, air := rapid.Float64Range(0, 2).Draw(t, "k"), rapid.Float64Range(0, 45).Draw(t, "air")
		more, warmer := rapid.Float64Range(0, 0.5).Draw(t, "more"), rapid.Float64Range(0, 5).Draw(t, "warmer")
		dt := time.Duration(rapid.IntRange(0, 600).Draw(t, "minutes")) * time.Minute
		s := m.Steady(0.5, 30)
		low, high := m.Step(s, k, air, dt), m.Step(s, k+more, air+warmer, dt)
		if high.TopOilC < low.TopOilC-1e-9 || high.HotSpotC() < low.HotSpotC()-1e-9 {
			t.Fatalf("%v under more load and warmer air, %v under less", high, low)
		}
	})
}

func TestHalfHourStepsNeitherRingNorDiverge(t *testing.T) {
	m := model(t, grid.Distribution)
	s := m.Steady(0.4, 30)
	last := s.HotSpotC()
	for range 100 {
		s = m.Step(s, 1.2, 30, 30*time.Minute)
		if s.HotSpotC() < last-1e-9 {
			t.Fatalf("the hot spot fell from %v to %v under constant load", last, s.HotSpotC())
		}
		last = s.HotSpotC()
	}
	if want := m.Steady(1.2, 30).HotSpotC(); !near(last, want, 1e-3) {
		t.Errorf("ended at %v, want %v", last, want)
	}
}

func TestNoTimeChangesNothing(t *testing.T) {
	m := model(t, grid.ONAN)
	s := thermal.State{TopOilC: 70, DH1K: 30, DH2K: 12}
	if got := m.Step(s, 1.5, 40, 0); got != s {
		t.Errorf("got %v, want %v", got, s)
	}
}

func TestAgeingIsOneAtTheDesignTemperature(t *testing.T) {
	for _, c := range []struct {
		paper     thermal.Paper
		hot, want float64
	}{{thermal.Normal, 98, 1}, {thermal.Normal, 100, 1.259921}, {thermal.Upgraded, 110, 1}, {thermal.Upgraded, 100, 0.349942}} {
		m, err := thermal.New(thermal.Params{RatedCurrentA: 1, Paper: c.paper})
		if err != nil {
			t.Fatal(err)
		}
		if got := m.AgeingRate(c.hot); !near(got, c.want, 1e-6) {
			t.Errorf("%s paper at %v °C: %v, want %v", c.paper, c.hot, got, c.want)
		}
	}
}

func TestTimeToALimitIsWhereTheStepsReachIt(t *testing.T) {
	m := model(t, grid.Distribution)
	s := m.Steady(0.7, 35)
	oil, ok := m.TimeToTopOil(s, 1.4, 35, 95)
	if !ok || !near(m.Step(s, 1.4, 35, oil).TopOilC, 95, 1e-6) {
		t.Errorf("top oil after %v is %v, want 95", oil, m.Step(s, 1.4, 35, oil).TopOilC)
	}
	hot, ok := m.TimeToHotSpot(s, thermal.Stay(1.4, 35), 120, 12*time.Hour)
	before, after := m.Step(s, 1.4, 35, hot-time.Minute), m.Step(s, 1.4, 35, hot)
	if !ok || before.HotSpotC() >= 120 || after.HotSpotC() < 120 {
		t.Errorf("hot spot %v a minute before %v and %v then, want 120 between", before.HotSpotC(), hot, after.HotSpotC())
	}
	if _, ok := m.TimeToHotSpot(s, thermal.Stay(0.7, 35), 120, 12*time.Hour); ok {
		t.Error("a limit is said to be reached that is not")
	}
	if _, ok := m.TimeToTopOil(s, 0.7, 35, 95); ok {
		t.Error("an oil limit is said to be reached that is not")
	}
	if d, ok := m.TimeToHotSpot(m.Steady(2, 40), thermal.Stay(1, 40), 120, time.Hour); !ok || d != 0 {
		t.Errorf("passed already: got %v, %v", d, ok)
	}
}

func TestNameplateBecomesParameters(t *testing.T) {
	tr := grid.Transformer{ID: "T1", RatedKVA: 400, HVKV: 22, LVKV: 0.4, LoadLossW: 3818, NoLoadLossW: 433, EnclosureK: 10}
	p, err := thermal.FromTransformer(tr, grid.LV)
	if err != nil || !near(p.RatedCurrentA, 577.35, 0.01) {
		t.Fatalf("got %v, %v", p, err)
	}
	m, err := thermal.New(p)
	if err != nil || !near(m.Steady(1, 30).TopOilC, 30+55+10, 1e-9) {
		t.Errorf("top oil %v, want 95: %v", m.Steady(1, 30), err)
	}
	if _, err := thermal.FromTransformer(grid.Transformer{ID: "T2"}, grid.LV); err == nil {
		t.Error("a transformer without rating was accepted")
	}
}
