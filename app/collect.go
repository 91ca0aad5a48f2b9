package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"phutai/collector"
	"phutai/db"
	"phutai/grid"
	"phutai/meter"
	"phutai/mqtt"
)

// collecting is the role that polls.
type collecting struct {
	*collector.Collector
	link  *mqtt.CollectorLink
	clock grid.Clock
	id    grid.CollectorID
	said  chan grid.BackFillReply // on their way to the center
}

// saidAtOnce bounds the replies that may wait; one that is dropped costs a
// repetition of its command.
const saidAtOnce = 256

func newCollecting(ctx context.Context, cfg *Config, profiles *meter.Profiles, secret func(string) ([]byte, error), passwords map[string]string, clock grid.Clock, care db.Care, log *zap.Logger) (*collecting, error) {
	wire, err := linkConfig(cfg, string(cfg.Collector.ID), passwords)
	if err != nil {
		return nil, err
	}
	link, err := mqtt.NewCollectorLink(wire, cfg.Collector.ID, log)
	if err != nil {
		return nil, err
	}
	c, err := collector.Open(ctx, cfg.Collector, collector.Parts{Clock: clock, Lines: newLines(profiles, secret), Uplink: link, Log: log, Care: care})
	if err != nil {
		return nil, fmt.Errorf("collector: %w", err)
	}
	link.OnPlan(c.HandlePlan)
	link.OnWatermark(c.HandleWatermark)
	link.OnConnect(c.HandleConnect)
	out := &collecting{Collector: c, link: link, clock: clock, id: cfg.Collector.ID, said: make(chan grid.BackFillReply, saidAtOnce)}
	link.OnBackFill(func(b grid.BackFill) {
		c.HandleBackFill(b, func(o grid.Outcome) { out.say(grid.BackFillReply{ID: b.ID, Collector: out.id, Outcome: o}) })
	})
	return out, nil
}

// say puts a reply on its way. It never blocks: a line's owner waits for it.
func (c *collecting) say(r grid.BackFillReply) {
	select {
	case c.said <- r:
	default:
	}
}

// tellReplies publishes them until ctx ends.
func (c *collecting) tellReplies(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case r := <-c.said:
			// What does not arrive is asked for again.
			_ = c.link.PublishReply(ctx, r)
		}
	}
}

// Run polls and publishes until ctx ends.
func (c *collecting) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return c.link.Run(ctx) })
	g.Go(func() error { return c.Collector.Run(ctx) })
	g.Go(func() error { return c.tellStatus(ctx) })
	g.Go(func() error { return c.tellReplies(ctx) })
	return g.Wait()
}

// statusEvery is how often a collector says how it stands, in real time.
const statusEvery = 5 * time.Second

func (c *collecting) tellStatus(ctx context.Context) error {
	tick := time.NewTicker(statusEvery)
	defer tick.Stop()
	for {
		if c.link.Connected() {
			s, trouble := c.Stats(), inOneLine(c.Health())
			// A status that does not arrive is followed by the next one.
			_ = c.link.PublishStatus(ctx, mqtt.Status{
				Collector: c.id, Online: true, At: c.clock.Now(), Epoch: s.Epoch, PlanVersion: s.PlanVersion,
				Lines: s.Lines, Meters: s.Meters, Spool: s.Spool, LastSeq: s.LastSeq, Problem: trouble.En, ProblemVi: trouble.Vi,
			})
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// inOneLine joins troubles as a status carries them.
func inOneLine(all []collector.Trouble) collector.Trouble {
	var vi, en []string
	for _, t := range all {
		vi, en = append(vi, t.Vi), append(en, t.En)
	}
	return collector.Trouble{Vi: strings.Join(vi, "; "), En: strings.Join(en, "; ")}
}
