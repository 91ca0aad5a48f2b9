package modbus

import (
	"encoding/binary"
	"fmt"
)

// The MBAP header: transaction, protocol, length of what follows the length
// field, unit (Messaging Guide V1.0b, 3.1.3).
const (
	headerLen = 7
	maxFrame  = 6 + 254 // unit id and PDU are at most 254 bytes
)

// frameLen gives the whole length of the frame that b begins with, zero while
// the header is not complete.
func frameLen(b []byte) (int, error) {
	if len(b) < headerLen {
		return 0, nil
	}
	if p := binary.BigEndian.Uint16(b[2:]); p != 0 {
		return 0, fmt.Errorf("protocol id is %d, want 0", p)
	}
	n := int(binary.BigEndian.Uint16(b[4:]))
	if n < 3 || n > maxFrame-6 {
		return 0, fmt.Errorf("length field is %d, want 3 to %d", n, maxFrame-6)
	}
	return 6 + n, nil
}

func transaction(frame []byte) uint16 { return binary.BigEndian.Uint16(frame) }

// answerBytes is how many data bytes an answer to a read must have.
func answerBytes(function byte, quantity int) int {
	if function <= 2 {
		return (quantity + 7) / 8
	}
	return 2 * quantity
}

// verify tells why answer, a whole frame, does not answer request; "" if it
// does, be it by an exception.
func verify(request, answer []byte) string {
	if len(request) < headerLen+5 || len(answer) < headerLen+2 {
		return fmt.Sprintf("%d bytes are too short", len(answer))
	}
	if n, err := frameLen(answer); err != nil {
		return err.Error()
	} else if n != len(answer) {
		return fmt.Sprintf("%d bytes, the length field says %d", len(answer), n)
	}
	if got, want := transaction(answer), transaction(request); got != want {
		return fmt.Sprintf("transaction %d, want %d", got, want)
	}
	if got, want := answer[6], request[6]; got != want {
		return fmt.Sprintf("unit %d, want %d", got, want)
	}
	function := request[7]
	switch answer[7] {
	case function | 0x80:
		if len(answer) != headerLen+2 {
			return fmt.Sprintf("exception of %d bytes, want 2", len(answer)-headerLen)
		}
		return ""
	case function:
	default:
		return fmt.Sprintf("function %#02x, want %#02x", answer[7], function)
	}
	want := answerBytes(function, int(binary.BigEndian.Uint16(request[10:])))
	count, data := int(answer[8]), len(answer)-headerLen-2
	if count != want || data != want {
		return fmt.Sprintf("byte count %d with %d bytes, want %d", count, data, want)
	}
	return ""
}
