package web

import (
	"math"
	"time"

	"phutai/grid"
)

// state is how a row is shown. Everything but critical and warning is neutral.
type state string

const (
	stateCritical state = "critical"  // worst phase over the critical limit
	stateWarning  state = "warning"   // worst phase over the warning limit
	stateNormal   state = "normal"    // below both
	stateNoRating state = "no-rating" // fresh, but no limit is known: kVA only
	stateSuspect  state = "suspect"   // fresh, but the phase currents cannot be trusted: neither over nor under a limit
	stateStale    state = "stale"     // the newest value is too old to judge by
	stateNoData   state = "no-data"   // never a value
)

// fleetRow is one line of the ranking. A null figure is unknown, which is not
// zero.
type fleetRow struct {
	ID             grid.TransformerID `json:"id"`
	Name           string             `json:"name"`
	Substation     grid.SubstationID  `json:"substation"`
	SubstationName string             `json:"substation_name"`
	Dedicated      bool               `json:"dedicated"`
	Priority       string             `json:"priority,omitempty"`
	Unit           grid.UnitID        `json:"unit"`
	UnitName       string             `json:"unit_name"`
	Feeder         grid.FeederID      `json:"feeder"`
	FeederName     string             `json:"feeder_name"`
	RatedKVA       grid.Float         `json:"rated_kva"`
	State          state              `json:"state"`
	Alarm          grid.AlarmState    `json:"alarm,omitempty"` // of the worst standing alarm about load or heat

	PhaseMaxPct  grid.Float    `json:"phase_max_pct"`
	WorstPhase   string        `json:"worst_phase,omitempty"`
	Governor     string        `json:"governor,omitempty"`
	LimitA       grid.Float    `json:"limit_a"`
	Amps         [3]grid.Float `json:"amps"`
	LoadingPct   grid.Float    `json:"loading_pct"`
	SKVA         grid.Float    `json:"s_kva"`
	PKW          grid.Float    `json:"p_kw"`
	UnbalancePct grid.Float    `json:"unbalance_pct"`
	AmbientC     grid.Float    `json:"ambient_c"`
	TopOilC      grid.Float    `json:"top_oil_c"`
	HotSpotC     grid.Float    `json:"hot_spot_c"`
	MinutesToHit grid.Float    `json:"minutes_to_limit"`
	TrendPctPerH grid.Float    `json:"trend_pct_per_h"`

	At      *time.Time `json:"at"` // of the value; null: there is none
	AgeS    grid.Float `json:"age_s"`
	Source  string     `json:"source,omitempty"`
	Grade   string     `json:"grade,omitempty"`   // worst of the figures
	Missing string     `json:"missing,omitempty"` // why the newest attempt got no value
	Misses  int        `json:"misses,omitempty"`
}

// staleAfter is the age from which a value of this source and meter says
// nothing about now.
func (s *Server) staleAfter(l *grid.Loading, meter *grid.Meter) time.Duration {
	if l.Source == grid.Profile {
		return s.cfg.StaleProfile
	}
	if meter.Every > 0 {
		return 2 * meter.Every
	}
	return s.cfg.StaleInstant
}

// judge gives the state of a value that is there.
func (s *Server) judge(l *grid.Loading, meter *grid.Meter, now time.Time) state {
	if now.Sub(l.At) > s.staleAfter(l, meter) {
		return stateStale
	}
	switch pct := l.PhaseMaxPct; {
	case !pct.Known:
		return stateNoRating
	case l.PhaseGrade != grid.Good:
		return stateSuspect
	case pct.X >= s.cfg.CriticalPct:
		return stateCritical
	case pct.X >= s.cfg.WarnPct:
		return stateWarning
	}
	return stateNormal
}

// row builds one line. l is nil where the transformer never had a value.
func (s *Server) row(r *Row, l *grid.Loading, c *grid.Contact, now time.Time) fleetRow {
	out := fleetRow{
		ID:             r.Transformer.ID,
		Name:           r.Transformer.Name,
		Substation:     r.Substation.ID,
		SubstationName: r.Substation.Name,
		Dedicated:      r.Substation.Dedicated,
		Priority:       r.Substation.Priority,
		Unit:           r.Unit.ID,
		UnitName:       r.Unit.Name,
		Feeder:         r.Feeder.ID,
		FeederName:     r.Feeder.Name,
		RatedKVA:       positive(r.Transformer.RatedKVA),
		State:          stateNoData,
	}
	switch {
	case c != nil:
		out.Missing, out.Misses = c.Missing.String(), c.Misses
	case r.Meter.ID == "":
		out.Missing = grid.NotDeclared.String()
	}
	if l == nil {
		return out
	}
	at := l.At.UTC()
	out.At, out.AgeS = &at, grid.Known(math.Round(now.Sub(at).Seconds()))
	out.State = s.judge(l, &r.Meter, now)
	out.Source, out.Grade = l.Source.String(), l.Grade.String()
	out.PhaseMaxPct, out.LoadingPct = finite(l.PhaseMaxPct), finite(l.LoadingPct)
	out.WorstPhase, out.Governor = l.WorstPhase.String(), l.Governor.String()
	out.LimitA = positive(l.LimitA)
	out.SKVA, out.PKW, out.UnbalancePct = finite(l.SKVA), finite(l.PKW), finite(l.UnbalancePct)
	out.AmbientC, out.TopOilC, out.HotSpotC = finite(l.AmbientC), finite(l.TopOilC), finite(l.HotSpotC)
	if out.State != stateStale && out.State != stateSuspect { // what lies ahead cannot be told from an old or doubtful value
		out.MinutesToHit, out.TrendPctPerH = finite(l.MinutesToHit), finite(l.TrendPctPerHr)
	}
	for i, a := range l.Amps {
		out.Amps[i] = finite(a)
	}
	return out
}

// positive makes an unknown figure of a zero that means unknown.
func positive(x float64) grid.Float {
	if x > 0 {
		return finite(grid.Known(x))
	}
	return grid.Float{}
}

// finite drops what JSON cannot carry, so that one odd figure does not take
// the page with it.
func finite(f grid.Float) grid.Float {
	if !f.Known || math.IsNaN(f.X) || math.IsInf(f.X, 0) {
		return grid.Float{}
	}
	return f
}
