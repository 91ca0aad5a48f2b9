package dlms

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"phutai/grid"
	"phutai/meter/dlms/apdu"
)

// Class sorts errors by what can be done about them.
type Class uint8

// The classes.
const (
	Unreachable  Class = iota + 1 // the line could not be opened
	Timeout                       // no answer in time: ask again later
	LinkReset                     // the connection broke: dial anew
	Rejected                      // the meter refused the association: check password and client
	AccessDenied                  // the meter refused the request: check the profile of the meter
	Malformed                     // what came is not DLMS
	Busy                          // the meter serves someone else: ask again later
)

var classNames = [...]string{"unknown", "unreachable", "timeout", "link reset", "rejected", "access denied", "malformed", "busy"}

// String gives the name in words.
func (c Class) String() string {
	if int(c) >= len(classNames) {
		return classNames[0]
	}
	return classNames[c]
}

// Error is a conversation that failed. Partial answers are a PartialError.
type Error struct {
	Class Class
	Op    string // what we were doing
	Err   error
}

// Error tells what we were doing, the class and the cause.
func (e *Error) Error() string { return fmt.Sprintf("%s: %v: %v", e.Op, e.Class, e.Err) }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Reason gives the word for the register of absences. A refused association
// counts as a wrong password unless the meter says that it is about something
// other than who we are.
func (e *Error) Reason() grid.Reason {
	switch e.Class {
	case Unreachable:
		return grid.NoRoute
	case Timeout, LinkReset:
		return grid.NoAnswer
	case Rejected:
		var r *apdu.RejectedError
		if errors.As(e.Err, &r) && !r.Authentication() && (r.ServiceError != nil || r.Diagnostic.Provider || r.Diagnostic.Code == apdu.ContextNotSupported) {
			return grid.MeterError
		}
		return grid.WrongPassword
	}
	return grid.MeterError
}

// Missing is one attribute that a meter did not give.
type Missing struct {
	Attribute apdu.Attribute
	Err       error // an apdu.AccessResult, or why the value cannot be used
}

// PartialError lists what is missing from an answer; the rest is good.
type PartialError struct{ Missing []Missing }

// Error lists the attributes, and why each is missing.
func (e *PartialError) Error() string {
	var b strings.Builder
	b.WriteString("meter did not give ")
	for i, m := range e.Missing {
		if i > 0 {
			b.WriteString("; ")
		}
		fmt.Fprintf(&b, "%v (%v)", m.Attribute, m.Err)
	}
	return b.String()
}

// Reason is grid.MeterError.
func (e *PartialError) Reason() grid.Reason { return grid.MeterError }

// failed wraps an error of the connection with its class.
func failed(ctx context.Context, op string, err error) error {
	class := LinkReset
	switch {
	case ctx.Err() != nil:
		class, err = Timeout, ctx.Err()
	case errors.Is(err, os.ErrDeadlineExceeded):
		class = Timeout
	case errors.Is(err, io.EOF):
		err = errors.New("meter closed the connection")
	}
	return &Error{class, op, err}
}

func malformed(op string, err error) error { return &Error{Malformed, op, err} }

// lost tells whether a conversation that stood before may simply be gone, so
// that a new one is worth one try.
func lost(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	var exception *apdu.Exception
	return e.Class == LinkReset ||
		errors.As(err, &exception) && exception.State == apdu.ServiceNotAllowed
}
