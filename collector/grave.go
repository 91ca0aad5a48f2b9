package collector

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// bury puts a tombstone into the spool. It is merged into the one that stands on
// the same grave, in its place if nobody can have seen that one yet.
func (w *draft) bury(ctx context.Context, tx *sql.Tx, t tombstone) error {
	key := []any{string(t.point), t.source, t.why}
	var seq uint64
	var body []byte
	err := tx.QueryRowContext(ctx, `SELECT t.seq, s.body FROM tombstone t JOIN spool s ON s.seq = t.seq WHERE t.point = ? AND t.source = ? AND t.why = ?`, key...).Scan(&seq, &body)
	stands := err == nil
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if stands {
		old, err := parseTombstone(body)
		if err != nil {
			return fmt.Errorf("tombstone %d: %w", seq, err)
		}
		t.merge(old)
		if err := w.strike(ctx, tx, &old); err != nil {
			return err
		}
	}
	// What grew too old was a reading of the ledger, and stays in it.
	if r := t.reading(); t.why != tooOld {
		if err := w.enter(ctx, tx, r.Key()); err != nil {
			return err
		}
	}
	if stands && seq > w.fence {
		_, err := tx.ExecContext(ctx, `UPDATE spool SET body = ? WHERE seq = ?`, appendTombstone(nil, &t), seq)
		return err
	}
	if stands {
		if _, err := tx.ExecContext(ctx, `DELETE FROM spool WHERE seq = ?`, seq); err != nil {
			return err
		}
		w.went++
		if err := w.vacate(ctx, tx, seq, seq); err != nil {
			return err
		}
	}
	if err := w.insert(ctx, tx, appendTombstone(nil, &t)); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO tombstone (point, source, why, seq) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET seq = excluded.seq`, append(key, w.last)...)
	return err
}

// strike takes the key of a tombstone that is no more out of the ledger.
func (w *draft) strike(ctx context.Context, tx *sql.Tx, t *tombstone) error {
	if !w.ledger || t.why == tooOld {
		return nil
	}
	r := t.reading()
	k := r.Key()
	_, err := tx.ExecContext(ctx, `DELETE FROM ledger WHERE point = ? AND source = ? AND at = ?`, string(k.Point), k.Source, k.At.UnixMilli())
	return err
}
