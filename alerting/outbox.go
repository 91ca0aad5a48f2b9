package alerting

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"phutai/alerting/notify"
	"phutai/db"
)

// outbox is the table of pages as the dispatcher sees it. What waits for longer
// than reach is due: the clock has been set back since it was put off. Zero:
// nothing is.
type outbox struct {
	db    *db.DB
	reach time.Duration
}

// due lists what is to be sent now. A key is alarm/step: a page waits for an
// earlier one about its alarm.
const due = `SELECT id, channel, tries, body FROM page AS p WHERE (next_at <= ?1 OR next_at > ?3) AND NOT EXISTS (
	SELECT 1 FROM page AS e WHERE e.next_at > ?1 AND e.next_at <= ?3 AND e.id < p.id AND e.channel = p.channel
	AND substr(e.key, 1, instr(e.key, '/')) = substr(p.key, 1, instr(p.key, '/'))) ORDER BY id LIMIT ?2`

// Due gives what is to be sent now, oldest first, and when more will be.
func (o outbox) Due(ctx context.Context, now time.Time, limit int) ([]notify.Entry, time.Time, error) {
	latest := int64(math.MaxInt64)
	if o.reach > 0 {
		latest = now.Add(o.reach).UnixMilli()
	}
	rows, err := o.db.Read.QueryContext(ctx, due, now.UnixMilli(), limit, latest)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("look for pages to send: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []notify.Entry
	for rows.Next() {
		var (
			e    notify.Entry
			body string
		)
		if err := rows.Scan(&e.ID, &e.Channel, &e.Tries, &body); err != nil {
			return nil, time.Time{}, fmt.Errorf("look for pages to send: %w", err)
		}
		if err := json.Unmarshal([]byte(body), &e.Message); err != nil {
			return nil, time.Time{}, fmt.Errorf("page %d in the outbox: %w", e.ID, err)
		}
		out = append(out, e)
	}
	if err := rows.Err(); err != nil {
		return nil, time.Time{}, fmt.Errorf("look for pages to send: %w", err)
	}
	var next sql.NullInt64
	err = o.db.Read.QueryRowContext(ctx, `SELECT min(next_at) FROM page WHERE next_at > ? AND next_at <= ?`, now.UnixMilli(), latest).Scan(&next)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("look for pages to send: %w", err)
	}
	if !next.Valid {
		return out, time.Time{}, nil
	}
	return out, time.UnixMilli(next.Int64).UTC(), nil
}

// Sent strikes a page off.
func (o outbox) Sent(ctx context.Context, id int64, at time.Time) error {
	return o.note(ctx, `UPDATE page SET sent_at = ?, next_at = NULL, tries = tries + 1, reason = '' WHERE id = ?`, at.UnixMilli(), id)
}

// Failed notes an attempt; a zero next gives up.
func (o outbox) Failed(ctx context.Context, id int64, next time.Time, reason string) error {
	var at any
	if !next.IsZero() {
		at = next.UnixMilli()
	}
	return o.note(ctx, `UPDATE page SET next_at = ?, reason = ?, tries = tries + 1 WHERE id = ?`, at, reason, id)
}

func (o outbox) note(ctx context.Context, query string, args ...any) error {
	return o.db.Tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, query, args...); err != nil {
			return fmt.Errorf("note how a page went: %w", err)
		}
		return nil
	})
}
