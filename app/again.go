package app

import (
	"cmp"
	"context"
	"slices"
	"time"

	"go.uber.org/zap"

	"phutai/grid"
	"phutai/store"
)

// How much of a point's readings is worked out again in one go: some hundreds of polls,
// so that readings which come wait for little, and a commit is worth it.
const (
	pollsAtOnce   = 500
	leastAtOnce   = 24 * time.Hour
	longestAtOnce = 10 * 24 * time.Hour
)

// pieceOf gives the length of a piece that begins at a time.
func (c *corrections) pieceOf(point grid.PointID, at time.Time) time.Duration {
	st, _ := c.stations.Station(point, at)
	return min(max(pollsAtOnce*cmp.Or(max(st.Every, 0), c.every), leastAtOnce), longestAtOnce)
}

// piece works a part of a task out again: primary values, then the derived rows,
// and at the end of the stretch the temperatures. Doing it again changes nothing,
// and only what is done is noted.
func (c *corrections) piece(ctx context.Context, t store.Task) error {
	end := endOf(t.Stretch)
	from := t.At
	if months := c.keep.Loadings; months > 0 && from.Before(c.clock.Now().AddDate(0, -months, 0)) {
		from = c.clock.Now().AddDate(0, -months, 0) // rows of before would go again
	}
	at, found, err := c.journal.FirstFrom(ctx, t.Point, from, end)
	if err != nil {
		return err
	}
	next, done := end, store.Effort{}
	if found {
		if next = at.Add(c.pieceOf(t.Point, at)); next.After(end) {
			next = end
		}
		if done, err = c.again(ctx, t.Stretch, at, next); err != nil {
			return err
		}
	}
	if next.Before(end) {
		_, err := c.journal.TaskDone(ctx, t, next, done, c.clock.Now())
		return err
	}
	if err := c.loading.Settle(ctx); err != nil {
		return err
	}
	c.left.Add(-1)
	order, err := c.journal.TaskDone(ctx, t, time.Time{}, done, c.clock.Now())
	if err == nil && order != nil {
		c.log.Info("figures have been worked out again", zap.Int64("order", order.ID), zap.String("by", order.By), zap.String("why", order.Why),
			zap.Time("since", order.Since), zap.Int("stretches", order.Stretches), zap.Int("readings", order.Readings),
			zap.Int("with another ratio", order.Changed), zap.Int("ratio unknown", order.Unknown),
			zap.Int("loadings written", order.Written), zap.Int("loadings removed", order.Removed))
	}
	return err
}

// again works readings of a stretch with from ≤ At < to out again.
func (c *corrections) again(ctx context.Context, s store.Stretch, from, to time.Time) (e store.Effort, err error) {
	if version := c.register.Version(); c.history == nil || version != c.version {
		if c.history, err = c.register.PointHistory(ctx); err != nil {
			return e, err
		}
		c.version = version
	}
	inside := func(r *grid.Reading) bool {
		at := r.ValidAt()
		return !at.Before(s.From) && at.Before(s.To)
	}
	if e.Rescaled, err = c.journal.Rescale(ctx, s.Point, from, to, c.history.scaling(c.register), inside); err != nil {
		return e, err
	}
	var all []grid.Reading
	for _, source := range []grid.Source{grid.Instant, grid.Profile} {
		err := c.journal.Series(ctx, s.Point, source, from, to, func(r grid.Reading) error {
			if inside(&r) {
				all = append(all, r)
			}
			return nil
		})
		if err != nil {
			return e, err
		}
	}
	e.Readings = len(all)
	if e.Written, err = c.loading.Rederive(ctx, all); err != nil {
		return e, err
	}
	e.Removed, err = c.remove(ctx, s.Point, all)
	return e, err
}

// remove takes away the rows of transformers that do not stand behind the point of the
// readings after all. In other databases they stay.
func (c *corrections) remove(ctx context.Context, point grid.PointID, all []grid.Reading) (removed int, err error) {
	for _, id := range c.history.behind(point) {
		var gone []grid.Reading
		for i := range all {
			st, _ := c.stations.Station(point, all[i].ValidAt())
			if !slices.ContainsFunc(st.Transformers, func(t grid.Transformer) bool { return t.ID == id }) {
				gone = append(gone, all[i])
			}
		}
		if len(gone) == 0 {
			continue
		}
		n, err := c.journal.DropLoading(ctx, id, gone)
		if err != nil {
			return removed, err
		}
		removed += n
		// Also where none was left: the last try may have come no further.
		if err := c.loading.Walk(ctx, id, gone); err != nil {
			return removed, err
		}
		first, last := gone[0].ValidAt(), gone[0].ValidAt()
		for i := range gone {
			if at := gone[i].ValidAt(); at.Before(first) {
				first = at
			} else if at.After(last) {
				last = at
			}
		}
		if err := c.days.SumUp(ctx, id, first, last); err != nil {
			return removed, err
		}
	}
	return removed, nil
}
