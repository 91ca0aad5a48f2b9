package sim

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"phutai/sim/dlmsmeter"
)

// LateBy is how late the late meter answers, in real time: longer than a hasty
// collector waits, and within the ten seconds that a DLMS exchange is given.
const LateBy = 1500 * time.Millisecond

// Run serves all meters until ctx ends, and then gives nil. It listens first
// where Listen was not called. An error means that a socket broke.
func (p *Province) Run(ctx context.Context) error {
	if err := p.Listen(); err != nil {
		return err
	}
	p.mu.Lock()
	lines := p.lines
	p.mu.Unlock()
	group, ctx := errgroup.WithContext(ctx)
	for _, l := range lines {
		group.Go(func() error {
			err := p.serve(ctx, l)
			if ctx.Err() != nil {
				return nil
			}
			if err != nil {
				return fmt.Errorf("serve simulated meter of %s: %w", l.meters[0].point.ID, err)
			}
			return nil
		})
	}
	err := group.Wait()
	if closing := p.Close(); err == nil {
		err = closing
	}
	return err
}

func (p *Province) serve(ctx context.Context, l *served) error {
	first := l.meters[0]
	switch {
	case first.modbus:
		return p.serveGateway(ctx, l)
	case first.fault == Silent:
		return keepSilent(ctx, l.listener)
	}
	cfg := dlmsmeter.Config{
		Serial: string(first.meter.ID), SerialAt: first.serial, OffsetAt: first.clockOffset,
		CTNum: first.ownCT, CTDen: first.point.CTSecondary,
		VTNum: first.point.VTPrimary, VTDen: first.point.VTSecondary,
		Now: p.cfg.Now, Location: Zone(), Period: Period, Depth: p.cfg.History,
	}
	if first.meter.Secret != "" {
		cfg.Password = string(p.Secrets()[first.meter.Secret])
	}
	if first.fault == AnswerLate {
		cfg.Delay = LateBy
	}
	return dlmsmeter.Serve(ctx, l.listener, cfg, &source{province: p, station: first})
}
