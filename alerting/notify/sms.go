package notify

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// smsLength is one part of GSM-7.
const smsLength = 160

// short writes the SMS form: one part, no diacritics, and none of the
// characters that operators filter or that leave GSM-7. Where it is too long
// the station's name is cut in its middle, never a figure, a time or the code.
func (c *Composer) short(v view) (string, error) {
	name := plain(v.Station)
	for {
		v.Station = name
		text, err := write(c.words.sms, v)
		if err != nil {
			return "", err
		}
		text = plain(text)
		over := utf8.RuneCountInString(text) - smsLength
		if over <= 0 {
			return text, nil
		}
		if len(name) <= leastName {
			switch { // still too long: what the receiver knows anyway goes first
			case v.Unit != "":
				v.Unit = ""
			case v.Reason != "":
				v.Reason = ""
			case v.Feeder != "" && !v.Group:
				v.Feeder = ""
			default:
				return text[:smsLength-len(v.Code)-1] + " " + v.Code, nil
			}
			continue
		}
		name = middle(name, max(leastName, len(name)-over))
	}
}

// leastName is what remains of a station's name at least.
const leastName = 12

// middle shortens ASCII text to n characters by taking out its middle.
func middle(s string, n int) string {
	if len(s) <= n {
		return s
	}
	keep := n - 2
	head := (keep + 1) / 2
	return s[:head] + ".." + s[len(s)-(keep-head):]
}

// plain takes the marks off Vietnamese letters and turns all that is not a
// letter, a digit or harmless punctuation of ASCII into a space.
func plain(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r == 'đ':
			b.WriteByte('d')
		case r == 'Đ':
			b.WriteByte('D')
		case r == '–' || r == '—':
			b.WriteByte('-')
		case r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(".,:;/()=+-?!'", r)):
			b.WriteRune(r)
		default:
			b.WriteByte(' ')
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
