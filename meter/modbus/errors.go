package modbus

import (
	"fmt"

	"phutai/grid"
)

// Exception is the refusal of a request by a meter or by the gateway before
// it (MODBUS Application Protocol V1.1b3, section 7).
type Exception struct {
	Unit     byte
	Function byte // as requested
	Code     byte
}

// The exception codes that are treated differently from the rest.
const (
	IllegalFunction    = 1
	IllegalAddress     = 2
	IllegalValue       = 3
	Acknowledge        = 5 // the meter works on it: ask again
	Busy               = 6
	NoPath             = 0x0A // of a gateway
	TargetDoesNotReply = 0x0B // of a gateway
)

// Error names the unit and the code.
func (e *Exception) Error() string {
	return fmt.Sprintf("unit %d refuses function %d with exception %d (%s)", e.Unit, e.Function, e.Code, e.text())
}

func (e *Exception) text() string {
	switch e.Code {
	case IllegalFunction:
		return "illegal function"
	case IllegalAddress:
		return "illegal data address"
	case IllegalValue:
		return "illegal data value"
	case Acknowledge:
		return "acknowledge"
	case Busy:
		return "device busy"
	case NoPath:
		return "gateway path unavailable"
	case TargetDoesNotReply:
		return "gateway target does not respond"
	}
	return "device failure"
}

// Reason is NoAnswer where a gateway says that the meter is silent, else
// MeterError.
func (e *Exception) Reason() grid.Reason {
	if e.silent() {
		return grid.NoAnswer
	}
	return grid.MeterError
}

func (e *Exception) silent() bool { return e.Code == NoPath || e.Code == TargetDoesNotReply }
func (e *Exception) busy() bool   { return e.Code == Acknowledge || e.Code == Busy }

// refusesBlock tells whether a smaller block may be answered.
func (e *Exception) refusesBlock() bool { return e.Code >= IllegalFunction && e.Code <= IllegalValue }

// SilentError says that no answer came: the time ran out or the other side
// closed the connection.
type SilentError struct {
	Unit byte
	Err  error
}

// Error names the unit and the cause.
func (e *SilentError) Error() string { return fmt.Sprintf("no answer of unit %d: %v", e.Unit, e.Err) }

// Unwrap gives the cause.
func (e *SilentError) Unwrap() error { return e.Err }

// Reason is NoAnswer.
func (e *SilentError) Reason() grid.Reason { return grid.NoAnswer }

// FrameError says that the answer is no answer to the request.
type FrameError struct {
	Unit byte
	Text string
}

// Error names the unit and what is wrong.
func (e *FrameError) Error() string {
	return fmt.Sprintf("answer of unit %d is not usable: %s", e.Unit, e.Text)
}

// Reason is MeterError.
func (e *FrameError) Reason() grid.Reason { return grid.MeterError }

// WriteRefused says that our own side refused to send a function that is not
// one of the reads.
type WriteRefused struct{ Function byte }

// Error names the function.
func (e *WriteRefused) Error() string {
	return fmt.Sprintf("modbus function %d is not sent: only the reads 1 to 4 are", e.Function)
}

// Reason is MeterError.
func (e *WriteRefused) Reason() grid.Reason { return grid.MeterError }
