package cosem

import (
	"fmt"
	"math"

	"phutai/grid"
	"phutai/meter/dlms/axdr"
)

// Unit is the enumeration of physical units (IEC 62056-6-2, scal_unit_type).
type Unit uint8

// The units of quantities that a totalizing meter has.
const (
	Watt           Unit = 27
	VoltAmpere     Unit = 28
	Var            Unit = 29
	WattHour       Unit = 30
	VoltAmpereHour Unit = 31
	VarHour        Unit = 32
	Ampere         Unit = 33
	Volt           Unit = 35
	Hertz          Unit = 44
	Count          Unit = 255 // no unit
)

// ScalerUnit tells what a raw number means: raw times ten to Scaler, in Unit.
type ScalerUnit struct {
	Scaler int8
	Unit   Unit
}

// kilo is the power of ten between a unit and the one that package grid uses
// for the same kind of quantity.
func (u Unit) kilo() int {
	switch u {
	case Watt, VoltAmpere, Var, WattHour, VoltAmpereHour, VarHour:
		return -3
	}
	return 0
}

// Scale gives the figure in the grid unit (V, A, kW, kvar, kVA, Hz, kWh,
// kvarh). It divides by a whole power of ten where it can, so that a decimal
// that the meter shows comes out as the nearest float64 to it.
func (s ScalerUnit) Scale(raw float64) float64 {
	exponent := int(s.Scaler) + s.Unit.kilo()
	if exponent < 0 {
		return raw / math.Pow10(-exponent)
	}
	return raw * math.Pow10(exponent)
}

// Raw is the inverse of Scale: the nearest whole number that shows x.
func (s ScalerUnit) Raw(x float64) float64 {
	exponent := int(s.Scaler) + s.Unit.kilo()
	if exponent < 0 {
		return math.Round(x * math.Pow10(-exponent))
	}
	return math.Round(x / math.Pow10(exponent))
}

// Fits tells whether the unit can be that of q. Meters give power factors as
// "count" and some leave the unit out everywhere, so Count fits all.
func (s ScalerUnit) Fits(q grid.Quantity) bool {
	if s.Unit == Count || s.Unit == 0 {
		return true
	}
	switch q.Unit() {
	case "V":
		return s.Unit == Volt
	case "A":
		return s.Unit == Ampere
	case "kW":
		return s.Unit == Watt || s.Unit == WattHour // a block energy with a factor
	case "kvar":
		return s.Unit == Var || s.Unit == VarHour
	case "kVA":
		return s.Unit == VoltAmpere || s.Unit == VoltAmpereHour
	case "kWh":
		return s.Unit == WattHour
	case "kvarh":
		return s.Unit == VarHour
	case "Hz":
		return s.Unit == Hertz
	}
	return false
}

// ParseScalerUnit reads the value of a scaler_unit attribute: a structure of an
// integer and an enum.
func ParseScalerUnit(v axdr.Value) (ScalerUnit, error) {
	items := v.Items()
	if len(items) != 2 {
		return ScalerUnit{}, fmt.Errorf("scaler_unit is %v, want a structure of two", v.Tag())
	}
	scaler, ok := items[0].Int()
	unit, okUnit := items[1].Int()
	if !ok || !okUnit || scaler < -30 || scaler > 30 || unit < 0 || unit > 255 {
		return ScalerUnit{}, fmt.Errorf("scaler_unit holds %v and %v, want a scaler from -30 to 30 and a unit", items[0].Tag(), items[1].Tag())
	}
	return ScalerUnit{int8(scaler), Unit(unit)}, nil
}

// Value gives the A-XDR form that ParseScalerUnit reads.
func (s ScalerUnit) Value() axdr.Value {
	return axdr.Structure(axdr.Int8(s.Scaler), axdr.Enum(uint8(s.Unit)))
}
