package alerting

import (
	"context"
	"maps"
	"slices"
	"time"

	"phutai/alerting/notify"
	"phutai/grid"
)

// Contacts takes how the points stand with their collectors. The misses of one
// feeder roll up: from the configured number on, one page tells of all.
func (e *Engine) Contacts(ctx context.Context, cs []grid.Contact, now time.Time) error {
	return e.update(ctx, now, func(w *work) {
		silent := map[grid.FeederID]int{}
		for s, t := range e.alarms {
			if s.kind == grid.CommsLoss && t.state.Standing() {
				silent[t.alarm.Feeder]++
			}
		}
		raised := map[grid.FeederID][]subject{}
		for _, c := range cs {
			s := subject{grid.CommsLoss, string(c.Point)}
			if w.contact(s, c) {
				f := w.quiet[s].alarm.Feeder
				raised[f] = append(raised[f], s)
			}
		}
		for _, f := range slices.Sorted(maps.Keys(raised)) {
			w.tellSilent(raised[f], silent[f])
		}
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

// tellSilent pages for the points of one feeder that fell silent now, where
// before of them were silent already.
func (w *work) tellSilent(now []subject, before int) {
	rollUp := w.e.cfg.Comms.RollUp
	total := before + len(now)
	for i, s := range now {
		t := w.quiet[s]
		n := notify.Notice{Change: notify.Raised, Station: w.stand(t)}
		switch {
		case t.alarm.Feeder == "" || total < rollUp:
			w.page(s, t, Raised, n)
		case before < rollUp && i == 0:
			n.Others = total - 1
			w.page(s, t, Raised, n)
		default: // the feeder's page has told of it
			w.note(s, t, Raised, "")
		}
	}
}
