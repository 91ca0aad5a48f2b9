// Package obis holds the six-byte code by which a DLMS meter names its objects
// (IEC 62056-6-1): value groups A to F, such as 1-0:1.8.0*255 for the imported
// active energy. It knows how codes are written, not what they mean.
package obis

import (
	"fmt"
	"strconv"
	"strings"
)

// Code is an OBIS code, value groups A to F in order. The zero value names no
// object of a meter and means "none" in configurations.
type Code [6]byte

// String gives the dotted form, such as "1.0.1.8.0.255".
func (c Code) String() string {
	b := make([]byte, 0, 23)
	for i, group := range c {
		if i > 0 {
			b = append(b, '.')
		}
		b = strconv.AppendUint(b, uint64(group), 10)
	}
	return string(b)
}

// Long gives the form that data sheets use, such as "1-0:1.8.0*255".
func (c Code) Long() string {
	return fmt.Sprintf("%d-%d:%d.%d.%d*%d", c[0], c[1], c[2], c[3], c[4], c[5])
}

// IsZero tells whether the code is "none".
func (c Code) IsZero() bool { return c == Code{} }

// Parse reads either form. In the long one "*F" may be left out and counts as
// 255, the current value.
func Parse(s string) (Code, error) {
	separators := "....."
	if strings.ContainsAny(s, "-:*") {
		separators = "-:..*"
		if !strings.Contains(s, "*") {
			s += "*255"
		}
	}
	var c Code
	rest := s
	for i := range c {
		group := rest
		if i < len(separators) {
			var found bool
			group, rest, found = strings.Cut(rest, separators[i:i+1])
			if !found {
				return Code{}, malformed(s)
			}
		}
		n, err := strconv.ParseUint(group, 10, 8)
		if err != nil {
			return Code{}, malformed(s)
		}
		c[i] = byte(n)
	}
	return c, nil
}

func malformed(s string) error {
	return fmt.Errorf("OBIS code %q: write it as 1-0:1.8.0*255 or 1.0.1.8.0.255, each number at most 255", s)
}

// MarshalText writes the dotted form.
func (c Code) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads what Parse reads, so that codes stand in YAML and JSON
// as text.
func (c *Code) UnmarshalText(text []byte) error {
	parsed, err := Parse(string(text))
	if err != nil {
		return err
	}
	*c = parsed
	return nil
}
