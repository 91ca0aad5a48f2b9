package web

import (
	"bytes"
	"net/http"
	"strconv"
	"time"

	"phutai/grid"
)

// maxWindow bounds what one request may ask for.
const maxWindow = 400 * 24 * time.Hour

// seriesAnswer holds one curve in columns, as the chart draws it. A null in a
// column is a gap: the value is missing, not zero.
type seriesAnswer struct {
	From        time.Time    `json:"from"`
	To          time.Time    `json:"to"`
	StepS       float64      `json:"step_s"` // of each step the worst value is kept
	WarnPct     float64      `json:"warn_pct"`
	CriticalPct float64      `json:"critical_pct"`
	RatedKVA    grid.Float   `json:"rated_kva"`
	T           []float64    `json:"t"` // Unix seconds
	PhaseMaxPct []grid.Float `json:"phase_max_pct"`
	PctA        []grid.Float `json:"pct_a"` // phase current over the governing limit, %
	PctB        []grid.Float `json:"pct_b"`
	PctC        []grid.Float `json:"pct_c"`
	SKVA        []grid.Float `json:"s_kva"`
	PKW         []grid.Float `json:"p_kw"`
	AmbientC    []grid.Float `json:"ambient_c"`
	TopOilC     []grid.Float `json:"top_oil_c"`
	HotSpotC    []grid.Float `json:"hot_spot_c"`
	// Grade is the worst of a point's figures: "good", "suspect", or "estimated"
	// for what was not measured; empty in a gap.
	Grade []string `json:"grade"`
	// MadeBy counts the rows of the load profile in the window that rules have
	// made because they stay missing, by the name of the rule.
	MadeBy map[string]int `json:"made_by,omitempty"`
}

// series answers GET /api/v1/transformers/{id}/series?from&to&step.
func (s *Server) series(_ http.ResponseWriter, r *http.Request) (any, error) {
	row, err := s.find(r)
	if err != nil {
		return nil, err
	}
	from, to, err := s.window(r)
	if err != nil {
		return nil, err
	}
	step := niceStep(to.Sub(from))
	if text := r.FormValue("step"); text != "" {
		if step, err = time.ParseDuration(text); err != nil || step < time.Second || to.Sub(from)/step > maxPoints {
			return nil, badRequest("step", "write a duration such as 30m that makes at most "+strconv.Itoa(maxPoints)+" points of the window")
		}
	}
	kept := newBuckets(from, to, step)
	err = s.deps.Loadings.LoadingSeries(r.Context(), row.Transformer.ID, from, to, func(l grid.Loading) error {
		kept.add(l)
		return nil
	})
	if err != nil {
		return nil, unreadable(err)
	}
	answer := &seriesAnswer{
		From: from, To: to, StepS: step.Seconds(),
		WarnPct: s.cfg.WarnPct, CriticalPct: s.cfg.CriticalPct, RatedKVA: positive(row.Transformer.RatedKVA),
	}
	answer.grow(len(kept.kept))
	kept.curve(
		func(l *grid.Loading) time.Duration { return s.staleAfter(l, &row.Meter) },
		answer.point,
		func(at time.Time) {
			answer.point(&grid.Loading{At: at})
			answer.Grade[len(answer.Grade)-1] = ""
		},
	)
	if s.deps.Made != nil && row.Point.ID != "" {
		if answer.MadeBy, err = s.deps.Made.MadeBy(r.Context(), row.Point.ID, from, to); err != nil {
			return nil, unreadable(err)
		}
	}
	return answer, nil
}

func unreadable(cause error) error {
	return &fault{status: http.StatusServiceUnavailable, title: "the curve could not be read",
		hint: "try again; if it stays, look at the store's file and the log", cause: cause}
}

func (a *seriesAnswer) grow(n int) {
	a.T, a.Grade = make([]float64, 0, n), make([]string, 0, n)
	for _, column := range []*[]grid.Float{
		&a.PhaseMaxPct, &a.PctA, &a.PctB, &a.PctC, &a.SKVA, &a.PKW, &a.AmbientC, &a.TopOilC, &a.HotSpotC,
	} {
		*column = make([]grid.Float, 0, n)
	}
}

// point adds one value to every column.
func (a *seriesAnswer) point(l *grid.Loading) {
	a.T = append(a.T, float64(l.At.UnixMilli())/1000)
	a.PhaseMaxPct = append(a.PhaseMaxPct, finite(l.PhaseMaxPct))
	a.PctA = append(a.PctA, percent(l.Amps[0], l.LimitA))
	a.PctB = append(a.PctB, percent(l.Amps[1], l.LimitA))
	a.PctC = append(a.PctC, percent(l.Amps[2], l.LimitA))
	a.SKVA = append(a.SKVA, finite(l.SKVA))
	a.PKW = append(a.PKW, finite(l.PKW))
	a.AmbientC = append(a.AmbientC, finite(l.AmbientC))
	a.TopOilC = append(a.TopOilC, finite(l.TopOilC))
	a.HotSpotC = append(a.HotSpotC, finite(l.HotSpotC))
	a.Grade = append(a.Grade, l.Grade.String())
}

// percent gives amps over limit in %, unknown where either is.
func percent(amps grid.Float, limit float64) grid.Float {
	if !amps.Known || limit <= 0 {
		return grid.Float{}
	}
	return finite(grid.Known(amps.X / limit * 100))
}

// window reads from and to; without them it is today until now.
func (s *Server) window(r *http.Request) (from, to time.Time, err error) {
	to = s.deps.Clock.Now()
	from = s.dayStart(to)
	if text := r.FormValue("from"); text != "" {
		if from, err = time.Parse(time.RFC3339, text); err != nil {
			return from, to, badRequest("from", "write a time such as 2026-06-22T00:00:00+07:00 (escape the plus sign as %2B)")
		}
	}
	if text := r.FormValue("to"); text != "" {
		if to, err = time.Parse(time.RFC3339, text); err != nil {
			return from, to, badRequest("to", "write a time such as 2026-06-23T00:00:00+07:00 (escape the plus sign as %2B)")
		}
	}
	if !to.After(from) || to.Sub(from) > maxWindow {
		return from, to, badRequest("from and to", "from must be before to, by at most 400 days")
	}
	return from.UTC(), to.UTC(), nil
}

// curve answers GET /api/v1/transformers/{id}/curve.csv?from&to&every.
func (s *Server) curve(w http.ResponseWriter, r *http.Request) (any, error) {
	row, err := s.find(r)
	if err != nil {
		return nil, err
	}
	from, to, err := s.window(r)
	if err != nil {
		return nil, err
	}
	every := 30 * time.Minute
	if text := r.FormValue("every"); text != "" {
		if every, err = time.ParseDuration(text); err != nil || every < time.Minute || every > 24*time.Hour {
			return nil, badRequest("every", "write a duration from 1m to 24h, such as 30m")
		}
	}
	// The whole table is made before its first byte leaves, so that an error
	// half-way is an error and not a short file.
	var table bytes.Buffer
	ask := CurveAsk{Transformer: row.Transformer.ID, From: from, To: to, Every: every, Lang: s.language(r)}
	if err := s.deps.Curves.WriteCurve(r.Context(), &table, ask); err != nil {
		return nil, err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+fileName(string(row.Transformer.ID))+`.csv"`)
	_, err = w.Write(table.Bytes())
	return nil, err
}

// fileName keeps of an id what every file system takes.
func fileName(id string) string {
	out := []byte("curve-")
	for _, r := range id {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r == '-' || r == '_' {
			out = append(out, byte(r))
		} else {
			out = append(out, '_')
		}
	}
	return string(out)
}
