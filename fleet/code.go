package fleet

import (
	"regexp"
	"strings"
	"unicode"
)

var (
	scientific = regexp.MustCompile(`^\d+[.,]\d+[eE]\+?\d+$|^\d[eE]\+\d+$`)
	floated    = regexp.MustCompile(`^\d+[.,]0+$`)
)

// maxCode is the longest code that is taken; EVN's have 13 to 20 characters.
const maxCode = 64

// broken says what a spreadsheet did to a code, or what else keeps it from
// being one. "471E11" is a feeder's code and sound; "4.71E+11" was one.
func broken(s string) string {
	switch {
	case scientific.MatchString(s):
		return "\"" + s + "\" is a code that Excel turned into a number, its digits are lost: format the column as Text and type the code again"
	case floated.MatchString(s):
		return "\"" + s + "\" is a code that went through a number: format the column as Text and remove the \"" + s[strings.IndexAny(s, ".,"):] + "\""
	case len(s) > maxCode:
		return "is longer than 64 bytes: give a shorter code"
	case strings.HasPrefix(s, "#") && (strings.HasSuffix(s, "!") || strings.HasSuffix(s, "?") || s == "#N/A"):
		return "\"" + s + "\" is the error of a formula: mend it, or type the code"
	case strings.IndexFunc(s, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }) >= 0:
		return "\"" + s + "\" has a blank or an invisible character within: remove it"
	case strings.ContainsAny(s, "+"):
		return "\"" + s + "\" has a +, which joins several codes: give a code without"
	}
	return ""
}

// wholeDigits is how long a number may be that Excel still shows as it was
// typed in a cell of no format of its own.
const wholeDigits = 11

// numbered says why a cell that is stored as a number is no code. A short whole
// number is taken, since people number their stations: only zeros before it may
// be gone, and that is told once for its column.
func numbered(s string) string {
	if len(s) <= wholeDigits && !strings.ContainsAny(s, ".eE-") {
		return ""
	}
	return "\"" + s + "\" is a number, which Excel may have made of another code (of 471E11 it makes 47100000000000): format the column as Text and type the code again"
}
