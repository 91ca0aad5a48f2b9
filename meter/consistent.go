package meter

import (
	"math"

	"phutai/grid"
)

const (
	fitShare = 0.10 // what figures read a moment apart may differ by
	fitFloor = 0.02 // kVA on the secondary side: below it, resolution rules
)

// mismatched names the powers that do not fit each other. Apparent power must
// lie between the vector sum √(P²+Q²) and the arithmetic sum of the phases;
// the two differ where phases flow in opposite directions, as under rooftop
// solar, so only what is outside of both is suspect.
func mismatched(v *grid.Values) []grid.Quantity {
	var bad []grid.Quantity
	p, okP := v.Get(grid.P)
	q, okQ := v.Get(grid.Q)
	s, okS := v.Get(grid.S)
	phases, okPhases := phaseSum(v)
	if okP && okQ && okS {
		vector := math.Hypot(p, q)
		low := s < vector*(1-fitShare)-fitFloor
		high := okPhases && s > max(vector, phases)*(1+fitShare)+fitFloor
		if low || high {
			bad = append(bad, grid.P, grid.Q, grid.S)
		}
	}
	if sum, ok := total(v, grid.Pa, grid.Pb, grid.Pc); ok && okP && okPhases && math.Abs(sum-p) > phases*fitShare+fitFloor {
		bad = append(bad, grid.P, grid.Pa, grid.Pb, grid.Pc)
	}
	return bad
}

// phaseSum is the arithmetic apparent power, kVA, by U·I or by P and Q of the
// phases, whichever is more.
func phaseSum(v *grid.Values) (float64, bool) {
	var byUI, byPQ float64
	okUI, okPQ := true, true
	for i := range grid.Quantity(3) {
		u, ok1 := v.Get(grid.Ua + i)
		a, ok2 := v.Get(grid.Ia + i)
		p, ok3 := v.Get(grid.Pa + i)
		q, ok4 := v.Get(grid.Qa + i)
		okUI, okPQ = okUI && ok1 && ok2, okPQ && ok3 && ok4
		byUI += u * a / 1000
		byPQ += math.Hypot(p, q)
	}
	switch {
	case okUI && okPQ:
		return max(byUI, byPQ), true
	case okUI:
		return byUI, true
	case okPQ:
		return byPQ, true
	}
	return 0, false
}

func total(v *grid.Values, qs ...grid.Quantity) (sum float64, ok bool) {
	for _, q := range qs {
		x, has := v.Get(q)
		if !has {
			return 0, false
		}
		sum += x
	}
	return sum, true
}
