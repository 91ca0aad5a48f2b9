package grid

import "time"

// BackFill asks a collector to read stretches of one meter's load profile once
// more, because the center lacks rows of them.
type BackFill struct {
	ID        string
	Collector CollectorID
	Meter     MeterID
	Point     PointID // where the meter must stand for the rows to be of use
	// Every is the interval of the rows. Each span is a whole number of such
	// slots, and each slot is answered: by the row that ends in it, or by an
	// absence at its middle.
	Every   time.Duration
	Spans   []Span
	Expires time.Time // later it is not to be taken up any more
}

// Span is a stretch of time: after From and not after To.
type Span struct{ From, To time.Time }

// Slots counts the slots of length every that lie in the span.
func (s Span) Slots(every time.Duration) int { return int(s.To.Sub(s.From) / every) }

// Outcome says what became of a command at its collector.
type Outcome string

// The outcomes. Others may come from later versions and mean a refusal.
const (
	Accepted     Outcome = "accepted"      // noted on its disk; rows or absences follow as readings
	Pending      Outcome = "pending"       // nothing noted: it has yet to read all of it for the first time
	UnknownMeter Outcome = "unknown-meter" // it has no such meter at such a point
	NoMemory     Outcome = "no-memory"     // the meter keeps no load profile, or none is wanted
)

// BackFillReply is a collector's answer to a BackFill.
type BackFillReply struct {
	ID        string
	Collector CollectorID
	Outcome   Outcome
}
