package collector

import (
	"cmp"
	"context"
	"slices"
	"time"

	"go.uber.org/zap"

	"phutai/grid"
	"phutai/meter"
)

// partingTime bounds a polite good-bye to a meter, in real time.
const partingTime = 300 * time.Millisecond

// mostMissed bounds the absences stored for slots that passed while nobody
// looked, as when the machine slept: a day of five-minute slots.
const mostMissed = 288

// metered is a meter with what its owner knows of it.
type metered struct {
	grid.Meter
	every       time.Duration
	next        time.Time // its slot
	device      meter.Device
	contacted   bool // has answered since the start
	fails       int  // failed turns in a row
	probeAt     time.Time
	lastReason  grid.Reason
	warned      time.Time // of answering in part
	clockKnown  bool
	clockOffset time.Duration
	asked       time.Time   // when its turn began, without the wait for leave
	plateAt     time.Time   // when the meter was last asked what it is
	plate       *grid.Plate // what it said in this turn
	past        past
}

// owner works one line. Its fields belong to the goroutine in run, and between
// two runs to supervise.
type owner struct {
	c       *Collector
	log     *zap.Logger
	address string
	plan    []grid.Meter
	turns   context.Context // of the turns that are under way; ends no sooner than the one of run
	stop    context.CancelFunc
	done    <-chan struct{}

	line    Line
	lineErr error // the address cannot be understood
	meters  []*metered
	turn    int  // rotates who is first with its history
	used    bool // since the connection was last dropped
	fails   int  // failed dials in a row
	redial  time.Time
}

func newOwner(c *Collector, address string) *owner {
	o := &owner{c: c, address: address, log: c.log.With(zap.String("line", address))}
	o.line, o.lineErr = c.parts.Lines.Line(address)
	if o.lineErr != nil {
		o.log.Error("line not usable, its meters are absent", zap.Error(o.lineErr))
	}
	return o
}

// adopt takes a new list of meters. Those that stay as they are keep their slot,
// their device and their breaker.
func (o *owner) adopt(ctx context.Context, meters []grid.Meter) {
	now := o.c.parts.Clock.Now()
	old := o.meters
	o.plan, o.meters = meters, make([]*metered, 0, len(meters))
	for _, m := range meters {
		i := slices.IndexFunc(old, func(k *metered) bool { return k != nil && k.Meter == m }) // nil: stays, and has been taken over
		if i >= 0 {
			o.meters = append(o.meters, old[i])
			old[i] = nil
			continue
		}
		every := m.Every
		if every < time.Second {
			every = o.c.cfg.Every
		}
		o.meters = append(o.meters, &metered{
			Meter: m, every: every, next: nextSlot(now, every, Offset(m.ID, every, o.c.cfg.Spread)),
			past: past{none: o.c.cfg.HistoryDepth <= 0},
		})
	}
	for _, k := range old {
		if k != nil {
			o.part(ctx, k)
			o.mark(k, grid.NoReason)
		}
	}
}

// run works the line until ctx ends.
func (o *owner) run(ctx context.Context) {
	for ctx.Err() == nil {
		o.heed(ctx)
		now := o.c.parts.Clock.Now()
		o.replan(now)
		if due := o.due(now); len(due) > 0 {
			o.serve(ctx, now, due)
			continue
		}
		wake := o.nextPoll()
		if now.Before(o.redial) || o.line == nil {
			wake = earlier(wake, o.redial, now)
		} else if m, what, at := o.nextHistory(now); m != nil {
			o.turn++
			o.readHistory(ctx, m, what)
			continue
		} else {
			wake = earlier(wake, at, now)
		}
		if wake.Sub(now) > o.c.cfg.KeepOpen {
			o.drop(ctx)
		}
		if o.rest(ctx, wake) != nil {
			return
		}
	}
}

// earlier gives at if it lies between now and wake.
func earlier(wake, at, now time.Time) time.Time {
	if at.After(now) && at.Before(wake) {
		return at
	}
	return wake
}

// nextPoll gives the earliest slot.
func (o *owner) nextPoll() time.Time {
	first := o.meters[0].next
	for _, m := range o.meters[1:] {
		if m.next.Before(first) {
			first = m.next
		}
	}
	return first
}

