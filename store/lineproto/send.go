package lineproto

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"go.uber.org/zap"
)

// Longest pauses between two attempts, in real time.
const (
	lastPause     = time.Minute
	maxRetryAfter = 5 * time.Minute
)

// StoppedError says that the database refuses the writer and not the data.
type StoppedError struct {
	Status int // of HTTP, 0 where it did not come to a request
	Why    string
}

// Error tells what was refused and what to do.
func (e *StoppedError) Error() string { return e.Why }

// action is what to do about an answer.
type action int

const (
	done action = iota
	retry
	split // a line of it is bad, or it is too large
	stop
)

// judge follows the table of answers; what it does not name stops the writer,
// because data must not be thrown away for an answer that nobody understands.
func judge(err error) (action, time.Duration) {
	if err == nil {
		return done, 0
	}
	if _, ok := errors.AsType[*StoppedError](err); ok {
		return stop, 0
	}
	a, ok := errors.AsType[*Answer](err)
	if !ok {
		return retry, 0
	}
	switch s := a.Status; {
	case s == 400 || s == 422 || s == 413:
		return split, 0
	case s == 429 || s == 503:
		return retry, min(a.RetryAfter, maxRetryAfter)
	case s == 408 || s >= 500:
		return retry, 0
	default:
		return stop, 0
	}
}

// send writes the lines, however long the database takes to come back. A line
// that it refuses goes to the dead letters, the others are written: writing one
// twice is harmless, so an answer that hides a partial write is too.
func (w *Writer) send(ctx context.Context, lines []string) error {
	for pause := w.pace.Retry; ; pause = min(2*pause, lastPause) {
		token, err := w.token()
		if err == nil {
			err = w.db.Write(ctx, token, lines)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		do, wait := judge(err)
		switch do {
		case done:
			w.lines.Add(int64(len(lines)))
			w.recovered()
			return nil
		case split:
			if len(lines) > 1 {
				half := len(lines) / 2
				if err := w.send(ctx, lines[:half]); err != nil {
					return err
				}
				return w.send(ctx, lines[half:])
			}
			w.log.Warn("line put with the dead letters", zap.Error(err))
			if err := w.feed.Refused(ctx, w.name.Cursor, w.clock.Now(), []byte(lines[0]), err); err != nil {
				return fmt.Errorf("keep refused line: %w", err)
			}
			w.refused.Add(1)
			return nil
		case stop:
			w.stopped(err)
			if !w.mended(ctx, token) {
				return ctx.Err()
			}
			pause = w.pace.Retry / 2 // it starts anew
		case retry:
			w.failing(err)
			if wait == 0 {
				wait = pause/2 + rand.N(pause)
			}
			w.log.Warn("lines are not taken now, trying again", zap.Int("lines", len(lines)), zap.Duration("wait", wait), zap.Error(err))
			if !sleep(ctx, wait) {
				return ctx.Err()
			}
		}
	}
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
