package lossless

import (
	"context"
	"math"
	"time"

	"phutai/grid"
	"phutai/sim"
)

// same tells whether two figures are the same but for the last bits, which is
// far less than a step of the stored resolution.
func same(x, y float64) bool { return math.Abs(x-y) <= 1e-9*(1+math.Abs(y)) }

// rows holds the stored load profiles against the truth: all values the same,
// none more, and none less but those that a late meter is still to give.
func (c *Checker) rows(ctx context.Context) error {
	for _, p := range c.points {
		if err := c.rowsOf(ctx, p.ID); err != nil {
			return err
		}
	}
	return nil
}

func (c *Checker) rowsOf(ctx context.Context, p grid.PointID) error {
	v := &c.verdict
	got, first := map[time.Time]grid.Values{}, c.End
	err := c.series(ctx, p, grid.Profile, func(r grid.Reading) {
		got[r.At] = r.Values
		if r.PolledAt.Before(first) {
			first = r.PolledAt
		}
		if r.Interval != sim.Period || r.Quality != 0 {
			v.fault(&v.Wrong, "%s: row of %s is of %s and quality %b", p, r.At, r.Interval, r.Quality)
		}
	})
	if err != nil {
		return err
	}
	rows, err := c.Province.Rows(p, c.Start.Add(-c.Depth), c.End)
	if err != nil {
		return err
	}
	if c.faults[p] == sim.Silent || len(rows) == 0 {
		if len(got) != 0 {
			v.fault(&v.Wrong, "%s gives no load profile and has %d rows", p, len(got))
		}
		return nil
	}
	past, begun, err := pastOf(ctx, c.files[0], c.meters[p].ID)
	if err != nil {
		return err
	}
	late := c.faults[p] == sim.AnswerLate
	if c.Depth == 0 {
		return nil // load profiles are not read
	}
	if !begun && !late {
		v.fault(&v.Gaps, "%s: its load profile was never read", p)
		return nil
	}
	if !late && !past.upTo(c.Settled) {
		v.fault(&v.Gaps, "%s: its load profile is read up to %s but for %d stretches, at %s", p, time.UnixMilli(past.Newest).UTC(), len(past.Pending), c.End)
	}
	for _, row := range rows {
		have, ok := got[row.End]
		delete(got, row.End)
		if ok {
			if err := c.compare(p, row, have); err != nil {
				return err
			}
			continue
		}
		// A meter whose first answer came late is read back from then on.
		if row.End.Before(first.Add(-c.Depth)) {
			continue
		}
		if !past.unread(row.End) {
			v.fault(&v.Gaps, "%s: the row of %s is missing, though it counts as read", p, row.End)
		} else if !late && row.End.Before(c.Settled) {
			v.fault(&v.Gaps, "%s: the row of %s is missing", p, row.End)
		}
	}
	for at := range got {
		v.fault(&v.Wrong, "%s: the row of %s is in no meter", p, at)
	}
	return nil
}

// compare holds a row against what its meter had.
func (c *Checker) compare(p grid.PointID, row grid.Sample, have grid.Values) error {
	v := &c.verdict
	want, err := c.Province.Primary(p, row.Values)
	if err != nil {
		return err
	}
	for q, x := range have.All() {
		if y, ok := want.Get(q); !ok || !same(x, y) {
			v.fault(&v.Wrong, "%s: row of %s: %s is %v, the meter had %v", p, row.End, q, x, y)
		}
	}
	if have.Mask() != want.Mask() {
		v.fault(&v.Wrong, "%s: row of %s has quantities %b, the meter had %b", p, row.End, have.Mask(), want.Mask())
	}
	v.Rows++
	return nil
}
