package web

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"phutai/grid"
)

// fleetDayAnswer is the ranking of one day.
type fleetDayAnswer struct {
	Day      string         `json:"day"`
	TimeZone string         `json:"time_zone"`
	Found    int            `json:"found"` // transformers with a figure, those beyond the limit included
	Rows     []fleetDayLine `json:"rows"`
}

type fleetDayLine struct {
	ID      grid.TransformerID `json:"id"`
	Pct     grid.Float         `json:"phase_max_pct"`
	At      *time.Time         `json:"phase_max_at"`
	Grade   string             `json:"phase_max_grade"`
	Phase   string             `json:"worst_phase"`
	SKVA    grid.Float         `json:"s_kva"`
	HotSpot grid.Float         `json:"hot_spot_c"`
}

// fleetDay answers GET /api/v1/fleet/day?day&limit: who carried most on a day.
func (s *Server) fleetDay(_ http.ResponseWriter, r *http.Request) (any, error) {
	day, err := s.dayParam(r, "day", s.dayStart(s.deps.Clock.Now()))
	if err != nil {
		return nil, err
	}
	limit, err := limitOf(r)
	if err != nil {
		return nil, err
	}
	all, err := s.deps.Days.FleetDay(r.Context(), day)
	if err != nil {
		return nil, daysFault(err)
	}
	all = slices.DeleteFunc(all, func(d grid.LoadDay) bool { return !d.PhaseMaxPct.Known })
	slices.SortFunc(all, func(a, b grid.LoadDay) int {
		return cmp.Or(cmp.Compare(b.PhaseMaxPct.X, a.PhaseMaxPct.X), cmp.Compare(a.Transformer, b.Transformer))
	})
	answer := &fleetDayAnswer{Day: s.dayName(day), TimeZone: s.zone.String(), Found: len(all), Rows: []fleetDayLine{}}
	for _, d := range all[:min(limit, len(all))] {
		answer.Rows = append(answer.Rows, fleetDayLine{
			ID: d.Transformer, Pct: finite(grid.Known(d.PhaseMaxPct.X)), At: moment(d.PhaseMaxPct.At), Grade: d.PhaseMaxPct.Grade.String(),
			Phase: d.WorstPhase.String(), SKVA: finite(grid.Float{X: d.SKVA.X, Known: d.SKVA.Known}), HotSpot: finite(grid.Float{X: d.HotSpotC.X, Known: d.HotSpotC.Known}),
		})
	}
	return answer, nil
}
