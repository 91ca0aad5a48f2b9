package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"phutai/grid"
	"phutai/store/pack"
)

// expireSlice bounds how many rows one transaction of retention removes: a
// commit, and with it an acknowledgement, waits for one such transaction.
const expireSlice = 2000

// Expired counts what retention has removed.
type Expired struct {
	Readings, Absences, Loadings, Days, DeadLetters int64
}

func (e *Expired) total() int64 { return e.Readings + e.Absences + e.Loadings + e.Days + e.DeadLetters }

// Expire removes what is older at now than it is kept, in slices of 2,000 rows
// at the most. Rest is called after each slice and may end it by false; what is
// left is removed by the next call. Consumers that have not come to a row that
// is removed never see it.
func (j *Journal) Expire(ctx context.Context, now time.Time, keep Keep, rest func(context.Context) bool) (Expired, error) {
	x := &expiry{j: j, rest: rest}
	for _, step := range []func(context.Context, time.Time) error{
		func(ctx context.Context, at time.Time) error {
			return x.points(ctx, before(at, keep.Readings), x.reading())
		},
		func(ctx context.Context, at time.Time) error {
			return x.points(ctx, before(at, keep.Readings), perishable{"substitute", "", new(int64), x.j.forgetSubstitutes})
		},
		func(ctx context.Context, at time.Time) error {
			return x.points(ctx, before(at, keep.Readings), perishable{"origin", "", new(int64), nothingKept})
		},
		func(ctx context.Context, at time.Time) error {
			return x.points(ctx, before(at, keep.Absences), x.absence())
		},
		func(ctx context.Context, at time.Time) error {
			return x.points(ctx, before(at, keep.Absences), perishable{"silence", "", &x.gone.Absences, x.j.forgetSilences})
		},
		func(ctx context.Context, at time.Time) error { return x.loadings(ctx, before(at, keep.Loadings)) },
		func(ctx context.Context, at time.Time) error { return x.days(ctx, before(at, keep.Days)) },
		func(ctx context.Context, at time.Time) error { return x.letters(ctx, before(at, keep.DeadLetters)) },
		func(ctx context.Context, at time.Time) error { return x.accounts(ctx, before(at, keep.Readings)) },
	} {
		if err := step(ctx, now); err != nil || x.ended {
			return x.gone, err
		}
	}
	return x.gone, nil
}

// expiry is one round of retention.
type expiry struct {
	j     *Journal
	rest  func(context.Context) bool
	ended bool // rest has said so
	gone  Expired
}

// perishable is one table by key of which old rows go.
type perishable struct {
	table string
	tally string // empty: it is not counted
	gone  *int64
	// forget brings the memory up to date after the rows of these numbers are
	// gone; it is called within the lock of writers.
	forget func(ctx context.Context, numbers map[int64]bool, cut time.Time) error
}

func (x *expiry) reading() perishable {
	return perishable{"reading", tallyReadings, &x.gone.Readings, x.j.forgetReadings}
}

func (x *expiry) absence() perishable {
	return perishable{"absence", tallyAbsences, &x.gone.Absences, x.j.forgetAbsences}
}

func (x *expiry) points(ctx context.Context, cut time.Time, p perishable) error {
	var numbers []int64
	for n := range x.j.points.all() {
		numbers = append(numbers, n)
	}
	return x.keyed(ctx, numbers, cut, p)
}

func (x *expiry) loadings(ctx context.Context, cut time.Time) error {
	return x.transformers(ctx, cut, perishable{"loading", "", &x.gone.Loadings, x.j.forgetLoadings})
}

// nothingKept is for tables of which nothing is in memory.
func nothingKept(context.Context, map[int64]bool, time.Time) error { return nil }

// days removes sums of days.
func (x *expiry) days(ctx context.Context, cut time.Time) error {
	return x.transformers(ctx, cut, perishable{"load_day", "", &x.gone.Days, nothingKept})
}

func (x *expiry) transformers(ctx context.Context, cut time.Time, p perishable) error {
	var numbers []int64
	for n := range x.j.transformers.all() {
		numbers = append(numbers, n)
	}
	return x.keyed(ctx, numbers, cut, p)
}

