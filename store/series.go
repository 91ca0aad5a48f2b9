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
	return readingRows(j).walk(ctx, lo, hi, f)
}

// Has tells for each key whether the journal holds a reading or an absence that
// came, under it; substitutes are none. Times count by the millisecond.
func (j *Journal) Has(ctx context.Context, keys ...grid.Key) ([]bool, error) {
	out := make([]bool, len(keys))
	find, err := j.db.Read.PrepareContext(ctx, `SELECT 1 WHERE EXISTS (SELECT 1 FROM reading WHERE key = ?1 AND `+measured+`)
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
