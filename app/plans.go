package app

import (
	"context"
	"sync"
	"time"

	"go.uber.org/zap"

	"phutai/fleet"
	"phutai/grid"
)

// plans tells each collector what to poll, again whenever the register changes
// by an import or by a date.
type plans struct {
	register *fleet.Register
	clock    grid.Clock
	main     grid.CollectorID // polls the meters that name no collector
	publish  func(context.Context, grid.Plan) error
	log      *zap.Logger

	mu   sync.Mutex // guards the fields below
	view *fleet.View
	busy []grid.CollectorID // that poll something by view
}

// refreshEvery is how often the register is looked at for what another process
// has imported into it, in real time.
const refreshEvery = 5 * time.Second

// Run publishes until ctx ends.
func (p *plans) Run(ctx context.Context) error {
	for {
		changed := p.register.Changed()
		view := p.register.View(p.clock.Now())
		for _, id := range p.collectors(view) {
			if err := p.publish(ctx, view.Plan(id, id == p.main)); err != nil && ctx.Err() == nil {
				p.log.Warn("plan not published yet, it follows at the next connect", zap.String("collector", string(id)), zap.Error(err))
			}
		}
		if !p.rest(ctx, changed, view.Until()) {
			return nil
		}
	}
}

// heard publishes the plan again for a collector that says it has another one.
// A message that becomes retained at the moment of a subscription may reach
// neither the subscription nor the retained ones.
func (p *plans) heard(ctx context.Context, id grid.CollectorID, version int64) {
	plan := p.register.View(p.clock.Now()).Plan(id, id == p.main)
	if version == plan.Version {
		return
	}
	if err := p.publish(ctx, plan); err != nil && ctx.Err() == nil {
		p.log.Warn("plan not published again", zap.String("collector", string(id)), zap.Error(err))
	}
}

// rest waits for a reason to publish again; false when ctx has ended.
func (p *plans) rest(ctx context.Context, changed <-chan struct{}, until time.Time) bool {
	tick := time.NewTicker(refreshEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-changed:
			return true
		case <-tick.C:
			if _, err := p.register.Refresh(ctx); err != nil && ctx.Err() == nil {
				p.log.Warn("register not looked at for changes", zap.Error(err))
			}
			if !until.IsZero() && !p.clock.Now().Before(until) {
				return true
			}
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
