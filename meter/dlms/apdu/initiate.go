package apdu

import (
	"encoding/binary"
	"errors"
	"fmt"

	"phutai/meter/dlms/axdr"
)

// Conformance is the set of services that a side proposes or grants: 24 bits,
// of which the first of the standard is the highest.
type Conformance uint32

// The services that matter to a reading client.
const (
	BlockTransferWithGet Conformance = 1 << (23 - 11)
	MultipleReferences   Conformance = 1 << (23 - 14)
	Get                  Conformance = 1 << (23 - 19)
	SelectiveAccess      Conformance = 1 << (23 - 21)

	// Reading is what our client proposes: no set, no action.
	Reading = BlockTransferWithGet | MultipleReferences | Get | SelectiveAccess
)

// Has tells whether all services of want are in the set.
func (c Conformance) Has(want Conformance) bool { return c&want == want }

// dlmsVersion is the version that both sides speak.
const dlmsVersion = 6

// InitiateRequest proposes services and the longest message that the client
// takes. MaxPDU zero means no limit.
type InitiateRequest struct {
	Conformance Conformance
	MaxPDU      uint16
}

// InitiateResponse grants services and tells the longest message that the
// meter takes. MaxPDU zero means no limit.
type InitiateResponse struct {
	Conformance Conformance
	MaxPDU      uint16
}

// AppendTo appends the encoding, without dedicated key and quality of service.
func (r InitiateRequest) AppendTo(b []byte) []byte {
	b = append(b, TagInitiateRequest, 0, 0, 0, dlmsVersion)
	b = appendConformance(b, r.Conformance)
	return binary.BigEndian.AppendUint16(b, r.MaxPDU)
}

// lnName closes an InitiateResponse: the base name of logical-name referencing.
const lnName = 0x0007

// AppendTo appends the encoding, without quality of service.
func (r InitiateResponse) AppendTo(b []byte) []byte {
	b = append(b, TagInitiateResponse, 0, dlmsVersion)
	b = appendConformance(b, r.Conformance)
	b = binary.BigEndian.AppendUint16(b, r.MaxPDU)
	return binary.BigEndian.AppendUint16(b, lnName)
}

func appendConformance(b []byte, c Conformance) []byte {
	return append(b, 0x5F, 0x1F, 0x04, 0x00, byte(c>>16), byte(c>>8), byte(c))
}

// cutConformance reads the bit string and the PDU size that follows it. Some
// implementations write the identifier in one octet instead of two.
func cutConformance(b []byte) (Conformance, uint16, error) {
	if len(b) >= 2 && b[0] == 0x5F && b[1] == 0x1F {
		b = b[2:]
	} else if len(b) >= 1 && b[0] == 0x5F {
		b = b[1:]
	} else {
		return 0, 0, errors.New("initiate without a conformance block")
	}
	if len(b) < 7 {
		return 0, 0, ErrTruncated
	}
	if b[0] != 4 || b[1] != 0 {
		return 0, 0, fmt.Errorf("conformance block begins with %X, want 0400", b[:2])
	}
	return Conformance(b[2])<<16 | Conformance(b[3])<<8 | Conformance(b[4]), binary.BigEndian.Uint16(b[5:]), nil
}

func decodeInitiateRequest(b []byte) (*InitiateRequest, error) {
	b, err := skipOptional(b[1:], true) // dedicated key
	if err != nil {
		return nil, err
	}
	if b, err = skipOptional(b, false); err != nil { // response allowed, DEFAULT TRUE
		return nil, err
	}
	if b, err = skipOptional(b, false); err != nil { // quality of service
		return nil, err
	}
	if len(b) == 0 {
		return nil, ErrTruncated
	}
	conformance, size, err := cutConformance(b[1:])
	if err != nil {
		return nil, err
	}
	return &InitiateRequest{conformance, size}, nil
}

// skipOptional skips a usage flag and, if it is set, an octet or a string.
func skipOptional(b []byte, isString bool) ([]byte, error) {
	if len(b) == 0 {
		return nil, ErrTruncated
	}
	used, b := b[0] != 0, b[1:]
	if !used {
		return b, nil
	}
	n := 1
	if isString {
		var err error
		if n, b, err = axdr.DecodeLength(b); err != nil {
			return nil, err
		}
	}
	if n > len(b) {
		return nil, ErrTruncated
	}
	return b[n:], nil
}

func decodeInitiateResponse(b []byte) (*InitiateResponse, error) {
	b, err := skipOptional(b[1:], false) // quality of service
	if err != nil {
		return nil, err
	}
	if len(b) == 0 {
		return nil, ErrTruncated
	}
	if b[0] != dlmsVersion {
		return nil, fmt.Errorf("DLMS version %d, want %d", b[0], dlmsVersion)
	}
	conformance, size, err := cutConformance(b[1:])
	if err != nil {
		return nil, err
	}
	return &InitiateResponse{conformance, size}, nil
}
