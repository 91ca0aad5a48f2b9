// Package notify carries pages to people: it writes their texts in Vietnamese
// and English, sends them over channels (log, file, webhook) and retries from a
// durable outbox until each is delivered or given up.
//
// Delivery is at least once. Every message carries a key made of the alarm's
// episode and step, the same on each attempt, by which a receiver can tell a
// repetition. A message is never changed once it stands in the outbox.
package notify

import (
	"context"
	"errors"
	"time"

	"phutai/grid"
)

// Change is what happened to an alarm that people are told of.
type Change string

// The changes.
const (
	Raised   Change = "raised"
	Worsened Change = "worsened" // the severity rose within the episode
	Cleared  Change = "cleared"  // fresh, good data show it normal again
	// Withdrawn says that what the alarm is about has left the register: nobody
	// looks at it any more, which is not a return to normal.
	Withdrawn Change = "withdrawn"
)

// Station is what people call the place, and how they find it.
type Station struct {
	Substation  string // name
	Transformer string // name or code, where the station has several
	RatedKVA    float64
	Feeder      string
	Unit        string
	Pole        string
	KeeperPhone string
	Priority    string
}

// Message is one page as it stands in the outbox.
type Message struct {
	Key    string     `json:"key"` // episode/step, the idempotency key
	Change Change     `json:"change"`
	At     time.Time  `json:"at"`
	Title  string     `json:"title"`
	SMS    string     `json:"sms"`  // one part of GSM-7, at most 160 characters
	Text   string     `json:"text"` // full form
	Alarm  grid.Alarm `json:"alarm"`
}

// Channel carries messages to people. Send returns nil once the receiver has
// taken the message over; an error is retried unless it is Permanent.
type Channel interface {
	Name() string
	Send(ctx context.Context, m Message) error
}

// Permanent wraps an error that no further attempt will mend, such as an
// address that does not exist.
type Permanent struct{ Err error }

// Error gives the wrapped error's text.
func (p Permanent) Error() string { return p.Err.Error() }

// Unwrap gives the wrapped error.
func (p Permanent) Unwrap() error { return p.Err }

// permanent tells whether err says that retrying is of no use.
func permanent(err error) bool {
	var p Permanent
	return errors.As(err, &p)
}
