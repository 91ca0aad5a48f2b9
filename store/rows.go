package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"phutai/grid"
	"phutai/store/pack"
)

// chunk is how many rows are read at a time, so that no reader keeps its
// snapshot, and with it the write-ahead log, while a caller thinks.
const chunk = 1000

// The kinds of row in the feed; part of the journal's format.
const (
	kindReading = 1
	kindLoading = 2
	kindScaled  = 3 // readings that were only made primary anew
)

// rows reads one of the two tables of packed rows.
type rows[T any] struct {
	j      *Journal
	kinds  []int
	table  string
	unpack func(key int64, body []byte) (T, error)
}

func readingRows(j *Journal) rows[grid.Reading] {
	return rows[grid.Reading]{j, []int{kindReading, kindScaled}, "reading", j.unpack}
}

func loadingRows(j *Journal) rows[grid.Loading] {
	return rows[grid.Loading]{j, []int{kindLoading}, "loading", j.unpackLoading}
}

// page gives the first rows with lo ≤ key < hi, at most chunk, and the last key.
func (t rows[T]) page(ctx context.Context, lo, hi int64) (part []T, last int64, err error) {
	query := fmt.Sprintf("SELECT key, body FROM %s WHERE key >= ? AND key < ? ORDER BY key LIMIT %d", t.table, chunk)
	err = t.j.each(ctx, query, func(r *sql.Rows) error {
		var body sql.RawBytes
		if err := r.Scan(&last, &body); err != nil {
			return err
		}
		x, err := t.unpack(last, body)
		part = append(part, x)
		return err
	}, lo, hi)
	return part, last, err
}

// walk hands the rows with lo ≤ key < hi to f, by key.
func (t rows[T]) walk(ctx context.Context, lo, hi int64, f func(T) error) error {
	for lo < hi {
		part, last, err := t.page(ctx, lo, hi)
		if err != nil {
			return err
		}
		for i := range part {
			if err := f(part[i]); err != nil {
				return err
			}
		}
		if len(part) < chunk {
			return nil
		}
		lo = last + 1
	}
	return nil
}

// of gives the rows of the keys, without those that are gone since.
func (t rows[T]) of(ctx context.Context, keys []int64) ([]T, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	find, err := t.j.db.Read.PrepareContext(ctx, fmt.Sprintf("SELECT body FROM %s WHERE key = ?", t.table))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", t.table, err)
	}
	defer find.Close()
	out := make([]T, 0, len(keys))
	for _, key := range keys {
		var body []byte
		switch err := find.QueryRowContext(ctx, key).Scan(&body); {
		case errors.Is(err, sql.ErrNoRows):
			continue // removed by retention
		case err != nil:
			return nil, fmt.Errorf("read %s: %w", t.table, err)
		}
		x, err := t.unpack(key, body)
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

// newest gives the row with the greatest key in lo ≤ key < hi, if there is one.
func (t rows[T]) newest(ctx context.Context, lo, hi int64) (x T, ok bool, err error) {
	var key int64
	var body []byte
	query := fmt.Sprintf("SELECT key, body FROM %s WHERE key >= ? AND key < ? ORDER BY key DESC LIMIT 1", t.table)
	switch err := t.j.db.Read.QueryRowContext(ctx, query, lo, hi).Scan(&key, &body); {
	case errors.Is(err, sql.ErrNoRows):
		return x, false, nil
	case err != nil:
		return x, false, fmt.Errorf("read newest of %s: %w", t.table, err)
	}
	x, err = t.unpack(key, body)
	return x, true, err
}

// logKeys puts changed keys into the feed and gives their place in it.
func logKeys(ctx context.Context, tx *sql.Tx, kind int, keys []int64) (seq int64, err error) {
	if len(keys) == 0 {
		return 0, nil
	}
	res, err := tx.ExecContext(ctx, "INSERT INTO commit_log (kind, keys) VALUES (?, ?)", kind, pack.AppendKeys(nil, keys))
	if err != nil {
		return 0, fmt.Errorf("write feed: %w", err)
	}
	return res.LastInsertId()
}

// grown wakes the followers after the feed has grown to seq; the caller holds mu.
func (j *Journal) grown(seq int64) {
	if seq == 0 {
		return
	}
	j.head = seq
	close(j.wake)
	j.wake = make(chan struct{})
}
