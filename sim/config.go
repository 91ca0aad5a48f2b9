package sim

import (
	"fmt"
	"time"

	"phutai/grid"
)

// Zone gives the time zone of the province, UTC+7 the whole year.
func Zone() *time.Location { return time.FixedZone("Asia/Ho_Chi_Minh", zoneSeconds) }

// HotDay gives local midnight of the third day of the heat wave, a Thursday.
func HotDay() time.Time { return time.Date(2026, time.June, 25, 0, 0, 0, 0, Zone()) }

// Start gives the moment at which the demonstration begins: 17:00 of HotDay.
func Start() time.Time { return HotDay().Add(17 * time.Hour).UTC() }

// The transformer whose currents do not move through the evening of HotDay:
// 400 kVA at 0.4 kV carries 640, 420 and 400 A, 110.85 % of 577.35 A.
const (
	SteadyPoint       grid.PointID       = "PDSH010001"
	SteadyTransformer grid.TransformerID = "VT0001-T1"
	SteadySubstation  grid.SubstationID  = "VT0001"
	SteadyAmpsA                          = 640.0 // A
	SteadyAmpsB                          = 420.0 // A
	SteadyAmpsC                          = 400.0 // A
)

// The local hours of HotDay between which the steady transformer is steady.
const (
	SteadyFrom = 16 * time.Hour
	SteadyTo   = 23 * time.Hour
)

// Config says which province to make. The zero value is the demonstration's.
type Config struct {
	Seed         uint64           // of all chance; another seed is another province
	Transformers int              // how many metering points; zero: 44
	History      time.Duration    // how far back the meters remember; zero: 35 days
	Refresh      time.Duration    // how often a meter renews its instantaneous values; zero: 1 min
	Now          func() time.Time // the clock that the meters live on; nil: the machine's
	Host         string           // address to listen on; empty: 127.0.0.1
	// Faults are put into points that have none, for tests. SwappedPhases and
	// ReversedPhase need a point with three CTs, all but ExchangedCT and those two
	// a DLMS meter.
	Faults   map[grid.PointID]Injection
	BasePort int // first TCP port, one more for each further line; zero: any free ones
}

// DefaultTransformers is how many metering points the demonstration has.
const DefaultTransformers = 44

func (c Config) filled() Config {
	if c.Transformers <= 0 {
		c.Transformers = DefaultTransformers
	}
	if c.History <= 0 {
		c.History = 35 * 24 * time.Hour
	}
	if c.Refresh <= 0 {
		c.Refresh = time.Minute
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Host == "" {
		c.Host = "127.0.0.1"
	}
	return c
}

// Validate tells what is wrong with the configuration, all at once.
func (c Config) Validate() []grid.Problem {
	var ps []grid.Problem
	if c.Transformers < 0 || c.Transformers > 9999 {
		ps = append(ps, grid.Problem{Field: "transformers",
			Text: fmt.Sprintf("%d is not possible: give 1 to 9999, or leave it out for %d", c.Transformers, DefaultTransformers)})
	}
	if c.BasePort < 0 || c.BasePort > 65535 {
		ps = append(ps, grid.Problem{Field: "base_port",
			Text: fmt.Sprintf("%d is no TCP port: give 1 to 65535, or 0 for free ones", c.BasePort)})
	}
	return ps
}
