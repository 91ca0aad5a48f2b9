package collector

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"time"

	"go.uber.org/zap"
)

// Age is counted in time during which the collector runs: a machine that was off
// for weeks, or whose clock jumps by years, sheds nothing before it has had its
// time to send.
const (
	ageEvery = time.Minute   // between two looks, of the collector's clock
	ageStep  = 10 * ageEvery // counts at most between two looks; more is a jump of the clock
	ageMark  = 60 * ageEvery // between two notes of how far the numbers had come
	ageChunk = 2_000         // rows given up in one transaction
)

// grow lets the spool grow older until ctx ends.
func (c *Collector) grow(ctx context.Context) error {
	clock := c.parts.Clock
	for before := clock.Now(); clock.Wait(ctx, before.Add(ageEvery)) == nil; {
		now := clock.Now()
		shed, err := c.spool.Expire(ctx, now.Sub(before))
		before = now
		c.count.shed.Add(shed)
		if shed > 0 {
			c.log.Error("readings given up: they waited for the center longer than spool_age allows", zap.Uint64("readings", shed))
		}
		if err != nil && ctx.Err() == nil {
			c.log.Warn("the age of the spool is not looked after", zap.Error(err))
		}
	}
	return nil
}

// Expire gives up what has waited for longer than the bound, where passed is the
// time since the last call, and tells how many readings that were. Tombstones stay
// in their place; old ones are merged and not given up.
func (s *Spool) Expire(ctx context.Context, passed time.Duration) (shed uint64, err error) {
	s.writeMu.Lock()
	defer s.writeMu.Unlock()
	s.restock()
	s.lived += min(max(passed, 0), ageStep)
	if s.bounds.Age <= 0 || s.lived-s.marked < ageMark {
		return 0, nil
	}
	var due uint64
	err = s.pressing(func() error {
		return s.db.Tx(ctx, func(tx *sql.Tx) error {
			due, err = s.markAge(ctx, tx)
			return err
		})
	})
	if err == nil {
		s.marked = s.lived
	}
	for more := due > 0; more && err == nil; {
		var d *draft
		var n uint64
		err = s.pressing(func() error {
			d, n = s.draft(), 0
			return s.db.Tx(ctx, func(tx *sql.Tx) error {
				n, err = d.expire(ctx, tx, due)
				return err
			})
		})
		if err == nil {
			s.keep(ctx, d)
			shed += n
			more = d.went >= ageChunk
		}
	}
	if err != nil {
		return shed, fmt.Errorf("give up what is too old: %w", err)
	}
	return shed, nil
}

// markAge notes how far the numbers have come by now, and gives the newest one
// that is too old; zero: none is.
func (s *Spool) markAge(ctx context.Context, tx *sql.Tx) (due uint64, err error) {
	if _, err := tx.ExecContext(ctx, `INSERT OR REPLACE INTO age VALUES (?, ?)`, s.lived, s.last); err != nil {
		return 0, err
	}
	if err := s.keepAge(ctx, tx); err != nil {
		return 0, err
	}
	before := s.lived - s.bounds.Age
	if err := tx.QueryRowContext(ctx, `SELECT coalesce(max(seq), 0) FROM age WHERE lived <= ?`, before).Scan(&due); err != nil {
		return 0, err
	}
	// The newest of them stays, in case that this time it cannot be done.
	_, err = tx.ExecContext(ctx, `DELETE FROM age WHERE lived < (SELECT max(lived) FROM age WHERE lived <= ?)`, before)
	return due, err
}

// keepAge writes for how long the spool has been at work. A crash costs an hour of
// it at most, which makes readings younger.
func (s *Spool) keepAge(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, `UPDATE meta SET value = ? WHERE name = 'lived'`, s.lived)
	return err
}

// expire turns the oldest rows up to number due into tombstones, and tells how
// many readings they held.
func (w *draft) expire(ctx context.Context, tx *sql.Tx, due uint64) (shed uint64, err error) {
	graves, seqs, err := w.exhume(ctx, tx, due)
	if err != nil || len(seqs) == 0 {
		return 0, err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM spool WHERE seq <= ?`, seqs[len(seqs)-1]); err != nil {
		return 0, err
	}
	w.went += uint64(len(seqs))
	first := seqs[0]
	for i, seq := range seqs {
		if i+1 < len(seqs) && seqs[i+1] == seq+1 {
			continue
		}
		if err := w.vacate(ctx, tx, first, seq); err != nil {
			return 0, err
		}
		if i+1 < len(seqs) {
			first = seqs[i+1]
		}
	}
	for _, g := range slices.SortedFunc(maps.Keys(graves), compareGraves) {
		t := graves[g]
		if err := w.bury(ctx, tx, t.tombstone); err != nil {
			return 0, err
		}
		shed += t.fresh
	}
	return shed, w.end(ctx, tx)
}

// dug is what one grave is to hold; fresh counts the readings that were not in a
// tombstone before.
type dug struct {
	tombstone
	fresh uint64
}

// exhume reads the oldest rows, at most a chunk of them, by the grave that each
// belongs to.
func (w *draft) exhume(ctx context.Context, tx *sql.Tx, due uint64) (graves map[grave]dug, seqs []uint64, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT seq, body FROM spool WHERE seq <= ? ORDER BY seq LIMIT ?`, due, ageChunk)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = rows.Close() }()
	graves = map[grave]dug{}
	for rows.Next() {
		var seq uint64
		var body []byte
		if err := rows.Scan(&seq, &body); err != nil {
			return nil, nil, err
		}
		t, fresh := tombstone{}, uint64(0)
		if isTombstone(body) {
			t, err = parseTombstone(body)
		} else {
			r, damaged := parseRecord(body)
			t, fresh, err = bury(&r, tooOld), 1, damaged
		}
		if err != nil {
			return nil, nil, fmt.Errorf("row %d: %w", seq, err)
		}
		d := graves[t.grave]
		d.merge(t)
		d.fresh += fresh
		graves[t.grave] = d
		seqs = append(seqs, seq)
	}
	return graves, seqs, rows.Err()
}

func compareGraves(a, b grave) int {
	return cmp.Or(cmp.Compare(a.point, b.point), cmp.Compare(a.source, b.source), cmp.Compare(a.why, b.why))
}
