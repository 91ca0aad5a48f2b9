package apdu

import (
	"errors"
	"fmt"
)

// The first octet of each message.
const (
	TagInitiateRequest       = 0x01
	TagInitiateResponse      = 0x08
	TagConfirmedServiceError = 0x0E
	TagAARQ                  = 0x60
	TagAARE                  = 0x61
	TagRLRQ                  = 0x62
	TagRLRE                  = 0x63
	TagGetRequest            = 0xC0
	TagGetResponse           = 0xC4
	TagExceptionResponse     = 0xD8
)

// APDU is one message.
type APDU interface {
	// AppendTo appends the encoding to b.
	AppendTo(b []byte) []byte
}

// ErrTruncated says that the octets end inside a message.
var ErrTruncated = errors.New("octets end inside the message")

// UnknownTagError says that a message has a first octet that is not read here,
// such as that of a ciphered or a pushed one.
type UnknownTagError byte

// Error names the octet.
func (e UnknownTagError) Error() string {
	return fmt.Sprintf("message with tag %#02x is not one that is read here", byte(e))
}

// Decode reads what a meter sends: AARE, RLRE, a GET response, an
// exception-response or a confirmedServiceError.
func Decode(b []byte) (APDU, error) {
	if len(b) == 0 {
		return nil, ErrTruncated
	}
	switch b[0] {
	case TagAARE:
		return decodeAARE(b)
	case TagRLRE:
		return decodeRLRE(b)
	case TagGetResponse:
		return decodeGetResponse(b)
	case TagExceptionResponse:
		return decodeException(b)
	case TagConfirmedServiceError:
		return decodeServiceError(b)
	}
	return nil, UnknownTagError(b[0])
}

// DecodeRequest reads what a client sends: AARQ, RLRQ or a GET request.
func DecodeRequest(b []byte) (APDU, error) {
	if len(b) == 0 {
		return nil, ErrTruncated
	}
	switch b[0] {
	case TagAARQ:
		return decodeAARQ(b)
	case TagRLRQ:
		return decodeRLRQ(b)
	case TagGetRequest:
		return decodeGetRequest(b)
	}
	return nil, UnknownTagError(b[0])
}
