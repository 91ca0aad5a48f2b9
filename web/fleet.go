package web

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"phutai/grid"
)

// The number of lines in one answer: what a person scrolls through, and what
// a program may ask for.
const (
	defaultLimit = 200
	maxLimit     = 50_000
)

// fleetAnswer is the ranking. Counts are of the whole fleet (of the unit, where
// one is asked for), whatever the search and the limit leave.
type fleetAnswer struct {
	Status status     `json:"status"`
	Counts counts     `json:"counts"`
	Units  []unitName `json:"units"`
	Found  int        `json:"found"` // lines that match, also those beyond the limit
	Rows   []fleetRow `json:"rows"`  // fresh values, worst phase first
	Stale  []fleetRow `json:"stale"` // old values and none at all, longest silence last
}

type counts struct {
	Critical int        `json:"critical"`
	Warning  int        `json:"warning"`
	Normal   int        `json:"normal"`
	NoRating int        `json:"no_rating"`
	Suspect  int        `json:"suspect"` // fresh, but cannot be judged
	Stale    int        `json:"stale"`   // stale and no-data
	Meters   int        `json:"meters"`
	NewestS  grid.Float `json:"newest_age_s"` // age of the newest value
}

type unitName struct {
	ID   grid.UnitID `json:"id"`
	Name string      `json:"name"`
}

// fleet answers GET /api/v1/fleet?q=&unit=&limit=.
func (s *Server) fleet(_ http.ResponseWriter, r *http.Request) (any, error) {
	limit, err := limitOf(r)
	if err != nil {
		return nil, err
	}
	snap, err := s.snapshot(r.Context())
	if err != nil {
		return nil, err
	}
	unit := grid.UnitID(r.FormValue("unit"))
	words := strings.Fields(s.deps.Fold(r.FormValue("q")))
	answer := fleetAnswer{Status: s.status(r.Context(), snap.now, snap.alarms), Units: unitNames(snap.rows), Rows: []fleetRow{}, Stale: []fleetRow{}}
	meters := make(map[grid.MeterID]struct{}, len(snap.rows))
	rows := s.ranking(snap)
	for i := range rows {
		row, at := &rows[i], &snap.rows[i]
		if unit != "" && row.Unit != unit {
			continue
		}
		answer.Counts.add(row)
		if at.Meter.ID != "" {
			meters[at.Meter.ID] = struct{}{}
		}
		if !matches(s.searchText(at), words) {
			continue
		}
		answer.Found++
		if row.State == stateStale || row.State == stateNoData {
			answer.Stale = append(answer.Stale, *row)
		} else {
			answer.Rows = append(answer.Rows, *row)
		}
	}
	answer.Counts.Meters = len(meters)
	slices.SortFunc(answer.Rows, worstFirst)
	slices.SortFunc(answer.Stale, newestFirst)
	answer.Rows = answer.Rows[:min(limit, len(answer.Rows))]
	answer.Stale = answer.Stale[:min(limit, len(answer.Stale))]
	return answer, nil
}

// searchText is what a search looks into.
func (s *Server) searchText(r *Row) string {
	if r.Fold != "" {
		return r.Fold
	}
	return s.deps.Fold(strings.Join([]string{
		r.Substation.Name, string(r.Substation.ID), r.Transformer.Name, string(r.Transformer.ID),
		string(r.Point.ID), string(r.Meter.ID), string(r.Feeder.ID), r.Feeder.Name, r.Unit.Name,
	}, " "))
}

// matches tells whether text has all words, in any order. A word of one or two
// characters must begin a word of the text: "minh khai 2" means the number 2,
// not every code with a 2 in it.
func matches(text string, words []string) bool {
	for _, w := range words {
		if len(w) > 2 && strings.Contains(text, w) || strings.HasPrefix(text, w) || strings.Contains(text, " "+w) {
			continue
		}
		return false
	}
	return true
}

// worstFirst puts the highest worst-phase percentage first; without one, the
// highest apparent power after all percentages. Ids break ties, so that lines
// do not jump between refreshes.
func worstFirst(a, b fleetRow) int {
	return cmp.Or(
		compareDown(a.PhaseMaxPct, b.PhaseMaxPct),
		compareDown(a.SKVA, b.SKVA),
		cmp.Compare(a.ID, b.ID),
	)
}

// newestFirst puts the longest silence last, and what never spoke after it.
func newestFirst(a, b fleetRow) int {
	return cmp.Or(compareDown(negate(a.AgeS), negate(b.AgeS)), cmp.Compare(a.ID, b.ID))
}

// compareDown orders known figures from high to low, unknown ones last.
func compareDown(a, b grid.Float) int {
	switch {
	case a.Known && b.Known:
		return cmp.Compare(b.X, a.X)
	case a.Known:
		return -1
	case b.Known:
		return 1
	}
	return 0
}

func negate(f grid.Float) grid.Float { return grid.Float{X: -f.X, Known: f.Known} }

func (c *counts) add(r *fleetRow) {
	switch r.State {
	case stateCritical:
		c.Critical++
	case stateWarning:
		c.Warning++
	case stateNormal:
		c.Normal++
	case stateNoRating:
		c.NoRating++
	case stateSuspect:
		c.Suspect++
	case stateStale, stateNoData:
		c.Stale++
	}
	if r.AgeS.Known && (!c.NewestS.Known || r.AgeS.X < c.NewestS.X) {
		c.NewestS = r.AgeS
	}
}

// unitNames lists the units that have transformers, by name.
func unitNames(rows []Row) []unitName {
	names := make(map[grid.UnitID]string)
	for i := range rows {
		if u := &rows[i].Unit; u.ID != "" {
			names[u.ID] = u.Name
		}
	}
	out := make([]unitName, 0, len(names))
	for id, name := range names {
		out = append(out, unitName{id, name})
	}
	slices.SortFunc(out, func(a, b unitName) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return out
}

// badRequest is the fault of a parameter that cannot be used.
func badRequest(parameter, hint string) *fault {
	return &fault{status: http.StatusBadRequest, title: "parameter " + parameter + " cannot be used", hint: hint}
}

// limitOf reads how many lines are wanted.
func limitOf(r *http.Request) (int, error) {
	text := r.FormValue("limit")
	if text == "" {
		return defaultLimit, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxLimit {
		return 0, badRequest("limit", "write a whole number from 1 to "+strconv.Itoa(maxLimit))
	}
	return n, nil
}
