package collector

import (
	"time"

	"go.uber.org/zap"
)

// longest is how far ahead a wait with jitter can lie (see jitter).
func longest(d time.Duration) time.Duration { return d * 6 / 5 }

// replan takes back what lies further ahead than anything is ever planned: the
// clock has been set back since, and the meters would be left alone for as long
// as it had been ahead. A step that is smaller than a plan's reach costs nothing.
func (o *owner) replan(now time.Time) {
	ahead := func(t time.Time, reach time.Duration) bool { return t.Sub(now) > reach }
	if ahead(o.redial, longest(lastRedial)) {
		o.redial = time.Time{}
	}
	told := false
	for _, m := range o.meters {
		if ahead(m.probeAt, longest(lastProbe)) {
			m.probeAt = time.Time{}
		}
		if ahead(m.past.after, longest(lastProbe)) {
			m.past.after = time.Time{}
		}
		if ahead(m.past.tailAt, o.c.cfg.HistoryEvery) {
			m.past.tailAt = o.tailSlot(m, now)
		}
		// Clocks are also set by milliseconds, and a slot is not to be polled twice.
		if by := m.next.Sub(now) - m.every; by > min(m.every, time.Minute) {
			m.next = nextSlot(now, m.every, Offset(m.ID, m.every, o.c.cfg.Spread))
			if !told {
				o.log.Warn("the clock has been set back, meters are asked by its new time", zap.Duration("by at least", by))
			}
			told = true
		}
	}
}
