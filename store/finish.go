package store

import (
	"context"
	"database/sql"
	"fmt"

	"go.uber.org/zap"

	"phutai/grid"
)

// finish writes what a commit owes besides its rows: the feed and the tallies.
func (w *work) finish(ctx context.Context) error {
	var err error
	if w.seq, err = logKeys(ctx, w.tx, kindReading, w.keys); err != nil {
		return err
	}
	return count(ctx, w.tx, map[string]int64{
		tallyReadings: int64(w.done.New + w.done.Substitutes), tallyAbsences: int64(w.done.Absences) - w.gone, tallyShed: w.shed,
	})
}

// The names of the tallies; part of the journal's format.
const (
	tallyReadings = "readings"
	tallyAbsences = "absences"
	tallyShed     = "letters shed"    // dead letters that there was no room for
	tallyExpired  = "letters expired" // dead letters that became too old
)

// count adds to the tallies.
func count(ctx context.Context, tx *sql.Tx, by map[string]int64) error {
	for name, n := range by {
		if n == 0 {
			continue
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO tally (name, n) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET n = n + excluded.n", name, n)
		if err != nil {
			return fmt.Errorf("write tally: %w", err)
		}
	}
	return nil
}

// publish makes a commit visible in memory and wakes the followers.
func (w *work) publish(marks map[Spool]grid.Watermark) {
	j := w.j
	w.points.keep()
	w.shapes.keep()
	j.mu.Lock()
	defer j.mu.Unlock()
	for key, mark := range marks {
		j.keepMark(key, mark)
	}
	j.counts.Readings += int64(w.done.New + w.done.Substitutes)
	j.counts.Substitutes += w.made
	j.counts.Absences += int64(w.done.Absences) - w.gone
	j.silent -= w.unsilent
	j.counts.DeadLetters += w.buried
	j.counts.Shed += w.shed
	for i := range w.readings {
		j.keepLatest(&w.readings[i])
	}
	j.grown(w.seq)
}

// afterCommit does what may fail without undoing the commit: it brings the
// contacts up to date and shortens the feed.
func (j *Journal) afterCommit(ctx context.Context, w *work) {
	recount := j.noteContacts(w.readings, w.absences)
	for point := range recount {
		c, err := j.contactOf(ctx, point)
		if err != nil {
			j.log.Warn("contact is rebuilt at the next start", zap.String("point", string(point)), zap.Error(err))
			continue
		}
		j.mu.Lock()
		j.contacts[point] = c
		j.mu.Unlock()
	}
	j.pruneSometimes(ctx, w.seq)
}
