package cases

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"phutai/grid"
	"phutai/plausibility"
)

// write commits the cases that changed in one transaction, and gives new ones
// their number.
func (w *work) write(ctx context.Context) error {
	lasting := w.past // what has ended goes first: there is one open case of a subject
	for _, ch := range w.cases {
		if !ch.quiet {
			lasting = append(lasting, ch)
		}
	}
	if len(lasting) == 0 {
		return nil
	}
	err := w.b.deps.DB.Tx(ctx, func(tx *sql.Tx) error {
		for _, ch := range lasting {
			if err := save(ctx, tx, ch); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep data cases: %w", err)
	}
	return nil
}

func save(ctx context.Context, tx *sql.Tx, ch *change) error {
	point, check := string(ch.c.Point), string(ch.c.Check)
	if _, err := tx.ExecContext(ctx, `UPDATE data_case SET muted = 0 WHERE muted = 1 AND point = ? AND check_name = ?`, point, check); err != nil {
		return err
	}
	var id any
	if ch.c.ID != 0 {
		id = ch.c.ID
	}
	body, err := json.Marshal(ch.c)
	if err != nil {
		return err
	}
	done, err := tx.ExecContext(ctx, `INSERT INTO data_case (id, point, check_name, open, muted, body) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET open = excluded.open, muted = excluded.muted, body = excluded.body`,
		id, point, check, ch.c.Open(), ch.muted, body)
	if err != nil || ch.c.ID != 0 {
		return err
	}
	ch.c.ID, err = done.LastInsertId()
	return err
}

// restore takes up what an earlier run left.
func (b *Book) restore(ctx context.Context) error {
	err := b.each(ctx, `SELECT id, body FROM data_case WHERE open = 1 OR muted = 1`, func(c grid.Case) {
		if s := (subject{c.Point, c.Check}); c.Open() {
			b.open[s] = &c
		} else {
			b.muted[s] = &c
		}
	})
	if err != nil {
		return err
	}
	rows, err := b.deps.DB.Read.QueryContext(ctx, `SELECT point, body FROM point_evidence`)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id, body string
		if err := rows.Scan(&id, &body); err != nil {
			return err
		}
		var p plausibility.Point
		if err := json.Unmarshal([]byte(body), &p); err != nil {
			return fmt.Errorf("evidence of point %s: %w", id, err)
		}
		b.points[grid.PointID(id)] = &p
	}
	return rows.Err()
}

// each reads cases; the query gives their numbers and bodies.
func (b *Book) each(ctx context.Context, query string, f func(grid.Case), args ...any) error {
	rows, err := b.deps.DB.Read.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var (
			id   int64
			body string
			c    grid.Case
		)
		if err := rows.Scan(&id, &body); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(body), &c); err != nil {
			return fmt.Errorf("data case %d: %w", id, err)
		}
		c.ID = id
		f(c)
	}
	return rows.Err()
}

// Closed gives the cases that were closed last, the newest first, at most limit.
func (b *Book) Closed(ctx context.Context, limit int) ([]grid.Case, error) {
	var out []grid.Case
	err := b.each(ctx, `SELECT id, body FROM data_case WHERE open = 0 ORDER BY id DESC LIMIT ?`, func(c grid.Case) { out = append(out, c) }, limit)
	if err != nil {
		return nil, fmt.Errorf("read closed data cases: %w", err)
	}
	return out, nil
}

// checkpoint saves what is remembered of the points that were read, and when open
// cases were last seen. Cases of points that have left the register end.
func (b *Book) checkpoint(ctx context.Context, now time.Time) error {
	w := b.work()
	for s := range b.open {
		if _, ok := b.deps.Register.Facts(s.point, now); !ok {
			w.end(s, grid.RegisterChanged)
		}
	}
	var left []grid.PointID
	for id := range b.points {
		if _, ok := b.deps.Register.Facts(id, now); !ok {
			left = append(left, id)
		}
	}
	if err := w.commit(ctx); err != nil {
		return err
	}
	err := b.deps.DB.Tx(ctx, func(tx *sql.Tx) error {
		for _, id := range left {
			if _, err := tx.ExecContext(ctx, `DELETE FROM point_evidence WHERE point = ?`, string(id)); err != nil {
				return err
			}
		}
		for id := range b.touched {
			if slices.Contains(left, id) {
				continue
			}
			body, err := json.Marshal(b.points[id])
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, `INSERT INTO point_evidence (point, body) VALUES (?, ?) ON CONFLICT (point) DO UPDATE SET body = excluded.body`, string(id), body); err != nil {
				return err
			}
		}
		for s := range b.seen {
			if c, ok := b.open[s]; ok {
				if err := save(ctx, tx, &change{c: *c}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep the evidence of points: %w", err)
	}
	for _, id := range left {
		delete(b.points, id)
	}
	clear(b.touched)
	clear(b.seen)
	b.saved = now
	return nil
}
