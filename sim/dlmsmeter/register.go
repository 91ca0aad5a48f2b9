package dlmsmeter

import (
	"math"

	"phutai/grid"
	"phutai/meter/dlms/axdr"
	"phutai/meter/dlms/cosem"
	"phutai/meter/dlms/obis"
)

// Register is one object of class 3 that the meter has. It shows Factor times
// the quantity where that is positive, else zero; a Factor of 0 stands for a
// quantity that is shown with its sign.
type Register struct {
	Code     obis.Code
	Quantity grid.Quantity
	Factor   float64 // 1 import, -1 export, 0 signed
	Scale    cosem.ScalerUnit
}

// The resolutions, all of the secondary side.
var (
	volts     = cosem.ScalerUnit{Scaler: -2, Unit: cosem.Volt}
	amperes   = cosem.ScalerUnit{Scaler: -4, Unit: cosem.Ampere}
	watts     = cosem.ScalerUnit{Scaler: -1, Unit: cosem.Watt}
	vars      = cosem.ScalerUnit{Scaler: -1, Unit: cosem.Var}
	voltAmps  = cosem.ScalerUnit{Scaler: -1, Unit: cosem.VoltAmpere}
	wattHours = cosem.ScalerUnit{Scaler: -1, Unit: cosem.WattHour}
	varHours  = cosem.ScalerUnit{Scaler: -1, Unit: cosem.VarHour}
	hertz     = cosem.ScalerUnit{Scaler: -3, Unit: cosem.Hertz}
	ratio     = cosem.ScalerUnit{Scaler: -4, Unit: cosem.Count}
)

// code makes 1-0:C.D.0*255.
func code(c, d byte) obis.Code { return obis.Code{1, 0, c, d, 0, 255} }

const (
	instantaneous = 7  // value group D
	counter       = 8  // time integral since the meter was made
	average       = 27 // over the last interval of load profile 1
)

// Registers lists what the meter shows at a moment.
func Registers() []Register {
	return []Register{
		{code(32, instantaneous), grid.Ua, 1, volts}, {code(52, instantaneous), grid.Ub, 1, volts}, {code(72, instantaneous), grid.Uc, 1, volts},
		{code(31, instantaneous), grid.Ia, 1, amperes}, {code(51, instantaneous), grid.Ib, 1, amperes}, {code(71, instantaneous), grid.Ic, 1, amperes},
		{code(91, instantaneous), grid.In, 1, amperes},
		{code(1, instantaneous), grid.P, 1, watts}, {code(2, instantaneous), grid.P, -1, watts},
		{code(3, instantaneous), grid.Q, 1, vars}, {code(4, instantaneous), grid.Q, -1, vars},
		{code(9, instantaneous), grid.S, 1, voltAmps},
		{code(13, instantaneous), grid.Pf, 0, ratio},
		{code(21, instantaneous), grid.Pa, 1, watts}, {code(22, instantaneous), grid.Pa, -1, watts},
		{code(41, instantaneous), grid.Pb, 1, watts}, {code(42, instantaneous), grid.Pb, -1, watts},
		{code(61, instantaneous), grid.Pc, 1, watts}, {code(62, instantaneous), grid.Pc, -1, watts},
		{code(23, instantaneous), grid.Qa, 1, vars}, {code(24, instantaneous), grid.Qa, -1, vars},
		{code(43, instantaneous), grid.Qb, 1, vars}, {code(44, instantaneous), grid.Qb, -1, vars},
		{code(63, instantaneous), grid.Qc, 1, vars}, {code(64, instantaneous), grid.Qc, -1, vars},
		{code(14, instantaneous), grid.F, 1, hertz},
		{code(1, counter), grid.EaImp, 1, wattHours}, {code(2, counter), grid.EaExp, 1, wattHours},
		{code(3, counter), grid.ErImp, 1, varHours}, {code(4, counter), grid.ErExp, 1, varHours},
	}
}

// Columns lists what the load profile captures, after clock and status:
// counters at the end of the interval and averages over it.
func Columns() []Register {
	return []Register{
		{code(1, counter), grid.EaImp, 1, wattHours}, {code(2, counter), grid.EaExp, 1, wattHours},
		{code(3, counter), grid.ErImp, 1, varHours}, {code(4, counter), grid.ErExp, 1, varHours},
		{code(31, average), grid.Ia, 1, amperes}, {code(51, average), grid.Ib, 1, amperes}, {code(71, average), grid.Ic, 1, amperes},
		{code(32, average), grid.Ua, 1, volts}, {code(52, average), grid.Ub, 1, volts}, {code(72, average), grid.Uc, 1, volts},
		{code(1, average), grid.P, 1, watts}, {code(2, average), grid.P, -1, watts},
		{code(3, average), grid.Q, 1, vars}, {code(4, average), grid.Q, -1, vars},
	}
}

// AsRead gives the figures of a moment as the meter's registers show them:
// at their resolution, and without what the meter has no register for.
func AsRead(v grid.Values) grid.Values { return shown(Registers(), v) }

// AsRow does the same for the load profile.
func AsRow(v grid.Values) grid.Values { return shown(Columns(), v) }

func shown(registers []Register, v grid.Values) grid.Values {
	var out grid.Values
	for _, r := range registers {
		if !v.Has(r.Quantity) {
			continue
		}
		sum, _ := out.Get(r.Quantity)
		raw, _ := r.value(v).Float()
		sign := r.Factor
		if sign == 0 {
			sign = 1
		}
		out.Set(r.Quantity, sum+r.Scale.Scale(raw)*sign)
	}
	return out
}

// value gives the attribute "value": 32 bits, over which counters roll.
// A quantity that the source does not give is null-data.
func (r *Register) value(v grid.Values) axdr.Value {
	x, ok := v.Get(r.Quantity)
	if !ok || math.IsNaN(x) || math.IsInf(x, 0) {
		return axdr.Null()
	}
	if r.Factor == 0 {
		return axdr.Int32(int32(min(max(r.Scale.Raw(x), math.MinInt32), math.MaxInt32)))
	}
	raw := max(0, r.Scale.Raw(x*r.Factor))
	if r.Code[3] == counter {
		return axdr.Uint32(uint32(uint64(math.Mod(raw, 1<<32))))
	}
	return axdr.Uint32(uint32(min(raw, math.MaxUint32)))
}
