package plausibility

import (
	"time"

	"phutai/grid"
)

// Point is what is remembered of one metering point, about 2.5 KB. The zero
// value is one of which nothing is known. It may be kept as JSON.
type Point struct {
	Key  string    // of the facts that it rests on
	Last time.Time // of the newest reading
	Said time.Time // of the newest plate

	Range, Secondary, Flat, Clock, Missing, Voltage watch

	Wire    wiring
	Still   still
	Drift   drift
	Count   counters
	Balance balance
	Step    step
}

// Take looks at one instantaneous reading with primary values. Absences, rows of
// load profiles and readings that are not newer than the last are passed over: the
// wiring shows in figures of one moment, and old news is no evidence.
func (p *Point) Take(f Facts, r *grid.Reading) []Verdict {
	if r.Source != grid.Instant || r.Absent() || !r.At.After(p.Last) {
		return nil
	}
	out := p.settle(&f, r.At)
	p.Last = r.At
	v := figures{r}
	out = append(out, p.ctRange(&f, r.At)...)
	out = append(out, p.currents(&f, v)...)
	out = append(out, p.wiring(&f, v)...)
	out = append(out, p.flat(v)...)
	out = append(out, p.clock(r)...)
	out = append(out, p.counters(v)...)
	out = append(out, p.balance(&f, v)...)
	return append(out, p.step(&f, v)...)
}

// settle begins anew where the register says something else than before.
func (p *Point) settle(f *Facts, at time.Time) []Verdict {
	key := f.key()
	if p.Key == key {
		return nil
	}
	known := p.Key != ""
	*p = Point{Key: key, Last: p.Last, Said: p.Said}
	if !known {
		return nil
	}
	return []Verdict{{Outcome: Changed, At: at}}
}

// Forget begins a check anew because a person has explained what it found, and
// tells whether it could: it finds what happened once. What lasts is found again.
func (p *Point) Forget(c grid.Check) bool {
	switch c {
	case grid.RatioStep:
		p.Step = step{}
	case grid.CounterBack:
		p.Count = counters{}
	default:
		return false
	}
	return true
}
