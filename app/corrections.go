package app

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"phutai/fleet"
	"phutai/grid"
	"phutai/loading"
	"phutai/store"
)

// corrections works out again what rests on the register after it has learnt
// something about the past, and what people order. It raises and clears no alarm.
type corrections struct {
	register *fleet.Register
	stations *stations
	journal  *store.Journal
	loading  *loading.Writer
	days     *store.Days
	keep     store.Keep
	every    time.Duration // between polls of a meter that has none of its own
	clock    grid.Clock
	report   func(error)
	log      *zap.Logger

	left    atomic.Int64 // stretches, when last counted
	version int64        // of history
	history ratios
}

// ordersEvery is how often orders are looked for, and tellEvery how often is told
// how far a long one has come, both in real time.
const (
	ordersEvery = 2 * time.Second
	tellEvery   = 30 * time.Second
)

// Run works until ctx ends. What it has begun it goes on with at the next start.
func (c *corrections) Run(ctx context.Context) error {
	tick := time.NewTicker(ordersEvery)
	defer tick.Stop()
	for {
		changed := c.register.Changed()
		err := c.work(ctx)
		if ctx.Err() != nil {
			return nil
		}
		c.report(err)
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		case <-tick.C:
		}
	}
}

// work does all that there is to do.
func (c *corrections) work(ctx context.Context) error {
	if err := c.look(ctx); err != nil {
		return err
	}
	told := time.Now()
	for {
		t, found, err := c.journal.NextTask(ctx)
		if err != nil || !found {
			c.left.Store(0)
			return err
		}
		if time.Since(told) > tellEvery || c.left.Load() == 0 {
			n, err := c.journal.Unfinished(ctx)
			if err != nil {
				return err
			}
			c.left.Store(int64(n))
			if time.Since(told) > tellEvery {
				told = time.Now()
				c.log.Info("figures are worked out again", zap.Int("points left", n), zap.String("point", string(t.Point)), zap.Time("at", t.At))
			}
		}
		if err := c.piece(ctx, t); err != nil {
			return fmt.Errorf("work out figures of %s again: %w", t.Point, err)
		}
		if err := c.look(ctx); err != nil { // it may have changed meanwhile
			return err
		}
	}
}

// look orders what follows from a register that has changed.
func (c *corrections) look(ctx context.Context) error {
	version := c.register.Version()
	derived, known, err := c.journal.DerivedBy(ctx)
	if err != nil || known && derived == version {
		return err
	}
	if !known { // an older program does not say: rows stand as they were derived
		return c.journal.DeriveBy(ctx, version, store.Again{}, nil)
	}
	change, err := c.register.Since(ctx, derived)
	if err != nil {
		return err
	}
	now := c.clock.Now()
	all, err := c.measured(ctx, touched(&change, now))
	if err != nil {
		return err
	}
	order := store.Again{By: fmt.Sprintf("register, version %d", change.Version), Why: told(&change, now), GivenAt: now}
	if err := c.journal.DeriveBy(ctx, change.Version, order, all); err != nil {
		return err
	}
	if len(all) > 0 {
		c.log.Info("the register was corrected: figures are worked out again", zap.String("by", order.By),
			zap.String("why", order.Why), zap.Time("since", first(all)), zap.Int("stretches", len(all)))
	}
	return nil
}

// mostTold is how many changes the log tells of one correction.
const mostTold = 5

// told words what a correction has changed about the past.
func told(c *fleet.Correction, now time.Time) string {
	text, more := "", 0
	for i := range c.Changes {
		x := &c.Changes[i]
		if !x.From.Before(now) || !matters(x) {
			continue
		}
		if more++; more > mostTold {
			continue
		}
		if text != "" {
			text += "; "
		}
		text += fmt.Sprintf("%s %s %s", x.Kind, x.ID, x.What)
		for _, f := range x.Fields {
			text += fmt.Sprintf(" %s %q -> %q", f.Column, f.Before, f.After)
		}
	}
	if more > mostTold {
		text += fmt.Sprintf("; and %d more", more-mostTold)
	}
	return text
}

func first(all []store.Stretch) time.Time {
	return slices.MinFunc(all, func(a, b store.Stretch) int { return a.From.Compare(b.From) }).From
}

// measured gives the stretches of which there is any reading.
func (c *corrections) measured(ctx context.Context, all []store.Stretch) (out []store.Stretch, err error) {
	for _, s := range all {
		_, found, err := c.journal.FirstFrom(ctx, s.Point, s.From, endOf(s))
		if err != nil {
			return nil, err
		}
		if found {
			out = append(out, s)
		}
	}
	return out, nil
}

// endOf is after all readings of a stretch: a row of a load profile stands at the end of
// its interval.
func endOf(s store.Stretch) time.Time {
	if s.To.IsZero() {
		return time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return s.To.Add(24 * time.Hour)
}

// overtaken orders readings to be made primary anew that were taken in with the
// ratio of before, while the register was changing.
func (c *corrections) overtaken(ctx context.Context, readings []grid.Reading) error {
	var all []store.Stretch
	for i := range readings {
		r := &readings[i]
		at := r.ValidAt()
		if ratio, ok := c.register.Ratio(r.Point, at); ok && !r.Absent() && ratio.Product() != r.Ratio {
			all = append(all, store.Stretch{Point: r.Point, From: at, To: at.Add(time.Millisecond)})
		}
	}
	if len(all) == 0 {
		return nil
	}
	return c.journal.OrderAgain(ctx, store.Again{By: "ingester", Why: "came with the ratio of before", GivenAt: c.clock.Now()}, merged(all))
}
