package collector

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"phutai/grid"
	"phutai/meter"
)

// warnEvery is how often the log tells aloud that a meter answers in part, of one meter.
const warnEvery = time.Hour

// await waits for leave to ask a meter; the caller calls release afterwards.
func (o *owner) await(ctx context.Context) (release func(), err error) {
	select {
	case o.c.turns <- struct{}{}:
		ended := o.c.pulse.began(o)
		return func() { ended(); <-o.c.turns }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// device gives the meter's device, made once.
func (o *owner) device(m *metered) (meter.Device, error) {
	if m.device == nil {
		d, err := o.line.Open(m.Meter)
		if err != nil {
			return nil, &undeclared{err}
		}
		m.device = d
	}
	return m.device, nil
}

// undeclared is a meter that cannot be asked as it stands in the register.
type undeclared struct{ err error }

func (e *undeclared) Error() string       { return e.err.Error() }
func (e *undeclared) Unwrap() error       { return e.err }
func (e *undeclared) Reason() grid.Reason { return grid.NotDeclared }

// poll asks a meter for its slot and commits what it says, or why it says
// nothing. One failure ends the meter's turn.
func (o *owner) poll(ctx context.Context, m *metered) {
	sample, err := o.ask(ctx, m)
	if err != nil && (o.turns.Err() != nil || errors.Is(err, context.Canceled)) {
		return // the slot is still due when this line is taken up again
	}
	now := o.c.parts.Clock.Now()
	var r grid.Reading
	var why grid.Reason
	if sample.Values.Len() > 0 {
		r = o.reading(m, sample, now)
		r.Plate, m.plate = m.plate, nil
		if err != nil {
			r.Detail = o.inPart(m, &sample.Values, err, now)
		}
	} else {
		if err == nil {
			err = fmt.Errorf("the answer holds no usable value")
		}
		why = meter.Reason(err)
		r = absence(m, now, why, err.Error())
		o.c.count.failed(now, m.ID, err)
	}
	o.c.intake.live(context.WithoutCancel(ctx), []grid.Reading{r})
	m.next = nextSlot(m.next, m.every, Offset(m.ID, m.every, o.c.cfg.Spread))
	o.lineState(why, err, now)
	o.settle(m, why, now)
}

// inPart gives the words that go with a reading of which something is missing:
// why there is no current to judge the load by, or which figures were refused. A
// register that the meter does not have is no news in each reading.
func (o *owner) inPart(m *metered, v *grid.Values, err error, now time.Time) (detail string) {
	log := o.log.Debug
	current := v.Has(grid.Ia) || v.Has(grid.Ib) || v.Has(grid.Ic)
	if _, refused := errors.AsType[*meter.ImplausibleError](err); refused || !current {
		detail = shorten(err.Error())
		if now.Sub(m.warned) >= warnEvery {
			log, m.warned = o.log.Warn, now
		}
	}
	log("meter answered in part", zap.String("meter", string(m.ID)), zap.Bool("currents", current), zap.Error(err))
	return detail
}

func (o *owner) ask(ctx context.Context, m *metered) (grid.Sample, error) {
	dev, err := o.device(m)
	if err != nil {
		return grid.Sample{}, err
	}
	release, err := o.await(ctx)
	if err != nil {
		return grid.Sample{}, err
	}
	defer release()
	ctx, cancel := context.WithTimeout(o.turns, o.c.cfg.TurnTimeout)
	defer cancel()
	o.used, m.asked = true, o.c.parts.Clock.Now()
	sample, err := dev.Poll(ctx)
	if sample.Values.Len() > 0 {
		m.plate = o.plate(ctx, m, dev)
	}
	return sample, err
}

// plateEvery is how often a meter is asked what it is: a meter or a setting that
// was exchanged is then known within the day.
const plateEvery = 12 * time.Hour

// plate asks the meter what it is where that is due; nil: nothing is known. The
// question is not repeated before the next one is due, whatever becomes of it.
func (o *owner) plate(ctx context.Context, m *metered, dev meter.Device) *grid.Plate {
	d, ok := dev.(meter.Plated)
	now := o.c.parts.Clock.Now()
	if age := now.Sub(m.plateAt); !ok || age >= 0 && age < plateEvery {
		return nil
	}
	m.plateAt = now
	p, err := d.Plate(ctx)
	if err != nil {
		o.log.Debug("meter does not tell what it is", zap.String("meter", string(m.ID)), zap.Error(err))
		return nil
	}
	if p == (grid.Plate{}) {
		return nil
	}
	return &p
}

// reading stamps a sample with the collector's clock.
func (o *owner) reading(m *metered, s grid.Sample, now time.Time) grid.Reading {
	if m.clockKnown = !s.Clock.IsZero(); m.clockKnown {
		m.clockOffset = offset(s.Clock, m.asked, now).Truncate(time.Millisecond)
	}
	return grid.Reading{
		Point: m.Point, Source: grid.Instant, At: stamp(now), PolledAt: stamp(now),
		ClockKnown: m.clockKnown, ClockOffset: m.clockOffset, Values: s.Values, Quality: s.Quality,
	}
}

// offset gives by how much a meter's clock is off at least: it was read at some
// moment between the question and the answer, and a slow answer is no wrong clock.
func offset(clock, asked, answered time.Time) time.Duration {
	switch {
	case clock.After(answered):
		return clock.Sub(answered)
	case clock.Before(asked):
		return clock.Sub(asked)
	}
	return 0
}

// settle keeps the meter's breaker after a turn.
func (o *owner) settle(m *metered, why grid.Reason, now time.Time) {
	switch why {
	case grid.NoReason:
		if m.fails >= openAfter {
			o.log.Info("meter answers again", zap.String("meter", string(m.ID)))
		}
		o.mark(m, why)
		if !m.contacted {
			m.contacted, m.past.tailAt = true, now
		}
	case grid.NoRoute: // the line's fault; its breaker stands for all its meters
	default:
		o.mark(m, why)
		m.probeAt = now.Add(probeAfter(m.ID, m.fails))
		if m.fails == openAfter {
			o.log.Warn("meter does not answer, asking less often", zap.String("meter", string(m.ID)), zap.Stringer("reason", why))
		}
	}
}

// mark counts a turn of a meter, and how many meters are down.
func (o *owner) mark(m *metered, why grid.Reason) {
	was := m.fails >= openAfter
	if m.lastReason = why; why == grid.NoReason {
		m.fails, m.probeAt = 0, time.Time{}
	} else {
		m.fails++
	}
	if is := m.fails >= openAfter; is && !was {
		o.c.count.metersDown.Add(1)
	} else if was && !is {
		o.c.count.metersDown.Add(-1)
	}
}

// lineState keeps the line's breaker after a turn of any of its meters; err is
// what the reason was taken from.
func (o *owner) lineState(why grid.Reason, err error, now time.Time) {
	if why == grid.NoRoute {
		o.fails++
		o.redial = now.Add(redialAfter(grid.MeterID(o.address), o.fails))
		if o.fails == 1 {
			o.c.count.linesDown.Add(1)
			o.log.Warn("line cannot be opened", zap.Error(err), zap.Time("again", o.redial))
		}
		return
	}
	if o.lineUp() {
		o.log.Info("line is open again")
	}
}

// lineUp lets the line count as one that can be opened, and tells whether it did not.
func (o *owner) lineUp() bool {
	down := o.fails > 0
	o.fails, o.redial = 0, time.Time{}
	if down {
		o.c.count.linesDown.Add(-1)
	}
	return down
}
