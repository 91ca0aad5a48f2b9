package collector

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"phutai/grid"
)

// Batch reads a run of readings without a hole, from the first one at or after
// from and not after to, at most limit. An empty batch: there are none.
func (s *Spool) Batch(ctx context.Context, from, to uint64, limit int) (grid.Batch, error) {
	s.writeMu.Lock() // not amid a commit, which may be changing a tombstone
	s.fence = max(s.fence, min(to, s.last))
	s.writeMu.Unlock()
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

// first gives the lowest sequence number in the spool from seq on, or the one
// that comes next if there is none.
func (s *Spool) first(ctx context.Context, from uint64) (seq uint64, err error) {
	_, last := s.Position()
	err = s.db.Read.QueryRowContext(ctx, `SELECT coalesce(min(seq), ?) FROM spool WHERE seq >= ?`, last+1, from).Scan(&seq)
	if err != nil {
		return 0, fmt.Errorf("find the next reading of the spool: %w", err)
	}
	return seq, nil
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
	err = s.pressing(func() error {
		_, err := s.db.Write.ExecContext(ctx, `INSERT INTO meta VALUES ('plan', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, raw)
		return err
	})
	if err != nil {
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
