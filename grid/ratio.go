package grid

// Ratio is what the instrument transformers of a metering point divide by:
// CT is 120 for 600/5 A, VT is 220 for 22000/100 V, and 1 where there is none.
type Ratio struct {
	CT, VT float64
}

// Product is CT times VT, the multiplier that bills call HSN (hệ số nhân).
func (r Ratio) Product() float64 { return r.CT * r.VT }

// Valid tells whether both factors are usable.
func (r Ratio) Valid() bool { return r.CT > 0 && r.VT > 0 }

// factor gives the multiplier for q.
func (r Ratio) factor(q Quantity) float64 {
	switch q.Scaling() {
	case ScaleCT:
		return r.CT
	case ScaleVT:
		return r.VT
	case ScaleBoth:
		return r.CT * r.VT
	case ScaleNone:
	}
	return 1
}

// Primary turns one secondary figure into the primary one, at the resolution
// that the stores keep.
func (r Ratio) Primary(q Quantity, secondary float64) float64 {
	return q.Round(secondary * r.factor(q))
}

// Apply gives the reading with primary values. A reading that has them already
// is given back as it is.
func (r Ratio) Apply(rd Reading) Reading {
	if rd.Ratio != 0 {
		return rd
	}
	var v Values
	for q, x := range rd.Values.All() {
		v.Set(q, r.Primary(q, x))
	}
	rd.Values, rd.Ratio = v, r.Product()
	return rd
}
