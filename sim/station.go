package sim

import (
	"math"
	"sync"

	"phutai/grid"
)

// station is one metering point with all that the register holds about it and
// the parameters of its load.
type station struct {
	entry
	index        int
	seed         uint64
	weather      *weather
	shape        shape
	scale        float64    // per-unit loading for one unit of the shape's scale
	share        [3]float64 // of the phases; the worst is 1
	ratedAmps    float64    // on the metered side, all transformers behind the meter
	ratedKVA     float64    // the same
	nominalVolts float64    // phase to neutral on the metered side
	steady       bool

	substation   grid.Substation
	transformers []grid.Transformer
	point        grid.MeteringPoint
	meter        grid.Meter
	ratio        grid.Ratio
	modbus       bool
	ownCT        float64 // CT primary, A, that is set in the meter itself
	injected     Injection

	epoch int64           // the knot at which the counters begin
	base  grid.Values     // what they show there, secondary
	mu    sync.Mutex      // guards sums
	sums  []counterTotals // at every blockKnots-th knot from epoch on
}

// nominal voltages, kV.
const (
	lowVoltage    = 0.4
	mediumVoltage = 22.0
)

func newStation(cfg Config, w *weather, i int) *station {
	s := &station{entry: entryOf(cfg.Seed, i), index: i, weather: w}
	s.seed = mix(cfg.Seed, int64(i), 0)
	s.steady = i == 0
	s.shape = shapeOf(s.class)
	s.register()
	s.inject(cfg)
	s.electrify()
	s.epoch = firstDay(cfg) * knotsPerDay
	for n, q := range []grid.Quantity{grid.EaImp, grid.ErImp} {
		// Whole tenths of a kWh, so that the start is the same on every wire.
		s.base.Set(q, math.Round(chance(s.seed, forCounter, int64(n))*20000)/10)
	}
	return s
}

// firstDay gives the local day with which the meters' history begins.
func firstDay(cfg Config) int64 { return momentOf(Start().Add(-cfg.History)).day() }

// electrify works out the figures that the load is scaled by.
func (s *station) electrify() {
	side := lowVoltage
	if s.mv {
		side = mediumVoltage
	}
	for i := range s.transformers {
		s.ratedKVA += s.transformers[i].RatedKVA
		s.ratedAmps += s.transformers[i].RatedCurrent(s.point.Side)
	}
	s.nominalVolts = side * 1000 / math.Sqrt(3) * 1.01
	s.share = [3]float64{1, .72 + .2*chance(s.seed, forSharing, 0), .66 + .24*chance(s.seed, forSharing, 1)}
	if s.private {
		s.share = [3]float64{1, .94 + .04*chance(s.seed, forSharing, 0), .93 + .05*chance(s.seed, forSharing, 1)}
	}
	if s.steady {
		s.share = [3]float64{1, SteadyAmpsB / SteadyAmpsA, SteadyAmpsC / SteadyAmpsA}
	} else if turn := mix(s.seed, forSharing, 2) % 3; turn > 0 {
		s.share[0], s.share[turn] = s.share[turn], s.share[0]
	}
	s.scale = s.peak / 100 / shapePeak(&s.shape, s.weather)
}

// shapePeak gives the highest use of power of the hot day on the shape's scale.
func shapePeak(s *shape, w *weather) float64 {
	peak := 0.0
	for k := w.hotDay * knotsPerDay; k < (w.hotDay+1)*knotsPerDay; k++ {
		peak = max(peak, s.at(knotAt(k), w.heatAt(k)))
	}
	return peak
}
