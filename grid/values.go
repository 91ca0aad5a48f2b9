package grid

import "iter"

// Values is a set of quantities with their figures. A quantity that was not
// measured is absent, which is not zero. The zero value is empty and ready.
type Values struct {
	set uint32
	v   [NumQuantities]float64
}

// Set gives q the figure x.
func (v *Values) Set(q Quantity, x float64) {
	if q < NumQuantities {
		v.set |= 1 << q
		v.v[q] = x
	}
}

// Unset makes q absent.
func (v *Values) Unset(q Quantity) {
	if q < NumQuantities {
		v.set &^= 1 << q
		v.v[q] = 0
	}
}

// Get gives q's figure and whether it is there.
func (v *Values) Get(q Quantity) (float64, bool) {
	if q >= NumQuantities || v.set&(1<<q) == 0 {
		return 0, false
	}
	return v.v[q], true
}

// Has tells whether q is there.
func (v *Values) Has(q Quantity) bool { return q < NumQuantities && v.set&(1<<q) != 0 }

// Mask has bit q set for each quantity that is there.
func (v *Values) Mask() uint32 { return v.set }

// Len counts the quantities that are there.
func (v *Values) Len() int {
	n := 0
	for m := v.set; m != 0; m &= m - 1 {
		n++
	}
	return n
}

// All walks over what is there, in the order of the quantities.
func (v *Values) All() iter.Seq2[Quantity, float64] {
	return func(yield func(Quantity, float64) bool) {
		for q := range NumQuantities {
			if v.set&(1<<q) != 0 && !yield(q, v.v[q]) {
				return
			}
		}
	}
}
