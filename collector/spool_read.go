package collector

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"phutai/grid"
)

// Batch reads a run of readings without a hole, from the first one at or after
// from and not after to, at most limit. An empty batch: there are none.
func (s *Spool) Batch(ctx context.Context, from, to uint64, limit int) (grid.Batch, error) {
	rows, err := s.db.Read.QueryContext(ctx, `SELECT seq, body FROM spool WHERE seq BETWEEN ? AND ? ORDER BY seq LIMIT ?`, from, to, limit)
	if err != nil {
		return grid.Batch{}, fmt.Errorf("read spool from %d: %w", from, err)
	}
	defer func() { _ = rows.Close() }()
	var b grid.Batch
	for rows.Next() {
		var seq uint64
		var body []byte
		if err := rows.Scan(&seq, &body); err != nil {
			return grid.Batch{}, fmt.Errorf("read spool from %d: %w", from, err)
		}
		if b.FirstSeq == 0 {
			b.FirstSeq = seq
		}
		if seq != b.FirstSeq+uint64(len(b.Readings)) {
			break
		}
		r, err := parseRecord(body)
		if err != nil {
			return grid.Batch{}, fmt.Errorf("read spool at %d: %w", seq, err)
		}
		b.Readings = append(b.Readings, r)
	}
	return b, rows.Err()
}

// first gives the lowest sequence number in the spool, or the one that comes
// next if it is empty.
func (s *Spool) first(ctx context.Context) (seq uint64, err error) {
	_, last := s.Position()
	err = s.db.Read.QueryRowContext(ctx, `SELECT coalesce(min(seq), ?) FROM spool`, last+1).Scan(&seq)
	if err != nil {
		return 0, fmt.Errorf("find the first reading of the spool: %w", err)
	}
	return seq, nil
}

// Forget removes what the watermark covers and gives how many readings went.
// A watermark of another epoch removes nothing; one beyond Sent is the caller's
// to recognize.
func (s *Spool) Forget(ctx context.Context, w grid.Watermark) (uint64, error) {
	s.writeMu.Lock()
	defer s.writeMu.Unlock()
	if w.Epoch != s.epoch {
		return 0, nil
	}
	gone, sent := uint64(0), s.sent.Load()
	err := s.db.Tx(ctx, func(tx *sql.Tx) error {
		gone = 0
		from := uint64(0)
		for _, hole := range append(slices.Clip(w.Missing), [2]uint64{w.Seq + 1, w.Seq + 1}) {
			if hole[0] > from {
				res, err := tx.ExecContext(ctx, `DELETE FROM spool WHERE seq >= ? AND seq < ?`, from, hole[0])
				if err != nil {
					return err
				}
				n, err := res.RowsAffected()
				if err != nil {
					return err
				}
				gone += uint64(n)
			}
			from = hole[1] + 1
		}
		return s.keepSent(ctx, tx, sent)
	})
	if err != nil {
		return 0, fmt.Errorf("remove what the center has: %w", err)
	}
	s.kept = sent
	if gone > 0 {
		s.depth.Add(^(gone - 1))
		s.tell()
	}
	return gone, nil
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
	s.epoch, s.last, s.kept = epoch, last, 0
	s.sent.Store(0)
	return nil
}

// Ledger walks over the keys of all readings ever committed, if the spool keeps
// them.
func (s *Spool) Ledger(ctx context.Context, each func(grid.Key) error) error {
	rows, err := s.db.Read.QueryContext(ctx, `SELECT point, source, at FROM ledger ORDER BY point, source, at`)
	if err != nil {
		return fmt.Errorf("read ledger: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var point string
		var source uint8
		var at int64
		if err := rows.Scan(&point, &source, &at); err != nil {
			return fmt.Errorf("read ledger: %w", err)
		}
		if err := each(grid.Key{Point: grid.PointID(point), Source: grid.Source(source), At: time.UnixMilli(at).UTC()}); err != nil {
			return err
		}
	}
	return rows.Err()
}

// savePlan keeps a plan for the next start.
func (s *Spool) savePlan(ctx context.Context, p grid.Plan) error {
	raw, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("keep plan: %w", err)
	}
	s.writeMu.Lock()
	defer s.writeMu.Unlock()
	if _, err := s.db.Write.ExecContext(ctx, `INSERT INTO meta VALUES ('plan', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, raw); err != nil {
		return fmt.Errorf("keep plan: %w", err)
	}
	return nil
}

// plan gives the plan kept last; the zero plan if there is none.
func (s *Spool) plan(ctx context.Context) (p grid.Plan, err error) {
	var raw []byte
	err = s.db.Read.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = 'plan'`).Scan(&raw)
	if errors.Is(err, sql.ErrNoRows) {
		return p, nil
	}
	if err == nil {
		err = json.Unmarshal(raw, &p)
	}
	if err != nil {
		return grid.Plan{}, fmt.Errorf("read kept plan: %w", err)
	}
	return p, nil
}

// progress gives how far a meter's load profile has been read; nil: not begun.
func (s *Spool) progress(ctx context.Context, m grid.MeterID) (raw []byte, err error) {
	err = s.db.Read.QueryRowContext(ctx, `SELECT progress FROM history WHERE meter = ?`, string(m)).Scan(&raw)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read progress of meter %s: %w", m, err)
	}
	return raw, nil
}
