package influx

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/influxdata/influxdb-client-go/v2/api"
	influxhttp "github.com/influxdata/influxdb-client-go/v2/api/http"
	"go.uber.org/zap"
)

// Longest pauses between two attempts, in real time.
const (
	lastPause     = time.Minute
	maxRetryAfter = 5 * time.Minute
)

// StoppedError says that the database refuses the writer and not the data.
type StoppedError struct {
	Status int // HTTP status, 0 where it did not come to a request
	Why    string
}

// Error tells what was refused and what to do.
func (e *StoppedError) Error() string { return "write to InfluxDB: " + e.Why }

// Permanent tells the journal that handing the rows over again is of no use.
func (e *StoppedError) Permanent() bool { return true }

// answer is what to do about a response.
type answer int

const (
	done answer = iota
	retry
	split // a line of it is bad, or it is too large
	stop
)

// judge follows the table of answers; what it does not name stops the writer,
// because data must not be thrown away for an answer that nobody understands.
func judge(err error) (a answer, status int, wait time.Duration) {
	if err == nil {
		return done, 0, 0
	}
	var e *influxhttp.Error
	if !errors.As(err, &e) || e.StatusCode == 0 {
		return retry, 0, 0
	}
	switch s := e.StatusCode; {
	case s == 400 || s == 422 || s == 413:
		return split, s, 0
	case s == 429 || s == 503:
		return retry, s, min(time.Duration(e.RetryAfter)*time.Second, maxRetryAfter)
	case s == 408 || s >= 500:
		return retry, s, 0
	default:
		return stop, s, 0
	}
}

// send writes the lines, however long the database takes to come back. A line
// that it refuses goes to the dead letters, the others are written: writing one
// twice is harmless, so an answer that hides a partial write is too.
func (w *Writer) send(ctx context.Context, to api.WriteAPIBlocking, lines []string) error {
	for pause := w.cfg.Retry; ; pause = min(2*pause, lastPause) {
		err := to.WriteRecord(ctx, lines...)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		a, status, wait := judge(err)
		switch a {
		case done:
			w.recovered()
			return nil
		case stop:
			return &StoppedError{Status: status, Why: fmt.Sprintf(
				"%s answers %d (%v): check url, org, bucket and the token in token_file, then start again", w.cfg.URL, status, err)}
		case split:
			if len(lines) > 1 {
				half := len(lines) / 2
				if err := w.send(ctx, to, lines[:half]); err != nil {
					return err
				}
				return w.send(ctx, to, lines[half:])
			}
			w.log.Warn("line put with the dead letters", zap.Int("status", status), zap.Error(err))
			if err := w.feed.Refused(ctx, "influx", w.clock.Now(), []byte(lines[0]), err); err != nil {
				return fmt.Errorf("keep refused line: %w", err)
			}
			return nil
		case retry:
			w.failing(err)
			if wait == 0 {
				wait = pause/2 + rand.N(pause)
			}
			w.log.Warn("InfluxDB does not take lines now, trying again", zap.Int("lines", len(lines)), zap.Duration("wait", wait), zap.Error(err))
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
