package sheet

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Encoding is how text was written before Unicode. Files of that time are read
// only where somebody says which it is: no byte of them tells.
type Encoding string

// The encodings. The empty value counts as UTF8.
const (
	UTF8  Encoding = "utf-8"
	TCVN3 Encoding = "tcvn3" // TCVN 5712:1993 VN3, of the .VnTime fonts ("ABC")
	VNI   Encoding = "vni"   // VNI for Windows, of the VNI-Times fonts
)

// Known tells whether e is an encoding that is read.
func (e Encoding) Known() bool {
	return e == "" || e == UTF8 || e == TCVN3 || e == VNI
}

// legacy tells whether text of e needs decoding.
func (e Encoding) legacy() bool { return e == TCVN3 || e == VNI }

// decode gives the text that was meant, in NFC. What holds a letter beyond
// Latin 1 is Unicode already: in a workbook both kinds of cells stand together.
func (e Encoding) decode(s string) string {
	if !e.legacy() || strings.IndexFunc(s, func(r rune) bool { return r > 0xff }) >= 0 {
		return norm.NFC.String(s)
	}
	if e == VNI {
		return fromVNI(s)
	}
	return strings.Map(func(r rune) rune {
		if r >= tcvn3First && r <= tcvn3Last {
			return tcvn3[r-tcvn3First]
		}
		return r
	}, s)
}

// latin1 makes a rune of each byte, as a program does that knows no encoding.
func latin1(b []byte) []byte {
	out := make([]byte, 0, len(b)+len(b)/4)
	for _, c := range b {
		out = utf8.AppendRune(out, rune(c))
	}
	return out
}

const tcvn3First, tcvn3Last = 0xa1, 0xfe

// tcvn3 has the letters of the bytes from A1 to FE after TCVN 5712:1993, table
// VN3, which RFC 1456 compares with other sets; bytes that the standard leaves
// free stand for themselves. Capital letters with a tone are the small ones in
// a font of capitals, so that they come out small.
var tcvn3 = [...]rune{
	'Ă', 'Â', 'Ê', 'Ô', 'Ơ', 'Ư', 'Đ', 'ă', 'â', 'ê', 'ô', 'ơ', 'ư', 'đ', 0xaf,
	0xb0, 0xb1, 0xb2, 0xb3, 0xb4, 'à', 'ả', 'ã', 'á', 'ạ', 0xba, 'ằ', 'ẳ', 'ẵ', 'ắ', 0xbf,
	0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 'ặ', 'ầ', 'ẩ', 'ẫ', 'ấ', 'ậ', 'è', 0xcd, 'ẻ', 'ẽ',
	'é', 'ẹ', 'ề', 'ể', 'ễ', 'ế', 'ệ', 'ì', 'ỉ', 0xd9, 0xda, 0xdb, 'ĩ', 'í', 'ị', 'ò',
	0xe0, 'ỏ', 'õ', 'ó', 'ọ', 'ồ', 'ổ', 'ỗ', 'ố', 'ộ', 'ờ', 'ở', 'ỡ', 'ớ', 'ợ', 'ù',
	0xf0, 'ủ', 'ũ', 'ú', 'ụ', 'ừ', 'ử', 'ữ', 'ứ', 'ự', 'ỳ', 'ỷ', 'ỹ', 'ý', 'ỵ',
}
