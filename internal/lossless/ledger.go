package lossless

import (
	"context"
	"strings"

	"phutai/grid"
)

// ledger holds what was committed to the spool against the rows of the journal:
// the same keys, each once, and none of the spool left.
func (c *Checker) ledger(ctx context.Context) error {
	v := &c.verdict
	left, err := number(ctx, c.files[0], `SELECT count(*) FROM spool`)
	if err != nil {
		return err
	}
	if left != 0 {
		v.fault(&v.Lost, "%d readings still lie in the spool", left)
	}
	letters, err := number(ctx, c.files[1], `SELECT count(*) FROM dead_letter`)
	if err != nil {
		return err
	}
	if letters != 0 {
		v.fault(&v.Lost, "%d dead letters", letters)
	}
	held, given := map[grid.Key]int{}, map[grid.Key]bool{}
	count := func(r grid.Reading) {
		if r.Absent() && r.PolledAt.IsZero() {
			return // by the gap audit: nobody polled it
		}
		held[r.Key()]++
		if r.Missing == grid.Late && strings.HasPrefix(r.Detail, "readings given up") {
			given[r.Key()] = true
		}
	}
	for _, p := range c.points {
		for _, s := range []grid.Source{grid.Instant, grid.Profile} {
			if err := c.series(ctx, p.ID, s, count); err != nil {
				return err
			}
		}
		if err := c.absences(ctx, p.ID, count); err != nil {
			return err
		}
	}
	for k, n := range held {
		if v.Stored += n; n > 1 {
			v.fault(&v.Doubled, "%v is in the journal %d times", k, n)
		}
	}
	n, err := number(ctx, c.files[1], `SELECT (SELECT count(*) FROM reading) + (SELECT count(*) FROM absence)`)
	if err != nil {
		return err
	}
	if n != v.Stored {
		v.fault(&v.Foreign, "the journal has %d rows of collectors, its points have %d", n, v.Stored)
	}
	err = c.spool.Ledger(ctx, func(k grid.Key) error {
		v.Committed++
		if held[k] == 0 {
			v.fault(&v.Lost, "%v was committed to the spool and is not in the journal", k)
		}
		delete(held, k)
		return nil
	})
	for k := range held {
		// A tombstone that may have been sent is followed by one for more readings,
		// and is no more in the ledger: the journal may have both.
		if given[k] && follows(given, k) {
			v.Replaced++
			continue
		}
		v.fault(&v.Foreign, "%v is in the journal and was never committed to the spool", k)
	}
	return err
}

// follows tells whether a later tombstone of the same point and source is there.
func follows(given map[grid.Key]bool, k grid.Key) bool {
	for other := range given {
		if other.Point == k.Point && other.Source == k.Source && other.At.After(k.At) {
			return true
		}
	}
	return false
}
