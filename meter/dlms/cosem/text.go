package cosem

import (
	"strconv"
	"strings"

	"phutai/meter/dlms/axdr"
)

// Text gives a serial number or a name as text, however the meter holds it: a
// string, octets that are ASCII, octets that are not (as hexadecimal digits),
// or a number. Anything else is empty.
func Text(v axdr.Value) string {
	switch v.Tag() {
	case axdr.TagOctetString, axdr.TagVisibleString, axdr.TagUTF8String:
		b := v.Bytes()
		for _, c := range b {
			if (c < 0x20 || c > 0x7E) && c != 0 {
				const digits = "0123456789ABCDEF"
				hex := make([]byte, 0, 2*len(b))
				for _, c := range b {
					hex = append(hex, digits[c>>4], digits[c&15])
				}
				return string(hex)
			}
		}
		return strings.Trim(string(b), "\x00 ")
	}
	if x, ok := v.Int(); ok {
		return strconv.FormatInt(x, 10)
	}
	return ""
}
