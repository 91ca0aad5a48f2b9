package collector

import (
	"context"

	"phutai/grid"
	"phutai/meter"
)

// Lines opens a line by its address, such as tcp://10.1.2.3:502. Opening dials
// nothing; an address that cannot be understood is the error.
type Lines interface {
	Line(address string) (Line, error)
}

// Line is one way to a group of meters, with one connection that they share.
// Its owner calls it from one goroutine.
type Line interface {
	// Open makes the device of a meter and sends nothing yet.
	Open(m grid.Meter) (meter.Device, error)
	// Drop closes the connection until a device needs it again.
	Drop()
	// Close ends the line.
	Close() error
}

// Uplink is the way to the center.
type Uplink interface {
	// PublishBatch hands a batch over; nil does not mean that it arrived.
	PublishBatch(context.Context, grid.Batch) error
	// Connected tells whether trying makes sense now.
	Connected() bool
}
