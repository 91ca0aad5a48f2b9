package collector

import (
	"context"
	"database/sql"
	"slices"

	"phutai/grid"
)

// vacate notes that the numbers first to last stand for nothing any more, so that
// the center need not wait for them.
func (w *draft) vacate(ctx context.Context, tx *sql.Tx, first, last uint64) error {
	var rest [][2]uint64
	joined := [2]uint64{first, last}
	for _, v := range w.voids {
		if v[1]+1 < joined[0] || v[0] > joined[1]+1 {
			rest = append(rest, v)
			continue
		}
		joined = [2]uint64{min(v[0], joined[0]), max(v[1], joined[1])}
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM void WHERE first BETWEEN ? AND ?`, joined[0], joined[1]); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO void VALUES (?, ?)`, joined[0], joined[1]); err != nil {
		return err
	}
	w.voids = append(rest, joined)
	slices.SortFunc(w.voids, func(a, b [2]uint64) int { return int(a[0]) - int(b[0]) })
	return nil
}

// hollow vacates what the center lacks and no row is left of: it had said that it
// has it, and has it no more, as after its journal was put back from a backup. Rows
// that stand between are sent again, and what lies between those is vacated then.
func (w *draft) hollow(ctx context.Context, tx *sql.Tx, mark grid.Watermark) error {
	for _, hole := range mark.Missing {
		var first, last sql.NullInt64
		err := tx.QueryRowContext(ctx, `SELECT min(seq), max(seq) FROM spool WHERE seq BETWEEN ? AND ?`, hole[0], hole[1]).Scan(&first, &last)
		if err != nil {
			return err
		}
		empty := [][2]uint64{hole}
		if first.Valid {
			empty = [][2]uint64{{hole[0], uint64(first.Int64) - 1}, {uint64(last.Int64) + 1, hole[1]}}
		}
		for _, e := range empty {
			known := slices.ContainsFunc(w.voids, func(v [2]uint64) bool { return v[0] <= e[0] && e[1] <= v[1] })
			if e[0] > e[1] || known {
				continue
			}
			if err := w.vacate(ctx, tx, e[0], e[1]); err != nil {
				return err
			}
		}
	}
	return nil
}

// told drops the voids that the watermark covers: the center knows of them.
func (w *draft) told(ctx context.Context, tx *sql.Tx, mark grid.Watermark) error {
	var rest [][2]uint64
	for _, v := range w.voids {
		missing := slices.ContainsFunc(mark.Missing, func(h [2]uint64) bool { return h[0] <= v[1] && v[0] <= h[1] })
		if missing || v[1] > mark.Seq {
			rest = append(rest, v)
			continue
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM void WHERE first = ?`, v[0]); err != nil {
			return err
		}
	}
	w.voids = rest
	return nil
}

func (s *Spool) loadVoids(ctx context.Context) (out [][2]uint64, err error) {
	rows, err := s.db.Read.QueryContext(ctx, `SELECT first, last FROM void ORDER BY first`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var v [2]uint64
		if err := rows.Scan(&v[0], &v[1]); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// Voids gives ranges of numbers up to last that stand for nothing any more and of
// which the center is not known to know, lowest first, as many as a batch lists.
func (s *Spool) Voids(last uint64) (out [][2]uint64) {
	s.writeMu.Lock()
	defer s.writeMu.Unlock()
	for _, v := range s.voids {
		if v[1] = min(v[1], last); v[0] <= last && len(out) < grid.MostVoids {
			out = append(out, v)
		}
	}
	return out
}
