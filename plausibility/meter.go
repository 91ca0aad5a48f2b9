package plausibility

import (
	"math"
	"strings"
	"time"

	"phutai/grid"
)

// sameRatio is how far ratios may differ and count as the same: CTs of standard
// steps differ by 12 % at least.
const sameRatio = 0.01

// Plate compares what the meter says about itself with the register. A meter of
// which the ratio was never set (1, or as much over as under) says nothing about it.
func (p *Point) Plate(f Facts, plate grid.Plate, at time.Time) []Verdict {
	if !at.After(p.Said) {
		return nil
	}
	out := p.settle(&f, at)
	p.Said = at
	if plate.Serial != "" && f.Meter != "" {
		v := Verdict{Outcome: Gone, Check: grid.MeterSerial, At: at}
		if !sameSerial(plate.Serial, string(f.Meter)) {
			v.Outcome, v.Since = Found, at
			v.Evidence = []grid.Figure{figure("register", "%s", f.Meter), figure("meter", "%s", plate.Serial)}
		}
		out = append(out, v)
	}
	ct, ctSays := compare(plate.CTNum, plate.CTDen, f.Point.CTPrimary, f.Point.CTSecondary)
	vt, vtSays := compare(plate.VTNum, plate.VTDen, f.Point.VTPrimary, f.Point.VTSecondary)
	if !ctSays && !vtSays {
		return out
	}
	v := Verdict{Outcome: Gone, Check: grid.MeterRatio, At: at}
	if ct != "" || vt != "" {
		v.Outcome, v.Since = Found, at
		if ct != "" {
			v.Evidence = append(v.Evidence, figure("register_ct", "%g/%g", f.Point.CTPrimary, f.Point.CTSecondary), figure("meter_ct", "%s", ct))
		}
		if vt != "" {
			v.Evidence = append(v.Evidence, figure("register_vt", "%g/%g", f.Point.VTPrimary, f.Point.VTSecondary), figure("meter_vt", "%s", vt))
		}
	}
	return append(out, v)
}

// compare gives the meter's ratio in words where it is not the register's, and
// whether both say anything.
func compare(num, den, primary, secondary float64) (differs string, says bool) {
	if num <= 0 || primary <= 0 || secondary <= 0 {
		return "", false
	}
	whole := den <= 0 || den == 1
	if whole {
		den = 1
	}
	if num == den {
		return "", false
	}
	ratio := num / den
	near := func(want float64) bool { return math.Abs(ratio/want-1) <= sameRatio }
	if near(primary/secondary) || whole && near(primary) {
		return "", true
	}
	return figure("", "%g/%g", num, den).Text, true
}

// sameSerial compares serial numbers as people and meters write them: with other
// separators, leading zeros, or the maker's letters before or behind.
func sameSerial(a, b string) bool {
	a, b = bare(a), bare(b)
	return a == b || a == "" || b == "" // without a digit there is nothing to compare
}

func bare(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9', r >= 'A' && r <= 'Z':
			return r
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		}
		return -1
	}, s)
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	return strings.TrimRight(strings.TrimLeft(s, letters+"0"), letters)
}

// mostOffset: a sixth of a half-hour interval of the load profile. A rise of the
// load between neighbouring rows is then blurred by as much, and a row under a
// wrong day is nearer.
const mostOffset = 5 * time.Minute

var clockNeeds = needs{time.Hour, 3}

// drift is where the clock stood when it was first seen beyond a minute.
type drift struct {
	From time.Time
	Off  time.Duration
}

// clock needs the meter's clock.
func (p *Point) clock(r *grid.Reading) []Verdict {
	if !r.ClockKnown {
		return nil
	}
	off := r.ClockOffset
	if off.Abs() < time.Minute || p.Drift.From.IsZero() {
		p.Drift = drift{r.At, off}
	}
	return p.Clock.judge(off.Abs() >= mostOffset, clockNeeds, Verdict{Check: grid.MeterClock, At: r.At}, func() []grid.Figure {
		out := []grid.Figure{figure("offset", "%+.0f s", off.Seconds())}
		if over := r.At.Sub(p.Drift.From); over >= time.Hour {
			out = append(out, figure("drift", "%+.0f s/d", (off-p.Drift.Off).Seconds()/over.Hours()*24))
		}
		return out
	})
}

// still is the figures that last were seen.
type still struct{ Print uint64 }

// A running network never gives the same voltages, currents and power, to the
// last digit, for six hours.
var flatNeeds = needs{6 * time.Hour, 12}

// flat needs voltages and currents.
func (p *Point) flat(v figures) []Verdict {
	u, ok1 := v.three(grid.Ua)
	i, ok2 := v.three(grid.Ia)
	if !ok1 || !ok2 || max(i[0], i[1], i[2]) == 0 {
		return nil
	}
	print := uint64(14695981039346656037) // FNV-1a
	total, _ := v.get(grid.P)
	for _, x := range []float64{u[0], u[1], u[2], i[0], i[1], i[2], total} {
		print = (print ^ math.Float64bits(x)) * 1099511628211
	}
	same := print == p.Still.Print
	p.Still.Print = print
	return p.Flat.judge(same, flatNeeds, Verdict{Check: grid.Flatline, At: v.r.At}, func() []grid.Figure {
		return []grid.Figure{
			figure("voltages", "%.1f, %.1f, %.1f V", u[0], u[1], u[2]),
			figure("currents", "%.2f, %.2f, %.2f A", i[0], i[1], i[2]),
			figure("readings", "%d", p.Flat.For.N),
		}
	})
}
