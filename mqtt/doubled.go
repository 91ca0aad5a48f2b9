package mqtt

import (
	"bytes"
	"encoding/json"
	"strings"
)

// doubled gives a field that stands twice in a JSON object, whose contents are
// not looked into; empty: none does. The decoder would put the second list of
// readings over the first, and leave of that what the second does not name.
func doubled(object []byte) string {
	names := map[string]bool{} // an object from outside may have a hundred thousand
	depth := 0
	for i := 0; i < len(object); i++ {
		switch object[i] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '"':
			end := textEnd(object, i)
			if depth == 1 && bytes.HasPrefix(bytes.TrimLeft(object[min(end+1, len(object)):], " \t\r\n"), []byte(":")) {
				var name string
				if json.Unmarshal(object[i:min(end+1, len(object))], &name) == nil {
					name = strings.ToLower(strings.ToUpper(name)) // the decoder makes no difference, nor for letters such as ſ
					if names[name] {
						return name
					}
					names[name] = true
				}
			}
			i = end
		}
	}
	return ""
}

// textEnd gives the place of the quote that ends the text which begins at i.
func textEnd(b []byte, i int) int {
	for i++; i < len(b) && b[i] != '"'; i++ {
		if b[i] == '\\' {
			i++
		}
	}
	return i
}
