package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"phutai/db"
)

// Order is what a person wants done about a dead letter.
type Order struct {
	Letter int64
	Retry  bool // otherwise it is dropped
}

// Letters is the dead letters of a journal file of which another process may be
// the owner. It reads, and writes nothing but orders: the owner carries them out.
type Letters struct{ db *db.DB }

// OpenLetters looks at the dead letters in d, the file of a journal.
func OpenLetters(ctx context.Context, d *db.DB) (*Letters, error) {
	var there bool
	err := d.Read.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'dead_letter_order')").Scan(&there)
	if err != nil {
		return nil, fmt.Errorf("open dead letters: %w", err)
	}
	if !there {
		return nil, fmt.Errorf("%s is of an earlier version: start this program on it once", d.Path())
	}
	return &Letters{d}, nil
}

// Each hands the letters to f, oldest first.
func (l *Letters) Each(ctx context.Context, f func(DeadLetter) error) error {
	return eachLetter(ctx, l.db.Read, f)
}

// Get gives one letter.
func (l *Letters) Get(ctx context.Context, id int64) (DeadLetter, error) {
	return oneLetter(ctx, l.db.Read, id)
}

// Shed gives how many letters there was no room for, and how many became too
// old, since the journal was made.
func (l *Letters) Shed(ctx context.Context) (shed, expired int64, err error) {
	err = l.db.Read.QueryRowContext(ctx, `SELECT coalesce(sum(n) FILTER (WHERE name = ?), 0), coalesce(sum(n) FILTER (WHERE name = ?), 0) FROM tally`,
		tallyShed, tallyExpired).Scan(&shed, &expired)
	if err != nil {
		return 0, 0, fmt.Errorf("count dead letters: %w", err)
	}
	return shed, expired, nil
}

// Give writes orders down, all or none: a letter that cannot be retried, or is
// not there, refuses them all. Of two orders about a letter the later counts.
func (l *Letters) Give(ctx context.Context, now time.Time, all ...Order) error {
	var refused []error
	for _, o := range all {
		d, err := l.Get(ctx, o.Letter)
		if err == nil && o.Retry {
			if why := d.Retryable(); why != nil {
				err = fmt.Errorf("dead letter %d cannot be retried: %w", o.Letter, why)
			}
		}
		refused = append(refused, err)
	}
	if err := errors.Join(refused...); err != nil {
		return err
	}
	return l.db.Tx(ctx, func(tx *sql.Tx) error {
		for _, o := range all {
			_, err := tx.ExecContext(ctx, `INSERT INTO dead_letter_order (letter, retry, given_at) VALUES (?, ?, ?)
				ON CONFLICT (letter) DO UPDATE SET retry = excluded.retry, given_at = excluded.given_at`, o.Letter, o.Retry, now.UnixMilli())
			if err != nil {
				return fmt.Errorf("write order about dead letter %d: %w", o.Letter, err)
			}
		}
		return nil
	})
}

// mostOrders bounds how many orders are read at a time.
const mostOrders = 1000

func orders(ctx context.Context, q *sql.DB) ([]Order, error) {
	rows, err := q.QueryContext(ctx, "SELECT letter, retry FROM dead_letter_order ORDER BY given_at, letter LIMIT ?", mostOrders)
	if err != nil {
		return nil, fmt.Errorf("look for orders: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []Order
	for rows.Next() {
		var o Order
		if err := rows.Scan(&o.Letter, &o.Retry); err != nil {
			return nil, fmt.Errorf("look for orders: %w", err)
		}
		out = append(out, o)
	}
	return out, rows.Err()
}

// forgetOrder removes an order about a letter that is gone.
func (j *Journal) forgetOrder(ctx context.Context, letter int64) error {
	j.writing.Lock()
	defer j.writing.Unlock()
	if _, err := j.db.Write.ExecContext(ctx, "DELETE FROM dead_letter_order WHERE letter = ?", letter); err != nil {
		return fmt.Errorf("remove order about dead letter %d: %w", letter, err)
	}
	return nil
}
