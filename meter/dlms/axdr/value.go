package axdr

import "math"

// Value is one Data: a number, a string of octets or bits, a date or time, or
// an array or structure of further values. Values are made by the constructors
// below or by Decode and are not changed afterwards. The zero value is
// null-data.
type Value struct {
	tag   Tag
	bits  uint64 // integers sign-extended, booleans, enums, bits of floats, bit count of a bit-string
	raw   []byte
	items []Value
}

// Null is null-data.
func Null() Value { return Value{} }

// Bool is a boolean.
func Bool(x bool) Value {
	if x {
		return Value{tag: TagBool, bits: 1}
	}
	return Value{tag: TagBool}
}

// Int8 is an integer.
func Int8(x int8) Value { return Value{tag: TagInt8, bits: uint64(x)} }

// Int16 is a long.
func Int16(x int16) Value { return Value{tag: TagInt16, bits: uint64(x)} }

// Int32 is a double-long.
func Int32(x int32) Value { return Value{tag: TagInt32, bits: uint64(x)} }

// Int64 is a long64.
func Int64(x int64) Value { return Value{tag: TagInt64, bits: uint64(x)} }

// Uint8 is an unsigned.
func Uint8(x uint8) Value { return Value{tag: TagUint8, bits: uint64(x)} }

// Uint16 is a long-unsigned.
func Uint16(x uint16) Value { return Value{tag: TagUint16, bits: uint64(x)} }

// Uint32 is a double-long-unsigned.
func Uint32(x uint32) Value { return Value{tag: TagUint32, bits: uint64(x)} }

// Uint64 is a long64-unsigned.
func Uint64(x uint64) Value { return Value{tag: TagUint64, bits: x} }

// Enum is an enum.
func Enum(x uint8) Value { return Value{tag: TagEnum, bits: uint64(x)} }

// Float32 is a float32.
func Float32(x float32) Value { return Value{tag: TagFloat32, bits: uint64(math.Float32bits(x))} }

// Float64 is a float64.
func Float64(x float64) Value { return Value{tag: TagFloat64, bits: math.Float64bits(x)} }

// Octets is an octet-string. The bytes are kept, not copied.
func Octets(b []byte) Value { return Value{tag: TagOctetString, raw: b} }

// Visible is a visible-string.
func Visible(s string) Value { return Value{tag: TagVisibleString, raw: []byte(s)} }

// BitString is a bit-string of n bits, the first of which is the highest bit
// of b[0]. Missing bytes count as zero.
func BitString(b []byte, n int) Value {
	raw := make([]byte, (n+7)/8)
	copy(raw, b)
	return Value{tag: TagBitString, bits: uint64(n), raw: raw}
}

// Array is an array.
func Array(items ...Value) Value { return Value{tag: TagArray, items: items} }

// Structure is a structure.
func Structure(items ...Value) Value { return Value{tag: TagStructure, items: items} }

// Tag gives the type.
func (v Value) Tag() Tag { return v.tag }

// IsNull tells whether the value is null-data.
func (v Value) IsNull() bool { return v.tag == TagNull }

// Items gives the elements of an array or structure, nil for anything else.
func (v Value) Items() []Value { return v.items }

// Bytes gives the octets of a string, a date, a time or a bit-string, nil for
// anything else. They alias what was decoded.
func (v Value) Bytes() []byte { return v.raw }

// Int gives a whole number, whatever its width; false if the value is none or
// does not fit.
func (v Value) Int() (int64, bool) {
	switch v.tag {
	case TagBool, TagInt8, TagInt16, TagInt32, TagInt64, TagUint8, TagUint16, TagUint32, TagEnum:
		return int64(v.bits), true
	case TagUint64:
		return int64(v.bits), v.bits <= math.MaxInt64
	}
	return 0, false
}

// Float gives a number as float64; false if the value is no number, or is NaN
// or infinite. Booleans and enums are no numbers.
func (v Value) Float() (float64, bool) {
	switch v.tag {
	case TagInt8, TagInt16, TagInt32, TagInt64:
		return float64(int64(v.bits)), true
	case TagUint8, TagUint16, TagUint32, TagUint64:
		return float64(v.bits), true
	case TagFloat32:
		return finite(float64(math.Float32frombits(uint32(v.bits))))
	case TagFloat64:
		return finite(math.Float64frombits(v.bits))
	}
	return 0, false
}

func finite(x float64) (float64, bool) {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return 0, false
	}
	return x, true
}

// Word gives a status word: a whole number, or a bit-string of up to 64 bits
// whose first bit is bit 0.
func (v Value) Word() (uint64, bool) {
	if v.tag != TagBitString {
		x, ok := v.Int()
		return uint64(x), ok
	}
	if v.bits > 64 {
		return 0, false
	}
	var word uint64
	for i := range v.bits {
		word |= uint64(v.raw[i/8]>>(7-i%8)&1) << i
	}
	return word, true
}