// keyed gathers old keys by the ranges of the numbers, over as many numbers as
// fill a slice. It reads beside the writer and locks it only to remove.
func (x *expiry) keyed(ctx context.Context, numbers []int64, cut time.Time, p perishable) error {
	if cut.IsZero() {
		return nil
	}
	query := fmt.Sprintf("SELECT key FROM %s WHERE key >= ? AND key < ? ORDER BY key LIMIT ?", p.table)
	var slice []int64
	flush := func() error {
		if len(slice) == 0 || x.ended {
			return nil
		}
		err := x.remove(ctx, slice, cut, p)
		slice = slice[:0]
		if err == nil && !x.rest(ctx) {
			x.ended = true
		}
		return err
	}
	for _, n := range numbers {
		for _, source := range []grid.Source{grid.Instant, grid.Profile} {
			lo, hi := pack.Range(n, source, time.Time{}, cut)
			for lo < hi && !x.ended {
				had := len(slice)
				err := x.j.each(ctx, query, func(r *sql.Rows) error {
					var key int64
					err := r.Scan(&key)
					slice = append(slice, key)
					return err
				}, lo, hi, expireSlice-had)
				if err != nil {
					return err
				}
				if len(slice) < expireSlice {
					break // no more of this series
				}
				lo = slice[len(slice)-1] + 1
				if err := flush(); err != nil {
					return err
				}
			}
		}
	}
	return flush()
}

// remove takes one slice of rows away.
func (x *expiry) remove(ctx context.Context, keys []int64, cut time.Time, p perishable) error {
	j := x.j
	j.writing.Lock()
	defer j.writing.Unlock()
	gone := int64(0) // a value that came meanwhile may have replaced an absence
	err := j.db.Tx(ctx, func(tx *sql.Tx) error {
		gone = 0
		drop, err := tx.PrepareContext(ctx, fmt.Sprintf("DELETE FROM %s WHERE key = ?", p.table))
		if err != nil {
			return err
		}
		defer drop.Close()
		for _, key := range keys {
			res, err := drop.ExecContext(ctx, key)
			if err != nil {
				return err
			}
			n, err := res.RowsAffected()
			if err != nil {
				return err
			}
			gone += n
		}
		if p.tally == "" {
			return nil
		}
		return count(ctx, tx, map[string]int64{p.tally: -gone})
	})
	if err != nil {
		return fmt.Errorf("remove old rows of %s: %w", p.table, err)
	}
	*p.gone += gone
	j.mu.Lock()
	switch p.tally {
	case tallyReadings:
		j.counts.Readings -= gone
	case tallyAbsences:
		j.counts.Absences -= gone
	}
	j.mu.Unlock()
	numbers := map[int64]bool{}
	for _, key := range keys {
		n, _, _ := pack.Unkey(key)
		numbers[n] = true
	}
	return p.forget(ctx, numbers, cut)
}

// letters removes those that nobody has looked after; they are counted.
func (x *expiry) letters(ctx context.Context, cut time.Time) error {
	for !cut.IsZero() && !x.ended {
		gone, err := x.j.expireLetters(ctx, cut)
		if err != nil || gone == 0 {
			return err
		}
		x.gone.DeadLetters += gone
		x.ended = !x.rest(ctx)
	}
	return nil
}

// accounts removes the audit's accounts of days of which no reading is kept.
func (x *expiry) accounts(ctx context.Context, cut time.Time) error {
	for !cut.IsZero() && !x.ended {
		gone, err := x.j.expireAccounts(ctx, cut)
		if err != nil || gone == 0 {
			return err
		}
		x.ended = !x.rest(ctx)
	}
	return nil
}

func (j *Journal) expireAccounts(ctx context.Context, cut time.Time) (int64, error) {
	j.writing.Lock()
	defer j.writing.Unlock()
	res, err := j.db.Write.ExecContext(ctx, `DELETE FROM collection WHERE (point, source, day) IN
		(SELECT point, source, day FROM collection WHERE day < ? LIMIT ?)`, cut.UnixMilli(), expireSlice)
	if err != nil {
		return 0, fmt.Errorf("remove old accounts of the audit: %w", err)
	}
	return res.RowsAffected()
}

func (j *Journal) expireLetters(ctx context.Context, cut time.Time) (gone int64, err error) {
	j.writing.Lock()
	defer j.writing.Unlock()
	err = j.db.Tx(ctx, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, "DELETE FROM dead_letter WHERE id IN (SELECT id FROM dead_letter WHERE last_seen < ? ORDER BY id LIMIT ?)", cut.UnixMilli(), expireSlice)
		if err != nil {
			return err
		}
		if gone, err = res.RowsAffected(); err != nil {
			return err
		}
		return count(ctx, tx, map[string]int64{tallyExpired: gone})
	})
	if err != nil {
		return 0, fmt.Errorf("remove old dead letters: %w", err)
	}
	j.mu.Lock()
	j.counts.DeadLetters -= gone
	j.mu.Unlock()
	return gone, nil
}
