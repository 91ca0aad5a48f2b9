package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"phutai/db"
	"phutai/grid"
	"phutai/store/pack"
)

// againComponent names the versions of the tables of what is to be worked out again.
const againComponent = "recompute"

// againSchema1 has orders, and of each what is still to do: recompute_point loses
// its rows as they are done. Times are milliseconds; of validity in from_ms and
// to_ms, of readings in at_ms, up to which all is done.
const againSchema1 = `
CREATE TABLE recompute (
	id INTEGER PRIMARY KEY,
	given_by TEXT NOT NULL,
	why TEXT NOT NULL,
	given_at INTEGER NOT NULL,
	since_ms INTEGER NOT NULL,
	points INTEGER NOT NULL,
	readings INTEGER NOT NULL DEFAULT 0,
	scaled INTEGER NOT NULL DEFAULT 0,
	unknown INTEGER NOT NULL DEFAULT 0,
	written INTEGER NOT NULL DEFAULT 0,
	removed INTEGER NOT NULL DEFAULT 0,
	finished_at INTEGER
);
CREATE TABLE recompute_point (
	id INTEGER PRIMARY KEY,
	ord INTEGER NOT NULL REFERENCES recompute,
	point TEXT NOT NULL,
	from_ms INTEGER NOT NULL,
	to_ms INTEGER NOT NULL,
	at_ms INTEGER NOT NULL
);
CREATE INDEX recompute_point_ord ON recompute_point (ord, id);
`

// derivedState is the name under which the version of the register is kept by
// which the derived rows stand, or are ordered to.
const derivedState = "derived by"

// Stretch is the time of a metering point of which figures are to be worked out
// again: of readings with From ≤ ValidAt < To. A zero To is open.
type Stretch struct {
	Point    grid.PointID
	From, To time.Time
}

// Effort counts what working out again has come to.
type Effort struct {
	Readings int // looked at
	Rescaled
	Written int // derived rows
	Removed int // derived rows that follow from nothing any more
}

// Again is an order to work figures out again.
type Again struct {
	ID        int64
	By, Why   string
	GivenAt   time.Time
	Since     time.Time // the earliest From; zero: ever
	Stretches int
	Effort
}

// Task is what is left of one stretch of an order.
type Task struct {
	id, order int64
	Stretch
	At time.Time // readings before it are done
}

// The ends of time in the table: all keys lie between.
var (
	everMillis = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	openMillis = farFuture.UnixMilli()
)

// OrderAgain writes an order down for the journal's owner, which carries it out: at
// once if it runs, or at its next start. d is the journal's file.
func OrderAgain(ctx context.Context, d *db.DB, a Again, all []Stretch) error {
	var there bool
	err := d.Read.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'recompute_point')").Scan(&there)
	if err != nil {
		return fmt.Errorf("order to work out again: %w", err)
	}
	if !there {
		return fmt.Errorf("%s is of an earlier version: start this program on it once", d.Path())
	}
	return d.Tx(ctx, func(tx *sql.Tx) error { return orderAgain(ctx, tx, a, all) })
}

// OrderAgain writes an order down.
func (j *Journal) OrderAgain(ctx context.Context, a Again, all []Stretch) error {
	return j.db.Tx(ctx, func(tx *sql.Tx) error { return orderAgain(ctx, tx, a, all) })
}

// DeriveBy writes an order down together with the version of the register by which
// derived rows stand once it is carried out. Without stretches only that is noted.
func (j *Journal) DeriveBy(ctx context.Context, version int64, a Again, all []Stretch) error {
	return j.db.Tx(ctx, func(tx *sql.Tx) error {
		if len(all) > 0 {
			if err := orderAgain(ctx, tx, a, all); err != nil {
				return err
			}
		}
		return putState(ctx, tx, derivedState, fmt.Append(nil, version))
	})
}

// DerivedBy gives the version that DeriveBy has noted last; false: none yet.
func (j *Journal) DerivedBy(ctx context.Context) (version int64, known bool, err error) {
	raw, err := j.LoadState(ctx, derivedState)
	if err != nil || raw == nil {
		return 0, false, err
	}
	if _, err := fmt.Sscan(string(raw), &version); err != nil {
		return 0, false, fmt.Errorf("state %s: %w", derivedState, err)
	}
	return version, true, nil
}

