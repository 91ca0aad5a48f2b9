package alerting

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"phutai/grid"
)

func pageKey(t *tracked) string { return fmt.Sprintf("%s/%d", t.alarm.ID, t.step) }

// machine is what the state database keeps of an alarm's machine.
type machine struct {
	State
	Fresh time.Duration // how old its values may be
}

// commit writes episodes, events and pages in one transaction.
func (e *Engine) commit(ctx context.Context, w *work) error {
	return e.deps.DB.Tx(ctx, func(tx *sql.Tx) error {
		for _, ev := range w.events {
			if err := ev.write(ctx, tx, w.now); err != nil {
				return fmt.Errorf("commit alarm %s: %w", ev.alarm.ID, err)
			}
		}
		for _, m := range w.pages {
			body, err := json.Marshal(m)
			if err != nil {
				return fmt.Errorf("commit page %s: %w", m.Key, err)
			}
			for _, c := range e.deps.Channels {
				_, err := tx.ExecContext(ctx, `INSERT INTO page (key, channel, body, next_at) VALUES (?, ?, ?, ?)`, m.Key, c.Name(), body, w.now.UnixMilli())
				if err != nil {
					return fmt.Errorf("commit page %s: %w", m.Key, err)
				}
			}
		}
		return nil
	})
}

func (ev event) write(ctx context.Context, tx *sql.Tx, now time.Time) error {
	alarm, err := json.Marshal(ev.alarm)
	if err != nil {
		return err
	}
	state, err := json.Marshal(machine{ev.state, ev.fresh})
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO alarm (seq, id, subject, open, step, alarm, state) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (seq) DO UPDATE SET open = excluded.open, step = excluded.step, alarm = excluded.alarm, state = excluded.state`,
		ev.seq, string(ev.alarm.ID), ev.subject.String(), ev.alarm.Active(), ev.step, alarm, state)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO alarm_event (id, step, at, change, who, alarm) VALUES (?, ?, ?, ?, ?, ?)`,
		string(ev.alarm.ID), ev.step, now.UnixMilli(), string(ev.change), ev.who, alarm)
	return err
}

// restore takes up the alarms that stand. Runs begin anew.
func (e *Engine) restore(ctx context.Context) error {
	if err := e.deps.DB.Read.QueryRowContext(ctx, `SELECT coalesce(max(seq), 0) + 1 FROM alarm`).Scan(&e.next); err != nil {
		return fmt.Errorf("restore alarms: %w", err)
	}
	rows, err := e.deps.DB.Read.QueryContext(ctx, `SELECT seq, step, alarm, state FROM alarm WHERE open = 1`)
	if err != nil {
		return fmt.Errorf("restore alarms: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var (
			t            tracked
			kept         machine
			alarm, state string
		)
		if err := rows.Scan(&t.seq, &t.step, &alarm, &state); err != nil {
			return fmt.Errorf("restore alarms: %w", err)
		}
		if err := json.Unmarshal([]byte(alarm), &t.alarm); err != nil {
			return fmt.Errorf("restore alarm %d: %w", t.seq, err)
		}
		if err := json.Unmarshal([]byte(state), &kept); err != nil {
			return fmt.Errorf("restore alarm %s: %w", t.alarm.ID, err)
		}
		t.state = kept.State
		t.state.TakenUp = e.deps.Clock.Now()
		t.state.Over, t.state.Under = [2]Run{}, [2]Run{}
		if t.fresh = kept.Fresh; t.fresh <= 0 {
			t.fresh = e.fresh(&grid.Loading{Source: grid.Instant})
		}
		s := subject{t.alarm.Kind, string(t.alarm.Transformer)}
		if t.alarm.Kind == grid.CommsLoss {
			s.id = string(t.alarm.Point)
		}
		e.alarms[s] = &t
	}
	return rows.Err()
}

// Event is one entry of the history.
type Event struct {
	Seq    int64
	At     time.Time
	Change Change
	Who    string     // of an acknowledgement
	Alarm  grid.Alarm // as it stood after the change
}

// History gives the newest events first, at most limit of them.
func (e *Engine) History(ctx context.Context, limit int) ([]Event, error) {
	rows, err := e.deps.DB.Read.QueryContext(ctx, `SELECT seq, at, change, who, alarm FROM alarm_event ORDER BY seq DESC LIMIT ?`, limit)
	if err != nil {
		return nil, fmt.Errorf("read the history of alarms: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []Event
	for rows.Next() {
		var (
			ev    Event
			at    int64
			alarm string
		)
		if err := rows.Scan(&ev.Seq, &at, &ev.Change, &ev.Who, &alarm); err != nil {
			return nil, fmt.Errorf("read the history of alarms: %w", err)
		}
		if err := json.Unmarshal([]byte(alarm), &ev.Alarm); err != nil {
			return nil, fmt.Errorf("read event %d: %w", ev.Seq, err)
		}
		ev.At = time.UnixMilli(at).UTC()
		out = append(out, ev)
	}
	return out, rows.Err()
}

// Stats counts over the life of the state database, Standing excepted. A page
// counts once, however many channels carry it.
type Stats struct {
	Standing int64 // alarms that stand or wait for an acknowledgement now
	Raised   int64 // episodes
	Paged    int64 // pages put into the outbox
	Sent     int64 // pages that one channel at least has delivered
	Waiting  int64 // pages that a channel still tries
	GivenUp  int64 // pages that no channel delivered and none tries
}

// Stats counts alarms and pages.
func (e *Engine) Stats(ctx context.Context) (Stats, error) {
	var s Stats
	err := e.deps.DB.Read.QueryRowContext(ctx, `SELECT
		(SELECT count(*) FROM alarm), count(*), coalesce(sum(sent), 0), coalesce(sum(due), 0), coalesce(sum(NOT sent AND NOT due), 0)
		FROM (SELECT max(sent_at IS NOT NULL) AS sent, max(next_at IS NOT NULL) AS due FROM page GROUP BY key)`).
		Scan(&s.Raised, &s.Paged, &s.Sent, &s.Waiting, &s.GivenUp)
	if err != nil {
		return s, fmt.Errorf("count alarms and pages: %w", err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, t := range e.alarms {
		if t.alarm.Active() {
			s.Standing++
		}
	}
	return s, nil
}
