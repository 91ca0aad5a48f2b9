package alerting

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"phutai/alerting/notify"
	"phutai/db"
	"phutai/grid"
)

// Place is what people call a point and how they find it.
type Place struct {
	Substation  grid.Substation
	Feeder      grid.Feeder
	Unit        grid.Unit
	Transformer grid.Transformer // zero for a comms loss
	Among       int              // transformers of the station; more than one: pages name which
}

// Places is the register as alerting sees it. The transformer is empty for a
// comms loss. False: the point is not in the register at that time.
type Places interface {
	Where(p grid.PointID, t grid.TransformerID, at time.Time) (Place, bool)
}

// Contacts tells how each metering point stands with its collector.
type Contacts interface {
	Contacts(ctx context.Context) ([]grid.Contact, error)
}

// Doubts tells since when the numbers of a transformer are in doubt, and false
// where they are not. Pages about its load are held meanwhile.
type Doubts interface {
	Held(t grid.TransformerID) (since time.Time, held bool)
}

// Deps is what the engine works with. Doubts may be nil where nobody looks for
// any, Contacts may be nil where the owner calls
// Engine.Contacts itself, Zone nil for UTC, and Log nil for silence.
type Deps struct {
	DB       *db.DB // state.db
	Places   Places
	Contacts Contacts
	Doubts   Doubts
	Channels []notify.Channel
	Clock    grid.Clock
	Zone     *time.Location
	Log      *zap.Logger
}

// ErrNoAlarm says that no alarm of this id stands.
var ErrNoAlarm = errors.New("no such alarm stands: it may have been closed already")

// Engine keeps all alarms. Its methods may be called from any goroutine.
type Engine struct {
	cfg        Config
	deps       Deps
	compose    *notify.Composer
	dispatcher *notify.Dispatcher
	log        *zap.Logger

	mu      sync.Mutex // guards the fields below
	alarms  map[subject]*tracked
	next    int64 // number of the next episode
	hooks   []func(grid.Alarm)
	waiting []grid.Alarm // changes not yet told to the hooks
	telling bool
}

// subject is what an alarm is about.
type subject struct {
	kind grid.AlarmKind
	id   string // of the transformer, or of the point for a comms loss
}

func (s subject) String() string { return string(s.kind) + "/" + s.id }

// tracked is one alarm with its machine. alarm and seq are zero until the first
// episode. A tracked is replaced as a whole, and only after its commit.
type tracked struct {
	state   State
	alarm   grid.Alarm
	seq     int64
	step    int
	loading *grid.Loading
	fresh   time.Duration // how old its newest value may be; 0: there was none
}

// Open brings the tables up to date and takes up the alarms that stand.
func Open(ctx context.Context, cfg Config, d Deps) (*Engine, error) {
	if d.Log == nil {
		d.Log = zap.NewNop()
	}
	compose, err := notify.NewComposer(cfg.Notify.Lang, d.Zone)
	if err != nil {
		return nil, fmt.Errorf("open alerting: %w", err)
	}
	if err := d.DB.Migrate(ctx, "alerting", schema...); err != nil {
		return nil, fmt.Errorf("open alerting: %w", err)
	}
	e := &Engine{cfg: cfg, deps: d, compose: compose, log: d.Log, alarms: map[subject]*tracked{}}
	e.dispatcher = notify.NewDispatcher(outbox{d.DB, 2 * cfg.Notify.Retry.Most}, d.Channels, cfg.Notify.Retry, d.Clock, d.Log)
	if err := e.restore(ctx); err != nil {
		return nil, fmt.Errorf("open alerting: %w", err)
	}
	return e, nil
}

// OnChange has f called with each alarm that changed, after its commit and one
// at a time, in order. f must not block for long. It is to be called before Run.
func (e *Engine) OnChange(f func(grid.Alarm)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.hooks = append(e.hooks, f)
}

// Run looks at the delays on each tick and sends pages, until ctx ends. A disk
// that is full is logged and tried again; it does not end the run.
func (e *Engine) Run(ctx context.Context) error {
	all, ctx := errgroup.WithContext(ctx)
	all.Go(func() error { return e.dispatcher.Run(ctx) })
	all.Go(func() error { return e.tick(ctx) })
	return all.Wait()
}

