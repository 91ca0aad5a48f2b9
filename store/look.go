package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"phutai/grid"
	"phutai/store/pack"
)

// holds gives what the journal holds in the slots, and in those beside them.
func (j *Journal) holds(ctx context.Context, number int64, source grid.Source, s slots) (h held, err error) {
	lo, hi := pack.Range(number, source, time.UnixMilli(s.start(-1)), time.UnixMilli(s.start(s.n+1)))
	err = j.each(ctx, "SELECT key FROM reading WHERE key >= ? AND key < ? AND "+measured+" ORDER BY key", func(r *sql.Rows) error {
		var key int64
		err := r.Scan(&key)
		h.values = append(h.values, millis(key))
		return err
	}, lo, hi)
	if err != nil {
		return held{}, err
	}
	err = j.each(ctx, "SELECT key, polled_at, reason FROM absence WHERE key >= ? AND key < ? ORDER BY key", func(r *sql.Rows) error {
		var key, polled int64
		var why grid.Reason
		err := r.Scan(&key, &polled, &why)
		if source == grid.Profile && why == grid.Late {
			h.quiet = append(h.quiet, millis(key)) // a spool has given the row up, which is in the meter still
		} else {
			h.absences = append(h.absences, statedAt{millis(key), polled == unpolled})
		}
		return err
	}, lo, hi)
	if err != nil {
		return held{}, err
	}
	said, err := silencesIn(ctx, j.db.Read, series{number, source}, time.UnixMilli(s.start(-1)), time.UnixMilli(s.start(s.n+1)))
	for i := range said {
		for k := range said[i].n {
			h.quiet = append(h.quiet, said[i].mark(source, k).UnixMilli())
		}
	}
	return h, err
}

func millis(key int64) int64 {
	_, _, at := pack.Unkey(key)
	return at.UnixMilli()
}

// firstOf gives the time of the first value or absence of a point and source;
// zero: there is none.
func (j *Journal) firstOf(ctx context.Context, number int64, source grid.Source) (time.Time, error) {
	lo, hi := pack.Range(number, source, time.Time{}, farFuture)
	var key sql.NullInt64
	err := j.db.Read.QueryRowContext(ctx, `SELECT min(key) FROM (
		SELECT * FROM (SELECT key FROM reading WHERE key >= ?1 AND key < ?2 ORDER BY key LIMIT 1) UNION ALL
		SELECT * FROM (SELECT key FROM absence WHERE key >= ?1 AND key < ?2 ORDER BY key LIMIT 1))`, lo, hi).Scan(&key)
	if err != nil {
		return time.Time{}, fmt.Errorf("look for the first of a point: %w", err)
	}
	if !key.Valid {
		return time.Time{}, nil
	}
	_, _, at := pack.Unkey(key.Int64)
	return at, nil
}

// rowInterval gives the interval of a point's load profile at a time: that of
// the newest row before it, or of the newest there is, or else planned.
func (j *Journal) rowInterval(ctx context.Context, point grid.PointID, number int64, before time.Time, planned time.Duration) (time.Duration, error) {
	lo, hi := pack.Range(number, grid.Profile, time.Time{}, before)
	r, ok, err := readingRows(j).newest(ctx, lo, hi)
	if err != nil {
		return 0, err
	}
	if !ok {
		r, ok = j.LatestOf(point, grid.Profile)
	}
	if ok && r.Interval > 0 {
		return r.Interval, nil
	}
	return planned, nil
}

// contactNow gives how a point stands with its collector.
func (j *Journal) contactNow(point grid.PointID) grid.Contact {
	j.mu.RLock()
	defer j.mu.RUnlock()
	if c := j.contacts[point]; c != nil {
		return *c
	}
	return grid.Contact{Point: point}
}

// Brought counts the keys that collectors have brought: all that there are but
// those that the gap audit has stated or made.
func (j *Journal) Brought(ctx context.Context) (n int64, err error) {
	err = j.db.Read.QueryRowContext(ctx, `SELECT coalesce(sum(n), 0) - (SELECT count(*) FROM absence WHERE polled_at = ?) - (SELECT count(*) FROM substitute)
		FROM tally WHERE name IN ('readings', 'absences')`, int64(unpolled)).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count what collectors have brought: %w", err)
	}
	return n, nil
}

// withdraw removes single absences that the audit has stated and that a value has
// come for since, under a key beside theirs.
func (j *Journal) withdraw(ctx context.Context, keys []int64) error {
	if len(keys) == 0 {
		return nil
	}
	j.writing.Lock()
	defer j.writing.Unlock()
	var gone int64
	err := j.db.Tx(ctx, func(tx *sql.Tx) error {
		for _, key := range keys {
			res, err := tx.ExecContext(ctx, "DELETE FROM absence WHERE key = ? AND polled_at = ?", key, int64(unpolled))
			if err != nil {
				return err
			}
			n, err := res.RowsAffected()
			if err != nil {
				return err
			}
			gone += n
		}
		return count(ctx, tx, map[string]int64{tallyAbsences: -gone})
	})
	if err != nil {
		return fmt.Errorf("withdraw absences: %w", err)
	}
	j.mu.Lock()
	j.counts.Absences -= gone
	j.mu.Unlock()
	return nil
}

// account is what is known of one point and source on one day.
type account struct {
	number int64
	source grid.Source
	day    time.Time
	grid.Collection
}

func (j *Journal) accountOf(ctx context.Context, a account) (old grid.Collection, known bool, err error) {
	err = j.db.Read.QueryRowContext(ctx, "SELECT due, received, explained FROM collection WHERE point = ? AND source = ? AND day = ?",
		a.number, a.source, a.day.UnixMilli()).Scan(&old.Due, &old.Received, &old.Explained)
	if errors.Is(err, sql.ErrNoRows) {
		return old, false, nil
	}
	return old, err == nil, err
}

// saveAccounts writes accounts together with the place that the audit has come to.
func (j *Journal) saveAccounts(ctx context.Context, accounts []account, place []byte) error {
	err := j.db.Tx(ctx, func(tx *sql.Tx) error {
		for _, a := range accounts {
			_, err := tx.ExecContext(ctx, `INSERT INTO collection (point, source, day, due, received, explained) VALUES (?, ?, ?, ?, ?, ?)
				ON CONFLICT (point, source, day) DO UPDATE SET due = excluded.due, received = excluded.received, explained = excluded.explained`,
				a.number, a.source, a.day.UnixMilli(), a.Due, a.Received, a.Explained)
			if err != nil {
				return err
			}
		}
		return putState(ctx, tx, auditPlace, place)
	})
	if err != nil {
		return fmt.Errorf("save what the audit has found: %w", err)
	}
	return nil
}
