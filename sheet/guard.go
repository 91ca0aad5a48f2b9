package sheet

import "strings"

// formula lists the characters that make a spreadsheet read a cell as a
// formula, or hide one behind white space.
const formula = "=+-@\t\r\n"

// Guard puts ' before text that a spreadsheet would take for a formula. Text
// that looks guarded is guarded once more, so that Unguard gives it back.
func Guard(s string) string {
	if guardable(s) {
		return "'" + s
	}
	return s
}

// Unguard takes away what Guard put there.
func Unguard(s string) string {
	if strings.HasPrefix(s, "'") && guardable(s) {
		return s[1:]
	}
	return s
}

func guardable(s string) bool {
	rest := strings.TrimLeft(s, "'")
	return rest != "" && strings.ContainsRune(formula, rune(rest[0]))
}