// after gives the tick that follows one at last: in step where that is possible,
// at once where it is late, and by the new time where the clock has been set back.
func after(last, now time.Time, every time.Duration) time.Time {
	next := last.Add(every)
	if next.Before(now) {
		return now
	}
	if latest := now.Add(every); next.After(latest) {
		return latest
	}
	return next
}

func (e *Engine) tick(ctx context.Context) error {
	next := e.deps.Clock.Now()
	for {
		if err := e.Tick(ctx); err != nil && ctx.Err() == nil {
			e.log.Error("look at the alarms; trying again at the next tick", zap.Error(err))
		}
		next = after(next, e.deps.Clock.Now(), e.cfg.TickEvery)
		if e.deps.Clock.Wait(ctx, next) != nil {
			return nil
		}
	}
}

// Tick looks once at all delays and contacts.
func (e *Engine) Tick(ctx context.Context) error {
	now := e.deps.Clock.Now()
	var contacts []grid.Contact
	var asked error
	if e.deps.Contacts != nil {
		contacts, asked = e.deps.Contacts.Contacts(ctx)
	}
	return errors.Join(asked, e.Contacts(ctx, contacts, now), e.pass(ctx, now))
}

// pass lets time pass for all alarms on load and temperature, and withdraws
// those of any kind whose point or transformer has left the register: nothing
// else would ever end them.
func (e *Engine) pass(ctx context.Context, now time.Time) error {
	return e.update(ctx, now, func(work *work) {
		var gone []subject
		for s, t := range e.alarms {
			switch {
			case t.alarm.Active() && work.gone(t):
				gone = append(gone, s)
			case s.kind != grid.CommsLoss:
				work.level(s, t, Input{}, nil)
				work.release(s)
			}
		}
		slices.SortFunc(gone, func(a, b subject) int { return e.alarms[a].alarm.RaisedAt.Compare(e.alarms[b].alarm.RaisedAt) })
		for _, s := range gone {
			work.withdraw(s, e.alarms[s])
		}
	})
}

// Observe takes what transformers carry now. What is not fresh, not newer than
// what is known or not good changes nothing; good are the phase currents that
// are judged, whatever is the matter with other figures of the row. An error means that nothing was
// changed and that the same may be observed again.
func (e *Engine) Observe(ctx context.Context, ls []grid.Loading) error {
	return e.update(ctx, e.deps.Clock.Now(), func(work *work) {
		for _, l := range ls {
			if l.PhaseMaxPct.Known {
				s := subject{grid.Overload, string(l.Transformer)}
				work.level(s, work.known(s), Input{l.PhaseMaxPct.X, l.At, l.PhaseGrade == grid.Good}, &l)
			}
			if l.HotSpotC.Known {
				s := subject{grid.HotSpot, string(l.Transformer)}
				usable := l.PhaseGrade == grid.Good && l.ThermalGrade == grid.Good
				work.level(s, work.known(s), Input{l.HotSpotC.X, l.At, usable}, &l)
			}
		}
	})
}

// Acknowledge notes that who has seen the alarm. Doing it twice is no error;
// ErrNoAlarm if no alarm of this id stands.
func (e *Engine) Acknowledge(ctx context.Context, id grid.AlarmID, who string, at time.Time) error {
	who = strings.TrimSpace(who)
	if who == "" {
		return errors.New("acknowledge: no name given: say who has seen the alarm")
	}
	found := false
	err := e.update(ctx, at, func(work *work) {
		for s, t := range e.alarms {
			if t.alarm.ID == id && t.alarm.Active() {
				found = true
				work.acknowledge(s, t, who)
			}
		}
	})
	if err == nil && !found {
		return fmt.Errorf("acknowledge %s: %w", id, ErrNoAlarm)
	}
	return err
}

// List gives the alarms that stand or wait for an acknowledgement, worst first,
// then newest first.
func (e *Engine) List(context.Context) ([]grid.Alarm, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	var out []grid.Alarm
	for _, t := range e.alarms {
		if t.alarm.Active() {
			out = append(out, t.alarm)
		}
	}
	slices.SortFunc(out, func(a, b grid.Alarm) int {
		if a.Severity != b.Severity {
			return int(b.Severity) - int(a.Severity)
		}
		if c := b.RaisedAt.Compare(a.RaisedAt); c != 0 {
			return c
		}
		return strings.Compare(string(a.ID), string(b.ID))
	})
	return out, nil
}
