package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"phutai/grid"
	"phutai/store/pack"
)

// Spool names one collector's spool: a collector that got a new disk goes on
// under a new epoch.
type Spool struct {
	Collector grid.CollectorID
	Epoch     string
}

// Entry is one batch ready to be committed. First and Count are the sequence
// numbers that count as done with it; with Count zero no progress is noted.
type Entry struct {
	Spool
	First    uint64
	Count    int
	Void     [][2]uint64    // further numbers that count as done: nothing will come under them
	Readings []grid.Reading // primary values, or absences
	Dead     []DeadLetter   // what of the batch could not be taken in
	Refused  []grid.Reading // absences in the places of dead letters

	Substitutes []Substitute // where there is nothing
	Retried     *Retried     // the dead letter that is dealt with by it; nil: none
}

// Committed is what a commit changed.
type Committed struct {
	New      int // readings that were not there
	Replaced int // readings that took the place of an absence or of worse ones
	Absences int // absences that were not there

	Substitutes int // that were not there
	Marks       map[Spool]grid.Watermark
}

// Commit writes the entries in one transaction that survives power loss, or
// nothing at all. Committing the same again changes nothing. A value that
// cannot be stored (not a number, beyond 2⁵⁰ of its last decimal place) or a
// time outside 2000 to 2069 fails the commit: see Check.
func (j *Journal) Commit(ctx context.Context, entries ...Entry) (Committed, error) {
	j.writing.Lock()
	defer j.writing.Unlock()
	w := &work{j: j, points: j.points.draft(), shapes: j.shapes.draft()}
	if err := w.write(ctx, entries); err != nil {
		return Committed{}, fmt.Errorf("commit to journal: %w", err)
	}
	j.afterCommit(ctx, w)
	return w.done, nil
}

// write is the transaction, and what makes it visible.
func (w *work) write(ctx context.Context, entries []Entry) error {
	w.j.unseen.Lock()
	defer w.j.unseen.Unlock()
	err := w.j.db.Tx(ctx, func(tx *sql.Tx) error {
		w.tx = tx
		for i := range entries {
			for k := range entries[i].Readings {
				if err := w.put(ctx, &entries[i].Readings[k]); err != nil {
					return err
				}
			}
			for k := range entries[i].Substitutes {
				if err := w.putSubstitute(ctx, &entries[i].Substitutes[k]); err != nil {
					return err
				}
			}
			if err := w.layAside(ctx, &entries[i]); err != nil {
				return err
			}
			if r := entries[i].Retried; r != nil {
				if err := w.settle(ctx, r); err != nil {
					return err
				}
			}
		}
		if err := w.breakSilences(ctx); err != nil {
			return err
		}
		var err error
		if w.done.Marks, err = w.j.advanceAll(ctx, tx, entries); err != nil {
			return err
		}
		return w.finish(ctx)
	})
	if err != nil {
		return err
	}
	w.publish(w.done.Marks)
	return nil
}

// Check tells why a reading cannot be stored, or nil.
func Check(r *grid.Reading) error {
	if _, err := pack.Key(1, r.Source, r.At); err != nil {
		return err
	}
	for q, x := range r.Values.All() {
		if err := pack.CheckValue(q, x); err != nil {
			return err
		}
	}
	return nil
}

// work is one commit in the making.
type work struct {
	j      *Journal
	tx     *sql.Tx
	points *draft[grid.PointID]
	shapes *draft[pack.Shape]
	insert *sql.Stmt
	drop   *sql.Stmt
	body   []byte

	done     Committed
	gone     int64   // absences that values replaced
	buried   int64   // dead letters, less those that went
	shed     int64   // dead letters that there was no room for
	made     int64   // substitutes, less those that went
	keys     []int64 // changed readings
	readings []grid.Reading
	absences []grid.Reading
	seq      int64
	spoken   map[series][]int64 // times of what has come where the audit may have said that there is nothing
	unsilent int64              // slots that the audit's word no longer stands for
}

func (w *work) put(ctx context.Context, r *grid.Reading) error {
	number, err := w.points.number(ctx, w.tx, r.Point)
	if err != nil {
		return err
	}
	key, err := pack.Key(number, r.Source, r.At)
	if err != nil {
		return fmt.Errorf("key of a reading of %s: %w", r.Point, err)
	}
	w.heard(series{number, r.Source}, r.At)
	if r.Absent() {
		return w.putAbsence(ctx, key, r)
	}
	shape, err := w.shapes.number(ctx, w.tx, pack.ShapeOf(r))
	if err != nil {
		return err
	}
	if w.body, err = pack.AppendReading(w.body[:0], shape, r); err != nil {
		return err
	}
	if w.insert == nil {
		if w.insert, err = w.tx.PrepareContext(ctx, "INSERT INTO reading (key, body) VALUES (?, ?) ON CONFLICT DO NOTHING"); err != nil {
			return err
		}
	}
	res, err := w.insert.ExecContext(ctx, key, w.body)
	if err != nil {
		return fmt.Errorf("insert reading of %s: %w", r.Point, err)
	}
	if n, err := res.RowsAffected(); err != nil {
		return err
	} else if n == 0 {
		return w.replace(ctx, key, r)
	}
	w.done.New++
	w.changed(key, r)
	return w.dropAbsence(ctx, key)
}

func (w *work) changed(key int64, r *grid.Reading) {
	w.keys = append(w.keys, key)
	kept := *r
	kept.At = r.At.UTC().Truncate(time.Millisecond)
	w.readings = append(w.readings, kept)
}

// replace writes r over the reading that stands under its key if it is better.
func (w *work) replace(ctx context.Context, key int64, r *grid.Reading) error {
	var body []byte
	if err := w.tx.QueryRowContext(ctx, "SELECT body FROM reading WHERE key = ?", key).Scan(&body); err != nil {
		return fmt.Errorf("read reading of %s: %w", r.Point, err)
	}
	n, err := pack.ReadingShape(body)
	if err != nil {
		return fmt.Errorf("read reading of %s: %w", r.Point, err)
	}
	shape, _ := w.shapes.thing(n)
	old, err := pack.Reading(body, shape, r.Key())
	if err != nil {
		return fmt.Errorf("read reading of %s: %w", r.Point, err)
	}
	if !better(r, &old) {
		return nil
	}
	if _, err := w.tx.ExecContext(ctx, "UPDATE reading SET body = ? WHERE key = ?", w.body, key); err != nil {
		return fmt.Errorf("replace reading of %s: %w", r.Point, err)
	}
	if _, err := w.tx.ExecContext(ctx, "DELETE FROM origin WHERE key = ?", key); err != nil {
		return fmt.Errorf("replace reading of %s: %w", r.Point, err)
	}
	w.done.Replaced++
	w.changed(key, r)
	return w.cameAfterAll(ctx, key)
}

// better tells whether a reading may replace the one under the same key: its
// worst grade is better, or it is as good and holds all quantities and more.
func better(r, old *grid.Reading) bool {
	a, b := r.Quality.Worst(&r.Values), old.Quality.Worst(&old.Values)
	if a != b {
		return a < b
	}
	return r.Values.Mask() != old.Values.Mask() && r.Values.Mask()&old.Values.Mask() == old.Values.Mask()
}
