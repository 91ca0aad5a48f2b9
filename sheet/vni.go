package sheet

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// VNI for Windows writes a letter and after it, as a letter of Latin 1, what
// stands above or below it. The tables follow the published code table of VNI
// Software, as in "Vietnamese character encodings" of the VietUnicode project.

// vniMark gives the combining marks that a following letter, in lower case,
// stands for.
var vniMark = map[rune]string{
	'ù': "\u0301", 'ø': "\u0300", 'û': "\u0309", 'õ': "\u0303", 'ï': "\u0323",
	'â': "\u0302", 'á': "\u0302\u0301", 'à': "\u0302\u0300", 'å': "\u0302\u0309", 'ã': "\u0302\u0303", 'ä': "\u0302\u0323",
	'ê': "\u0306", 'é': "\u0306\u0301", 'è': "\u0306\u0300", 'ú': "\u0306\u0309", 'ü': "\u0306\u0303", 'ë': "\u0306\u0323",
}

// vniLetter gives the letters that have a code of their own, in lower case.
var vniLetter = map[rune]rune{
	'ô': 'ơ', 'ö': 'ư', 'ñ': 'đ', 'î': 'ỵ', 'í': 'í', 'ì': 'ì', 'æ': 'ỉ', 'ó': 'ĩ', 'ò': 'ị',
}

// vniBase lists what a mark may follow.
const vniBase = "aeouyôö"

func fromVNI(s string) string {
	var b strings.Builder
	base := false // the last letter can take a mark
	for _, r := range s {
		low := unicode.ToLower(r)
		mark, marks := vniMark[low]
		if base && marks {
			b.WriteString(mark)
			base = false
			continue
		}
		base = strings.ContainsRune(vniBase, low)
		letter, own := vniLetter[low]
		switch {
		case !own:
			b.WriteRune(r)
		case low == r:
			b.WriteRune(letter)
		default:
			b.WriteRune(unicode.ToUpper(letter))
		}
	}
	return norm.NFC.String(b.String())
}
