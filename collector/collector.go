package collector

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"phutai/db"
	"phutai/grid"
)

// Parts is what a collector is joined with. Log may be nil.
type Parts struct {
	Clock  grid.Clock
	Lines  Lines
	Uplink Uplink
	Log    *zap.Logger
	Care   db.Care // of the spool's file; its log is Log
}

// Collector polls what its plan says and hands it on.
type Collector struct {
	cfg    Config
	parts  Parts
	log    *zap.Logger
	spool  *Spool
	intake *intake
	turns  chan struct{} // bounds the meters asked at a time
	count  counters
	pulse  pulse
	wishes *wishes

	mu     sync.Mutex // guards the fields below
	plan   grid.Plan
	paused bool
	nudge  chan struct{} // a new plan, or a pause
	idle   chan struct{} // closed when a pause has taken hold
	mark   mailbox
}

// Open opens the spool and takes up the plan kept there. Close it after Run has
// returned.
func Open(ctx context.Context, cfg Config, parts Parts) (*Collector, error) {
	if problems := cfg.Validate(); len(problems) > 0 {
		return nil, fmt.Errorf("collector %s: %s", problems[0].Field, problems[0].Text)
	}
	log := parts.Log
	if log == nil {
		log = zap.NewNop()
	}
	care := parts.Care
	care.Log = log
	s, err := openBounded(ctx, cfg.Spool, cfg.bounds(), cfg.Ledger, care)
	if err != nil {
		return nil, err
	}
	c := &Collector{
		cfg: cfg, parts: parts, log: log.Named("collector").With(zap.String("collector", string(cfg.ID))), spool: s,
		turns: make(chan struct{}, cfg.Turns), nudge: make(chan struct{}, 1), idle: make(chan struct{}), mark: newMailbox(),
		wishes: newWishes(),
	}
	c.intake = newIntake(s, &c.count, c.log)
	if c.plan, err = s.plan(ctx); err != nil {
		// A plan that cannot be read is as good as none: the center has it.
		c.log.Warn("kept plan not usable, waiting for the center's", zap.Error(err))
	}
	return c, nil
}

// Close closes the spool.
func (c *Collector) Close() error { return c.spool.Close() }

// Run polls and publishes until ctx ends, and gives nil then. What has been read
// by that time is committed.
func (c *Collector) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return c.publish(ctx) })
	g.Go(func() error { return c.supervise(ctx) })
	g.Go(func() error { return c.grow(ctx) })
	return g.Wait()
}

// HandlePlan takes a plan and keeps it for the next start. Lines that are the
// same in it keep their connection, their breakers and their slots.
func (c *Collector) HandlePlan(p grid.Plan) {
	if p.Collector != c.cfg.ID {
		c.log.Warn("plan of another collector ignored", zap.String("of", string(p.Collector)))
		return
	}
	c.mu.Lock()
	same := p.Version == c.plan.Version && slices.Equal(p.Meters, c.plan.Meters)
	c.mu.Unlock()
	if same {
		return // it is retained, and comes again at each connect
	}
	if err := c.spool.savePlan(context.Background(), p); err != nil {
		c.log.Error("plan holds until the next start only", zap.Error(err))
	}
	c.mu.Lock()
	c.plan = p
	c.mu.Unlock()
	c.wake()
}

// HandleWatermark takes what the center says it has committed.
func (c *Collector) HandleWatermark(w grid.Watermark) { c.mark.put(w) }

// HandleConnect says that the uplink has just come back: what was under way may
// be lost and is sent again.
func (c *Collector) HandleConnect() { c.mark.reconnect() }

// Pause stops polling for good, cuts turns short and returns when all lines are
// closed. Run goes on publishing; with Drain it empties the spool.
func (c *Collector) Pause(ctx context.Context) error {
	c.mu.Lock()
	c.paused = true
	c.mu.Unlock()
	c.wake()
	select {
	case <-c.idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Drain waits until the watermark covers all that is in the spool.
func (c *Collector) Drain(ctx context.Context) error {
	for {
		changed := c.spool.Changed()
		n := c.spool.Depth()
		if n == 0 {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("%d readings are still in the spool: %w", n, ctx.Err())
		}
	}
}

// Ledger walks over the keys of all readings ever committed. It needs
// Config.Ledger.
func (c *Collector) Ledger(ctx context.Context, each func(grid.Key) error) error {
	return c.spool.Ledger(ctx, each)
}

func (c *Collector) wake() {
	select {
	case c.nudge <- struct{}{}:
	default:
	}
}
