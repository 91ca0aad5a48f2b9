package meter

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"phutai/grid"
)

// ImplausibleError lists figures that were left out because they cannot be true.
type ImplausibleError struct {
	Figures []string // as "ua=1e+09"
}

// Error lists the figures.
func (e *ImplausibleError) Error() string {
	return "figures that cannot be true were left out: " + strings.Join(e.Figures, ", ")
}

// Reason is OutOfRange.
func (e *ImplausibleError) Reason() grid.Reason { return grid.OutOfRange }

// plausible stands between a device and those who believe it.
type plausible struct {
	device Device
	limits Limits
	last   grid.Values // counters of the poll before
}

func newPlausible(d Device, l Limits) *plausible { return &plausible{device: d, limits: l} }

// Poll passes on what can be true. Counters that ran backwards are suspect.
func (p *plausible) Poll(ctx context.Context) (grid.Sample, error) {
	s, err := p.device.Poll(ctx)
	dropped := check(&s, p.limits)
	p.counters(&s)
	if len(dropped) > 0 {
		err = errors.Join(err, &ImplausibleError{dropped})
	}
	return s, err
}

// History passes on all rows. One in which nothing is left says so: there is a
// row in the meter, and what it holds cannot be true.
func (p *plausible) History(ctx context.Context, from, to time.Time, row func(grid.Sample) error) error {
	return p.device.History(ctx, from, to, func(s grid.Sample) error {
		if dropped := check(&s, p.limits); len(dropped) > 0 {
			why := &ImplausibleError{dropped}
			s.Detail = why.Error()
			if s.Values.Len() == 0 {
				s.Missing = why.Reason()
			}
		}
		return row(s)
	})
}

// Plate passes on; ErrNoPlate where the device has none.
func (p *plausible) Plate(ctx context.Context) (grid.Plate, error) {
	d, ok := p.device.(Plated)
	if !ok {
		return grid.Plate{}, ErrNoPlate
	}
	return d.Plate(ctx)
}

// Release passes on.
func (p *plausible) Release(ctx context.Context) error { return p.device.Release(ctx) }

func (p *plausible) counters(s *grid.Sample) {
	for q := grid.EaImp; q <= grid.ErExp; q++ {
		x, ok := s.Values.Get(q)
		if !ok {
			continue
		}
		// A meter that was replaced or reset is suspect once, not for ever.
		if before, known := p.last.Get(q); known && x < before {
			s.Quality = s.Quality.With(q, grid.Suspect)
		}
		p.last.Set(q, x)
	}
}

// check leaves out what cannot be true and grades what does not fit together.
func check(s *grid.Sample, l Limits) (dropped []string) {
	for q, x := range s.Values.All() {
		y, ok := bound(q, x, l)
		switch {
		case !ok:
			s.Values.Unset(q)
			s.Quality = s.Quality.With(q, grid.Good)
			dropped = append(dropped, fmt.Sprintf("%s=%g", q, x))
		case y != x:
			s.Values.Set(q, y)
		}
	}
	for _, q := range mismatched(&s.Values) {
		s.Quality = s.Quality.With(q, max(s.Quality.Of(q), grid.Suspect))
	}
	return dropped
}

// pfSlack is how far rounding takes a power factor beyond 1.
const pfSlack = 0.02

// bound gives the figure to keep, and false where it cannot be true.
func bound(q grid.Quantity, x float64, l Limits) (float64, bool) {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return 0, false
	}
	switch q {
	case grid.Ua, grid.Ub, grid.Uc:
		return x, x >= 0 && x <= l.VoltageMax
	case grid.Ia, grid.Ib, grid.Ic, grid.In:
		return x, x >= 0 && x <= l.CurrentMax
	case grid.F:
		return x, x == 0 || x >= l.FrequencyMin && x <= l.FrequencyMax
	case grid.Pf:
		return max(-1, min(1, x)), math.Abs(x) <= 1+pfSlack
	case grid.S:
		return x, x >= 0 && x <= l.powerMax()
	case grid.P, grid.Q, grid.Pa, grid.Pb, grid.Pc, grid.Qa, grid.Qb, grid.Qc:
		return x, math.Abs(x) <= l.powerMax()
	case grid.EaImp, grid.EaExp, grid.ErImp, grid.ErExp:
		return x, x >= 0
	}
	return x, true
}
