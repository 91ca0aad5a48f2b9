package grid

// Rescale gives a reading of which the primary values were made with other
// ratios: each figure is brought back to the secondary side by from and to the
// primary side by to. A figure of which the first primary value needed no rounding
// comes out as if it had been made with to at once; another may differ by one in
// the last place, or by the quotient of the ratios there where that is more.
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
