package storetest

import (
	"cmp"
	"slices"
	"time"

	"phutai/grid"
)

// Sample is one figure that a store shows.
type Sample struct {
	At    time.Time
	Field string
	X     float64
}

// byField orders the samples of one time.
func byField(out []Sample) []Sample {
	slices.SortFunc(out, func(a, b Sample) int { return cmp.Compare(a.Field, b.Field) })
	return out
}

// SamplesOf gives the figures of a reading under the names of the contract with
// Grafana, by name.
func SamplesOf(r *grid.Reading) []Sample {
	out := []Sample{{r.At, "ratio", r.Ratio}, {r.At, "quality", float64(r.Quality)}}
	for q, x := range r.Values.All() {
		out = append(out, Sample{r.At, q.String(), x})
	}
	return byField(out)
}

// SamplesOfLoading is SamplesOf for those figures of a loading that the contract
// uses.
func SamplesOfLoading(l *grid.Loading) []Sample {
	out := []Sample{
		{l.At, "limit_a", l.LimitA}, {l.At, "worst_phase", float64(l.WorstPhase)}, {l.At, "governor", float64(l.Governor)},
		{l.At, "grade", float64(l.Grade)}, {l.At, "source", float64(l.Source)},
	}
	if l.PhaseMaxPct.Known {
		out = append(out, Sample{l.At, "phase_max_pct", l.PhaseMaxPct.X})
	}
	if l.PKW.Known {
		out = append(out, Sample{l.At, "p_kw", l.PKW.X})
	}
	return byField(out)
}
