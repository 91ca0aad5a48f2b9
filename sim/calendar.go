package sim

import "time"

const (
	zoneSeconds = 7 * 3600
	daySeconds  = 86400
	knotSeconds = 600 // distance of the knots of all loads
	knotsPerDay = daySeconds / knotSeconds
)

// moment is local time in seconds since local midnight of 1 January 1970.
type moment int64

func momentOf(t time.Time) moment { return moment(t.Unix() + zoneSeconds) }

// day counts local days.
func (m moment) day() int64 { return floorDiv(int64(m), daySeconds) }

// hour is the local hour of the day with its fraction, 0 to 24.
func (m moment) hour() float64 {
	return float64(int64(m)-m.day()*daySeconds) / 3600
}

// weekend tells Saturdays and Sundays; day 0 was a Thursday.
func weekend(day int64) bool {
	w := (day%7 + 7) % 7
	return w == 2 || w == 3
}

// knotAt gives the local moment of knot k.
func knotAt(k int64) moment { return moment(k * knotSeconds) }

// knotBefore gives the knot at or before t and how far t is towards the next
// one, 0 to 1.
func knotBefore(t time.Time) (k int64, part float64) {
	ns := t.UnixNano() + zoneSeconds*int64(time.Second)
	const step = knotSeconds * int64(time.Second)
	k = floorDiv(ns, step)
	return k, float64(ns-k*step) / float64(step)
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
