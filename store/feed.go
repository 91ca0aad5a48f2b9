package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"

	"go.uber.org/zap"

	"phutai/grid"
	"phutai/store/pack"
)

// permanent is what a consumer's error is asked: true ends its following.
type permanent interface{ Permanent() bool }

// followAtLeast is how many readings are handed over at once if as many wait.
const followAtLeast = 2000

// Pauses between two attempts to hand the same readings over.
const (
	firstPause = 250 * time.Millisecond
	lastPause  = 30 * time.Second
)

// Follow hands every reading with values to f, as it stands in the journal:
// under a new name first all that there are, by point and time, and from then
// on what changes, as it changes. It blocks until ctx ends. Readings are handed
// over at least once: the place is saved after f has succeeded. When f fails,
// the same readings are handed over again after a pause, unless the error (or
// one it wraps) has a method Permanent that gives true; Follow then ends with
// it. Follow a name from one goroutine only.
func (j *Journal) Follow(ctx context.Context, name string, f func(context.Context, []grid.Reading) error) error {
	pause := firstPause
	for {
		wake := j.waker()
		moved, err := j.step(ctx, name, f)
		var p permanent
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.As(err, &p) && p.Permanent():
			return fmt.Errorf("follow journal as %s: %w", name, err)
		case err != nil:
			j.log.Warn("consumer of the journal failed, the same readings come again",
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

// step hands over one portion and tells whether there was one.
func (j *Journal) step(ctx context.Context, name string, f func(context.Context, []grid.Reading) error) (bool, error) {
	old, err := j.place(ctx, name)
	if err != nil {
		return false, err
	}
	c := old
	var part []grid.Reading
	if c.scan.Valid {
		part, c, err = j.scanFrom(ctx, c)
	} else {
		part, c, err = j.feedFrom(ctx, c)
	}
	if err != nil || part == nil {
		return false, err
	}
	if len(part) > 0 {
		if err := f(ctx, part); err != nil {
			return false, err
		}
	}
	// Pruning may have moved the cursor meanwhile; then that place counts.
	_, err = j.db.Write.ExecContext(ctx, "UPDATE cursor SET seq = ?, scan = ? WHERE name = ? AND seq = ? AND scan IS ?",
		c.seq, c.scan, name, old.seq, old.scan)
	if err != nil {
		return false, fmt.Errorf("save cursor %s: %w", name, err)
	}
	return true, nil
}

// place gives a consumer's cursor. A new one starts with a scan of everything.
func (j *Journal) place(ctx context.Context, name string) (cursor, error) {
	var c cursor
	err := j.db.Write.QueryRowContext(ctx, "SELECT seq, scan FROM cursor WHERE name = ?", name).Scan(&c.seq, &c.scan)
	if err == nil {
		return c, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return c, fmt.Errorf("read cursor %s: %w", name, err)
	}
	err = j.db.Write.QueryRowContext(ctx, `INSERT INTO cursor (name, seq, scan)
		SELECT ?, coalesce(max(seq), 0), 0 FROM sqlite_sequence WHERE name = 'commit_log' RETURNING seq, scan`, name).Scan(&c.seq, &c.scan)
	if err != nil {
		return c, fmt.Errorf("make cursor %s: %w", name, err)
	}
	return c, nil
}

var errEnough = errors.New("enough")

func (j *Journal) scanFrom(ctx context.Context, c cursor) ([]grid.Reading, cursor, error) {
	part := []grid.Reading{}
	next := sql.NullInt64{}
	_, err := j.walk(ctx, c.scan.Int64, math.MaxInt64, func(rs []grid.Reading, last int64) error {
		part, next = rs, sql.NullInt64{Int64: last + 1, Valid: true}
		return errEnough
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, c, err
	}
	c.scan = next
	return part, c, nil
}

func (j *Journal) feedFrom(ctx context.Context, c cursor) ([]grid.Reading, cursor, error) {
	rows, err := j.db.Read.QueryContext(ctx, "SELECT seq, keys FROM commit_log WHERE seq > ? ORDER BY seq LIMIT 500", c.seq)
	if err != nil {
		return nil, c, fmt.Errorf("read feed: %w", err)
	}
	defer rows.Close()
	var keys []int64
	for len(keys) < followAtLeast && rows.Next() {
		var body []byte
		if err := rows.Scan(&c.seq, &body); err != nil {
			return nil, c, fmt.Errorf("read feed: %w", err)
		}
		some, err := pack.Keys(body)
		if err != nil {
			return nil, c, fmt.Errorf("read feed at %d: %w", c.seq, err)
		}
		keys = append(keys, some...)
	}
	if err := rows.Err(); err != nil {
		return nil, c, fmt.Errorf("read feed: %w", err)
	}
	if keys == nil {
		return nil, c, nil
	}
	if err := rows.Close(); err != nil {
		return nil, c, err
	}
	part, err := j.readingsOf(ctx, keys)
	return part, c, err
}

func (j *Journal) readingsOf(ctx context.Context, keys []int64) ([]grid.Reading, error) {
	find, err := j.db.Read.PrepareContext(ctx, "SELECT body FROM reading WHERE key = ?")
	if err != nil {
		return nil, fmt.Errorf("read changed readings: %w", err)
	}
	defer find.Close()
	part := make([]grid.Reading, 0, len(keys))
	for _, key := range keys {
		var body []byte
		switch err := find.QueryRowContext(ctx, key).Scan(&body); {
		case errors.Is(err, sql.ErrNoRows):
			continue // removed by retention since
		case err != nil:
			return nil, fmt.Errorf("read changed readings: %w", err)
		}
		r, err := j.unpack(key, body)
		if err != nil {
			return nil, err
		}
		part = append(part, r)
	}
	return part, nil
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
