package loading

import (
	"math"
	"slices"
	"time"

	"phutai/grid"
	"phutai/thermal"
)

// path is how far the thermal history of a transformer has been walked. The
// zero value has not begun.
type path struct {
	At    time.Time     // of the newest row on the path
	K     float64       // its load, per unit of rated current
	State thermal.State // at At
	// Doubt is until when temperatures count as estimated: after a start from
	// nothing, after a gap, and without measured air.
	Doubt  time.Time
	Recent []mark `json:"-"` // oldest first
}

// mark is a row that the path or the trend may look back at.
type mark struct {
	at      time.Time
	source  grid.Source
	onPath  bool
	pct     grid.Float
	topOilC grid.Float
	hotC    grid.Float
	ageing  grid.Float
	airC    grid.Float
	grade   grid.Grade
}

// reinit is the gap after which the thermal state counts as lost.
const reinit = 6 * time.Hour

// step is one row on its way to the path.
type step struct {
	l        grid.Loading
	interval time.Duration // of the row, or the configured one
	station  Station
	rated    grid.Transformer
}

// covered tells whether an instantaneous row lies in the interval that ends at
// the step: the profile row then says nothing that the path does not know.
func (p *path) covered(s step) bool {
	if s.l.Source != grid.Profile {
		return false
	}
	from := s.l.At.Add(-s.interval)
	return slices.ContainsFunc(p.Recent, func(m mark) bool {
		return m.source == grid.Instant && m.at.After(from) && !m.at.After(s.l.At)
	})
}

// find gives the mark under the step's key.
func (p *path) find(l grid.Loading) (mark, bool) {
	i := slices.IndexFunc(p.Recent, func(m mark) bool { return m.at.Equal(l.At) && m.source == l.Source })
	if i < 0 {
		return mark{}, false
	}
	return p.Recent[i], true
}

// walk takes the step's row, which is newer than the path, and fills its
// temperatures; a row that the path does not need is shown the path's own.
func (p *path) walk(s *step, air Air, cfg Config) {
	covered := p.covered(*s)
	k, ok := perUnit(s.l, s.rated, s.station.Point.Side)
	params, err := thermal.FromTransformer(s.rated, s.station.Point.Side)
	if ok && err == nil {
		if m, err := thermal.New(params); err == nil {
			p.heat(s, m, k, covered, air, cfg)
		}
	}
	p.remember(s.l, !covered, cfg)
}

func (p *path) heat(s *step, m thermal.Model, k float64, covered bool, air Air, cfg Config) {
	airC, known := air.AirAt(s.l.At, s.station.Substation.ID)
	next := p.next(m, s.l.At, k, airC, cfg)
	if !known {
		next.Doubt = latest(next.Doubt, s.l.At.Add(3*m.OilTimeConstant()))
	}
	s.l.AmbientC = grid.Known(airC)
	s.l.TopOilC = grid.Known(next.State.TopOilC)
	s.l.HotSpotC = grid.Known(next.State.HotSpotC())
	s.l.Ageing = grid.Known(m.AgeingRate(next.State.HotSpotC()))
	s.l.ThermalGrade = grid.Good
	if s.l.At.Before(next.Doubt) {
		s.l.ThermalGrade = grid.Estimated
	}
	if !covered {
		p.At, p.K, p.State, p.Doubt = next.At, next.K, next.State, next.Doubt
	}
}

// next is the path at a later time. Two periods without a row are bridged by
// the newer load; a longer gap by the mean of both ends, marked as estimated;
// over six hours nobody knows, and the steady state takes its place.
func (p *path) next(m thermal.Model, at time.Time, k, airC float64, cfg Config) path {
	gap := at.Sub(p.At)
	out := path{At: at, K: k, Doubt: p.Doubt}
	switch {
	case p.At.IsZero() || gap > reinit:
		out.State = m.Steady(k, airC)
		out.Doubt = latest(p.Doubt, at.Add(5*m.OilTimeConstant()))
	case gap <= 2*max(cfg.Every, cfg.ProfileEvery):
		out.State = m.Step(p.State, k, airC, gap)
	default:
		out.State = m.Step(p.State, (p.K+k)/2, airC, gap)
		out.Doubt = latest(p.Doubt, at.Add(m.OilTimeConstant()))
	}
	return out
}