func orderAgain(ctx context.Context, tx *sql.Tx, a Again, all []Stretch) error {
	since := openMillis
	for _, s := range all {
		since = min(since, s.from())
	}
	res, err := tx.ExecContext(ctx, "INSERT INTO recompute (given_by, why, given_at, since_ms, points) VALUES (?, ?, ?, ?, ?)",
		a.By, a.Why, a.GivenAt.UnixMilli(), since, len(all))
	if err != nil {
		return fmt.Errorf("order to work out again: %w", err)
	}
	id, err := res.LastInsertId()
	if err != nil {
		return err
	}
	put, err := tx.PrepareContext(ctx, "INSERT INTO recompute_point (ord, point, from_ms, to_ms, at_ms) VALUES (?, ?, ?, ?, ?)")
	if err != nil {
		return err
	}
	defer put.Close()
	for _, s := range all {
		if _, err := put.ExecContext(ctx, id, string(s.Point), s.from(), s.to(), s.from()); err != nil {
			return fmt.Errorf("order to work out %s again: %w", s.Point, err)
		}
	}
	return nil
}

func (s *Stretch) from() int64 { return max(everMillis, s.From.UnixMilli()) }

func (s *Stretch) to() int64 {
	if s.To.IsZero() {
		return openMillis
	}
	return s.To.UnixMilli()
}

// NextTask gives what is to be worked out again next; false: nothing.
func (j *Journal) NextTask(ctx context.Context) (t Task, found bool, err error) {
	var from, to, at int64
	err = j.db.Read.QueryRowContext(ctx, "SELECT id, ord, point, from_ms, to_ms, at_ms FROM recompute_point ORDER BY ord, id LIMIT 1").
		Scan(&t.id, &t.order, &t.Point, &from, &to, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return t, false, nil
	}
	if err != nil {
		return t, false, fmt.Errorf("look for what is to be worked out again: %w", err)
	}
	t.From, t.To, t.At = time.UnixMilli(from).UTC(), time.UnixMilli(to).UTC(), time.UnixMilli(at).UTC()
	return t, true, nil
}

// TaskDone notes that readings before next are done, which took an effort; a zero
// next: the whole stretch. It gives the order where that was the last of it.
func (j *Journal) TaskDone(ctx context.Context, t Task, next time.Time, e Effort, now time.Time) (finished *Again, err error) {
	err = j.db.Tx(ctx, func(tx *sql.Tx) error {
		finished = nil
		_, err := tx.ExecContext(ctx, `UPDATE recompute SET readings = readings + ?, scaled = scaled + ?, unknown = unknown + ?, written = written + ?, removed = removed + ? WHERE id = ?`,
			e.Readings, e.Changed, e.Unknown, e.Written, e.Removed, t.order)
		if err != nil {
			return err
		}
		if !next.IsZero() {
			_, err := tx.ExecContext(ctx, "UPDATE recompute_point SET at_ms = ? WHERE id = ?", next.UnixMilli(), t.id)
			return err
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM recompute_point WHERE id = ?", t.id); err != nil {
			return err
		}
		a := Again{ID: t.order}
		var since, given int64
		err = tx.QueryRowContext(ctx, `UPDATE recompute SET finished_at = ?1 WHERE id = ?2 AND NOT EXISTS (SELECT 1 FROM recompute_point WHERE ord = ?2)
			RETURNING given_by, why, given_at, since_ms, points, readings, scaled, unknown, written, removed`, now.UnixMilli(), t.order).
			Scan(&a.By, &a.Why, &given, &since, &a.Stretches, &a.Readings, &a.Changed, &a.Unknown, &a.Written, &a.Removed)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		a.GivenAt = time.UnixMilli(given).UTC()
		if since > everMillis {
			a.Since = time.UnixMilli(since).UTC()
		}
		finished = &a
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("note what is worked out again: %w", err)
	}
	return finished, nil
}

// Unfinished counts the stretches that are still to be worked out again.
func (j *Journal) Unfinished(ctx context.Context) (n int, err error) {
	err = j.db.Read.QueryRowContext(ctx, "SELECT count(*) FROM recompute_point").Scan(&n)
	return n, err
}

// FirstFrom gives the time of the first reading with values of a point with from ≤
// At < to, of whatever source; false: there is none.
func (j *Journal) FirstFrom(ctx context.Context, point grid.PointID, from, to time.Time) (first time.Time, found bool, err error) {
	number, ok := j.points.number(point)
	if !ok {
		return first, false, nil
	}
	for _, source := range []grid.Source{grid.Instant, grid.Profile} {
		lo, hi := pack.Range(number, source, from, to)
		var key int64
		switch err := j.db.Read.QueryRowContext(ctx, "SELECT key FROM reading WHERE key >= ? AND key < ? ORDER BY key LIMIT 1", lo, hi).Scan(&key); {
		case errors.Is(err, sql.ErrNoRows):
			continue
		case err != nil:
			return first, false, fmt.Errorf("look for readings of %s: %w", point, err)
		}
		if _, _, at := pack.Unkey(key); !found || at.Before(first) {
			first, found = at, true
		}
	}
	return first, found, nil
}
