package plausibility

import (
	"fmt"
	"math"
	"time"

	"phutai/grid"
)

// Facts is what the register says about a point at the time of a reading.
type Facts struct {
	Point     grid.MeteringPoint
	RatedAmps float64 // of all transformers behind the point, on the metered side; 0: not known
	Meter     grid.MeterID
	Zone      *time.Location // in which people live their days; nil: UTC
}

// key changes where the register says something else, and all that was learnt
// about the point means something else.
func (f *Facts) key() string {
	p := &f.Point
	return fmt.Sprintf("%s %g/%g %g/%g %s %.1f", f.Meter, p.CTPrimary, p.CTSecondary, p.VTPrimary, p.VTSecondary, p.Wiring, f.RatedAmps)
}

// Outcome says what a look at a check came to.
type Outcome uint8

// The outcomes.
const (
	Found   Outcome = iota + 1 // the evidence is complete, and stands
	Gone                       // the data contradict it for long enough
	Changed                    // the register changed: nothing holds of what was found before; Check is empty
)

// Verdict is one outcome.
type Verdict struct {
	Outcome  Outcome
	Check    grid.Check
	Since    time.Time // of what was found
	At       time.Time // of the reading
	Evidence []grid.Figure
}

// figures are the good figures of one reading, primary.
type figures struct {
	r *grid.Reading
}

// get gives a figure that can carry evidence: good, and no guess of ours.
func (f figures) get(q grid.Quantity) (float64, bool) {
	x, ok := f.r.Values.Get(q)
	return x, ok && f.r.Quality.Of(q) == grid.Good
}

// three gives the figures of the three phases; false where one is not good.
func (f figures) three(first grid.Quantity) (v [3]float64, ok bool) {
	for i := range 3 {
		x, good := f.get(first + grid.Quantity(i))
		if !good {
			return v, false
		}
		v[i] = x
	}
	return v, true
}

// amps is the rated primary current of the CT, A; 0 where the register does not
// know it: checks that measure by it are then silent.
func (f *Facts) amps() float64 {
	if f.Point.CTSecondary <= 0 {
		return 0
	}
	return max(0, f.Point.CTPrimary)
}

func (f *Facts) zone() *time.Location {
	if f.Zone == nil {
		return time.UTC
	}
	return f.Zone
}

var phases = [3]string{"A", "B", "C"}

func figure(name, format string, args ...any) grid.Figure {
	return grid.Figure{Name: name, Text: fmt.Sprintf(format, args...)}
}

// wrap brings an angle in degrees to -180 … 180.
func wrap(degrees float64) float64 { return math.Remainder(degrees, 360) }
