package alerting

import (
	"context"
	"time"

	"phutai/alerting/notify"
	"phutai/grid"
)

// Contacts takes how the points stand with their collectors, and pages for
// those that are silent: see tellSilent.
func (e *Engine) Contacts(ctx context.Context, cs []grid.Contact, now time.Time) error {
	return e.update(ctx, now, func(w *work) {
		raised := map[subject]bool{}
		for _, c := range cs {
			if s := (subject{grid.CommsLoss, string(c.Point)}); w.contact(s, c) {
				raised[s] = true
			}
		}
		w.tellSilent(raised)
	})
}

// contact steps one comms-loss alarm; true if it was raised, which is then
// noted and paged by tellSilent.
func (w *work) contact(s subject, c grid.Contact) bool {
	old := w.known(s)
	if old.state.Standing() && c.Misses == 0 && !c.LastGood.After(old.alarm.ValueAt) {
		return false // the same old news again, as after a start: not an end
	}
	t := *old
	var changes []Change
	t.state, changes = StepContact(w.e.cfg.Comms, old.state, w.now, c)
	if len(changes) == 0 && t.state == old.state {
		return false
	}
	w.quiet[s] = &t
	raised := false
	for _, change := range changes {
		switch change {
		case Raised:
			w.open(s, &t)
			a := &t.alarm
			a.Point, a.Missing, a.ValueAt = c.Point, c.Missing, c.LastGood
			a.Value, a.Limit = grid.Known(w.now.Sub(t.state.LastAt).Minutes()), w.e.cfg.Comms.After.Minutes()
			w.stand(&t)
			raised = true
		case Cleared:
			t.alarm.ClearedAt, t.alarm.ValueAt = w.now, c.LastGood
			station := w.stand(&t)
			if w.e.cfg.PageCleared && t.alarm.Pages > 0 {
				w.page(s, &t, change, notify.Notice{Change: notify.Cleared, Station: station})
			} else {
				w.note(s, &t, change, "")
			}
		default:
			w.stand(&t)
			w.note(s, &t, change, "")
		}
	}
	return raised
}
