package mqtt

import (
	"math"

	"phutai/grid"
)

// wireValues is the object of figures. A struct of pointers and not a map, so
// that unknown names of any type are passed over and absent is never zero.
type wireValues struct {
	Ua    *float64 `json:"ua,omitempty"`
	Ub    *float64 `json:"ub,omitempty"`
	Uc    *float64 `json:"uc,omitempty"`
	Ia    *float64 `json:"ia,omitempty"`
	Ib    *float64 `json:"ib,omitempty"`
	Ic    *float64 `json:"ic,omitempty"`
	In    *float64 `json:"in,omitempty"`
	P     *float64 `json:"p,omitempty"`
	Q     *float64 `json:"q,omitempty"`
	S     *float64 `json:"s,omitempty"`
	Pf    *float64 `json:"pf,omitempty"`
	Pa    *float64 `json:"pa,omitempty"`
	Pb    *float64 `json:"pb,omitempty"`
	Pc    *float64 `json:"pc,omitempty"`
	Qa    *float64 `json:"qa,omitempty"`
	Qb    *float64 `json:"qb,omitempty"`
	Qc    *float64 `json:"qc,omitempty"`
	F     *float64 `json:"f,omitempty"`
	EaImp *float64 `json:"ea_imp,omitempty"`
	EaExp *float64 `json:"ea_exp,omitempty"`
	ErImp *float64 `json:"er_imp,omitempty"`
	ErExp *float64 `json:"er_exp,omitempty"`
}

// fields gives the places in the order of the quantities.
func (w *wireValues) fields() [grid.NumQuantities]**float64 {
	return [grid.NumQuantities]**float64{
		grid.Ua: &w.Ua, grid.Ub: &w.Ub, grid.Uc: &w.Uc,
		grid.Ia: &w.Ia, grid.Ib: &w.Ib, grid.Ic: &w.Ic, grid.In: &w.In,
		grid.P: &w.P, grid.Q: &w.Q, grid.S: &w.S, grid.Pf: &w.Pf,
		grid.Pa: &w.Pa, grid.Pb: &w.Pb, grid.Pc: &w.Pc,
		grid.Qa: &w.Qa, grid.Qb: &w.Qb, grid.Qc: &w.Qc,
		grid.F:     &w.F,
		grid.EaImp: &w.EaImp, grid.EaExp: &w.EaExp, grid.ErImp: &w.ErImp, grid.ErExp: &w.ErExp,
	}
}

// newWireValues gives nil where there is no finite figure.
func newWireValues(v *grid.Values) *wireValues {
	if v.Len() == 0 {
		return nil
	}
	w := new(wireValues)
	places := w.fields()
	figures := make([]float64, 0, v.Len())
	for q, x := range v.All() {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			continue
		}
		figures = append(figures, x)
		*places[q] = &figures[len(figures)-1]
	}
	if len(figures) == 0 {
		return nil
	}
	return w
}

func (w *wireValues) values() grid.Values {
	var v grid.Values
	for q, place := range w.fields() {
		if *place != nil {
			v.Set(grid.Quantity(q), **place)
		}
	}
	return v
}
