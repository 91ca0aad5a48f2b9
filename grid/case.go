package grid

import "time"

// Check names one way in which the numbers of a metering point can be wrong. The
// words are part of the stores and of the API: add, never change.
type Check string

// The checks.
const (
	MeterRatio       Check = "meter-ratio"       // the CT or VT set in the meter is not the register's
	MeterSerial      Check = "meter-serial"      // another meter answers than the register has
	CTRange          Check = "ct-range"          // the CT does not fit the transformer's rated current
	SecondaryCurrent Check = "secondary-current" // more than a CT can deliver
	RatioStep        Check = "ratio-step"        // all phases stepped by a ratio of standard CTs
	ReversedPhase    Check = "reversed-phase"    // a current flows against the others
	SwappedPhases    Check = "swapped-phases"    // two currents are at each other's voltages
	MissingPhase     Check = "missing-phase"     // a phase without current beside loaded ones
	NoVoltage        Check = "no-voltage"        // a current without voltage
	PowerFactor      Check = "power-factor"      // the angle of a phase is out of line
	Flatline         Check = "flatline"          // the figures stand still
	MeterClock       Check = "meter-clock"       // the meter's clock is off
	CounterBack      Check = "counter-back"      // a counter went backwards
	EnergyBalance    Check = "energy-balance"    // the counter does not follow the power
)

// Checks lists all checks, those about the register first.
func Checks() []Check {
	return []Check{
		MeterRatio, MeterSerial, CTRange, SecondaryCurrent, RatioStep, ReversedPhase, SwappedPhases,
		MissingPhase, NoVoltage, PowerFactor, Flatline, MeterClock, CounterBack, EnergyBalance,
	}
}

// Holds tells whether a case of this check holds the pages about the load of the
// transformers behind its point: whether the phase currents that are judged, or
// what they are divided by, may be wrong. The meter's clock and its energy
// counters leave them as they are.
func (c Check) Holds() bool {
	switch c {
	case MeterClock, CounterBack, EnergyBalance:
		return false
	}
	return true
}

// Figure is one piece of evidence, with its unit in Text where it has one.
type Figure struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// Closing says how a case ended.
type Closing string

// The ways; the zero value is a case that is open.
const (
	NotClosed       Closing = ""
	EvidenceGone    Closing = "evidence-gone"    // the data contradict it for long enough
	RegisterChanged Closing = "register-changed" // the facts that it rested on are others now
	ClosedByPerson  Closing = "person"
)

// Case is a doubt about the numbers of one metering point. There is at most one
// open case of a point and a check.
type Case struct {
	ID           int64
	Point        PointID
	Check        Check
	Transformers []TransformerID // behind the point when it was opened
	Evidence     []Figure
	Since        time.Time // from when on the data show it
	OpenedAt     time.Time
	LastSeen     time.Time // the time of the newest reading that shows it
	Closing      Closing
	ClosedAt     time.Time
	ClosedBy     string // of a person
	Why          string // the reason that the person gave
}

// Open tells whether the case stands.
func (c *Case) Open() bool { return c.Closing == NotClosed }
