package loading

import (
	"time"

	"phutai/grid"
)

// Station is what the register says of a metering point at one time.
type Station struct {
	Point        grid.MeteringPoint
	Substation   grid.Substation
	Transformers []grid.Transformer // behind the point
	Every        time.Duration      // between instantaneous polls; zero: the default
}

// Limit is the current that a transformer may carry on its metered side, and
// what sets it. The zero value means that the rating is not known and that no
// percentage can be given.
type Limit struct {
	A        float64
	Governor grid.Governor
}

// LimitOf gives the smallest of the rated current, the main breaker's setting
// and the current transformers' thermal range, each where known. The breaker
// stands on the low-voltage side: for a point metered on the medium-voltage
// side its setting is referred there by the rated voltages. Transformers that
// share a point share the thermal range of its current transformers by rating;
// share is this one's part.
func LimitOf(p grid.MeteringPoint, t grid.Transformer, share float64) Limit {
	rated := t.RatedCurrent(p.Side)
	if rated == 0 || share <= 0 {
		return Limit{}
	}
	limit := Limit{rated, grid.GovernRating}
	if b := breaker(p, t); b > 0 && b < limit.A {
		limit = Limit{b, grid.GovernBreaker}
	}
	if ct := thermalRange(p) * share; ct > 0 && ct < limit.A {
		limit = Limit{ct, grid.GovernCT}
	}
	return limit
}

// breaker is the breaker's setting in A on the metered side, 0 unknown.
func breaker(p grid.MeteringPoint, t grid.Transformer) float64 {
	if p.Side != grid.MV {
		return t.BreakerA
	}
	if t.HVKV <= 0 || t.LVKV <= 0 {
		return 0
	}
	return t.BreakerA * t.LVKV / t.HVKV
}

// presetThermal is the extended primary current of IEC 61869-2, 5.3, that
// holds where the plate names none.
const presetThermal = 1.2

// thermalRange is the continuous primary current of the current transformers
// in A, 0 unknown.
func thermalRange(p grid.MeteringPoint) float64 {
	factor := p.CTThermal
	if factor <= 0 {
		factor = presetThermal
	}
	return p.CTPrimary * factor
}

// Shares tells how the load of a point divides among the transformers behind
// it: by rating, as transformers in parallel with like impedances do. It is
// false where there are several and a rating is unknown. A single transformer
// carries all.
func Shares(ts []grid.Transformer) ([]float64, bool) {
	if len(ts) == 1 {
		return []float64{1}, true
	}
	var sum float64
	for _, t := range ts {
		if t.RatedKVA <= 0 {
			return nil, false
		}
		sum += t.RatedKVA
	}
	shares := make([]float64, len(ts))
	for i, t := range ts {
		shares[i] = t.RatedKVA / sum
	}
	return shares, len(ts) > 0
}
