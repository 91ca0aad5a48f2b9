package alerting

import (
	"context"
	"maps"
	"time"

	"go.uber.org/zap"

	"phutai/alerting/notify"
	"phutai/grid"
)

// work collects what one look at the alarms changes, so that all of it is
// committed or none.
type work struct {
	e      *Engine
	now    time.Time
	next   int64
	quiet  map[subject]*tracked // changed in memory only: values, runs
	events []event
	pages  []notify.Message
}

// event is one transition to be committed.
type event struct {
	subject subject
	change  Change
	who     string
	alarm   grid.Alarm // as it stood after the change
	seq     int64
	step    int
	state   State
	fresh   time.Duration
}

// update runs f under the lock, commits what it changed, and then tells the
// hooks and the dispatcher.
func (e *Engine) update(ctx context.Context, now time.Time, f func(*work)) error {
	if err := e.apply(ctx, now, f); err != nil {
		return err
	}
	e.tell()
	return nil
}

func (e *Engine) apply(ctx context.Context, now time.Time, f func(*work)) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	w := &work{e: e, now: now, next: e.next, quiet: map[subject]*tracked{}}
	f(w)
	if len(w.events) > 0 {
		if err := e.commit(ctx, w); err != nil {
			return err
		}
	}
	maps.Copy(e.alarms, w.quiet)
	e.next = w.next
	for _, ev := range w.events {
		e.waiting = append(e.waiting, ev.alarm)
		e.log.Info("alarm "+string(ev.change), zap.String("alarm", string(ev.alarm.ID)), zap.Stringer("subject", ev.subject),
			zap.Stringer("severity", ev.alarm.Severity), zap.Float64("value", ev.alarm.Value.X), zap.Time("at", now))
	}
	if len(w.pages) > 0 {
		e.dispatcher.Wake()
	}
	return nil
}

// tell hands changes to the hooks outside the lock, one goroutine at a time, so
// that they arrive in order and a hook may ask the engine.
func (e *Engine) tell() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.telling {
		return
	}
	e.telling = true
	for len(e.waiting) > 0 {
		some, hooks := e.waiting, e.hooks
		e.waiting = nil
		e.mu.Unlock()
		for _, a := range some {
			for _, f := range hooks {
				f(a)
			}
		}
		e.mu.Lock()
	}
	e.telling = false
}

// known gives the newest version of a subject's alarm within this work.
func (w *work) known(s subject) *tracked {
	if t, ok := w.quiet[s]; ok {
		return t
	}
	if t, ok := w.e.alarms[s]; ok {
		return t
	}
	return &tracked{}
}

// level steps an alarm on load or temperature; l is nil where only time passes.
func (w *work) level(s subject, old *tracked, in Input, l *grid.Loading) {
	t := *old
	levels := w.e.cfg.Overload
	if s.kind == grid.HotSpot {
		levels = w.e.cfg.HotSpot
	}
	if l != nil && in.Usable {
		t.fresh = w.e.fresh(l)
	}
	var changes []Change
	t.state, changes = Step(levels, t.fresh, old.state, w.now, in)
	if l == nil && len(changes) == 0 && t.state == old.state {
		return
	}
	if l != nil && t.state.LastAt.Equal(in.At) && !old.state.LastAt.Equal(in.At) {
		t.loading = l
		if t.alarm.Active() && t.state.Standing() {
			t.value(s, levels)
		}
	}
	w.quiet[s] = &t
	for _, c := range changes {
		w.transition(s, &t, c, levels)
	}
}

// fresh is how old a value may be: two intervals of its meter, or of the
// configuration where the value does not know them.
func (e *Engine) fresh(l *grid.Loading) time.Duration {
	switch {
	case l.FreshFor() > 0:
		return l.FreshFor()
	case l.Source == grid.Profile:
		return 2 * e.cfg.ProfileEvery
	}
	return 2 * e.cfg.Every
}

// value brings the figures of the standing alarm up to date.
func (t *tracked) value(s subject, l LevelConfig) {
	a := &t.alarm
	a.ValueAt = t.loading.At
	a.Limit = l.Warn
	if t.state.Severity == grid.Critical {
		a.Limit = l.Critical
	}
	if s.kind == grid.HotSpot {
		a.Value = t.loading.HotSpotC
		return
	}
	a.Value, a.Phase, a.Governor = t.loading.PhaseMaxPct, t.loading.WorstPhase, t.loading.Governor
}

