package apdu

import (
	"fmt"

	"phutai/meter/dlms/axdr"
)

// field is one BER element: a one-octet identifier and its content.
type field struct {
	id      byte
	content []byte
}

// nextField cuts the first element off b. Lengths are definite and written as
// in A-XDR.
func nextField(b []byte) (field, []byte, error) {
	if len(b) < 2 {
		return field{}, nil, ErrTruncated
	}
	n, rest, err := axdr.DecodeLength(b[1:])
	if err != nil {
		return field{}, nil, err
	}
	if n > len(rest) {
		return field{}, nil, ErrTruncated
	}
	return field{b[0], rest[:n:n]}, rest[n:], nil
}

// fields walks over the elements inside the message b, whose own identifier
// has been checked. What follows the message is not looked at.
func fields(b []byte, each func(field) error) error {
	message, _, err := nextField(b)
	if err != nil {
		return err
	}
	for rest := message.content; len(rest) > 0; {
		var f field
		if f, rest, err = nextField(rest); err != nil {
			return err
		}
		if err := each(f); err != nil {
			return fmt.Errorf("field %#02x: %w", f.id, err)
		}
	}
	return nil
}

// inner gives the content of the one element inside f, which must have the
// identifier id.
func (f field) inner(id byte) ([]byte, error) {
	g, _, err := nextField(f.content)
	if err != nil {
		return nil, err
	}
	if g.id != id {
		return nil, fmt.Errorf("holds %#02x, want %#02x", g.id, id)
	}
	return g.content, nil
}

// small reads the INTEGER inside f, of one octet.
func (f field) small() (uint8, error) {
	b, err := f.inner(0x02)
	if err != nil {
		return 0, err
	}
	if len(b) != 1 {
		return 0, fmt.Errorf("integer of %d octets, want 1", len(b))
	}
	return b[0], nil
}

func appendField(b []byte, id byte, content ...byte) []byte {
	b = append(b, id)
	b = axdr.AppendLength(b, len(content))
	return append(b, content...)
}

// wrap puts an identifier and the length before content.
func wrap(b []byte, id byte, content []byte) []byte { return appendField(b, id, content...) }
