package pack

import (
	"math"

	"phutai/grid"
)

// guess foretells a scaled figure from those before it in the same reading, so
// that only the difference is written. It works in integers and in the square
// root, which every processor rounds alike: a guess that differed by machine
// would change stored values. Changing it needs a new format number.
func guess(q grid.Quantity, seen uint32, v *[grid.NumQuantities]int64) int64 {
	has := func(qs ...grid.Quantity) bool {
		for _, q := range qs {
			if seen&(1<<q) == 0 {
				return false
			}
		}
		return true
	}
	switch q {
	case grid.Ub, grid.Uc, grid.Ib, grid.Ic, grid.Pb, grid.Qb: // phases are alike
		if has(q - 1) {
			return v[q-1]
		}
	case grid.S:
		return apparent(v[grid.P], v[grid.Q])
	case grid.Pf:
		if s := apparent(v[grid.P], v[grid.Q]); s > 0 {
			return v[grid.P] * 10_000 / s
		}
		return 10_000
	case grid.Pc: // the phases add up
		if has(grid.P, grid.Pa, grid.Pb) {
			return v[grid.P] - v[grid.Pa] - v[grid.Pb]
		}
	case grid.Qc:
		if has(grid.Q, grid.Qa, grid.Qb) {
			return v[grid.Q] - v[grid.Qa] - v[grid.Qb]
		}
	case grid.F:
		return 50_000
	}
	return 0
}

// apparent is √(p²+q²), zero where the squares would not be exact.
func apparent(p, q int64) int64 {
	const exact = 1 << 30
	if p <= -exact || p >= exact || q <= -exact || q >= exact {
		return 0
	}
	return int64(math.Sqrt(float64(p*p + q*q)))
}
