package modbus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"phutai/grid"
)

// Config says how one meter is read.
type Config struct {
	Unit         byte
	Registers    []Register
	MaxRegisters int           // in one request; zero: 125
	MaxGap       int           // registers read in vain to save a request
	Timeout      time.Duration // of one exchange; zero: DefaultTimeout
	Pause        time.Duration // between two exchanges, for meters that need it
}

// Device is one meter behind a Channel. It belongs to the channel's goroutine.
type Device struct {
	unit   *Unit
	cfg    Config
	blocks []block
}

// New makes the device of one unit. It sends nothing yet.
func New(ch *Channel, cfg Config) *Device {
	d := &Device{unit: NewUnit(ch, cfg.Unit, cfg.Timeout, cfg.Pause), cfg: cfg}
	d.regroup()
	return d
}

func (d *Device) regroup() {
	d.blocks = batch(d.cfg.Registers, d.cfg.MaxRegisters, d.cfg.MaxGap)
}

// RefusedError names a register that the meter refuses when it is asked for
// alone. It is asked for again by each poll: one refusal may be a mistake.
type RefusedError struct {
	Register Register
	Err      *Exception
}

// Error names the register and the exception.
func (e *RefusedError) Error() string { return fmt.Sprintf("%v: %v", &e.Register, e.Err) }

// Unwrap gives the exception.
func (e *RefusedError) Unwrap() error { return e.Err }

// Poll reads all registers. A block that the meter refuses is halved until the
// refused registers stand alone, each a *RefusedError; the rest is read. Any
// other error ends the poll, with what came until then.
func (d *Device) Poll(ctx context.Context) (grid.Sample, error) {
	var sum tally
	var refused []error
	for i := 0; i < len(d.blocks); {
		b := d.blocks[i]
		data, err := d.unit.Read(ctx, b.function, uint16(b.start), uint16(b.count))
		var e *Exception
		switch {
		case err == nil:
			sum.add(b, data)
			i++
		case !errors.As(err, &e) || e.silent() || e.busy():
			d.regroup() // the meter may come back as another
			err = fmt.Errorf("read %d registers from %d: %w", b.count, b.start, err)
			// It comes first: the reason of the absence is taken from it.
			return sum.sample(d.cfg.Registers), errors.Join(append([]error{err}, refused...)...)
		case e.refusesBlock() && len(b.parts) > 1:
			d.replace(i, b.split())
		default:
			for _, r := range b.parts {
				refused = append(refused, &RefusedError{*r, e})
			}
			i++
		}
	}
	return sum.sample(d.cfg.Registers), errors.Join(refused...)
}

// replace puts the parts in place of block i; they stay until the next
// failure or Release, so that a hole in the map costs its exchanges once.
func (d *Device) replace(i int, parts []block) {
	blocks := make([]block, 0, len(d.blocks)+len(parts)-1)
	blocks = append(append(blocks, d.blocks[:i]...), parts...)
	d.blocks = append(blocks, d.blocks[i+1:]...)
}

// History gives grid.ErrNoHistory: no map that we know has a load profile.
func (d *Device) History(context.Context, time.Time, time.Time, func(grid.Sample) error) error {
	return grid.ErrNoHistory
}

// Release forgets what was learned of refused blocks; Modbus has no
// conversation to end. The connection stays for the other units.
func (d *Device) Release(context.Context) error {
	d.regroup()
	return nil
}

// tally adds up the figures of each quantity and how many came.
type tally struct {
	sum  [grid.NumQuantities]float64
	seen [grid.NumQuantities]int
}

func (t *tally) add(b block, data []byte) {
	for _, r := range b.parts {
		at := 2 * (int(r.Address) - b.start)
		if x, ok := r.Figure(data[at : at+2*r.Type.Words()]); ok && r.Quantity < grid.NumQuantities {
			t.sum[r.Quantity] += x
			t.seen[r.Quantity]++
		}
	}
}

// sample holds the quantities of which every register came.
func (t *tally) sample(registers []Register) grid.Sample {
	var want [grid.NumQuantities]int
	for i := range registers {
		if q := registers[i].Quantity; q < grid.NumQuantities {
			want[q]++
		}
	}
	var s grid.Sample
	for q, n := range t.seen {
		if n > 0 && n == want[q] {
			s.Values.Set(grid.Quantity(q), t.sum[q])
		}
	}
	return s
}
