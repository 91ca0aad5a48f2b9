package collector

import (
	"context"
	"database/sql"
	"fmt"

	"phutai/db"
	"phutai/grid"
)

// entry is what one Append wants committed. Only readings can be refused for
// lack of room; the word that some are missing is always worth a try.
type entry struct {
	readings []grid.Reading
	stones   []tombstone
	progress *meterProgress
	done     bool
	err      error
}

// meterProgress is how far a meter's load profile has been read.
type meterProgress struct {
	meter grid.MeterID
	raw   []byte
}

// Append commits readings and gives nil only when they are safe on the disk.
func (s *Spool) Append(ctx context.Context, readings []grid.Reading) error {
	return s.append(ctx, &entry{readings: readings})
}

// append commits e with whatever others wait for at this moment: whoever gets
// the lock commits for all.
func (s *Spool) append(ctx context.Context, e *entry) error {
	s.pendingMu.Lock()
	s.pending = append(s.pending, e)
	s.pendingMu.Unlock()

	s.writeMu.Lock()
	defer s.writeMu.Unlock()
	if e.done {
		return e.err
	}
	s.pendingMu.Lock()
	group := s.pending
	s.pending = nil
	s.pendingMu.Unlock()
	s.restock()
	// The others' contexts are not this one's: once begun, a commit ends.
	s.commit(context.WithoutCancel(ctx), group)
	return e.err
}

// commit commits those entries of the group for which there is room, in one, and
// notes with each how it went. What the disk has no room for may fit once the
// reserve is given up, which is not there for readings.
func (s *Spool) commit(ctx context.Context, group []*entry) {
	for again := true; again; {
		taken, total := s.taken(group)
		if len(taken) == 0 {
			return
		}
		w := s.draft()
		err := s.db.Tx(ctx, func(tx *sql.Tx) error { return w.append(ctx, tx, taken) })
		again = db.Full(err) && s.cramp()
		if err != nil {
			err = fmt.Errorf("commit %d readings to the spool: %w", total, err)
		} else {
			s.keep(ctx, w)
		}
		for _, e := range taken {
			e.err = err
		}
	}
}

// taken gives the entries of a group for which there is room, and how many
// readings they hold. All of the group counts as done.
func (s *Spool) taken(group []*entry) (taken []*entry, total uint64) {
	for _, e := range group {
		n := uint64(len(e.readings))
		e.done = true
		if e.err = s.refuses(n, total); e.err == nil {
			taken = append(taken, e)
			total += n
		}
	}
	return taken, total
}

// draft is one transaction in the making: what the spool will be after it.
type draft struct {
	*Spool
	last, sent uint64
	voids      [][2]uint64
	came, went uint64 // rows
	put        *sql.Stmt
}

// draft begins a transaction. The caller holds writeMu.
func (s *Spool) draft() *draft {
	return &draft{Spool: s, last: s.last, sent: s.sent.Load(), voids: s.voids}
}

// keep makes what a transaction has done known. The caller holds writeMu.
func (s *Spool) keep(ctx context.Context, w *draft) {
	s.last, s.kept, s.voids = w.last, w.sent, w.voids
	s.depth.Add(w.came - w.went)
	if w.went > 0 {
		s.unmeasured = measureEvery
	}
	_ = s.measure(ctx) // on an error the size before stands
	if w.came+w.went > 0 {
		s.tell()
	}
}

func (w *draft) append(ctx context.Context, tx *sql.Tx, entries []*entry) error {
	var body []byte
	for _, e := range entries {
		for i := range e.readings {
			body = appendRecord(body[:0], &e.readings[i])
			if err := w.insert(ctx, tx, body); err != nil {
				return err
			}
		}
		for i := range e.stones {
			if err := w.bury(ctx, tx, e.stones[i]); err != nil {
				return err
			}
		}
		if err := w.note(ctx, tx, e); err != nil {
			return err
		}
	}
	return w.end(ctx, tx)
}

// insert gives a record the next number.
func (w *draft) insert(ctx context.Context, tx *sql.Tx, body []byte) (err error) {
	if w.put == nil {
		if w.put, err = tx.PrepareContext(ctx, `INSERT INTO spool (seq, body) VALUES (?, ?)`); err != nil {
			return err
		}
	}
	w.last++
	w.came++
	_, err = w.put.ExecContext(ctx, w.last, body)
	return err
}

// note writes what goes with the readings of e.
func (w *draft) note(ctx context.Context, tx *sql.Tx, e *entry) error {
	for i := range e.readings {
		if err := w.enter(ctx, tx, e.readings[i].Key()); err != nil {
			return err
		}
	}
	if e.progress == nil {
		return nil
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO history VALUES (?, ?) ON CONFLICT (meter) DO UPDATE SET progress = excluded.progress`,
		string(e.progress.meter), e.progress.raw)
	return err
}

// enter writes a key into the ledger, if there is one.
func (w *draft) enter(ctx context.Context, tx *sql.Tx, k grid.Key) error {
	if !w.ledger {
		return nil
	}
	_, err := tx.ExecContext(ctx, `INSERT OR IGNORE INTO ledger VALUES (?, ?, ?)`, string(k.Point), k.Source, k.At.UnixMilli())
	return err
}

// end writes what a transaction writes at its end.
func (w *draft) end(ctx context.Context, tx *sql.Tx) error {
	if err := w.keepSent(ctx, tx, w.sent); err != nil {
		return err
	}
	if w.last == w.Spool.last {
		return nil
	}
	_, err := tx.ExecContext(ctx, `UPDATE meta SET value = ? WHERE name = 'last'`, w.last)
	return err
}
