package collector

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	"phutai/grid"
	"phutai/meter"
)

// clockTolerance is how far a meter's clock may be ahead or behind before its
// rows are refused, or marked as not surely placed.
const clockTolerance = 10 * time.Minute

// backlogPause is how long reading the past rests while the spool is busy with
// live readings.
const backlogPause = 30 * time.Second

// errDue ends the reading of a load profile because a poll is due.
var errDue = errors.New("a poll is due")

// past is what an owner knows of one meter's load profile.
type past struct {
	known bool // progress has been read from the spool
	progress
	none   bool      // the meter keeps no load profile, or none is wanted
	tailAt time.Time // when new rows are due
	after  time.Time // not before, because it failed
	fails  int
}

// ready tells whether the meter's load profile may be asked at all now. A meter
// that is silent on polls is not.
func (m *metered) ready() bool { return m.contacted && m.fails == 0 && !m.past.none }

// part is which part of a load profile is read: what is new, then what lies
// back, then what the center wants once more.
type part int

const (
	newRows part = iota
	backlog
	wantedRows
)

// nextHistory gives the meter whose load profile is to be read now, if any, and
// which part of it; otherwise when there may be one, zero: no time in sight.
func (o *owner) nextHistory(now time.Time) (due *metered, what part, at time.Time) {
	busy := o.c.spool.Depth() >= o.c.cfg.HistoryPause
	earliest := func(t time.Time) {
		if at.IsZero() || t.Before(at) {
			at = t
		}
	}
	for i := range o.meters {
		m := o.meters[(i+o.turn)%len(o.meters)]
		if !m.ready() {
			continue
		}
		when := later(m.past.tailAt, m.past.after)
		if !now.Before(when) {
			return m, newRows, at
		}
		earliest(when)
		next := backlog
		if len(m.past.Pending) == 0 {
			next = wantedRows
		}
		switch {
		case next == wantedRows && len(m.past.Wanted) == 0:
		case busy:
			earliest(now.Add(backlogPause))
		case now.Before(m.past.after):
			earliest(m.past.after)
		case due == nil || next < what:
			due, what = m, next
		}
	}
	return due, what, at
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// readHistory reads one stretch of m's load profile and commits it together
// with the note of how far it got.
func (o *owner) readHistory(ctx context.Context, m *metered, what part) {
	if !o.recall(ctx, m) {
		return
	}
	now := o.c.parts.Clock.Now()
	state, w, wanted := m.past.progress, window{}, stretch{}
	switch what {
	case newRows:
		state, w = state.tail(now, o.c.cfg.HistorySlice)
	case backlog:
		w = state.back(o.c.cfg.HistorySlice)
	case wantedRows:
		wanted = state.wanted(o.c.cfg.HistorySlice)
		w = wanted.window
	}
	rows, refused, err := o.askHistory(ctx, m, w)
	if ctx.Err() != nil && len(rows) == 0 {
		return
	}
	// Rows come oldest first, so that what came before an error is complete.
	reached := w.From
	for i := range rows {
		reached = later(reached, rows[i].At)
	}
	if err == nil && what != newRows {
		reached = w.To
	}
	switch what {
	case newRows:
		state = state.afterTail(reached)
	case backlog:
		state = state.afterBack(w, reached)
	case wantedRows:
		reached = wanted.slotEnd(reached) // the slot has its row
		state = state.afterWanted(wanted, reached)
		rows = append(rows, wanted.until(reached).lacking(rows, unkept(m.Point, wanted.Every, now, refused))...)
	}
	if refused.n > 0 {
		rows = append(rows, refused.absence(m.Point, now))
	}
	if err == nil || len(rows) > 0 {
		if !o.keep(ctx, m, rows, state) {
			return
		}
	}
	o.afterHistory(m, what, err)
}

// afterHistory decides when the meter's load profile is asked again.
func (o *owner) afterHistory(m *metered, what part, err error) {
	now, p := o.c.parts.Clock.Now(), &m.past
	switch {
	case errors.Is(err, grid.ErrNoHistory):
		p.none = true
	case errors.Is(err, errDue):
		p.fails = 0
	case err != nil:
		p.fails++
		p.after = now.Add(probeAfter(m.ID, openAfter+p.fails-1))
		o.c.count.failed(now, m.ID, err)
		o.log.Info("load profile not read, trying later", zap.String("meter", string(m.ID)), zap.Error(err), zap.Time("again", p.after))
		o.lineState(meter.Reason(err), err, now)
	default:
		p.fails = 0
		if what == newRows {
			p.tailAt = o.tailSlot(m, now)
		}
	}
}

func (o *owner) tailSlot(m *metered, now time.Time) time.Time {
	every := o.c.cfg.HistoryEvery
	return nextSlot(now, every, o.c.cfg.HistoryOffset+Offset(m.ID, every, o.c.cfg.Spread))
}

// recall reads from the spool how far the load profile of m has been read.
func (o *owner) recall(ctx context.Context, m *metered) bool {
	p := &m.past
	if p.known {
		return true
	}
	now := o.c.parts.Clock.Now()
	raw, err := o.c.spool.progress(ctx, m.ID)
	if err == nil && raw != nil {
		p.progress, err = parseProgress(raw)
	}
	if err != nil {
		p.after = now.Add(firstProbe)
		o.log.Error("progress of a load profile not readable", zap.String("meter", string(m.ID)), zap.Error(err))
		return false
	}
	// What is older than the depth is not asked for, after a long rest either;
	// nor what the meter wrote down before it stood here.
	p.progress = p.standing(&m.Meter, now.Add(-o.c.cfg.HistoryDepth))
	p.known = true
	return true
}

// keep commits rows and state; a state that has not changed is not written.
func (o *owner) keep(ctx context.Context, m *metered, rows []grid.Reading, state progress) bool {
	raw, err := state.encode()
	if err == nil {
		err = o.c.intake.history(context.WithoutCancel(ctx), rows, &meterProgress{m.ID, raw})
	}
	if err != nil {
		m.past.after = o.c.parts.Clock.Now().Add(firstProbe)
		return false
	}
	m.past.progress = state
	return true
}

// askHistory reads the rows of w. It stops early when a poll is due, but not
// before it has got something, so that it gets on in the narrowest gaps.
func (o *owner) askHistory(ctx context.Context, m *metered, w window) (rows []grid.Reading, no refusal, err error) {
	dev, err := o.device(m)
	if err != nil {
		return nil, no, err
	}
	release, err := o.await(ctx)
	if err != nil {
		return nil, no, err
	}
	defer release()
	ctx, cancel := context.WithTimeout(ctx, o.c.cfg.ReadTimeout)
	defer cancel()
	nextPoll := o.nextPoll()
	var stopped error
	o.used = true
	err = dev.History(ctx, w.From, w.To, func(s grid.Sample) error {
		now := o.c.parts.Clock.Now()
		switch r, ok := o.row(m, s, now); {
		case !ok:
			o.c.count.refused.Add(1)
			no.add(s)
		case began(s).Before(m.Since): // of the place where the meter stood before
		case r.At.After(w.From) && !r.At.After(w.To):
			rows = append(rows, r)
		}
		if len(rows) > 0 && !now.Before(nextPoll) {
			stopped = errDue
		} else {
			stopped = ctx.Err()
		}
		return stopped
	})
	if stopped != nil {
		err = stopped
	}
	return rows, no, err
}
