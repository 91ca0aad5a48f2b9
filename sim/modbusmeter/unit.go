package modbusmeter

import (
	"time"

	"phutai/grid"
)

// Source is what a meter measures.
type Source interface {
	// Instant gives the figures at a moment: secondary side, in the units of
	// their quantities. A quantity that is absent is shown as no number.
	Instant(at time.Time) grid.Values
}

// Fault is how a unit misbehaves.
type Fault uint8

// The faults; the zero value is a healthy unit.
const (
	Healthy     Fault = iota
	Silent            // never answers; the gateway keeps quiet too
	Unreachable       // the gateway answers exception 0x0B for it
	Unavailable       // the gateway answers exception 0x0A for it
	BusyOnce          // exception 6 to every other request
	Short             // one register instead of those asked for, with a byte count that fits
	WrongCount        // a byte count that does not fit the bytes
	Foreign           // answers as if another function had been asked
	OtherUnit         // answers under another unit id
	Stale             // sends an answer to an older request before the right one
	Garbage           // bytes that are no frame
	Hangup            // closes the connection instead of answering
	HalfAnswer        // closes the connection in the middle of the answer
	Hole              // exception 2 for any request that touches register 52 or 53
)

// Unit is one meter behind the gateway.
type Unit struct {
	Source Source
	Fault  Fault
	Delay  time.Duration // before each answer, beside the gateway's
}
