package apdu

import "fmt"

// ServiceError is a confirmedServiceError: a meter that could not even take up
// a service says so with it. As a value it is an error.
type ServiceError struct {
	Service  uint8 // 1 initiate, 5 read …
	Category uint8 // 6 initiate …
	Code     uint8
}

// initiateCategory holds errors of the initiate service.
const initiateCategory = 6

var initiateErrors = [...]string{"other", "DLMS version too low", "incompatible conformance", "PDU size too short", "refused by the VDE handler"}

// Error tells service, category and code.
func (e *ServiceError) Error() string {
	if e.Category == initiateCategory && int(e.Code) < len(initiateErrors) {
		return "initiate error: " + initiateErrors[e.Code]
	}
	return fmt.Sprintf("confirmed service error: service %d, category %d, code %d", e.Service, e.Category, e.Code)
}

// AppendTo appends the encoding.
func (e *ServiceError) AppendTo(b []byte) []byte {
	return append(b, TagConfirmedServiceError, e.Service, e.Category, e.Code)
}

func decodeServiceError(b []byte) (*ServiceError, error) {
	if len(b) < 4 {
		return nil, ErrTruncated
	}
	return &ServiceError{b[1], b[2], b[3]}, nil
}

// Exception is an exception-response: the meter refuses a request as a whole.
// As a value it is an error.
type Exception struct {
	State   uint8
	Service uint8
}

// The values of an exception that matter here.
const (
	ServiceNotAllowed   = 1 // state: no association, or not with this client
	ServiceUnknown      = 2 // state
	OperationNotPossib  = 1 // service
	ServiceNotSupported = 2 // service
	OtherReason         = 3 // service
)

var (
	exceptionStates   = map[uint8]string{ServiceNotAllowed: "service not allowed", ServiceUnknown: "service unknown"}
	exceptionServices = map[uint8]string{OperationNotPossib: "operation not possible", ServiceNotSupported: "service not supported", OtherReason: "other reason", 4: "PDU too long", 5: "deciphering error", 6: "invocation counter error"}
)

// Error tells state and service.
func (e *Exception) Error() string {
	return "exception-response: " + named(exceptionStates, e.State) + ", " + named(exceptionServices, e.Service)
}

func named(names map[uint8]string, code uint8) string {
	if name, ok := names[code]; ok {
		return name
	}
	return fmt.Sprintf("code %d", code)
}

// AppendTo appends the encoding.
func (e *Exception) AppendTo(b []byte) []byte {
	return append(b, TagExceptionResponse, e.State, e.Service)
}

func decodeException(b []byte) (*Exception, error) {
	if len(b) < 3 {
		return nil, ErrTruncated
	}
	return &Exception{b[1], b[2]}, nil
}

// AccessResult is why one attribute was not given. As a value it is an error;
// Success is none.
type AccessResult uint8

// The results that matter here (IEC 62056-5-3, Data-Access-Result).
const (
	Success             AccessResult = 0
	HardwareFault       AccessResult = 1
	TemporaryFailure    AccessResult = 2
	ReadWriteDenied     AccessResult = 3
	ObjectUndefined     AccessResult = 4
	ClassInconsistent   AccessResult = 9
	ObjectUnavailable   AccessResult = 11
	TypeUnmatched       AccessResult = 12
	ScopeViolated       AccessResult = 13
	BlockUnavailable    AccessResult = 14
	LongGetAborted      AccessResult = 15
	NoLongGetInProgress AccessResult = 16
	BlockNumberInvalid  AccessResult = 19
	OtherAccessFailure  AccessResult = 250
)

var accessNames = map[AccessResult]string{
	Success: "success", HardwareFault: "hardware fault", TemporaryFailure: "temporary failure",
	ReadWriteDenied: "read-write denied", ObjectUndefined: "object undefined",
	ClassInconsistent: "object class inconsistent", ObjectUnavailable: "object unavailable",
	TypeUnmatched: "type unmatched", ScopeViolated: "scope of access violated",
	BlockUnavailable: "data block unavailable", LongGetAborted: "long get aborted",
	NoLongGetInProgress: "no long get in progress", BlockNumberInvalid: "data block number invalid",
	OtherAccessFailure: "other reason",
}

// Error gives the result in words.
func (r AccessResult) Error() string {
	if name, ok := accessNames[r]; ok {
		return name
	}
	return fmt.Sprintf("access result %d", uint8(r))
}
