package axdr

import "encoding/binary"

// Append appends the encoding of v to b.
func Append(b []byte, v Value) []byte {
	b = append(b, byte(v.tag))
	switch v.tag {
	case TagNull:
		return b
	case TagArray, TagStructure:
		b = AppendLength(b, len(v.items))
		for _, item := range v.items {
			b = Append(b, item)
		}
		return b
	case TagBitString:
		b = AppendLength(b, int(v.bits))
		return append(b, v.raw...)
	case TagOctetString, TagVisibleString, TagUTF8String:
		b = AppendLength(b, len(v.raw))
		return append(b, v.raw...)
	case TagDateTime, TagDate, TagTime:
		return append(b, v.raw...)
	}
	switch fixedSize(v.tag) {
	case 1:
		return append(b, byte(v.bits))
	case 2:
		return binary.BigEndian.AppendUint16(b, uint16(v.bits))
	case 4:
		return binary.BigEndian.AppendUint32(b, uint32(v.bits))
	}
	return binary.BigEndian.AppendUint64(b, v.bits)
}

// AppendLength appends a length in its shortest form.
func AppendLength(b []byte, n int) []byte {
	switch {
	case n < 0x80:
		return append(b, byte(n))
	case n < 1<<8:
		return append(b, 0x81, byte(n))
	case n < 1<<16:
		return append(b, 0x82, byte(n>>8), byte(n))
	}
	b = append(b, 0x84)
	return binary.BigEndian.AppendUint32(b, uint32(n))
}
