package grid

import (
	"errors"
	"time"
)

// Sample is what a meter said, before it is known as a reading of a point:
// instantaneous values, or one row of its load profile. Figures are secondary,
// in the units of their quantities.
type Sample struct {
	// End and Interval belong to a profile row: the end of the interval by the
	// meter's clock, in UTC, and its length. Both are zero for instantaneous values.
	End      time.Time
	Interval time.Duration
	Clock    time.Time // the meter's own clock, in UTC; zero where it was not read
	Values   Values
	Quality  Quality
	// Missing tells of a profile row without values why it has none; NoReason:
	// the meter's profile holds none. Detail tells an engineer, in English, what
	// was left out of a profile row; of an instantaneous sample the error does.
	Missing Reason
	Detail  string
}

// ErrNoHistory says that a meter keeps no load profile.
var ErrNoHistory = errors.New("meter keeps no load profile")
