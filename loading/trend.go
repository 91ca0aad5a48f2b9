package loading

import (
	"time"
)

// Trending is one figure at one time.
type Trending struct {
	At time.Time
	X  float64
}

// leastSpan is the shortest time over which a slope is more than noise.
const leastSpan = 15 * time.Minute

// Slope is the least-squares slope of the points, per hour. It is false for
// fewer than two points, or where they span less than a quarter of an hour.
func Slope(points []Trending) (float64, bool) {
	if len(points) < 2 {
		return 0, false
	}
	first, last := points[0].At, points[0].At
	var meanX, meanT float64
	for _, p := range points {
		if p.At.Before(first) {
			first = p.At
		}
		if p.At.After(last) {
			last = p.At
		}
	}
	if last.Sub(first) < leastSpan {
		return 0, false
	}
	n := float64(len(points))
	for _, p := range points {
		meanT += p.At.Sub(first).Hours() / n
		meanX += p.X / n
	}
	var up, down float64
	for _, p := range points {
		t := p.At.Sub(first).Hours() - meanT
		up += t * (p.X - meanX)
		down += t * t
	}
	return up / down, true
}

// MinutesToCross tells in how many minutes a figure that stands at now and
// moves by slope per hour passes the limit, within the horizon. It is zero
// where the limit is passed already.
func MinutesToCross(now, slope, limit float64, horizon time.Duration) (float64, bool) {
	if now >= limit {
		return 0, true
	}
	if slope <= 0 {
		return 0, false
	}
	minutes := (limit - now) / slope * 60
	return minutes, minutes <= horizon.Minutes()
}
