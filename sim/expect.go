package sim

import (
	"time"

	"phutai/grid"
)

// Rule is how alarms are raised, as far as the truth decides it.
type Rule struct {
	WarnPct, OverPct float64       // of the rated current, worst phase
	OnDelay          time.Duration // how long a limit must be exceeded
	MarginPct        float64       // so near to a limit either answer is right
	Slack            time.Duration // so near to OnDelay either answer is right
}

// DefaultRule is the product's default rule: 90 and 100 % for ten minutes, with
// room for the polling interval and for the meter's class.
func DefaultRule() Rule {
	return Rule{WarnPct: 90, OverPct: 100, OnDelay: 10 * time.Minute, MarginPct: 0.5, Slack: 10 * time.Minute}
}

// Expected is what the truth demands for one metering point over a window of
// time. Must and May differ only where the load comes so near to a limit, or
// exceeds it for so short a time, that polling decides.
type Expected struct {
	Point        grid.PointID
	Transformers []grid.TransformerID
	Must         grid.Severity // the least that has to be raised; NoSeverity: nothing has to be
	May          grid.Severity // the most that may be raised
	Silent       bool          // nothing is heard of the meter: no load alarm, a comms loss instead
	Worst        grid.Phase    // of the peak
	PeakPct      float64       // highest worst-phase loading of the window, % of rated current
	PeakAt       time.Time
	OverSince    time.Time // first minute at or over OverPct; zero: never
	WarnSince    time.Time // first minute at or over WarnPct; zero: never
}

// Expect looks at each minute of the window from up to and including to, and
// tells what has to come of it, in the order of Fleet.Points. Loads from
// before the window count for nothing, as for a product that starts then.
func (p *Province) Expect(from, to time.Time, rule Rule) []Expected {
	out := make([]Expected, 0, len(p.stations))
	for _, s := range p.stations {
		out = append(out, s.expect(from, to, rule))
	}
	return out
}

func (s *station) expect(from, to time.Time, r Rule) Expected {
	e := Expected{
		Point: s.point.ID, Transformers: s.point.Transformers,
		Silent: s.fault == Silent || s.fault == DeadUnit,
	}
	sure, loose := r.OnDelay+r.Slack, max(0, r.OnDelay-r.Slack)
	mustWarn, mayWarn := run{limit: r.WarnPct + r.MarginPct, needs: sure}, run{limit: r.WarnPct - r.MarginPct, needs: loose}
	mustOver, mayOver := run{limit: r.OverPct + r.MarginPct, needs: sure}, run{limit: r.OverPct - r.MarginPct, needs: loose}
	for t := from; !t.After(to); t = t.Add(time.Minute) {
		pct, phase := s.worst(t)
		if pct > e.PeakPct {
			e.PeakPct, e.PeakAt, e.Worst = pct, t, phase
		}
		if pct >= r.WarnPct && e.WarnSince.IsZero() {
			e.WarnSince = t
		}
		if pct >= r.OverPct && e.OverSince.IsZero() {
			e.OverSince = t
		}
		for _, x := range []*run{&mustWarn, &mayWarn, &mustOver, &mayOver} {
			x.step(t, pct)
		}
	}
	if e.Silent {
		return e
	}
	e.Must = severity(mustWarn.done, mustOver.done)
	e.May = severity(mayWarn.done, mayOver.done)
	return e
}

func severity(warn, over bool) grid.Severity {
	switch {
	case over:
		return grid.Critical
	case warn:
		return grid.Warning
	}
	return grid.NoSeverity
}

// run watches how long a limit is exceeded without a break.
type run struct {
	limit float64
	needs time.Duration
	since time.Time // zero: not exceeded now
	done  bool
}

func (r *run) step(t time.Time, pct float64) {
	if pct < r.limit {
		r.since = time.Time{}
		return
	}
	if r.since.IsZero() {
		r.since = t
	}
	r.done = r.done || t.Sub(r.since) >= r.needs
}

// worst gives the highest phase current at t in % of the rated current on the
// metered side, and its phase.
func (s *station) worst(t time.Time) (pct float64, phase grid.Phase) {
	n, part := knotBefore(t)
	a, b := s.knot(n), s.knot(n+1)
	k := between(&a, &b, part)
	for i := range 3 {
		if x := k.amps(i) / s.ratedAmps * 100; x > pct {
			pct, phase = x, grid.PhaseA+grid.Phase(i)
		}
	}
	return pct, phase
}
