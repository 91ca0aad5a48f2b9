package meter

import (
	"context"
	"errors"
	"time"

	"phutai/grid"
)

// Device is an open conversation with one meter. It is used by one goroutine,
// the owner of its line, and every call ends by the context's deadline.
type Device interface {
	// Poll reads the instantaneous values. A partial answer is data: the
	// sample then holds what came, and the error says what did not.
	Poll(ctx context.Context) (grid.Sample, error)
	// History hands the load profile's rows whose interval ends after from and
	// not after to, oldest first, to row, those without values too; an error
	// of row ends the reading.
	// grid.ErrNoHistory if the meter keeps none.
	History(ctx context.Context, from, to time.Time, row func(grid.Sample) error) error
	// Release ends the conversation politely and leaves the line open for the
	// next meter on it. After an error it does what still can be done.
	Release(ctx context.Context) error
}

// Plated is a device whose meter can tell what it is. It is asked within a
// conversation, after a poll that went well. An error leaves the poll's figures
// what they are.
type Plated interface {
	Plate(ctx context.Context) (grid.Plate, error)
}

// ErrNoPlate says that a meter of this profile has nothing to tell about itself.
var ErrNoPlate = errors.New("meter tells nothing about itself")

// reasoned is what the protocols' errors can be asked.
type reasoned interface{ Reason() grid.Reason }

// Reason gives the word under which an absence caused by err is stored. An
// error that no protocol has classed counts as MeterError.
func Reason(err error) grid.Reason {
	var r reasoned
	switch {
	case err == nil:
		return grid.NoReason
	case errors.As(err, &r):
		return r.Reason()
	case errors.Is(err, context.DeadlineExceeded):
		return grid.NoAnswer
	}
	return grid.MeterError
}
