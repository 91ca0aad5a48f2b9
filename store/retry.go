package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"
)

// Retried says with an entry what has become of a dead letter. The letter, and
// the order about it, go with the entry's commit.
type Retried struct {
	Letter int64
	Again  *DeadLetter // why it is still dead; nil: it is dealt with, and goes
}

// settle is the part of a commit that deals with a letter.
func (w *work) settle(ctx context.Context, r *Retried) error {
	if _, err := w.tx.ExecContext(ctx, "DELETE FROM dead_letter_order WHERE letter = ?", r.Letter); err != nil {
		return fmt.Errorf("settle dead letter %d: %w", r.Letter, err)
	}
	if r.Again != nil {
		again, seen := r.Again, r.Again.FirstSeen.UnixMilli()
		// It keeps its payload; with another reason it may have become the same as another one.
		var digest DeadLetter
		err := w.tx.QueryRowContext(ctx, "SELECT kind, collector, payload FROM dead_letter WHERE id = ?", r.Letter).Scan(&digest.Kind, &digest.Collector, &digest.Payload)
		if err != nil {
			return fmt.Errorf("renew dead letter %d: %w", r.Letter, err)
		}
		digest.Reason = again.Reason
		res, err := w.tx.ExecContext(ctx, `UPDATE OR IGNORE dead_letter SET digest = ?, reason = ?, detail = ?, last_seen = ?, times = times + 1 WHERE id = ?`,
			digest.digest(), again.Reason, again.Detail, seen, r.Letter)
		if err != nil {
			return fmt.Errorf("renew dead letter %d: %w", r.Letter, err)
		}
		if n, err := res.RowsAffected(); err != nil || n > 0 {
			return err
		}
	}
	res, err := w.tx.ExecContext(ctx, "DELETE FROM dead_letter WHERE id = ?", r.Letter)
	if err != nil {
		return fmt.Errorf("drop dead letter %d: %w", r.Letter, err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return fmt.Errorf("drop dead letter %d: %w", r.Letter, err)
	}
	if n == 0 {
		return fmt.Errorf("drop dead letter %d: %w", r.Letter, errNoLetter)
	}
	w.buried--
	return nil
}

// again takes a letter in as if it came now. Sequence numbers are left alone: a
// letter may be of a spool that is long gone, and a collector that still has the
// message is told of it when it sends it again.
func (g *Ingester) again(d *DeadLetter) Entry {
	still := func(err error) Entry {
		return Entry{Retried: &Retried{d.ID, &DeadLetter{FirstSeen: g.parts.Clock.Now(), Reason: d.Reason, Detail: err.Error()}}}
	}
	if err := d.Retryable(); err != nil {
		return still(err)
	}
	if d.kind() == LetterMessage {
		e := g.admit(Message{Collector: d.Collector, Payload: d.Payload})
		e.First, e.Count = 0, 0
		e.Retried = &Retried{Letter: d.ID}
		if len(e.Dead) == 1 && e.Dead[0].Kind == LetterMessage {
			e.Retried.Again, e.Dead = &e.Dead[0], nil
		}
		return e
	}
	r, err := parseLetter(d.Payload)
	if err != nil {
		return still(err)
	}
	now := g.parts.Clock.Now()
	stored, reason, detail := g.primary(r, now)
	if reason != "" {
		e := Entry{Retried: &Retried{d.ID, &DeadLetter{FirstSeen: now, Reason: reason, Detail: detail}}}
		if why, ok := g.refusal(&r, now, reason, detail); ok { // a letter of before has none yet
			e.Refused = append(e.Refused, why)
		}
		return e
	}
	e := Entry{Retried: &Retried{Letter: d.ID}}
	e.Readings = append(e.Readings, stored)
	return e
}

// ordersEvery is how often the owner looks for orders, in real time: people
// wait for it.
const ordersEvery = 2 * time.Second

// obey carries out what people order about dead letters, until ctx ends.
func (g *Ingester) obey(ctx context.Context) error {
	for {
		if err := g.Obey(ctx); err != nil && ctx.Err() == nil {
			g.log.Warn("orders about dead letters wait", zap.Error(err))
		}
		if !sleep(ctx, ordersEvery) {
			return nil
		}
	}
}

// Obey carries out the orders that there are. A letter that is retried goes the
// way of a message; it goes when it was stored, and otherwise has its count and
// reason renewed.
func (g *Ingester) Obey(ctx context.Context) error {
	j := g.parts.Journal
	given, err := orders(ctx, j.db.Read)
	if err != nil {
		return err
	}
	for _, o := range given {
		d, err := oneLetter(ctx, j.db.Read, o.Letter)
		if errors.Is(err, errNoLetter) {
			if err := j.forgetOrder(ctx, o.Letter); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		e := Entry{Retried: &Retried{Letter: o.Letter}}
		if o.Retry {
			e = g.again(&d)
		}
		done, err := j.Commit(ctx, e)
		if err != nil {
			return err
		}
		g.stats.add(0, []Entry{e}, done)
		g.log.Info("order about a dead letter carried out", zap.Int64("letter", o.Letter), zap.Bool("retry", o.Retry),
			zap.Bool("gone", e.Retried.Again == nil), zap.Int("stored", done.New+done.Replaced))
	}
	return nil
}
