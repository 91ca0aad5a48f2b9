package axdr

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// MaxDepth is how deep arrays and structures may nest. Profiles need three.
const MaxDepth = 16

// MaxElements is how many elements a value may have in all its levels. A day of
// quarter hours with forty columns has some four thousand.
const MaxElements = 1 << 17

// ErrTruncated says that the octets end inside a value.
var ErrTruncated = errors.New("octets end inside a value")

// Decode reads exactly one Data from the head of b and gives what follows it.
// Strings of the value alias b.
func Decode(b []byte) (v Value, rest []byte, err error) {
	d := decoder{left: MaxElements}
	return d.decode(b, 0)
}

// decoder counts the elements of one value.
type decoder struct{ left int }

func (d *decoder) decode(b []byte, depth int) (Value, []byte, error) {
	if len(b) == 0 {
		return Value{}, nil, ErrTruncated
	}
	tag, b := Tag(b[0]), b[1:]
	switch tag {
	case TagNull:
		return Value{}, b, nil
	case TagArray, TagStructure:
		return d.items(tag, b, depth)
	case TagBitString, TagOctetString, TagVisibleString, TagUTF8String:
		return decodeString(tag, b)
	}
	size := fixedSize(tag)
	if size == 0 {
		return Value{}, nil, fmt.Errorf("%v cannot be decoded", tag)
	}
	if len(b) < size {
		return Value{}, nil, ErrTruncated
	}
	v := Value{tag: tag}
	switch tag {
	case TagDateTime, TagDate, TagTime:
		v.raw = b[:size:size]
	default:
		v.bits = integer(tag, b[:size])
	}
	return v, b[size:], nil
}

// fixedSize gives the number of octets after the tag, 0 for what has no fixed
// size or is unknown.
func fixedSize(tag Tag) int {
	switch tag {
	case TagBool, TagInt8, TagUint8, TagEnum, TagBCD:
		return 1
	case TagInt16, TagUint16:
		return 2
	case TagInt32, TagUint32, TagFloat32:
		return 4
	case TagInt64, TagUint64, TagFloat64:
		return 8
	case TagDateTime:
		return sizeOfDateTime
	case TagDate:
		return sizeOfDate
	case TagTime:
		return sizeOfTime
	}
	return 0
}

func integer(tag Tag, b []byte) uint64 {
	switch len(b) {
	case 1:
		if tag == TagInt8 {
			return uint64(int8(b[0]))
		}
		return uint64(b[0])
	case 2:
		x := binary.BigEndian.Uint16(b)
		if tag == TagInt16 {
			return uint64(int16(x))
		}
		return uint64(x)
	case 4:
		x := binary.BigEndian.Uint32(b)
		if tag == TagInt32 {
			return uint64(int32(x))
		}
		return uint64(x)
	}
	return binary.BigEndian.Uint64(b)
}

func (d *decoder) items(tag Tag, b []byte, depth int) (Value, []byte, error) {
	if depth == MaxDepth {
		return Value{}, nil, fmt.Errorf("%v nests deeper than %d", tag, MaxDepth)
	}
	n, b, err := DecodeLength(b)
	if err != nil {
		return Value{}, nil, err
	}
	if n > len(b) { // each element takes at least one octet
		return Value{}, nil, ErrTruncated
	}
	if d.left -= n; d.left < 0 {
		return Value{}, nil, fmt.Errorf("more than %d elements", MaxElements)
	}
	v := Value{tag: tag, items: make([]Value, n)}
	for i := range v.items {
		if v.items[i], b, err = d.decode(b, depth+1); err != nil {
			return Value{}, nil, fmt.Errorf("element %d of %v: %w", i, tag, err)
		}
	}
	return v, b, nil
}

func decodeString(tag Tag, b []byte) (Value, []byte, error) {
	n, b, err := DecodeLength(b)
	if err != nil {
		return Value{}, nil, err
	}
	v := Value{tag: tag}
	size := n
	if tag == TagBitString {
		v.bits = uint64(n)
		size = (n + 7) / 8
	}
	if size > len(b) {
		return Value{}, nil, ErrTruncated
	}
	v.raw = b[:size:size]
	return v, b[size:], nil
}

// DecodeLength reads a length: one octet below 128, else a count of octets
// that hold it. At most four are taken.
func DecodeLength(b []byte) (n int, rest []byte, err error) {
	if len(b) == 0 {
		return 0, nil, ErrTruncated
	}
	first, b := b[0], b[1:]
	if first < 0x80 {
		return int(first), b, nil
	}
	octets := int(first & 0x7f)
	if octets == 0 || octets > 4 {
		return 0, nil, fmt.Errorf("length of %d octets, want 1 to 4", octets)
	}
	if len(b) < octets {
		return 0, nil, ErrTruncated
	}
	for _, x := range b[:octets] {
		n = n<<8 | int(x)
	}
	if n > 1<<30 {
		return 0, nil, fmt.Errorf("length %d is past any limit", n)
	}
	return n, b[octets:], nil
}
