package modbusmeter

import (
	"math"
	"time"

	"phutai/grid"
)

// register is a float32 in two input registers.
type register struct {
	address  uint16
	quantity grid.Quantity
	perUnit  float64 // wire figure of one unit of the quantity: 1000 where W stands for kW
	factor   float64 // its inverse, as a reader multiplies
}

// sdm630 is the part of the meter's map that is simulated: function 4, from
// address 0, big-endian; V, A, W, VA, var, Hz, kWh, kvarh.
var sdm630 = [...]register{
	{0, grid.Ua, 1, 1}, {2, grid.Ub, 1, 1}, {4, grid.Uc, 1, 1},
	{6, grid.Ia, 1, 1}, {8, grid.Ib, 1, 1}, {10, grid.Ic, 1, 1},
	{12, grid.Pa, 1000, 0.001}, {14, grid.Pb, 1000, 0.001}, {16, grid.Pc, 1000, 0.001},
	{24, grid.Qa, 1000, 0.001}, {26, grid.Qb, 1000, 0.001}, {28, grid.Qc, 1000, 0.001},
	{52, grid.P, 1000, 0.001}, {56, grid.S, 1000, 0.001}, {60, grid.Q, 1000, 0.001},
	{62, grid.Pf, 1, 1}, {70, grid.F, 1, 1},
	{72, grid.EaImp, 1, 1}, {74, grid.EaExp, 1, 1}, {76, grid.ErImp, 1, 1}, {78, grid.ErExp, 1, 1},
}

const (
	mapEnd     = 80 // first address behind the simulated map
	maxRequest = 80 // registers; the real meter's limit
)

// Shown gives the figures as a reader of the wire sees them: only those that
// the meter has, at the resolution of a float32 in the wire's unit.
func Shown(v grid.Values) grid.Values {
	var shown grid.Values
	for _, r := range sdm630 {
		if x, ok := v.Get(r.quantity); ok {
			shown.Set(r.quantity, float64(float32(x*r.perUnit))*r.factor)
		}
	}
	return shown
}

// image is the whole register map at a moment.
func image(s Source, at time.Time) (words [mapEnd]uint16) {
	v := s.Instant(at)
	for _, r := range sdm630 {
		bits := uint32(0x7FC00000) // no number
		if x, ok := v.Get(r.quantity); ok {
			bits = math.Float32bits(float32(x * r.perUnit))
		}
		words[r.address], words[r.address+1] = uint16(bits>>16), uint16(bits)
	}
	return words
}
