package collector

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// pulse knows which turns are under way, and when the publisher was last round.
// All in real time.
type pulse struct {
	mu        sync.Mutex // guards the fields below
	turns     map[*owner]time.Time
	published time.Time // zero: not at work
}

// began notes that a turn of an owner begins, and gives what ends it.
func (p *pulse) began(o *owner) (ended func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.turns == nil {
		p.turns = map[*owner]time.Time{}
	}
	p.turns[o] = time.Now()
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.turns, o)
	}
}

func (p *pulse) round() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.published = time.Now()
}

// stuckAfter is by how much a loop may overrun its own bounds, in real time: far
// more than a busy machine makes of it.
const stuckAfter = 2 * time.Minute

// Alive gives an error if the collector is stuck in a way that only a restart can
// end: a turn that goes on beyond all its deadlines, a publisher that does not come
// round, a spool that gives no answer while ctx lasts. A full disk, a broker that
// is down and silent meters are none of these.
func (c *Collector) Alive(ctx context.Context) error {
	answered := make(chan struct{})
	go func() { c.spool.Position(); close(answered) }()
	select {
	case <-answered:
	case <-ctx.Done():
		return fmt.Errorf("the spool gives no answer: %w", ctx.Err())
	}
	p, now := &c.pulse, time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if since := now.Sub(p.published); !p.published.IsZero() && since > longestStall+uplinkWait+stuckAfter {
		return fmt.Errorf("the publisher has not come round for %s", since.Round(time.Second))
	}
	for o, since := range p.turns {
		if took := now.Sub(since); took > max(c.cfg.TurnTimeout, c.cfg.ReadTimeout)+stuckAfter {
			return fmt.Errorf("a turn on line %s has lasted %s", o.address, took.Round(time.Second))
		}
	}
	return nil
}
