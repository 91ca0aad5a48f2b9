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

// Series hands the readings with values of one point and source with
// from ≤ At < to to f, oldest first. An error of f ends it. A point that was
// never heard of has an empty series.
func (j *Journal) Series(ctx context.Context, point grid.PointID, source grid.Source, from, to time.Time, f func(grid.Reading) error) error {
	number, ok := j.points.number(point)
	if !ok {
		return nil
	}
	lo, hi := pack.Range(number, source, from, to)
	_, err := j.walk(ctx, lo, hi, func(part []grid.Reading, _ int64) error {
		for i := range part {
			if err := f(part[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

// walk hands the readings with lo ≤ key < hi to f in parts, with the last key
// of each part, and gives how many there were.
func (j *Journal) walk(ctx context.Context, lo, hi int64, f func([]grid.Reading, int64) error) (n int, err error) {
	for lo < hi {
		var part []grid.Reading
		var last int64
		err := j.each(ctx, fmt.Sprintf("SELECT key, body FROM reading WHERE key >= ? AND key < ? ORDER BY key LIMIT %d", chunk),
			func(rows *sql.Rows) error {
				var body sql.RawBytes
				if err := rows.Scan(&last, &body); err != nil {
					return err
				}
				r, err := j.unpack(last, body)
				part = append(part, r)
				return err
			}, lo, hi)
		if err != nil {
			return n, err
		}
		if len(part) == 0 {
			return n, nil
		}
		if err := f(part, last); err != nil {
			return n, err
		}
		n += len(part)
		if len(part) < chunk {
			return n, nil
		}
		lo = last + 1
	}
	return n, nil
}

// Has tells for each key whether the journal holds a reading or an absence
// under it. Times count by the millisecond.
func (j *Journal) Has(ctx context.Context, keys ...grid.Key) ([]bool, error) {
	out := make([]bool, len(keys))
	find, err := j.db.Read.PrepareContext(ctx, `SELECT 1 WHERE EXISTS (SELECT 1 FROM reading WHERE key = ?1)
		OR EXISTS (SELECT 1 FROM absence WHERE key = ?1)`)
	if err != nil {
		return nil, fmt.Errorf("look for keys: %w", err)
	}
	defer find.Close()
	for i, k := range keys {
		number, ok := j.points.number(k.Point)
		if !ok {
			continue
		}
		key, err := pack.Key(number, k.Source, k.At)
		if err != nil {
			continue // what cannot be a key is not there
		}
		var one int
		switch err := find.QueryRowContext(ctx, key).Scan(&one); {
		case err == nil:
			out[i] = true
		case !errors.Is(err, sql.ErrNoRows):
			return nil, fmt.Errorf("look for %v: %w", k, err)
		}
	}
	return out, nil
}