// seed begins the path at a row that has its temperatures from before. How sure
// they were is not kept with the row, so what follows counts as estimated until
// the start no longer matters.
func (p *path) seed(s step, cfg Config) {
	k, ok := perUnit(s.l, s.rated, s.station.Point.Side)
	if !ok || !s.l.TopOilC.Known || !s.l.HotSpotC.Known {
		return
	}
	params, err := thermal.FromTransformer(s.rated, s.station.Point.Side)
	if err != nil {
		return
	}
	m, err := thermal.New(params)
	if err != nil {
		return
	}
	p.At, p.K, p.Doubt = s.l.At, k, s.l.At.Add(5*m.OilTimeConstant())
	// The parts of the gradient are not kept. For a distribution transformer
	// there is only one; for others the second fades within hours.
	p.State = thermal.State{TopOilC: s.l.TopOilC.X, DH1K: s.l.HotSpotC.X - s.l.TopOilC.X}
	p.remember(s.l, true, cfg)
}

// remember keeps the row's mark and forgets those that nothing looks back at.
func (p *path) remember(l grid.Loading, onPath bool, cfg Config) {
	p.Recent = append(p.Recent, mark{l.At, l.Source, onPath, l.PhaseMaxPct, l.TopOilC, l.HotSpotC, l.Ageing, l.AmbientC, l.ThermalGrade})
	oldest := l.At.Add(-cfg.TrendOver - 2*cfg.ProfileEvery)
	p.Recent = slices.DeleteFunc(p.Recent, func(m mark) bool { return m.at.Before(oldest) })
}

// clone is a copy that shares nothing with p.
func (p *path) clone() *path {
	c := *p
	c.Recent = slices.Clone(p.Recent)
	return &c
}

// slope is the trend of the worst phase up to at, % per hour.
func (p *path) slope(at time.Time, over time.Duration) grid.Float {
	var points []Trending
	for _, m := range p.Recent {
		if m.onPath && m.pct.Known && !m.at.After(at) && at.Sub(m.at) <= over {
			points = append(points, Trending{m.at, m.pct.X})
		}
	}
	x, ok := Slope(points)
	if !ok {
		return grid.Float{}
	}
	return grid.Known(x)
}

// minutes is the earlier of the worst phase passing 100 % and of the hot spot
// passing its limit, if the trend goes on.
func (p *path) minutes(s step, air Air, cfg Config) grid.Float {
	if !s.l.PhaseMaxPct.Known {
		return grid.Float{}
	}
	pct, slope := s.l.PhaseMaxPct.X, s.l.TrendPctPerHr.X // no trend: it stays
	best, found := MinutesToCross(pct, slope, 100, cfg.Horizon)
	params, err := thermal.FromTransformer(s.rated, s.station.Point.Side)
	k, known := perUnit(s.l, s.rated, s.station.Point.Side)
	if err == nil && known && pct > 0 && s.l.ThermalGrade == grid.Good && s.l.HotSpotC.Known {
		m, err := thermal.New(params)
		airC, _ := air.AirAt(s.l.At, s.station.Substation.ID)
		course := func(ahead time.Duration) (float64, float64) {
			return min(utmost, max(0, k*(1+slope*ahead.Hours()/pct))), airC
		}
		if err == nil {
			if d, ok := m.TimeToHotSpot(p.State, course, cfg.HotSpotLimitC, cfg.Horizon); ok && (!found || d.Minutes() < best) {
				best, found = d.Minutes(), true
			}
		}
	}
	if !found {
		return grid.Float{}
	}
	return grid.Known(best)
}

// utmost is the load, per unit, beyond which no trend is followed.
const utmost = 2

// perUnit is the load that heats the winding: the worst phase over the rated
// current, or S/Sn where no current is known. For the oil, which answers to all
// three phases, it is on the safe side.
func perUnit(l grid.Loading, t grid.Transformer, side grid.Side) (float64, bool) {
	rated := t.RatedCurrent(side)
	if rated == 0 {
		return 0, false
	}
	if l.WorstPhase >= grid.PhaseA && l.WorstPhase <= grid.PhaseC {
		k := l.Amps[l.WorstPhase-grid.PhaseA].X / rated
		return k, !math.IsNaN(k) && !math.IsInf(k, 0)
	}
	return l.LoadingPct.X / 100, l.LoadingPct.Known
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
