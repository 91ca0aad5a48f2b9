package alerting

import (
	"time"

	"phutai/alerting/notify"
	"phutai/grid"
)

// doubted tells whether the numbers behind an alarm on load or temperature are in
// doubt. The alarm is raised and shown all the same; nobody is woken by it.
func (w *work) doubted(t *tracked) bool {
	if w.e.deps.Doubts == nil {
		return false
	}
	_, held := w.e.deps.Doubts.Held(t.alarm.Transformer)
	return held
}

// release sends the page of an alarm that was held, once the doubt is over and
// fresh figures show that the alarm still stands. Who has acknowledged it is not
// told again.
func (w *work) release(s subject) {
	old := w.known(s)
	if old.alarm.HeldSince.IsZero() || !old.state.Standing() || w.doubted(old) {
		return
	}
	acked := old.alarm.State == grid.Acked
	if !acked && (old.loading == nil || !old.state.StaleSince.IsZero()) {
		return // nobody knows the load now
	}
	t := *old
	t.alarm.HeldSince = time.Time{}
	place := w.stand(&t)
	w.quiet[s] = &t
	if acked {
		w.note(s, &t, Released, "")
		return
	}
	w.page(s, &t, Released, notify.Notice{Change: notify.Raised, Station: place, Loading: t.loading})
}
