package apdu

import (
	"bytes"
	"errors"
	"fmt"
)

// Result is the outcome of an association.
type Result uint8

// The outcomes.
const (
	Accepted          Result = 0
	RejectedPermanent Result = 1
	RejectedTransient Result = 2
)

// Diagnostic says why an association was refused. Provider tells that it comes
// from the ACSE layer and not from the meter's application.
type Diagnostic struct {
	Provider bool
	Code     uint8
}

// The codes of the application's diagnostics that matter here
// (IEC 62056-5-3, Associate-source-diagnostic).
const (
	NoReasonGiven           = 1
	ContextNotSupported     = 2
	MechanismNotRecognised  = 11
	MechanismRequired       = 12
	AuthenticationFailure   = 13
	AuthenticationRequired  = 14 // also: another pass is awaited
	identifierOfUserSource  = 0xA1
	identifierOfProvidedSrc = 0xA2
)

var diagnosticNames = map[uint8]string{
	0: "null", NoReasonGiven: "no reason given", ContextNotSupported: "application context not supported",
	3: "calling AP title not recognised", MechanismNotRecognised: "authentication mechanism not recognised",
	MechanismRequired: "authentication mechanism required", AuthenticationFailure: "authentication failure",
	AuthenticationRequired: "authentication required",
}

// String gives the diagnostic in words and as a number.
func (d Diagnostic) String() string {
	if d.Provider {
		return fmt.Sprintf("ACSE provider diagnostic %d", d.Code)
	}
	if name, ok := diagnosticNames[d.Code]; ok {
		return fmt.Sprintf("%s (%d)", name, d.Code)
	}
	return fmt.Sprintf("diagnostic %d", d.Code)
}

// AARE answers an AARQ.
type AARE struct {
	Context    Context
	Result     Result
	Diagnostic Diagnostic
	// One of the two where the answer says something about DLMS.
	Initiate     *InitiateResponse
	ServiceError *ServiceError

	hasResult bool
}

// RejectedError says that a meter refused an association, and why.
type RejectedError struct {
	Result       Result
	Diagnostic   Diagnostic
	ServiceError *ServiceError // nil where the meter named none
}

// Error tells result, diagnostic and service error.
func (e *RejectedError) Error() string {
	text := "association rejected"
	if e.Result == RejectedTransient {
		text += " for now"
	}
	text += ": " + e.Diagnostic.String()
	if e.ServiceError != nil {
		text += ", " + e.ServiceError.Error()
	}
	return text
}

// Authentication tells whether the meter says that it is about the password
// or the mechanism.
func (e *RejectedError) Authentication() bool {
	return !e.Diagnostic.Provider && e.Diagnostic.Code >= MechanismNotRecognised && e.Diagnostic.Code <= AuthenticationRequired
}

// Outcome gives what was negotiated, or a *RejectedError, or another error for
// an answer that claims acceptance without granting anything. An answer
// without a result, with a diagnostic, or with a service error inside is never
// an acceptance.
func (a *AARE) Outcome() (InitiateResponse, error) {
	if a.Result != Accepted || a.ServiceError != nil || a.Diagnostic.Code != 0 {
		return InitiateResponse{}, &RejectedError{a.Result, a.Diagnostic, a.ServiceError}
	}
	if a.Initiate == nil {
		return InitiateResponse{}, errors.New("association accepted without an initiate response")
	}
	return *a.Initiate, nil
}

// AppendTo appends the encoding.
func (a *AARE) AppendTo(b []byte) []byte {
	in := wrap(nil, 0xA1, appendField(nil, 0x06, append(bytes.Clone(contextOID), byte(a.Context))...))
	in = wrap(in, 0xA2, []byte{0x02, 1, byte(a.Result)})
	source := byte(identifierOfUserSource)
	if a.Diagnostic.Provider {
		source = identifierOfProvidedSrc
	}
	in = wrap(in, 0xA3, []byte{source, 3, 0x02, 1, a.Diagnostic.Code})
	switch {
	case a.Initiate != nil:
		in = wrap(in, 0xBE, wrap(nil, 0x04, a.Initiate.AppendTo(nil)))
	case a.ServiceError != nil:
		in = wrap(in, 0xBE, wrap(nil, 0x04, a.ServiceError.AppendTo(nil)))
	}
	return wrap(b, TagAARE, in)
}

func decodeAARE(b []byte) (*AARE, error) {
	a := new(AARE)
	err := fields(b, func(f field) error { return a.take(f) })
	if err == nil && !a.hasResult {
		err = errors.New("no result")
	}
	if err != nil {
		return nil, fmt.Errorf("decode AARE: %w", err)
	}
	return a, nil
}

func (a *AARE) take(f field) (err error) {
	var content []byte
	switch f.id {
	case 0xA1:
		if content, err = f.inner(0x06); err == nil {
			a.Context, err = lastOf[Context](content, contextOID)
		}
	case 0xA2:
		var result uint8
		result, err = f.small()
		a.Result, a.hasResult = Result(result), err == nil
	case 0xA3:
		var source field
		if source, _, err = nextField(f.content); err == nil {
			a.Diagnostic.Provider = source.id == identifierOfProvidedSrc
			a.Diagnostic.Code, err = source.small()
		}
	case 0xBE:
		if content, err = f.inner(0x04); err == nil && len(content) > 0 {
			err = a.takeUserInformation(content)
		}
	}
	return err
}

func (a *AARE) takeUserInformation(content []byte) (err error) {
	switch content[0] {
	case TagInitiateResponse:
		a.Initiate, err = decodeInitiateResponse(content)
	case TagConfirmedServiceError:
		a.ServiceError, err = decodeServiceError(content)
	default:
		err = UnknownTagError(content[0])
	}
	return err
}
