package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"phutai/grid"
)

// clockNote is where a demo's clock stood, kept so that a demo that was killed
// goes on where it was instead of living the same evening twice.
type clockNote struct {
	Shown time.Time `json:"shown"` // what the scaled clock showed
	Noted time.Time `json:"noted"` // the machine's time then
}

// maxAway bounds how much of the time between two runs counts as lived: a demo
// continued the next morning goes on with the evening, not a month later.
const maxAway = time.Minute

// resume gives the moment at which a demo's clock starts: first for a new
// folder, otherwise where the note says, plus the time it was away. It never
// goes back behind what an earlier run has seen.
func resume(path string, first time.Time, speed float64, now time.Time) (time.Time, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return first, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("read the demo's clock: %w", err)
	}
	var note clockNote
	if err := json.Unmarshal(text, &note); err != nil || note.Shown.IsZero() {
		return time.Time{}, fmt.Errorf("%s is no clock note of a demo: give an empty folder to --data", path)
	}
	away := min(max(now.Sub(note.Noted), 0)+noteEvery, maxAway)
	return note.Shown.Add(time.Duration(float64(away) * speed)), nil
}

// noteEvery is how often the clock is noted, in real time; a kill loses at most
// that much, which resume adds.
const noteEvery = time.Second

// keepClock notes the clock until ctx ends.
func keepClock(ctx context.Context, path string, clock grid.Clock) error {
	tick := time.NewTicker(noteEvery)
	defer tick.Stop()
	for {
		if err := noteClock(path, clockNote{clock.Now(), time.Now().UTC()}); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// noteClock replaces the note in one step, so that a kill leaves the old one or
// the new one.
func noteClock(path string, note clockNote) error {
	text, err := json.Marshal(note)
	if err != nil {
		return err
	}
	next := path + ".next"
	if err := os.WriteFile(next, text, 0o600); err != nil {
		return fmt.Errorf("note the demo's clock in %s: %w", filepath.Dir(path), err)
	}
	if err := os.Rename(next, path); err != nil {
		return fmt.Errorf("note the demo's clock in %s: %w", filepath.Dir(path), err)
	}
	return nil
}
