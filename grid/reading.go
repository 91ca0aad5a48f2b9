package grid

import "time"

// Source tells how a reading was obtained. The two never overwrite each other.
type Source uint8

// The sources. The numbers are part of the journal's format.
const (
	NoSource Source = iota
	Instant         // the registers as they stood when the collector asked
	Profile         // a row of the meter's load profile, a mean or counter at the end of its interval
)

// String gives the tag value of the store contract.
func (s Source) String() string {
	switch s {
	case Instant:
		return "instant"
	case Profile:
		return "profile"
	case NoSource:
	}
	return "source?"
}

// ParseSource reads what String writes.
func ParseSource(s string) (Source, bool) {
	switch s {
	case "instant":
		return Instant, true
	case "profile":
		return Profile, true
	}
	return NoSource, false
}

// Reason says why a value is missing.
type Reason uint8

// The reasons. The numbers are part of the journal's format; the zero value
// means that nothing is missing.
const (
	NoReason      Reason = iota
	NotDeclared          // the register knows no meter or line for the point
	NoRoute              // the line could not be opened
	NoAnswer             // the line is open and the meter is silent
	WrongPassword        // the meter refused the association
	MeterError           // the meter answered with an error or with nonsense
	Late                 // not here yet, still expected
	ClockOff             // the meter's clock is too far off to place the value
	OutOfRange           // the figure cannot be true
	GapInMeter           // the meter's own profile has no row for the interval
	NotPolled            // nobody asked the meter, or what it said was lost: its collector did not run
)

var reasonNames = [...]string{
	"", "not-declared", "no-route", "no-answer", "wrong-password", "meter-error",
	"late", "clock-off", "out-of-range", "gap-in-meter", "not-polled",
}

// String gives the word of design section 4, empty for NoReason.
func (r Reason) String() string {
	if int(r) >= len(reasonNames) {
		return "reason?"
	}
	return reasonNames[r]
}

// ParseReason reads what String writes.
func ParseReason(s string) (Reason, bool) {
	for i, name := range reasonNames {
		if name == s {
			return Reason(i), true
		}
	}
	return NoReason, false
}

// Reading is what one metering point said at one moment, or the statement that
// it said nothing and why. Its key is (Point, Source, At).
type Reading struct {
	Point  PointID
	Source Source
	// At is the key time, UTC, whole milliseconds: the collector's clock when
	// the answer came, or the end of the profile interval by the meter's clock.
	At       time.Time
	Interval time.Duration // of a profile row; zero for instantaneous values
	PolledAt time.Time     // the collector's clock when the answer came
	// ClockOffset is the meter's clock minus the collector's; it means
	// something only where ClockKnown.
	ClockOffset time.Duration
	ClockKnown  bool
	Values      Values
	Quality     Quality
	// Missing is NoReason for a reading with values; otherwise Values is
	// empty. Detail may tell an engineer more, in English: why there is
	// nothing, or of a reading with values which figures were left out and why.
	Missing Reason
	Detail  string
	// Ratio is zero while Values are as the meter gives them (secondary side),
	// and the product of the CT and VT ratios once they are primary values.
	Ratio float64
	// Plate is what the meter said about itself, with a reading now and then; nil:
	// it was not asked. It travels to the center and is not kept by stores.
	Plate *Plate
}

// Key identifies a reading in every store.
type Key struct {
	Point  PointID
	Source Source
	At     time.Time
}

// Key gives the reading's key.
func (r *Reading) Key() Key { return Key{r.Point, r.Source, r.At} }

// Absent tells whether the reading states an absence.
func (r *Reading) Absent() bool { return r.Missing != NoReason }

// ValidAt is the moment whose register tells about the reading: At for
// instantaneous values, and for a profile row the start of its interval, so
// that a row that ends where a ratio or a rating changes has the earlier one.
// Where the interval is unknown it is the millisecond before At.
func (r *Reading) ValidAt() time.Time { return validAt(r.Source, r.At, r.Interval) }

func validAt(s Source, at time.Time, interval time.Duration) time.Time {
	if s != Profile {
		return at
	}
	if interval <= 0 {
		interval = time.Millisecond
	}
	return at.Add(-interval)
}

// Batch is a run of readings as a collector hands them on. Reading i has
// sequence number FirstSeq+i in the collector's spool of that epoch.
type Batch struct {
	Collector CollectorID
	Epoch     string // names one spool; a new disk has a new one
	FirstSeq  uint64 // counts from 1
	Readings  []Reading
	// Void lists numbers (first and last, both included) that stand for nothing
	// any more: the spool gave the readings up, and states in others which.
	Void [][2]uint64
}

// MostVoids is how many ranges a batch lists at most.
const MostVoids = 64

// Watermark is what the ingester has committed of one collector's epoch: all
// up to Seq except the Missing ranges (first and last, both included).
type Watermark struct {
	Epoch   string      `json:"epoch"`
	Seq     uint64      `json:"seq"`
	Missing [][2]uint64 `json:"missing,omitempty"`
}
