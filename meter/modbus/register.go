package modbus

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"phutai/grid"
)

// Register says which registers hold which quantity. Several with the same
// quantity add up, and give nothing where one of them gives nothing.
type Register struct {
	Function byte   // 3 holding, 4 input registers
	Address  uint16 // of the first one, counted from 0 as on the wire
	Type     Type
	Order    Order
	Quantity grid.Quantity
	Factor   float64  // from the register's figure to the quantity's unit; 0 counts as 1
	Absent   []uint64 // patterns, in the register's width, that mean "no value"
	FoldPF   bool     // a power factor coded in four quadrants: 1.1 is 0.9 leading
}

// Type is how a figure is coded.
type Type uint8

// The types; the zero value is none.
const (
	NoType Type = iota
	U16
	S16
	U32
	S32
	U64
	S64
	F32
	F64
)

var typeNames = [...]string{"", "u16", "s16", "u32", "s32", "u64", "s64", "f32", "f64"}

// String gives the name used in profiles.
func (t Type) String() string {
	if int(t) >= len(typeNames) {
		return "type?"
	}
	return typeNames[t]
}

// ParseType reads what String writes.
func ParseType(s string) (Type, bool) {
	i := slices.Index(typeNames[1:], s)
	return Type(i + 1), i >= 0
}

// Words is how many registers the type takes.
func (t Type) Words() int {
	switch t {
	case U16, S16:
		return 1
	case U32, S32, F32:
		return 2
	case U64, S64, F64:
		return 4
	case NoType:
	}
	return 0
}

// Order is the order of the bytes on the wire, by the pattern of a 32-bit
// figure whose bytes are A (highest) to D.
type Order uint8

// The orders; the zero value is the standard's.
const (
	ABCD Order = iota
	CDAB       // words swapped
	BADC       // bytes swapped within words
	DCBA       // both
)

var orderNames = [...]string{"ABCD", "CDAB", "BADC", "DCBA"}

// String gives the name used in profiles.
func (o Order) String() string {
	if int(o) >= len(orderNames) {
		return "order?"
	}
	return orderNames[o]
}

// ParseOrder reads what String writes; the empty text is ABCD.
func ParseOrder(s string) (Order, bool) {
	if s == "" {
		return ABCD, true
	}
	i := slices.Index(orderNames[:], s)
	return Order(max(i, 0)), i >= 0
}

// raw puts the bytes in order and gives them as one number.
func raw(b []byte, o Order) uint64 {
	var x uint64
	words := len(b) / 2
	for i := range words {
		at := i
		if o == CDAB || o == DCBA {
			at = words - 1 - i
		}
		w := binary.BigEndian.Uint16(b[2*at:])
		if o == BADC || o == DCBA {
			w = w>>8 | w<<8
		}
		x = x<<16 | uint64(w)
	}
	return x
}

// Figure decodes the register's bytes. It is false where the meter says that
// it has no value, by a pattern of Absent or by a float that is no number.
func (r *Register) Figure(b []byte) (float64, bool) {
	if len(b) != 2*r.Type.Words() || len(b) == 0 {
		return 0, false
	}
	bits := raw(b, r.Order)
	if slices.Contains(r.Absent, bits) {
		return 0, false
	}
	x := number(r.Type, bits)
	if r.Factor != 0 {
		x *= r.Factor
	}
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return 0, false
	}
	if r.FoldPF {
		x = fold(x)
	}
	return x, true
}

func number(t Type, bits uint64) float64 {
	switch t {
	case U16, U32, U64:
		return float64(bits)
	case S16:
		return float64(int16(bits))
	case S32:
		return float64(int32(bits))
	case S64:
		return float64(int64(bits))
	case F32:
		return float64(math.Float32frombits(uint32(bits)))
	case F64:
		return math.Float64frombits(bits)
	case NoType:
	}
	return math.NaN()
}

// fold undoes the four-quadrant coding of a power factor, in which a figure
// beyond ±1 has passed through ±1 and stands for what is left to ±2.
func fold(pf float64) float64 {
	switch {
	case pf > 1:
		return 2 - pf
	case pf < -1:
		return -2 - pf
	}
	return pf
}

func (r *Register) String() string {
	return fmt.Sprintf("register %d:%d (%s)", r.Function, r.Address, r.Quantity)
}
