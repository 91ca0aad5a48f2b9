package line

import (
	"fmt"

	"phutai/grid"
)

// DialError says that a line could not be opened. Nothing is known of the
// meters behind it.
type DialError struct {
	Address string
	Err     error
}

// Error names the line and the cause.
func (e *DialError) Error() string { return fmt.Sprintf("open line %s: %v", e.Address, e.Err) }

// Unwrap gives the cause.
func (e *DialError) Unwrap() error { return e.Err }

// Reason is NoRoute.
func (e *DialError) Reason() grid.Reason { return grid.NoRoute }
