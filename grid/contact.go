package grid

import "time"

// Contact is how a metering point stands with its collector.
type Contact struct {
	Point    PointID
	LastGood time.Time // of the newest reading with values, any source; zero: never
	LastTry  time.Time // of the newest attempt, good or not
	Misses   int       // attempts without an answer since LastGood
	Missing  Reason    // why the newest attempt failed; NoReason if it did not
	Detail   string
	// ClockOffset is the meter's clock minus the collector's when it was last
	// compared; it means something only where ClockKnown.
	ClockOffset time.Duration
	ClockKnown  bool
}

// Collection is how much of what was due has come, counted in single readings:
// polls, and rows of load profiles. What is due and neither Received nor
// Explained is still open.
type Collection struct {
	Due       int
	Received  int // with values; estimates never count
	Explained int // without a value, and with a reason why
}

// Open counts what is due, has not come, and has no reason yet.
func (c Collection) Open() int { return c.Due - c.Received - c.Explained }

// Plus adds two.
func (c Collection) Plus(d Collection) Collection {
	return Collection{c.Due + d.Due, c.Received + d.Received, c.Explained + d.Explained}
}
