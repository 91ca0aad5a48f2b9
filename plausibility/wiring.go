package plausibility

import (
	"math"
	"time"

	"phutai/grid"
)

// The angle between voltage and current of a phase, atan2(Q, P), tells how the
// meter is wired: loads of the three phases of a station are alike, a reversed
// current stands 180° off, and two currents at each other's voltages stand 120°
// off to either side. Degrees.
const (
	inLine   = 40.0 // loads differ by less
	reversed = 140.0
	// oddAngle: a street-lighting phase without compensation (cos φ 0.5) beside
	// phases of cos φ 1 is 60° off, and no fault.
	oddAngle  = 65.0
	swapped   = 120.0
	swapSlack = 25.0
)

// The fault classes of one reading: a phase reversed, a phase out of line, or two
// phases swapped (the two after the one that is right).
const (
	reversedClass = 0
	oddClass      = 3
	swappedClass  = 6
	numClasses    = 9
)

// wiringNeeds of readings by night since the last that was in line.
var wiringNeeds = needs{5 * time.Hour, 9}

// wiring counts what readings by night say. By day solar turns the power of a
// phase around, and Vietnam has much of it on roofs; only a reading that is in
// line counts by day too.
type wiring struct {
	Votes   [numClasses]int
	Night   run // since the last reading in line
	Found   grid.Check
	Since   time.Time // the first reading that was out of line, by day or night
	Against run
}

// dark tells whether the sun is down in all of Vietnam, 102° to 110° east, in any
// season: from 19:00 to 5:00 of UTC+7.
func dark(at time.Time) bool {
	h := at.UTC().Hour()
	return h >= 12 && h < 22
}

// wiring needs three currents and the powers of each phase. All three phases
// reversed look like a generator, and nothing is said of them.
func (p *Point) wiring(f *Facts, v figures) []Verdict {
	amps := f.amps()
	i, ok1 := v.three(grid.Ia)
	active, ok2 := v.three(grid.Pa)
	reactive, ok3 := v.three(grid.Qa)
	if amps == 0 || !ok1 || !ok2 || !ok3 || f.Point.Wiring == grid.TwoCT || min(i[0], i[1], i[2]) < angleCurrent*amps {
		return nil
	}
	var angle [3]float64
	for n := range 3 {
		angle[n] = math.Atan2(reactive[n], active[n]) * 180 / math.Pi
	}
	class, good := classify(angle, active)
	w, at := &p.Wire, v.r.At
	switch {
	case good:
		return w.fits(at)
	case class < 0:
		return nil
	}
	if w.Since.IsZero() {
		w.Since = at
	}
	w.Against = run{}
	if dark(at) {
		w.Votes[class]++
		w.Night.extend(at)
	}
	if !dark(at) || !w.Night.ripe(wiringNeeds) || w.Votes[class]*10 < w.Night.N*6 {
		return nil
	}
	verdict := Verdict{Outcome: Found, Since: w.Since, At: at}
	verdict.Check, verdict.Evidence = w.evidence(class, angle, active)
	if w.Found != "" && w.Found != verdict.Check {
		return nil // one fault, one case: the first name stays
	}
	w.Found = verdict.Check
	return []Verdict{verdict}
}

// fits takes a reading whose phases are in line.
func (w *wiring) fits(at time.Time) []Verdict {
	if w.Found == "" {
		*w = wiring{}
		return nil
	}
	w.Against.extend(at)
	if !w.Against.ripe(clearAfter) {
		return nil
	}
	gone := Verdict{Outcome: Gone, Check: w.Found, At: at}
	*w = wiring{}
	return []Verdict{gone}
}

// classify gives the fault that three angles show, -1 where they show none
// clearly, and whether they are in line.
func classify(angle, active [3]float64) (class int, good bool) {
	for x := range 3 {
		y, z := (x+1)%3, (x+2)%3
		apart := wrap(angle[z] - angle[y])
		if math.Abs(apart) > inLine {
			continue
		}
		off := math.Abs(wrap(angle[x] - angle[y] - apart/2))
		switch {
		case off <= inLine:
			return -1, true
		case off >= reversed && active[x] < 0:
			return reversedClass + x, false
		case off >= oddAngle && off < reversed:
			return oddClass + x, false
		}
		return -1, false
	}
	for x := range 3 {
		a, b := wrap(angle[(x+1)%3]-angle[x]), wrap(angle[(x+2)%3]-angle[x])
		if a*b < 0 && math.Abs(math.Abs(a)-swapped) <= swapSlack && math.Abs(math.Abs(b)-swapped) <= swapSlack && active[x] > 0 {
			return swappedClass + x, false
		}
	}
	return -1, false
}

func (w *wiring) evidence(class int, angle, active [3]float64) (grid.Check, []grid.Figure) {
	x := class % 3
	which, check := phases[x], grid.ReversedPhase
	switch {
	case class >= swappedClass:
		which, check = phases[min((x+1)%3, (x+2)%3)]+"-"+phases[max((x+1)%3, (x+2)%3)], grid.SwappedPhases
	case class >= oddClass:
		check = grid.PowerFactor
	}
	out := []grid.Figure{figure("phase", "%s", which)}
	for n := range 3 {
		out = append(out, figure("angle_"+phases[n], "%.0f°", angle[n]), figure("power_"+phases[n], "%.1f kW", active[n]))
	}
	return check, append(out, figure("readings", "%d", w.Votes[class]))
}
