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

// DropLoading removes the derived rows of a transformer that stand at the times of
// readings and were made of their point, as after the register has learnt that
// it did not stand there. It gives how many there were.
func (j *Journal) DropLoading(ctx context.Context, id grid.TransformerID, readings []grid.Reading) (gone int, err error) {
	number, ok := j.transformers.number(id)
	if !ok || len(readings) == 0 {
		return 0, nil
	}
	j.writing.Lock()
	defer j.writing.Unlock()
	if gone, err = j.dropLoading(ctx, number, readings); err != nil {
		return 0, fmt.Errorf("remove loading of %s: %w", id, err)
	}
	if gone == 0 {
		return 0, nil
	}
	return gone, j.renewLoadings(ctx, id, number)
}

func (j *Journal) dropLoading(ctx context.Context, number int64, readings []grid.Reading) (gone int, err error) {
	err = j.db.Tx(ctx, func(tx *sql.Tx) error {
		gone = 0
		for i := range readings {
			r := &readings[i]
			key, err := pack.Key(number, r.Source, r.At)
			if err != nil {
				return err
			}
			var body []byte
			switch err := tx.QueryRowContext(ctx, "SELECT body FROM loading WHERE key = ?", key).Scan(&body); {
			case errors.Is(err, sql.ErrNoRows):
				continue
			case err != nil:
				return err
			}
			l, err := j.unpackLoading(key, body)
			if err != nil {
				return err
			}
			if l.Point != r.Point {
				continue
			}
			if _, err := tx.ExecContext(ctx, "DELETE FROM loading WHERE key = ?", key); err != nil {
				return err
			}
			gone++
		}
		return nil
	})
	return gone, err
}

// renewLoadings notes the newest rows of a transformer anew; the caller holds writing.
func (j *Journal) renewLoadings(ctx context.Context, id grid.TransformerID, number int64) error {
	if err := j.forgetLoadings(ctx, map[int64]bool{number: true}, farFuture); err != nil {
		return err
	}
	for _, source := range []grid.Source{grid.Profile, grid.Instant} {
		lo, hi := pack.Range(number, source, time.Time{}, farFuture)
		l, ok, err := loadingRows(j).newest(ctx, lo, hi)
		if err != nil {
			return fmt.Errorf("newest loading of %s: %w", id, err)
		}
		if ok {
			j.mu.Lock()
			j.keepLoading(l)
			j.mu.Unlock()
		}
	}
	return nil
}
