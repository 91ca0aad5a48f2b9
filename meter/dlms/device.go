package dlms

import (
	"context"
	"errors"
	"net"
	"time"

	"phutai/grid"
)

// Conn is the line to the meter. Conn gives the open connection, dialling one
// if there is none; Drop closes it after an error, so that the next Conn dials
// anew.
type Conn interface {
	Conn(ctx context.Context) (net.Conn, error)
	Drop()
}

// Identity is what a meter says about itself. Ratios are zero where the meter
// does not hold them.
type Identity struct {
	Serial       string
	CTNum, CTDen float64
	VTNum, VTDen float64
}

// Device is one meter. It is used by one goroutine, the owner of its line.
type Device struct {
	cfg  Config
	line Conn
}

// New makes a device on a line. It touches nothing; the first call associates.
func New(line Conn, cfg Config) *Device {
	return &Device{cfg: cfg.withDefaults(), line: line}
}

var errNotYet = errors.New("being written")

func (d *Device) Poll(ctx context.Context) (grid.Sample, error) { return grid.Sample{}, errNotYet }
func (d *Device) History(ctx context.Context, from, to time.Time, row func(grid.Sample) error) error {
	return errNotYet
}
func (d *Device) Release(ctx context.Context) error              { return nil }
func (d *Device) Identity(ctx context.Context) (Identity, error) { return Identity{}, errNotYet }
