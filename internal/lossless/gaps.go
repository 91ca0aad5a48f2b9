package lossless

import (
	"context"
	"slices"
	"time"

	"phutai/grid"
)

// gaps wants of each poll that was due either its answer or the reason why there
// is none. What is due is counted in windows of three intervals: a poll may have its turn
// anywhere in its interval, and behind a busy line its answer may come in the next
// one. They reach from the first that was heard of a point until all was settled.
func (c *Checker) gaps(ctx context.Context) error {
	v := &c.verdict
	for _, p := range c.points {
		var answers, reasons []time.Time
		if err := c.series(ctx, p.ID, grid.Instant, func(r grid.Reading) { answers = append(answers, r.At) }); err != nil {
			return err
		}
		err := c.absences(ctx, p.ID, func(r grid.Reading) {
			v.Absences[r.Missing.String()]++
			if r.Missing == grid.NoReason || r.Values.Len() != 0 {
				v.fault(&v.Wrong, "%s: absence of %s with reason %q and %d values", p.ID, r.At, r.Missing, r.Values.Len())
			}
			if r.Source != grid.Instant {
				return
			}
			reasons = append(reasons, r.At)
			if r.Missing == grid.NotPolled && within(answers, r.At, r.At.Add(c.Every)) {
				v.fault(&v.Wrong, "%s: the poll of %s is said not to have been made, and its answer is there", p.ID, r.At)
			}
		})
		if err != nil {
			return err
		}
		known := slices.Concat(answers, reasons)
		if len(known) == 0 {
			v.fault(&v.Gaps, "%s: nothing was ever heard of it", p.ID)
			continue
		}
		slices.SortFunc(known, time.Time.Compare)
		for at := known[0]; at.Before(c.Settled.Add(-3 * c.Every)); at = at.Add(c.Every) {
			if v.Slots++; !within(known, at, at.Add(3*c.Every)) {
				v.fault(&v.Gaps, "%s: between %s and %s there is neither an answer nor a reason", p.ID, at, at.Add(3*c.Every))
			}
		}
	}
	return nil
}

// within tells whether one of the times, which are in order, lies in [from, to).
func within(times []time.Time, from, to time.Time) bool {
	i, _ := slices.BinarySearchFunc(times, from, time.Time.Compare)
	return i < len(times) && times[i].Before(to)
}