// transition notes one change of a load or temperature alarm, and pages.
func (w *work) transition(s subject, t *tracked, c Change, l LevelConfig) {
	if c == Raised {
		w.open(s, t)
		t.alarm.Transformer, t.alarm.Point = t.loading.Transformer, t.loading.Point
	}
	switch c {
	case Raised, Worsened, Eased, Cleared:
		severity := t.alarm.Severity
		t.value(s, l)
		t.alarm.Severity = t.state.Severity
		if c == Cleared {
			t.alarm.HeldSince = time.Time{}
			t.alarm.Severity, t.alarm.ClearedAt = severity, w.now // what it was, for the reader
		}
	}
	place := w.stand(t)
	told, page := c.told()
	if c == Cleared {
		page = w.e.cfg.PageCleared && t.alarm.Pages > 0
	}
	if page && c != Cleared && w.doubted(t) {
		if t.alarm.HeldSince.IsZero() {
			t.alarm.HeldSince = w.now
		}
		w.note(s, t, c, "")
		return
	}
	if page {
		w.page(s, t, c, notify.Notice{Change: told, Station: place, Loading: t.loading})
		return
	}
	w.note(s, t, c, "")
}

// told is what people are told of a change; false: nothing.
func (c Change) told() (notify.Change, bool) {
	switch c {
	case Raised:
		return notify.Raised, true
	case Worsened:
		return notify.Worsened, true
	case Cleared:
		return notify.Cleared, true
	}
	return "", false
}

// open begins an episode.
func (w *work) open(s subject, t *tracked) {
	t.seq, t.step = w.next, 0
	w.next++
	t.alarm = grid.Alarm{ID: code(t.seq), Kind: s.kind, Severity: t.state.Severity, RaisedAt: w.now}
}

// stand copies the machine's state into the alarm and names the place.
func (w *work) stand(t *tracked) notify.Station {
	a := &t.alarm
	a.State, a.StaleSince, a.ChangedAt = t.state.Alarm, t.state.StaleSince, w.now
	p, ok := w.e.deps.Places.Where(a.Point, a.Transformer, w.now)
	if !ok { // it has left the register: named as it was
		p, ok = w.e.deps.Places.Where(a.Point, a.Transformer, a.RaisedAt)
	}
	if !ok {
		return notify.Station{Substation: string(a.Point)}
	}
	a.Substation, a.Feeder, a.Unit = p.Substation.ID, p.Feeder.ID, p.Unit.ID
	station := notify.Station{
		Substation: p.Substation.Name, RatedKVA: p.Transformer.RatedKVA, Feeder: p.Feeder.Name, Unit: p.Unit.Name,
		Pole: p.Substation.Pole, KeeperPhone: p.Substation.KeeperPhone, Priority: p.Substation.Priority,
	}
	if station.Feeder == "" {
		station.Feeder = string(p.Feeder.ID)
	}
	if p.Among > 1 {
		station.Transformer = p.Transformer.Name
		if station.Transformer == "" {
			station.Transformer = string(p.Transformer.ID)
		}
	}
	return station
}

// note adds an event.
func (w *work) note(s subject, t *tracked, c Change, who string) {
	if c == Superseded {
		t.alarm.State, t.alarm.StaleSince = grid.Normal, time.Time{}
	}
	t.step++
	w.events = append(w.events, event{s, c, who, t.alarm, t.seq, t.step, t.state, t.fresh})
}

// page adds an event and the page that goes with it. A text that cannot be
// written is a fault of ours: the bare facts go out instead.
func (w *work) page(s subject, t *tracked, c Change, n notify.Notice) {
	t.alarm.Pages++
	w.note(s, t, c, "")
	n.Alarm, n.Now = t.alarm, w.now
	key := pageKey(t)
	m, err := w.e.compose.Compose(key, n)
	if err != nil {
		w.e.log.Error("write a page", zap.String("page", key), zap.Error(err))
		m.Title = string(c) + " " + s.String() + " " + string(t.alarm.ID)
		m.SMS, m.Text = m.Title, m.Title
	}
	w.pages = append(w.pages, m)
}

func (w *work) acknowledge(s subject, old *tracked, who string) {
	t := *old
	var did bool
	if t.state, did = old.state.Acknowledge(); !did {
		return
	}
	t.alarm.AckedAt, t.alarm.AckedBy = w.now, who
	w.stand(&t)
	w.quiet[s] = &t
	w.note(s, &t, Acknowledged, who)
}

// gone tells whether the register of now no longer holds what an alarm is about.
func (w *work) gone(t *tracked) bool {
	p, ok := w.e.deps.Places.Where(t.alarm.Point, t.alarm.Transformer, w.now)
	return !ok || p.Transformer.ID != t.alarm.Transformer
}

// withdraw closes an alarm for good. Who was paged is told that it is
// withdrawn, which is no return to normal.
func (w *work) withdraw(s subject, old *tracked) {
	t := *old
	t.state = State{Alarm: grid.Normal}
	t.alarm.ClearedAt, t.alarm.HeldSince = w.now, time.Time{}
	station := w.stand(&t)
	w.quiet[s] = &t
	if w.e.cfg.PageCleared && t.alarm.Pages > 0 {
		w.page(s, &t, Withdrawn, notify.Notice{Change: notify.Withdrawn, Station: station})
		return
	}
	w.note(s, &t, Withdrawn, "")
}
