package weather

import (
	"sort"
	"time"
)

// Point is the air temperature at one time.
type Point struct {
	At   time.Time
	AirC float64 // °C
}

// Series is air temperature over time, in order of time. The zero value is
// empty.
type Series []Point

// apart is how far two points may stand apart to be joined by a line: three
// hours is the step of synoptic observations.
const apart = 3 * time.Hour

// At gives the temperature by linear interpolation. Past the last point, or
// before the first, the nearest one holds for as long as maxAge. It is false
// where no point is near enough.
func (s Series) At(t time.Time, maxAge time.Duration) (float64, bool) {
	i := sort.Search(len(s), func(i int) bool { return s[i].At.After(t) })
	if i > 0 && i < len(s) && s[i].At.Sub(s[i-1].At) <= apart {
		a, b := s[i-1], s[i]
		part := float64(t.Sub(a.At)) / float64(b.At.Sub(a.At))
		return a.AirC + part*(b.AirC-a.AirC), true
	}
	if i > 0 && t.Sub(s[i-1].At) <= maxAge {
		return s[i-1].AirC, true
	}
	if i < len(s) && s[i].At.Sub(t) <= maxAge {
		return s[i].AirC, true
	}
	return 0, false
}

// delta is the mean air temperature of each month in the Red River delta, °C,
// rounded to half a degree from the long-term means commonly given for Hà Nội.
var delta = [12]float64{16.5, 17.5, 20, 24, 27.5, 29.5, 29.5, 29, 27.5, 25, 21.5, 18}

// Climatology is the mean temperature of t's month in the Red River delta. In
// a heat wave it lies ten degrees too low.
func Climatology(t time.Time) float64 { return delta[t.Month()-1] }
