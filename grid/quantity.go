package grid

import "math"

// Quantity names one of the measured values of a metering point. The order is
// part of the journal's format: append only.
type Quantity uint8

// The quantities of a three-phase, four-quadrant meter. Their names are those
// of the store contract (design section 6).
const (
	Ua    Quantity = iota // V, phase A to neutral (two-CT metering: line to line)
	Ub                    // V
	Uc                    // V
	Ia                    // A
	Ib                    // A
	Ic                    // A
	In                    // A, neutral
	P                     // kW, positive towards the customers
	Q                     // kvar, positive when inductive towards the customers
	S                     // kVA, never negative
	Pf                    // power factor, -1 to 1
	Pa                    // kW of phase A
	Pb                    // kW
	Pc                    // kW
	Qa                    // kvar of phase A
	Qb                    // kvar
	Qc                    // kvar
	F                     // Hz
	EaImp                 // kWh counter, imported by the customers
	EaExp                 // kWh counter, exported
	ErImp                 // kvarh counter
	ErExp                 // kvarh counter

	NumQuantities // how many there are; no quantity itself
)

// Scaling tells which transformer ratio turns a quantity's secondary value
// into the primary one.
type Scaling uint8

// The scalings.
const (
	ScaleNone Scaling = iota // power factor, frequency
	ScaleVT                  // voltages
	ScaleCT                  // currents
	ScaleBoth                // powers and energies
)

type quantityFacts struct {
	name, unit string
	scaling    Scaling
	decimals   int
}

var quantities = [NumQuantities]quantityFacts{
	Ua: {"ua", "V", ScaleVT, 2}, Ub: {"ub", "V", ScaleVT, 2}, Uc: {"uc", "V", ScaleVT, 2},
	Ia: {"ia", "A", ScaleCT, 3}, Ib: {"ib", "A", ScaleCT, 3}, Ic: {"ic", "A", ScaleCT, 3}, In: {"in", "A", ScaleCT, 3},
	P: {"p", "kW", ScaleBoth, 3}, Q: {"q", "kvar", ScaleBoth, 3}, S: {"s", "kVA", ScaleBoth, 3}, Pf: {"pf", "", ScaleNone, 4},
	Pa: {"pa", "kW", ScaleBoth, 3}, Pb: {"pb", "kW", ScaleBoth, 3}, Pc: {"pc", "kW", ScaleBoth, 3},
	Qa: {"qa", "kvar", ScaleBoth, 3}, Qb: {"qb", "kvar", ScaleBoth, 3}, Qc: {"qc", "kvar", ScaleBoth, 3},
	F:     {"f", "Hz", ScaleNone, 3},
	EaImp: {"ea_imp", "kWh", ScaleBoth, 3}, EaExp: {"ea_exp", "kWh", ScaleBoth, 3},
	ErImp: {"er_imp", "kvarh", ScaleBoth, 3}, ErExp: {"er_exp", "kvarh", ScaleBoth, 3},
}

// String gives the field name of the store contract, such as "ea_imp"; for a
// number that is no quantity, "quantity?".
func (q Quantity) String() string {
	if q >= NumQuantities {
		return "quantity?"
	}
	return quantities[q].name
}

// Unit gives the unit of the primary value, such as "kW"; empty for a ratio.
func (q Quantity) Unit() string {
	if q >= NumQuantities {
		return ""
	}
	return quantities[q].unit
}

// Scaling tells which instrument-transformer ratio applies.
func (q Quantity) Scaling() Scaling {
	if q >= NumQuantities {
		return ScaleNone
	}
	return quantities[q].scaling
}

// Decimals is the number of decimal places that the stores keep of a primary
// value: 1 W, 1 mA, 10 mV, 1 Wh. Finer digits are below any meter's class.
func (q Quantity) Decimals() int {
	if q >= NumQuantities {
		return 0
	}
	return quantities[q].decimals
}

// Round brings a primary value to the resolution that the stores keep.
func (q Quantity) Round(x float64) float64 {
	scale := math.Pow10(q.Decimals())
	return math.Round(x*scale) / scale
}

// ParseQuantity finds a quantity by its field name.
func ParseQuantity(name string) (Quantity, bool) {
	for q := range NumQuantities {
		if quantities[q].name == name {
			return q, true
		}
	}
	return 0, false
}

// Phase names a conductor.
type Phase uint8

// The phases; the zero value is no phase.
const (
	NoPhase Phase = iota
	PhaseA
	PhaseB
	PhaseC
	Neutral
)

// String gives "A", "B", "C", "N", or "" for no phase.
func (p Phase) String() string {
	switch p {
	case PhaseA:
		return "A"
	case PhaseB:
		return "B"
	case PhaseC:
		return "C"
	case Neutral:
		return "N"
	case NoPhase:
	}
	return ""
}
