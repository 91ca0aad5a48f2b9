// Package dlmsmeter is a simulated DLMS meter: a real TCP server that speaks
// the wrapper with associations, GET, lists, blocks and a load profile, for
// the demo and for tests. It shares the codecs with the client and has a state
// machine of its own. Like a real meter it holds one association at a time.
//
// It is no model of a load: a Source says what flows.
package dlmsmeter

import (
	"time"

	"phutai/grid"
)

// The defaults of Config.
const (
	DefaultPeriod   = 30 * time.Minute
	DefaultDepth    = 60 * 24 * time.Hour
	DefaultMaxPDU   = 1024
	DefaultIdleTime = 10 * time.Minute
)

// Source says what flows through the meter: secondary figures in the units of
// grid, powers signed. Both methods may be called from several goroutines.
type Source interface {
	// Instant gives the registers as they stand at the moment.
	Instant(at time.Time) grid.Values
	// Rows gives the rows of the load profile whose interval ends after from
	// and not after to, oldest first. Only End and Values are used.
	Rows(from, to time.Time) []grid.Sample
}

// Config is one simulated meter. The zero value of each field is its default.
type Config struct {
	Serial       string
	Password     string  // empty: no security is needed; else low-level security
	CTNum, CTDen float64 // what the ratio objects say; zero: the meter has no such object
	VTNum, VTDen float64

	Now         func() time.Time // nil: the machine's clock
	ClockOffset time.Duration    // the meter's clock minus Now
	// SerialAt gives the serial number at a moment of Now, where meters are
	// exchanged; nil: Serial always.
	SerialAt func(time.Time) string
	// OffsetAt is added to ClockOffset, of a clock that drifts; nil: nothing.
	OffsetAt func(time.Time) time.Duration
	Location *time.Location // of the meter's display; nil: UTC+7

	Period time.Duration // of the load profile; 0: DefaultPeriod
	Depth  time.Duration // how far back the profile reaches; 0: DefaultDepth

	Delay     time.Duration // real time before each answer
	IdleTime  time.Duration // real time after which a silent client is cut off; 0: DefaultIdleTime
	MaxPDU    uint16        // of what the meter sends and takes; 0: DefaultMaxPDU
	ListMax   int           // most attributes in one list; 0: no limit, 1: lists are refused
	NullClock bool          // rows after the first have null-data for the clock and for what did not change

	// RefuseDeviation answers a range whose bounds state a deviation with an
	// error, RefuseNoDeviation one whose bounds leave it open. Meters of both
	// kinds exist.
	RefuseDeviation, RefuseNoDeviation bool
}
