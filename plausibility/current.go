package plausibility

import (
	"time"

	"phutai/grid"
)

// The CT is implausible where the rated current of the transformers is beyond
// these parts of its primary current. IEC 61869-2 has CTs of class 0.5 exact from
// 5 to 120 %: over 1.67 a transformer at 72 % of its rating is beyond that; under
// 0.2 all of its load lies where the CT is at its least exact. Between, engineers
// differ, and a transformer that was exchanged for the next size is no error.
const (
	leastUse = 0.2
	mostUse  = 1 / 0.6
)

// ctRange needs the CT and the rating. It looks at the register alone, so one
// reading is enough and a change of the register ends it.
func (p *Point) ctRange(f *Facts, at time.Time) []Verdict {
	amps := f.amps()
	if amps == 0 || f.RatedAmps <= 0 {
		return nil
	}
	use := f.RatedAmps / amps
	return p.Range.judge(use < leastUse || use > mostUse, needs{0, 1}, Verdict{Check: grid.CTRange, At: at}, func() []grid.Figure {
		return []grid.Figure{
			figure("ct", "%g/%g", f.Point.CTPrimary, f.Point.CTSecondary),
			figure("rated", "%.1f A", f.RatedAmps),
			figure("use", "%.0f %%", use*100),
		}
	})
}

// Levels of currents, as parts of the CT's rated one.
const (
	// mostSecondary: extended CTs go to 200 % (IEC 61869-2), and meters of 5 A to
	// 10 A at most (IEC 62053-22). A figure beyond for an hour is no current of theirs:
	// the meter gives primary values, say.
	mostSecondary = 2
	// noCurrent is five times the current at which a meter of class 0.5 S starts
	// (IEC 62053-22: 0.1 %).
	noCurrent = 0.005
	// loaded is what the others carry where a phase without any is strange.
	loaded = 0.15
	// someCurrent is where class 0.5 CTs begin to be exact.
	someCurrent = 0.05
	// angleCurrent: CTs of class 0.5 S turn the angle by 1.5° at most from there on.
	angleCurrent = 0.01
)

// Parts of the highest phase voltage.
const (
	noVolts   = 0.2 // under that there is none: a blown fuse upstream leaves half of it
	someVolts = 0.8
)

var (
	secondaryNeeds = needs{time.Hour, 3}
	missingNeeds   = needs{6 * time.Hour, 10} // a small station's phase may be idle for a while
	voltageNeeds   = needs{time.Hour, 3}
)

// currents needs the CT and all three currents; with two CTs none is measured in
// phase B, and whether one is missing cannot be told.
func (p *Point) currents(f *Facts, v figures) []Verdict {
	amps := f.amps()
	i, ok := v.three(grid.Ia)
	if amps == 0 || !ok {
		return nil
	}
	at := v.r.At
	top := max(i[0], i[1], i[2])
	out := p.Secondary.judge(top > mostSecondary*amps, secondaryNeeds, Verdict{Check: grid.SecondaryCurrent, At: at}, func() []grid.Figure {
		return []grid.Figure{
			figure("secondary", "%.2f A", top/amps*f.Point.CTSecondary),
			figure("rated_secondary", "%g A", f.Point.CTSecondary),
		}
	})
	u, ok := v.three(grid.Ua)
	if !ok || f.Point.Wiring == grid.TwoCT {
		return out
	}
	out = append(out, p.missing(amps, i, u, at)...)
	return append(out, p.voltage(amps, i, u, at)...)
}

// missing looks for a phase that has voltage and no current while others are loaded.
func (p *Point) missing(amps float64, i, u [3]float64, at time.Time) []Verdict {
	topI, topU := max(i[0], i[1], i[2]), max(u[0], u[1], u[2])
	if topI < loaded*amps {
		return nil
	}
	lacks := -1
	for n := range 3 {
		if i[n] < noCurrent*amps && u[n] >= someVolts*topU {
			lacks = n
		}
	}
	return p.Missing.judge(lacks >= 0, missingNeeds, Verdict{Check: grid.MissingPhase, At: at}, func() []grid.Figure {
		return []grid.Figure{
			figure("phase", "%s", phases[lacks]),
			figure("current", "%.2f A", i[lacks]),
			figure("others", "%.1f A", topI),
			figure("voltage", "%.0f V", u[lacks]),
		}
	})
}

// voltage looks for a phase that has current and no voltage.
func (p *Point) voltage(amps float64, i, u [3]float64, at time.Time) []Verdict {
	topI, topU := max(i[0], i[1], i[2]), max(u[0], u[1], u[2])
	if topI < someCurrent*amps || topU == 0 {
		return nil
	}
	lacks := -1
	for n := range 3 {
		if i[n] >= someCurrent*amps && u[n] < noVolts*topU {
			lacks = n
		}
	}
	return p.Voltage.judge(lacks >= 0, voltageNeeds, Verdict{Check: grid.NoVoltage, At: at}, func() []grid.Figure {
		return []grid.Figure{
			figure("phase", "%s", phases[lacks]),
			figure("current", "%.1f A", i[lacks]),
			figure("voltage", "%.0f V", u[lacks]),
			figure("others", "%.0f V", topU),
		}
	})
}
