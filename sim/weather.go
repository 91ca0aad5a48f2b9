package sim

import "math"

// weather is the outdoor air of the province, the same for all substations.
type weather struct {
	seed   uint64
	hotDay int64 // the third day of the heat wave

	// felt holds heat at the knots from feltFrom on, for the time that is asked
	// about most; other times are worked out anew.
	feltFrom int64
	felt     []float64
}

// newWeather makes the weather and works out the heat of the days from first
// to a week after the hot day.
func newWeather(seed uint64, hotDay, first int64) *weather {
	w := &weather{seed: seed, hotDay: hotDay, feltFrom: first * knotsPerDay}
	for k := w.feltFrom; k < (hotDay+8)*knotsPerDay; k++ {
		w.felt = append(w.felt, w.heat(knotAt(k)))
	}
	return w
}

// heatAt gives heat at knot k.
func (w *weather) heatAt(k int64) float64 {
	if i := k - w.feltFrom; i >= 0 && i < int64(len(w.felt)) {
		return w.felt[i]
	}
	return w.heat(knotAt(k))
}

// The local hours of the coolest and of the hottest moment of a day.
const (
	coolHour = 5.0
	warmHour = 14.5
)

// extremes gives the lowest and the highest temperature of a day, °C.
func (w *weather) extremes(day int64) (low, high float64) {
	switch day - w.hotDay {
	case -3:
		return 26.5, 35.2
	case -2:
		return 27.8, 37.0
	case -1:
		return 28.9, 38.5
	case 0:
		return 29.6, 39.5
	case 1:
		return 30.1, 37.6
	case 2:
		return 27.4, 33.8 // the storm that ends it
	}
	low = 25.4 + 0.9*sway(w.seed, forDayMin, day)
	high = 32.6 + 1.8*sway(w.seed, forDayMax, day)
	return low, high
}

// air gives the temperature at m in °C: half cosine waves between the coolest
// and the hottest moments.
func (w *weather) air(m moment) float64 {
	day, hour := m.day(), m.hour()
	low, high := w.extremes(day)
	switch {
	case hour < coolHour:
		_, before := w.extremes(day - 1)
		return wave(before, low, (hour+24-warmHour)/(24-warmHour+coolHour))
	case hour < warmHour:
		return wave(low, high, (hour-coolHour)/(warmHour-coolHour))
	}
	after, _ := w.extremes(day + 1)
	return wave(high, after, (hour-warmHour)/(24-warmHour+coolHour))
}

func wave(from, to, part float64) float64 {
	return from + (to-from)*(1-math.Cos(math.Pi*part))/2
}

// comfort is the temperature up to which nobody cools, °C.
const comfort = 26.0

// heat is how much people and cold stores feel the heat at m: zero up to 26 °C,
// about 1 on the evening of the hottest day. Walls keep the afternoon's heat
// for hours and something of yesterday's, so the load follows late.
func (w *weather) heat(m moment) float64 {
	felt := 0.45*w.air(m) + 0.35*w.air(m-3*3600) + 0.20*w.air(m-daySeconds)
	return max(0, felt-comfort) / 10
}
