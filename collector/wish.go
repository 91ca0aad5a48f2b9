package collector

import (
	"context"
	"sync"
	"time"

	"go.uber.org/zap"

	"phutai/grid"
)

// mostWishes bounds what may wait for the owner of one line. The center asks
// again for what is dropped.
const mostWishes = 256

// wish is a command to read a load profile once more, on its way to the owner
// of the meter's line.
type wish struct {
	grid.BackFill
	reply func(grid.Outcome)
}

// wishes holds the commands until the owners take them, by line.
type wishes struct {
	mu   sync.Mutex // guards the fields below
	open map[string][]wish
	wake map[string]func() // of the owners that rest
}

func newWishes() *wishes { return &wishes{open: map[string][]wish{}, wake: map[string]func(){}} }

func (w *wishes) put(line string, x wish) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.open[line]) >= mostWishes {
		return
	}
	w.open[line] = append(w.open[line], x)
	if wake := w.wake[line]; wake != nil {
		wake()
	}
}

func (w *wishes) take(line string) []wish {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := w.open[line]
	delete(w.open, line)
	return all
}

// watch has wake called when there is something to take, until done is called.
func (w *wishes) watch(line string, wake func()) (done func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.open[line]) > 0 {
		wake()
	}
	w.wake[line] = wake
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.wake, line)
	}
}

// HandleBackFill takes a command of the center to read stretches of a load
// profile once more. They are read after all that is due, newest first, and
// survive a restart. reply is called with what became of the command, from
// another goroutine and maybe much later, or never: the center asks again then.
func (c *Collector) HandleBackFill(b grid.BackFill, reply func(grid.Outcome)) {
	if !c.parts.Clock.Now().Before(b.Expires) {
		return
	}
	c.mu.Lock()
	line, known := "", false
	for i := range c.plan.Meters {
		if m := &c.plan.Meters[i]; m.ID == b.Meter && m.Point == b.Point {
			line, known = m.Line, true
		}
	}
	c.mu.Unlock()
	switch {
	case !known:
		reply(grid.UnknownMeter)
	case c.cfg.HistoryDepth <= 0:
		reply(grid.NoMemory)
	default:
		c.wishes.put(line, wish{b, reply})
	}
}

// heed takes the commands for the meters of this line.
func (o *owner) heed(ctx context.Context) {
	for _, w := range o.c.wishes.take(o.address) {
		if outcome := o.grant(ctx, &w.BackFill); outcome != "" {
			w.reply(outcome)
		}
	}
}

// grant notes a command on the disk. Where that fails there is no outcome: the
// center asks again.
func (o *owner) grant(ctx context.Context, b *grid.BackFill) grid.Outcome {
	var m *metered
	for _, k := range o.meters {
		if k.ID == b.Meter && k.Point == b.Point {
			m = k
		}
	}
	switch {
	case m == nil:
		return grid.UnknownMeter
	case m.past.none:
		return grid.NoMemory
	case !o.recall(ctx, m):
		return ""
	}
	state, some := m.past.want(b)
	if !some {
		return grid.Pending
	}
	if !o.keep(ctx, m, nil, state) {
		return ""
	}
	o.log.Info("load profile is read once more, the center lacks rows of it", zap.String("meter", string(m.ID)), zap.Int("stretches", len(b.Spans)))
	return grid.Accepted
}

// rest waits until the clock shows t, or until there is a command to take.
func (o *owner) rest(ctx context.Context, t time.Time) error {
	within, cancel := context.WithCancel(ctx)
	defer cancel()
	defer o.c.wishes.watch(o.address, cancel)()
	_ = o.c.parts.Clock.Wait(within, t)
	return ctx.Err()
}
