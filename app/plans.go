package app

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"phutai/fleet"
	"phutai/grid"
)

// plans tells each collector what to poll, again whenever the register changes
// by an import or by a date, and where a plan does not arrive.
type plans struct {
	register *fleet.Register
	clock    grid.Clock
	main     grid.CollectorID // polls the meters that name no collector
	publish  func(context.Context, grid.Plan) error
	refused  func(grid.CollectorID) error // why the broker does not have the newest plan
	log      *zap.Logger
	wake     chan struct{} // somebody is asked for

	mu      sync.Mutex // guards the fields below
	view    *fleet.View
	busy    []grid.CollectorID // that poll something by view
	asked   map[grid.CollectorID]bool
	failed  map[grid.CollectorID]error     // of the last publication
	another map[grid.CollectorID]time.Time // since when it says that it polls by another plan; real
}

func newPlans(r *fleet.Register, clock grid.Clock, main grid.CollectorID, publish func(context.Context, grid.Plan) error, refused func(grid.CollectorID) error, log *zap.Logger) *plans {
	return &plans{
		register: r, clock: clock, main: main, publish: publish, refused: refused, log: log, wake: make(chan struct{}, 1),
		asked: map[grid.CollectorID]bool{}, failed: map[grid.CollectorID]error{}, another: map[grid.CollectorID]time.Time{},
	}
}

// refreshEvery is how often the register is looked at for what another process
// has imported into it, and a plan that was refused is offered again, in real time.
const refreshEvery = 5 * time.Second

// Run publishes until ctx ends.
func (p *plans) Run(ctx context.Context) error {
	for {
		changed := p.register.Changed()
		view := p.register.View(p.clock.Now())
		p.tell(ctx, view, p.collectors(view))
		if !p.rest(ctx, changed, view) {
			return nil
		}
	}
}

// tell publishes the plans of some collectors.
func (p *plans) tell(ctx context.Context, view *fleet.View, ids []grid.CollectorID) {
	for _, id := range ids {
		err := p.publish(ctx, view.Plan(id, id == p.main))
		if ctx.Err() != nil {
			return
		}
		p.mu.Lock()
		news := err != nil && p.failed[id] == nil
		p.failed[id] = err
		p.mu.Unlock()
		if news {
			p.log.Warn("plan not published, it is tried again", zap.String("collector", string(id)), zap.Error(err))
		}
	}
}

// heard takes by which plan a collector says that it polls, and publishes the
// newest again for one that has another. A message that becomes retained at the
// moment of a subscription may reach neither the subscription nor the retained
// ones. It does not wait: readings come the same way.
func (p *plans) heard(id grid.CollectorID, version int64) {
	same := version == p.register.View(p.clock.Now()).Plan(id, id == p.main).Version
	p.mu.Lock()
	defer p.mu.Unlock()
	if same {
		delete(p.another, id)
		return
	}
	if p.another[id].IsZero() {
		p.another[id] = time.Now()
	}
	p.ask(id)
}

// left notes that a collector is gone and says nothing of its plan any more.
func (p *plans) left(id grid.CollectorID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.another, id)
}

// ask has a plan published again; the caller holds mu.
func (p *plans) ask(id grid.CollectorID) {
	p.asked[id] = true
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// refusal tells why the broker does not have the newest plan of a collector.
func (p *plans) refusal(id grid.CollectorID) error {
	p.mu.Lock()
	err := p.failed[id]
	p.mu.Unlock()
	if err != nil {
		return err
	}
	return p.refused(id)
}

// rest waits for a reason to publish all plans again; false when ctx has ended.
func (p *plans) rest(ctx context.Context, changed <-chan struct{}, view *fleet.View) bool {
	tick := time.NewTicker(refreshEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-changed:
			return true
		case <-p.wake:
			p.mu.Lock()
			ids := slices.Sorted(maps.Keys(p.asked))
			clear(p.asked)
			p.mu.Unlock()
			p.tell(ctx, p.register.View(p.clock.Now()), ids)
		case <-tick.C:
			if _, err := p.register.Refresh(ctx); err != nil && ctx.Err() == nil {
				p.log.Warn("register not looked at for changes", zap.Error(err))
			}
			if until := view.Until(); !until.IsZero() && !p.clock.Now().Before(until) {
				return true
			}
			p.mu.Lock()
			for _, id := range p.collectors(view) {
				if p.failed[id] != nil || p.refused(id) != nil {
					p.ask(id)
				}
			}
			p.mu.Unlock()
		}
	}
}

// collectors lists who polls something: the main one always, so that it learns
// of an empty plan too.
func (p *plans) collectors(view *fleet.View) []grid.CollectorID {
	ids := []grid.CollectorID{p.main}
	seen := map[grid.CollectorID]bool{p.main: true, "": true}
	for m := range view.Meters() {
		if !seen[m.Collector] {
			seen[m.Collector] = true
			ids = append(ids, m.Collector)
		}
	}
	return ids
}

// polling lists the collectors that have meters to poll now. It is asked for
// often, and kept as long as the register shows the same.
func (p *plans) polling() []grid.CollectorID {
	view := p.register.View(p.clock.Now())
	p.mu.Lock()
	defer p.mu.Unlock()
	if view == p.view {
		return p.busy
	}
	seen := map[grid.CollectorID]bool{}
	p.view, p.busy = view, nil
	for m := range view.Meters() {
		id := m.Collector
		if id == "" {
			id = p.main
		}
		if !seen[id] {
			seen[id] = true
			p.busy = append(p.busy, id)
		}
	}
	return p.busy
}