// due gives the meters whose slot has come: the living in the order of their
// slots, then those that failed, so that a dead one costs only its own time.
func (o *owner) due(now time.Time) []*metered {
	var due []*metered
	for _, m := range o.meters {
		if !now.Before(m.next) {
			due = append(due, m)
		}
	}
	slices.SortStableFunc(due, func(a, b *metered) int {
		return cmp.Or(cmp.Compare(a.fails, b.fails), a.next.Compare(b.next))
	})
	return due
}

// serve states the absence of the meters that are not to be asked now and asks
// the first of the others. The rest is looked at anew, because meanwhile others
// may have come before it.
func (o *owner) serve(ctx context.Context, now time.Time, due []*metered) {
	var out []grid.Reading
	var ask *metered
	for _, m := range due {
		reason, detail := o.unasked(m, now)
		if reason == grid.NoReason && ask != nil {
			continue
		}
		out = append(out, o.missed(m, now)...)
		if reason == grid.NoReason {
			ask = m
			continue
		}
		out = append(out, absence(m, now, reason, detail))
		m.next = nextSlot(m.next, m.every, Offset(m.ID, m.every, o.c.cfg.Spread))
	}
	if len(out) > 0 {
		o.c.intake.live(context.WithoutCancel(ctx), out)
	}
	if ask != nil {
		o.poll(ctx, ask)
	}
}

// unasked gives the reason for which a meter is not asked in this slot, if any.
func (o *owner) unasked(m *metered, now time.Time) (grid.Reason, string) {
	switch {
	case o.line == nil:
		return grid.NotDeclared, o.lineErr.Error()
	case now.Before(o.redial):
		return grid.NoRoute, "the line could not be opened and is tried again later"
	case now.Before(m.probeAt):
		return m.lastReason, "not asked: it has not answered lately and is tried again later"
	}
	return grid.NoReason, ""
}

// missed moves m on to its newest slot and states the absence of those between.
func (o *owner) missed(m *metered, now time.Time) []grid.Reading {
	var out []grid.Reading
	off := Offset(m.ID, m.every, o.c.cfg.Spread)
	newest := nextSlot(now.Add(-m.every), m.every, off)
	if n := int(newest.Sub(m.next) / m.every); n > mostMissed {
		o.c.count.missed.Add(uint64(n - mostMissed))
		m.next = newest.Add(-mostMissed * m.every)
	}
	reason, detail := grid.Late, "the line was busy in this slot"
	if m.fails > 0 {
		// It is this meter's own silence that has taken so long.
		reason, detail = m.lastReason, "not asked: its last turn without an answer lasted beyond this slot"
	}
	for m.next.Before(newest) {
		o.c.count.missed.Add(1)
		out = append(out, absence(m, now, reason, detail))
		m.next = nextSlot(m.next, m.every, off)
	}
	return out
}

func absence(m *metered, now time.Time, why grid.Reason, detail string) grid.Reading {
	return grid.Reading{
		Point: m.Point, Source: grid.Instant, At: stamp(m.next), PolledAt: stamp(now), Missing: why, Detail: shorten(detail),
	}
}

// drop says good-bye to all meters and closes the connection.
func (o *owner) drop(ctx context.Context) {
	if !o.used || o.line == nil {
		return
	}
	for _, m := range o.meters {
		o.part(ctx, m)
	}
	o.line.Drop()
	o.used = false
}

// part ends the conversation with a meter, where there is one.
func (o *owner) part(ctx context.Context, m *metered) {
	if m.device == nil || !o.used || m.fails > 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), partingTime)
	defer cancel()
	if err := m.device.Release(ctx); err != nil {
		o.log.Debug("left a meter without a word", zap.String("meter", string(m.ID)), zap.Error(err))
	}
}

// close ends the line for good.
func (o *owner) close() {
	if o.line == nil {
		return
	}
	o.drop(context.Background())
	if err := o.line.Close(); err != nil {
		o.log.Debug("line closed", zap.Error(err))
	}
	for _, m := range o.meters {
		o.mark(m, grid.NoReason)
	}
	o.lineUp() // it is no more; whether it could be opened nobody says
}
