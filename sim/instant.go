package sim

import (
	"math"
	"time"

	"phutai/grid"
)

// instant gives what an exact meter shows at t, secondary.
func (s *station) instant(t time.Time) grid.Values {
	n, part := knotBefore(t)
	a, b := s.seen(n), s.seen(n+1)
	v := s.electric(between(&a, &b, part))
	v.Set(grid.F, s.frequency(n, part))
	sum := s.totalsAt(n)
	if n >= s.epoch {
		sum.add(&a, &b, part)
	}
	s.show(&v, &sum, t)
	return v
}

// electric gives the secondary figures of one state.
func (s *station) electric(k knot) grid.Values {
	var v grid.Values
	ct, vt, both := s.ratio.CT, s.ratio.VT, s.ratio.Product()
	var re, im float64 // of the neutral current
	for i := range 3 {
		phase := grid.Quantity(i)
		amps := k.amps(i)
		v.Set(grid.Ua+phase, k.u[i]/vt)
		v.Set(grid.Ia+phase, amps/ct)
		v.Set(grid.Pa+phase, k.p[i]/both)
		v.Set(grid.Qa+phase, k.q[i]/both)
		angle := -2*math.Pi/3*float64(i) - math.Atan2(k.q[i], k.p[i])
		re += amps * math.Cos(angle)
		im += amps * math.Sin(angle)
	}
	p, q := k.totals()
	apparent := math.Hypot(p, q)
	v.Set(grid.In, math.Hypot(re, im)/ct)
	v.Set(grid.P, p/both)
	v.Set(grid.Q, q/both)
	v.Set(grid.S, apparent/both)
	if apparent > 0 {
		v.Set(grid.Pf, p/apparent)
	}
	return v
}

// frequency is the same in the whole country.
func (s *station) frequency(n int64, part float64) float64 {
	a, b := sway(s.weather.seed, forFrequency, n), sway(s.weather.seed, forFrequency, n+1)
	return 50 + .03*(a+(b-a)*part)
}
