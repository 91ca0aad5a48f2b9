package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"

	"phutai/grid"
	"phutai/store/pack"
)

// Pauses between two attempts to hand the same rows over.
const (
	firstPause = 250 * time.Millisecond
	lastPause  = 30 * time.Second
)

// Follow hands every reading with values to f, as it stands in the journal:
// under a new name first all that there are, by point and time, and from then
// on what changes, as it changes. It blocks until ctx ends. Readings are handed
// over at least once: the place is saved after f has succeeded. When f fails,
// the same readings are handed over again after a pause. Follow a name from one
// goroutine only, for one kind of row.
func (j *Journal) Follow(ctx context.Context, name string, f func(context.Context, []grid.Reading) error) error {
	return follow(ctx, j, readingRows(j), name, f)
}

// FollowMeasured is Follow without the readings that a correction of their ratio
// has only made primary anew.
func (j *Journal) FollowMeasured(ctx context.Context, name string, f func(context.Context, []grid.Reading) error) error {
	rows := readingRows(j)
	rows.kinds = []int{kindReading}
	return follow(ctx, j, rows, name, f)
}

// FollowLoading is Follow for the derived rows.
func (j *Journal) FollowLoading(ctx context.Context, name string, f func(context.Context, []grid.Loading) error) error {
	return follow(ctx, j, loadingRows(j), name, f)
}

func follow[T any](ctx context.Context, j *Journal, rows rows[T], name string, f func(context.Context, []T) error) error {
	fl := follower[T]{j: j, rows: rows, name: name}
	pause := firstPause
	for {
		wake := j.waker()
		moved, err := fl.step(ctx, f)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			fl.placed = false
			j.log.Warn("consumer of the journal failed, the same rows come again",
				zap.String("consumer", name), zap.Duration("pause", pause), zap.Error(err))
			if !sleep(ctx, pause) {
				return nil
			}
			pause = min(2*pause, lastPause)
		case moved:
			pause = firstPause
		default:
			select {
			case <-ctx.Done():
				return nil
			case <-wake:
			}
		}
	}
}

func (j *Journal) waker() <-chan struct{} {
	j.mu.RLock()
	defer j.mu.RUnlock()
	return j.wake
}

// cursor is a consumer's place: seq in the feed, and while it still reads what
// was there before, the next key.
type cursor struct {
	seq  int64
	scan sql.NullInt64
}

// follower is one consumer's way through the feed.
type follower[T any] struct {
	j      *Journal
	rows   rows[T]
	name   string
	placed bool   // at and saved are known
	at     cursor // how far it has come
	saved  cursor // how far the table says
}

// saveEvery is how many commits without rows of its kind a follower passes
// before it saves its place.
const saveEvery = 64

// saveWithin bounds, in real time, how long saving a place holds up the end.
const saveWithin = 5 * time.Second

// step hands over one portion and tells whether it moved.
func (fl *follower[T]) step(ctx context.Context, f func(context.Context, []T) error) (bool, error) {
	if !fl.placed {
		if err := fl.place(ctx); err != nil {
			return false, err
		}
	}
	next, part, err := fl.portion(ctx)
	if err != nil || next == fl.at {
		return false, err
	}
	if len(part) > 0 {
		if err := f(ctx, part); err != nil {
			return false, err
		}
	}
	fl.at = next
	if len(part) > 0 || next.scan != fl.saved.scan || next.seq-fl.saved.seq >= saveEvery {
		return true, fl.save(ctx)
	}
	return true, nil
}

// place finds the follower's cursor. A new one starts with all there is.
func (fl *follower[T]) place(ctx context.Context) error {
	w := fl.j.db.Write
	err := w.QueryRowContext(ctx, "SELECT seq, scan FROM cursor WHERE name = ?", fl.name).Scan(&fl.at.seq, &fl.at.scan)
	if errors.Is(err, sql.ErrNoRows) {
		err = w.QueryRowContext(ctx, `INSERT INTO cursor (name, seq, scan)
			SELECT ?, coalesce(max(seq), 0), 0 FROM sqlite_sequence WHERE name = 'commit_log' RETURNING seq, scan`, fl.name).
			Scan(&fl.at.seq, &fl.at.scan)
	}
	if err != nil {
		return fmt.Errorf("read cursor %s: %w", fl.name, err)
	}
	fl.saved, fl.placed = fl.at, true
	return nil
}

// save writes the place, unless pruning has moved it meanwhile: then that
// place counts. It does so even when ctx has just ended, since f has succeeded
// and the rows need not come again.
func (fl *follower[T]) save(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveWithin)
	defer cancel()
	res, err := fl.j.db.Write.ExecContext(ctx, "UPDATE cursor SET seq = ?, scan = ? WHERE name = ? AND seq = ? AND scan IS ?",
		fl.at.seq, fl.at.scan, fl.name, fl.saved.seq, fl.saved.scan)
	if err != nil {
		return fmt.Errorf("save cursor %s: %w", fl.name, err)
	}
	n, err := res.RowsAffected()
	fl.saved, fl.placed = fl.at, n == 1
	return err
}

// followAtLeast is how many rows are handed over at once if as many wait.
const followAtLeast = 2000

// portion reads the next rows, and gives the place after them.
func (fl *follower[T]) portion(ctx context.Context) (next cursor, part []T, err error) {
	next = fl.at
	if next.scan.Valid {
		part, last, err := fl.rows.page(ctx, next.scan.Int64, pack.MaxKey)
		next.scan = sql.NullInt64{Int64: last + 1, Valid: len(part) == chunk}
		return next, part, err
	}
	var keys []int64
	err = fl.j.each(ctx, "SELECT seq, kind, keys FROM commit_log WHERE seq > ? ORDER BY seq LIMIT 500", func(r *sql.Rows) error {
		if len(keys) >= followAtLeast {
			return nil
		}
		var kind int
		var body sql.RawBytes
		if err := r.Scan(&next.seq, &kind, &body); err != nil || !slices.Contains(fl.rows.kinds, kind) {
			return err
		}
		some, err := pack.Keys(body)
		keys = append(keys, some...)
		return err
	}, next.seq)
	if err != nil {
		return next, nil, fmt.Errorf("read feed: %w", err)
	}
	part, err = fl.rows.of(ctx, keys)
	return next, part, err
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
