package store

import (
	"context"
	"fmt"

	"go.uber.org/zap"

	"phutai/grid"
	"phutai/store/pack"
)

// finish writes what a commit owes besides its rows: the feed and the tallies.
func (w *work) finish(ctx context.Context) error {
	if len(w.keys) > 0 {
		res, err := w.tx.ExecContext(ctx, "INSERT INTO commit_log (keys) VALUES (?)", pack.AppendKeys(nil, w.keys))
		if err != nil {
			return fmt.Errorf("write feed: %w", err)
		}
		if w.seq, err = res.LastInsertId(); err != nil {
			return err
		}
	}
	for name, n := range map[string]int64{"readings": int64(w.done.New), "absences": int64(w.done.Absences) - w.gone} {
		if n == 0 {
			continue
		}
		_, err := w.tx.ExecContext(ctx, "INSERT INTO tally (name, n) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET n = n + excluded.n", name, n)
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
	j.counts.Readings += int64(w.done.New)
	j.counts.Absences += int64(w.done.Absences) - w.gone
	j.counts.DeadLetters += w.buried
	for i := range w.readings {
		j.keepLatest(&w.readings[i])
	}
	if w.seq > 0 {
		j.head = w.seq
		close(j.wake)
		j.wake = make(chan struct{})
	}
}

// pruneEvery is how many commits pass between two looks at the feed's tail.
const pruneEvery = 64

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
	if w.seq > 0 && w.seq%pruneEvery == 0 {
		if err := j.prune(ctx); err != nil {
			j.log.Warn("feed is not shortened now, it will be later", zap.Error(err))
		}
	}
}
