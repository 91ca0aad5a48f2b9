package grid

import "time"

// Governor names the limit that governs a transformer's loading.
type Governor uint8

// The limits that may govern; the zero value is none, where the rating is
// unknown and no percentage can be given.
const (
	NoGovernor    Governor = iota
	GovernRating           // rated current of the transformer on the metered side
	GovernBreaker          // setting of the main breaker
	GovernCT               // thermal range of the current transformers
)

// String gives "rating", "breaker", "ct" or "".
func (g Governor) String() string {
	switch g {
	case GovernRating:
		return "rating"
	case GovernBreaker:
		return "breaker"
	case GovernCT:
		return "ct"
	case NoGovernor:
	}
	return ""
}

// Float is a figure that may be unknown: nil-free, comparable, and JSON null
// when unknown.
type Float struct {
	X     float64
	Known bool
}

// Known makes a known figure.
func Known(x float64) Float { return Float{x, true} }

// Loading is what one transformer carried at one moment, derived from one
// reading and from the thermal state carried forward to it.
type Loading struct {
	Transformer TransformerID
	Point       PointID
	At          time.Time
	Source      Source
	// Interval is what the row stands for: the length of a profile interval, or
	// the time between two polls; zero: unknown.
	Interval   time.Duration
	Grade      Grade // worst grade of the figures used
	PhaseGrade Grade // of what is judged: the phase currents, or S where none is measured

	PhaseMaxPct   Float    // worst phase current over LimitA, %
	WorstPhase    Phase    // the phase of PhaseMaxPct
	Governor      Governor // what LimitA is
	LimitA        float64  // A on the metered side, 0 unknown
	LoadingPct    Float    // S/Sn, %
	SKVA          Float
	PKW           Float    // negative: flows back to the grid
	Amps          [3]Float // phases A, B, C, on the metered side
	NeutralA      Float
	UnbalancePct  Float // (Imax-Iavg)/Iavg, %
	HeadroomKVA   Float // to 100 % of the governing limit on the worst phase
	AmbientC      Float
	TopOilC       Float
	HotSpotC      Float
	Ageing        Float // relative ageing rate, 1 at the design temperature
	ThermalGrade  Grade // of TopOilC, HotSpotC and Ageing: Estimated after a gap or without measured air
	MinutesToHit  Float // until the limit is passed if the trend goes on; 0: it is passed
	TrendPctPerHr Float // slope of PhaseMaxPct
}

// ValidAt is the moment whose register tells about the row, as Reading.ValidAt.
func (l *Loading) ValidAt() time.Time { return validAt(l.Source, l.At, l.Interval) }

// FreshFor is how old the row may be to say something about now: two of its
// intervals. Zero: the interval is unknown, and the reader's own default holds.
func (l *Loading) FreshFor() time.Duration { return 2 * l.Interval }
