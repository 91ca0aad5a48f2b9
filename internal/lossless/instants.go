package lossless

import (
	"context"
	"errors"
	"time"

	"phutai/grid"
	"phutai/sim"
)

// instants holds each figure that was read against what the meter showed at that
// minute, or a few minutes before where the poll was slow.
func (c *Checker) instants(ctx context.Context) error {
	for _, p := range c.points {
		var failed error
		answers := 0
		err := c.series(ctx, p.ID, grid.Instant, func(r grid.Reading) {
			answers++
			if failed == nil {
				failed = c.answer(p.ID, r)
			}
		})
		if err != nil || failed != nil {
			return errors.Join(err, failed)
		}
		if c.faults[p.ID] != sim.AnswerLate && c.dead(p.ID) != (answers == 0) { // one that is late may never be heard in time
			c.verdict.fault(&c.verdict.Wrong, "%s with fault %q has %d answers", p.ID, c.faults[p.ID], answers)
		}
	}
	return nil
}

// dead tells whether a meter never answers.
func (c *Checker) dead(p grid.PointID) bool {
	return c.faults[p] == sim.Silent || c.faults[p] == sim.DeadUnit
}

// answer judges one answer of a meter.
func (c *Checker) answer(p grid.PointID, r grid.Reading) error {
	v := &c.verdict
	v.Polls++
	if r.At.Before(c.Start) || r.At.After(c.End.Add(time.Minute)) {
		v.fault(&v.Wrong, "%s: a reading of %s, outside the time of the run", p, r.At)
	}
	shown := make([]grid.Values, int(c.Slowest/time.Minute)+1) // a meter renews its figures each minute
	for i := range shown {
		var err error
		if shown[i], err = c.shown(p, r.At.Add(-time.Duration(i)*time.Minute)); err != nil {
			return err
		}
	}
	for q, x := range r.Values.All() {
		found := false
		for i := range shown {
			if y, ok := shown[i].Get(q); ok && same(x, y) {
				found = true
				break
			}
		}
		if !found {
			y, _ := shown[0].Get(q)
			v.fault(&v.Wrong, "%s: at %s %s is %v, the meter showed %v", p, r.At, q, x, y)
		}
	}
	return nil
}

func (c *Checker) shown(p grid.PointID, at time.Time) (grid.Values, error) {
	v, err := c.Province.Shown(p, at)
	if err != nil {
		return v, err
	}
	return c.Province.Primary(p, v)
}
