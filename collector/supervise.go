package collector

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"phutai/grid"
)

// byLine groups a plan's meters by their line, in the order of their ids. Of two
// meters with one id the later one counts.
func byLine(p grid.Plan) map[string][]grid.Meter {
	seen := make(map[grid.MeterID]grid.Meter, len(p.Meters))
	for _, m := range p.Meters {
		seen[m.ID] = m
	}
	out := map[string][]grid.Meter{}
	for _, id := range slices.Sorted(maps.Keys(seen)) {
		m := seen[id]
		out[m.Line] = append(out[m.Line], m)
	}
	return out
}

// crew is the owners at work.
type crew struct {
	wg     sync.WaitGroup
	owners map[string]*owner
}

// supervise keeps one owner at work for each line of the plan. It returns when
// all have stopped and closed their lines.
func (c *Collector) supervise(ctx context.Context) error {
	w := &crew{owners: map[string]*owner{}}
	for {
		c.mu.Lock()
		plan, paused := c.plan, c.paused
		c.mu.Unlock()
		if paused {
			plan = grid.Plan{}
		}
		c.apply(ctx, w, byLine(plan))
		if paused {
			close(c.idle)
			<-ctx.Done()
			return nil
		}
		select {
		case <-c.nudge:
		case <-ctx.Done():
			w.finish()
			c.apply(ctx, w, nil)
			return nil
		}
	}
}

// apply stops the owners whose line is gone, starts those of new lines, and
// leaves alone those whose meters are the same.
func (c *Collector) apply(ctx context.Context, w *crew, lines map[string][]grid.Meter) {
	var changed []*owner
	for address, o := range w.owners {
		if !slices.Equal(o.plan, lines[address]) {
			o.stop()
			changed = append(changed, o)
		}
	}
	w.wait(changed)
	var closing sync.WaitGroup
	for _, o := range changed {
		if len(lines[o.address]) == 0 {
			delete(w.owners, o.address)
			c.wishes.take(o.address) // nobody is left to do it
			closing.Go(o.close)
		}
	}
	closing.Wait()
	for _, address := range slices.Sorted(maps.Keys(lines)) {
		o := w.owners[address]
		if o != nil && slices.Equal(o.plan, lines[address]) {
			continue
		}
		if o == nil {
			o = newOwner(c, address)
			w.owners[address] = o
		}
		o.adopt(ctx, lines[address])
		w.start(ctx, o)
	}
	if len(changed) > 0 || len(lines) > 0 {
		c.log.Info("lines at work", zap.Int("lines", len(w.owners)), zap.Int("changed", len(changed)))
	}
}

// finishWithin is how long a stop waits for the turns that are under way, in real
// time: for meters that answer, and not for the silent.
const finishWithin = 700 * time.Millisecond

// finish lets the owners, whose context has ended, end the turns that are under way.
func (w *crew) finish() {
	late := time.NewTimer(finishWithin)
	defer late.Stop()
	for _, o := range w.owners {
		select {
		case <-o.done:
		case <-late.C:
			return
		}
	}
}

// start lets an owner work until ctx ends, which a turn that is under way
// survives; o.stop cuts that one short too.
func (w *crew) start(ctx context.Context, o *owner) {
	turns, cut := context.WithCancel(context.WithoutCancel(ctx))
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	o.turns, o.done = turns, done
	o.stop = func() { cut(); cancel() }
	w.wg.Go(func() {
		defer close(done)
		o.run(ctx)
	})
}

func (w *crew) wait(owners []*owner) {
	for _, o := range owners {
		<-o.done
	}
}
