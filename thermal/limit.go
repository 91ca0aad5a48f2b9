package thermal

import (
	"math"
	"time"
)

// Limits of IEC 60076-7:2018, table 2, for normal cyclic loading and for
// long-time emergency loading of distribution transformers.
const (
	CyclicHotSpotC    = 120.0
	EmergencyHotSpotC = 140.0 // above it gas bubbles may form in moist paper
	CyclicTopOilC     = 105.0
	EmergencyTopOilC  = 115.0
)

// TimeToTopOil tells after which time the top oil passes limitC if load k and
// ambientC stay, in closed form: t = -T·ln((U-limit)/(U-now)). It is zero where
// the limit is passed already, and false where it is never reached.
func (m Model) TimeToTopOil(s State, k, ambientC, limitC float64) (time.Duration, bool) {
	if s.TopOilC >= limitC {
		return 0, true
	}
	u := m.ultimate(k, ambientC).TopOilC
	if u <= limitC {
		return 0, false
	}
	minutes := -m.oil * math.Log((u-limitC)/(u-s.TopOilC))
	return time.Duration(minutes * float64(time.Minute)), true
}

// Course is what is expected ahead: the load, per unit, and the ambient, °C,
// at a time from now.
type Course func(ahead time.Duration) (k, ambientC float64)

// Stay is the course on which load and ambient stay as they are.
func Stay(k, ambientC float64) Course {
	return func(time.Duration) (float64, float64) { return k, ambientC }
}

// courseStep is how long a course counts as constant. A trend of 30 % an hour
// moves 2.5 % in it, less than a trend is good for.
const courseStep = 5 * time.Minute

// TimeToHotSpot tells after which time the hot spot passes limitC on the
// course, to the minute. It is zero where the limit is passed already, and
// false where it is not reached within the horizon.
func (m Model) TimeToHotSpot(s State, c Course, limitC float64, horizon time.Duration) (time.Duration, bool) {
	if s.HotSpotC() >= limitC {
		return 0, true
	}
	for t := time.Duration(0); t < horizon; t += courseStep {
		u := m.ultimate(c(t + courseStep/2))
		next := m.toward(s, u, courseStep.Minutes())
		if next.HotSpotC() >= limitC {
			return t + m.crossing(s, u, limitC), true
		}
		s = next
	}
	return 0, false
}

// crossing halves the step until it is shorter than a minute. The gradient's
// overshoot within a step is left to the next step's end.
func (m Model) crossing(s, u State, limitC float64) time.Duration {
	low, high := 0.0, courseStep.Minutes()
	for high-low > 0.5 {
		if mid := (low + high) / 2; m.toward(s, u, mid).HotSpotC() >= limitC {
			high = mid
		} else {
			low = mid
		}
	}
	return time.Duration(high * float64(time.Minute))
}
