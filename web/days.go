package web

import (
	"net/http"
	"strconv"
	"time"

	"phutai/grid"
)

// maxDays bounds how many days one request may ask for: ten years and more.
const maxDays = 3700

// usualDays is how many are given where none are asked for.
const usualDays = 31

// daysAnswer holds days in columns. A null is unknown, which is not zero; a day
// without any row is not there. The last one may be under way.
type daysAnswer struct {
	From      string       `json:"from"` // the first day
	To        string       `json:"to"`   // the last day, included
	TimeZone  string       `json:"time_zone"`
	Day       []string     `json:"day"`
	Rows      []int        `json:"rows"`
	Sound     []int        `json:"rows_good"`
	LastRow   []time.Time  `json:"last_row"`
	Pct       []grid.Float `json:"phase_max_pct"`
	PctAt     []*time.Time `json:"phase_max_at"`
	PctGrade  []string     `json:"phase_max_grade"` // empty where there is no figure
	Phase     []string     `json:"worst_phase"`
	Loading   []grid.Float `json:"loading_pct"`
	SKVA      []grid.Float `json:"s_kva"`
	SAt       []*time.Time `json:"s_at"`
	MinKW     []grid.Float `json:"p_min_kw"`
	MeanKW    []grid.Float `json:"p_mean_kw"`
	MaxKW     []grid.Float `json:"p_max_kw"`
	EnergyKWh []grid.Float `json:"energy_kwh"` // P over time, over what is covered
	CoveredS  []float64    `json:"covered_s"`
	HotSpotC  []grid.Float `json:"hot_spot_c"`
	HotSpotAt []*time.Time `json:"hot_spot_at"`
}

// days answers GET /api/v1/transformers/{id}/days?from&to.
func (s *Server) days(_ http.ResponseWriter, r *http.Request) (any, error) {
	row, err := s.find(r)
	if err != nil {
		return nil, err
	}
	today := s.dayStart(s.deps.Clock.Now())
	to, err := s.dayParam(r, "to", today)
	if err != nil {
		return nil, err
	}
	from, err := s.dayParam(r, "from", s.dayStart(to.In(s.zone).AddDate(0, 0, 1-usualDays)))
	if err != nil {
		return nil, err
	}
	end := to.In(s.zone).AddDate(0, 0, 1)
	if from.After(to) || end.Sub(from) > maxDays*24*time.Hour {
		return nil, badRequest("from and to", "from must not be after to, and they must lie at most "+strconv.Itoa(maxDays)+" days apart")
	}
	all, err := s.deps.Days.LoadDays(r.Context(), row.Transformer.ID, from, end.UTC())
	if err != nil {
		return nil, daysFault(err)
	}
	answer := &daysAnswer{From: s.dayName(from), To: s.dayName(to), TimeZone: s.zone.String()}
	answer.grow(len(all))
	for i := range all {
		answer.add(s.dayName(all[i].Day), &all[i])
	}
	return answer, nil
}

func daysFault(err error) *fault {
	return &fault{status: http.StatusServiceUnavailable, title: "the days could not be read",
		hint: "try again; if it stays, look at the store's file and the log", cause: err}
}

// dayParam reads a local day and gives its first moment.
func (s *Server) dayParam(r *http.Request, name string, otherwise time.Time) (time.Time, error) {
	text := r.FormValue(name)
	if text == "" {
		return otherwise, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, text, s.zone)
	if err != nil {
		return t, badRequest(name, "write a day such as 2026-06-22")
	}
	return t.UTC(), nil
}

func (s *Server) dayName(t time.Time) string { return t.In(s.zone).Format(time.DateOnly) }

func (a *daysAnswer) grow(n int) {
	a.Day, a.Rows, a.Sound, a.LastRow = make([]string, 0, n), make([]int, 0, n), make([]int, 0, n), make([]time.Time, 0, n)
	a.PctGrade, a.Phase, a.CoveredS = make([]string, 0, n), make([]string, 0, n), make([]float64, 0, n)
	for _, column := range []*[]grid.Float{&a.Pct, &a.Loading, &a.SKVA, &a.MinKW, &a.MeanKW, &a.MaxKW, &a.EnergyKWh, &a.HotSpotC} {
		*column = make([]grid.Float, 0, n)
	}
	for _, column := range []*[]*time.Time{&a.PctAt, &a.SAt, &a.HotSpotAt} {
		*column = make([]*time.Time, 0, n)
	}
}

// add adds one day to every column.
func (a *daysAnswer) add(name string, d *grid.LoadDay) {
	a.Day, a.LastRow = append(a.Day, name), append(a.LastRow, d.Last)
	all := 0
	for i := range d.Instant {
		all += d.Instant[i] + d.Profile[i]
	}
	a.Rows, a.Sound = append(a.Rows, all), append(a.Sound, d.Instant[grid.Good]+d.Profile[grid.Good])
	phase, grade := "", ""
	if d.PhaseMaxPct.Known {
		phase, grade = d.WorstPhase.String(), d.PhaseMaxPct.Grade.String()
	}
	a.Phase, a.PctGrade = append(a.Phase, phase), append(a.PctGrade, grade)
	peak := func(p grid.Peak) grid.Float { return finite(grid.Float{X: p.X, Known: p.Known}) }
	a.Pct, a.PctAt = append(a.Pct, peak(d.PhaseMaxPct)), append(a.PctAt, moment(d.PhaseMaxPct.At))
	a.Loading = append(a.Loading, peak(d.LoadingPct))
	a.SKVA, a.SAt = append(a.SKVA, peak(d.SKVA)), append(a.SAt, moment(d.SKVA.At))
	a.MinKW, a.MeanKW, a.MaxKW = append(a.MinKW, finite(d.MinKW)), append(a.MeanKW, finite(d.MeanKW())), append(a.MaxKW, finite(d.MaxKW))
	a.EnergyKWh, a.CoveredS = append(a.EnergyKWh, finite(d.EnergyKWh)), append(a.CoveredS, d.Covered.Seconds())
	a.HotSpotC, a.HotSpotAt = append(a.HotSpotC, peak(d.HotSpotC)), append(a.HotSpotAt, moment(d.HotSpotC.At))
}
