package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"phutai/grid"
)

// load fills the memory from the tables.
func (j *Journal) load(ctx context.Context) error {
	steps := []func(context.Context) error{
		j.loadNames, j.loadCounts, j.loadProgress, j.loadLatest, j.loadContacts, j.loadLoadings, j.loadSilences, j.loadSubstitutes,
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (j *Journal) loadNames(ctx context.Context) error {
	err := j.each(ctx, "SELECT id, name FROM point", func(r *sql.Rows) error {
		var n int64
		var name string
		err := r.Scan(&n, &name)
		j.points.add(grid.PointID(name), n)
		return err
	})
	if err != nil {
		return err
	}
	err = j.each(ctx, "SELECT id, name FROM transformer", func(r *sql.Rows) error {
		var n int64
		var name string
		err := r.Scan(&n, &name)
		j.transformers.add(grid.TransformerID(name), n)
		return err
	})
	if err != nil {
		return err
	}
	return j.each(ctx, "SELECT id, mask, ratio, interval_ms FROM shape", func(r *sql.Rows) error {
		var n, mask, ms int64
		var ratio float64
		err := r.Scan(&n, &mask, &ratio, &ms)
		j.shapes.add(shapeOf(mask, ratio, ms), n)
		return err
	})
}

func (j *Journal) loadCounts(ctx context.Context) error {
	err := j.each(ctx, "SELECT name, n FROM tally", func(r *sql.Rows) error {
		var name string
		var n int64
		if err := r.Scan(&name, &n); err != nil {
			return err
		}
		switch name {
		case tallyReadings:
			j.counts.Readings = n
		case tallyAbsences:
			j.counts.Absences = n
		case tallyShed:
			j.counts.Shed = n
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := j.db.Read.QueryRowContext(ctx, "SELECT count(*) FROM dead_letter").Scan(&j.counts.DeadLetters); err != nil {
		return fmt.Errorf("count dead letters: %w", err)
	}
	// The sequence survives pruning in SQLite's own table of AUTOINCREMENT.
	err = j.db.Read.QueryRowContext(ctx, "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'commit_log'").Scan(&j.head)
	if err != nil {
		return fmt.Errorf("read head of feed: %w", err)
	}
	return nil
}

// readWithin bounds, in real time, how long one query holds its moment of the file.
// As long as a reader does that, the write-ahead log cannot begin anew and grows;
// so no row goes from here to code that may wait, and a query that hangs ends.
const readWithin = time.Minute

// each runs a query on a reader and hands its rows to f, one at a time.
func (j *Journal) each(ctx context.Context, query string, f func(*sql.Rows) error, args ...any) error {
	ctx, cancel := context.WithTimeout(ctx, readWithin)
	defer cancel()
	rows, err := j.db.Read.QueryContext(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("query journal: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows); err != nil {
			return fmt.Errorf("read journal: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read journal: %w", err)
	}
	return nil
}
