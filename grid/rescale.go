package grid

// Rescale gives a reading of which the primary values were made with other
// ratios: each figure is brought back to the secondary side by from and to the
// primary side by to. A secondary figure that needs no more decimal places than
// the stores keep of a primary one comes out as if it had been made with to at
// once; a finer one may differ by one in the last place, or by the quotient of
// the ratios where that is more.
func Rescale(r Reading, from, to Ratio) Reading {
	var v Values
	for q, x := range r.Values.All() {
		if f, t := from.factor(q), to.factor(q); f != t {
			x = q.Round(x * t / f)
		}
		v.Set(q, x)
	}
	r.Values, r.Ratio = v, to.Product()
	return r
}
