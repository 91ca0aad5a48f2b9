package store

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"

	"phutai/grid"
)

// Keep says for how long the journal keeps what it holds: calendar months back
// from now, zero for ever.
type Keep struct {
	Readings    int `yaml:"readings"`
	Absences    int `yaml:"absences"`
	Loadings    int `yaml:"loadings"`
	Days        int `yaml:"days"`              // peaks and sums by day
	DeadLetters int `yaml:"dead_letters"`      // since they were seen last
	MostLetters int `yaml:"most_dead_letters"` // beyond it new ones are only counted
}

// DefaultKeep keeps the hottest day of the year before last's summer, and the
// peaks of ten years.
func DefaultKeep() Keep {
	return Keep{Readings: 25, Absences: 25, Loadings: 25, Days: 120, DeadLetters: 12, MostLetters: 10_000}
}

// mostMonths is beyond every use.
const mostMonths = 1200

// Validate gives every problem of the configuration.
func (k Keep) Validate() []grid.Problem {
	var out []grid.Problem
	add := func(bad bool, field, text string) {
		if bad {
			out = append(out, grid.Problem{Field: field, Text: text})
		}
	}
	for _, x := range []struct {
		field  string
		months int
		usual  int
	}{
		{"readings", k.Readings, DefaultKeep().Readings}, {"absences", k.Absences, DefaultKeep().Absences},
		{"loadings", k.Loadings, DefaultKeep().Loadings},
		{"days", k.Days, DefaultKeep().Days}, {"dead_letters", k.DeadLetters, DefaultKeep().DeadLetters},
	} {
		add(x.months < 0 || x.months > mostMonths, x.field, fmt.Sprintf("must be between 1 and %d months, or 0 for ever; %d suits most", mostMonths, x.usual))
	}
	add(k.Absences > 0 && (k.Readings == 0 || k.Absences < k.Readings), "absences",
		"must not be shorter than readings: a gap would lose its reason")
	add(k.Days > 0 && (k.Loadings == 0 || k.Days < k.Loadings), "days", "must not be shorter than loadings, of which days are made")
	add(k.MostLetters < 100 || k.MostLetters > 1_000_000, "most_dead_letters", "must be between 100 and 1000000; 10000 suits most")
	return out
}

// before gives the time before which something is removed, zero for never.
func before(now time.Time, months int) time.Time {
	if months == 0 {
		return time.Time{}
	}
	return now.AddDate(0, -months, 0)
}

// Pacing of retention: a rest after each slice, in real time, and the time
// between two rounds by the journal's clock.
const (
	expireRest  = 200 * time.Millisecond
	expireEvery = time.Hour
)

// KeepTo removes what is older than it is kept, again and again, until ctx ends.
func (j *Journal) KeepTo(ctx context.Context, clock grid.Clock, keep Keep) error {
	for {
		now := clock.Now()
		gone, err := j.Expire(ctx, now, keep, func(ctx context.Context) bool { return sleep(ctx, expireRest) })
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			j.log.Warn("old rows stay for now, their removal is tried again", zap.Error(err))
		case gone.total() > 0:
			j.log.Info("old rows removed", zap.Int64("readings", gone.Readings), zap.Int64("absences", gone.Absences),
				zap.Int64("loadings", gone.Loadings), zap.Int64("days", gone.Days), zap.Int64("dead letters", gone.DeadLetters))
		}
		if clock.Wait(ctx, now.Add(expireEvery)) != nil {
			return nil
		}
	}
}
