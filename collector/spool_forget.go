package collector

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"phutai/db"
	"phutai/grid"
)

// removal is how many rows one transaction removes at most: on a full disk it has
// to fit into what the reserve gives.
const removal = 10_000

// pressing does what is worth the reserve on a full disk. The caller holds
// writeMu.
func (s *Spool) pressing(f func() error) error {
	err := f()
	if db.Full(err) && s.cramp() {
		err = f()
	}
	return err
}

// Forget removes what the watermark covers and gives how many readings went.
// A watermark of another epoch removes nothing; one beyond Sent is the caller's
// to recognize.
func (s *Spool) Forget(ctx context.Context, w grid.Watermark) (gone uint64, err error) {
	s.writeMu.Lock()
	defer s.writeMu.Unlock()
	if w.Epoch != s.epoch {
		return 0, nil
	}
	for more := true; more; {
		var d *draft
		err := s.pressing(func() error {
			d = s.draft()
			return s.db.Tx(ctx, func(tx *sql.Tx) error { return d.forget(ctx, tx, w) })
		})
		if err != nil {
			return gone, fmt.Errorf("remove what the center has: %w", err)
		}
		s.keep(ctx, d)
		gone += d.went
		more = d.went == removal
	}
	s.restock()
	return gone, nil
}

// forget removes rows that the watermark covers, up to the bound of a removal,
// notes the holes that nothing can fill, and drops the voids that the center
// knows of.
func (w *draft) forget(ctx context.Context, tx *sql.Tx, mark grid.Watermark) error {
	from := uint64(0)
	for _, hole := range append(slices.Clip(mark.Missing), [2]uint64{mark.Seq + 1, mark.Seq + 1}) {
		if hole[0] > from && w.went < removal {
			res, err := tx.ExecContext(ctx, `DELETE FROM spool WHERE seq IN (SELECT seq FROM spool WHERE seq >= ? AND seq < ? ORDER BY seq LIMIT ?)`,
				from, hole[0], removal-w.went)
			if err != nil {
				return err
			}
			n, err := res.RowsAffected()
			if err != nil {
				return err
			}
			w.went += uint64(n)
		}
		from = hole[1] + 1
	}
	if err := w.hollow(ctx, tx, mark); err != nil {
		return err
	}
	if err := w.told(ctx, tx, mark); err != nil {
		return err
	}
	return w.end(ctx, tx)
}

// Renew gives the spool a new epoch and counts from 1 again; all that it holds is
// unsent then. It is for a file that is older than what the center has seen of
// it, such as one put back from a backup: its numbers would be taken for readings
// that are there already.
func (s *Spool) Renew(ctx context.Context) error {
	s.writeMu.Lock()
	defer s.writeMu.Unlock()
	epoch, err := newEpoch()
	if err != nil {
		return err
	}
	var last uint64
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		for _, q := range []string{
			`CREATE TABLE renewed (seq INTEGER PRIMARY KEY, body BLOB NOT NULL)`,
			`INSERT INTO renewed SELECT row_number() OVER (ORDER BY seq), body FROM spool`,
			`DROP TABLE spool`, `ALTER TABLE renewed RENAME TO spool`,
			`DELETE FROM tombstone`, `DELETE FROM void`, `DELETE FROM age`, // they name old numbers
		} {
			if _, err := tx.ExecContext(ctx, q); err != nil {
				return err
			}
		}
		if err := tx.QueryRowContext(ctx, `SELECT coalesce(max(seq), 0) FROM spool`).Scan(&last); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE meta SET value = ? WHERE name = 'epoch'`, epoch); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE meta SET value = 0 WHERE name = 'sent'`); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE meta SET value = ? WHERE name = 'last'`, last)
		return err
	})
	if err != nil {
		return fmt.Errorf("renew spool: %w", err)
	}
	s.epoch, s.last, s.kept, s.fence, s.voids = epoch, last, 0, last, nil
	s.sent.Store(0)
	return nil
}
