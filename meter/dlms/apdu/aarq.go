package apdu

import (
	"bytes"
	"fmt"
)

// Context is the application context: how objects are named and whether
// messages are ciphered.
type Context uint8

// LogicalName is naming by OBIS code without ciphering, the only context that
// is spoken here.
const LogicalName Context = 1

// Mechanism is how the client proves who it is.
type Mechanism uint8

// The mechanisms that are spoken here; others exist.
const (
	NoSecurity  Mechanism = 0
	LowSecurity Mechanism = 1 // LLS: a password, in clear
)

// The object identifiers 2.16.756.5.8.1.x and 2.16.756.5.8.2.x of the DLMS
// User Association, without their last octet.
var (
	contextOID   = []byte{0x60, 0x85, 0x74, 0x05, 0x08, 0x01}
	mechanismOID = []byte{0x60, 0x85, 0x74, 0x05, 0x08, 0x02}
)

// AARQ asks for an association. Its Password must never be logged.
type AARQ struct {
	Context   Context
	Mechanism Mechanism
	Password  []byte
	Initiate  *InitiateRequest
}

// AppendTo appends the encoding.
func (a *AARQ) AppendTo(b []byte) []byte {
	in := wrap(nil, 0xA1, appendField(nil, 0x06, append(bytes.Clone(contextOID), byte(a.Context))...))
	if a.Mechanism != NoSecurity {
		in = appendField(in, 0x8A, 0x07, 0x80) // sender-acse-requirements: authentication
		in = appendField(in, 0x8B, append(bytes.Clone(mechanismOID), byte(a.Mechanism))...)
		in = wrap(in, 0xAC, appendField(nil, 0x80, a.Password...))
	}
	if a.Initiate != nil {
		in = wrap(in, 0xBE, wrap(nil, 0x04, a.Initiate.AppendTo(nil)))
	}
	return wrap(b, TagAARQ, in)
}

func decodeAARQ(b []byte) (*AARQ, error) {
	a := new(AARQ)
	err := fields(b, func(f field) (err error) {
		var content []byte
		switch f.id {
		case 0xA1:
			if content, err = f.inner(0x06); err == nil {
				a.Context, err = lastOf[Context](content, contextOID)
			}
		case 0x8B:
			a.Mechanism, err = lastOf[Mechanism](f.content, mechanismOID)
		case 0xAC:
			a.Password, err = f.inner(0x80)
		case 0xBE:
			content, err = f.inner(0x04)
			if err == nil && len(content) > 0 && content[0] == TagInitiateRequest {
				a.Initiate, err = decodeInitiateRequest(content)
			}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("decode AARQ: %w", err)
	}
	return a, nil
}

// lastOf checks the head of an object identifier and gives its last octet.
func lastOf[T ~uint8](oid, head []byte) (T, error) {
	if len(oid) != len(head)+1 || !bytes.HasPrefix(oid, head) {
		return 0, fmt.Errorf("object identifier %X is not one of DLMS", oid)
	}
	return T(oid[len(head)]), nil
}
