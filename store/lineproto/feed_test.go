package lineproto_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"phutai/grid"
	"phutai/store/lineproto"
)

// feed hands one portion of each kind over, as the journal does.
type feed struct {
	readings []grid.Reading
	loadings []grid.Loading
	grave    error // of keeping a refused line
	written  bool  // the readings are through
	refused  []string
}

func (f *feed) Follow(ctx context.Context, _ string, take func(context.Context, []grid.Reading) error) error {
	if err := take(ctx, f.readings); err != nil {
		return err
	}
	f.written = true
	<-ctx.Done()
	return nil
}

func (f *feed) FollowLoading(ctx context.Context, _ string, take func(context.Context, []grid.Loading) error) error {
	if len(f.loadings) > 0 {
		if err := take(ctx, f.loadings); err != nil {
			return err
		}
	}
	<-ctx.Done()
	return nil
}

func (f *feed) Refused(_ context.Context, _ string, _ time.Time, payload []byte, why error) error {
	if why == nil {
		return errors.New("no reason given")
	}
	f.refused = append(f.refused, string(payload))
	return f.grave
}

type district struct{}

// Place moves the transformer to another feeder at noon.
func (district) Place(_ grid.TransformerID, at time.Time) (grid.FeederID, grid.UnitID) {
	if at.Before(noon) {
		return "472E11", "PD"
	}
	return "471E11", "PD"
}

// database keeps the lines that it takes; answer decides about each request.
type database struct {
	mu     sync.Mutex
	lines  []string
	tokens []string // of each request
	at     []time.Duration
	since  time.Time
	answer func(request int, lines []string) error
}

func (d *database) Write(ctx context.Context, token string, lines []string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tokens, d.at = append(d.tokens, token), append(d.at, time.Since(d.since))
	err := d.answer(len(d.tokens), lines)
	if err == nil {
		d.lines = append(d.lines, lines...)
	}
	return err
}

func (d *database) Close() {}

// times gives when requests came.
func (d *database) times() []time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.at)
}

func says(status int) error { return &lineproto.Answer{Status: status, Text: "no"} }

// wait is an answer with Retry-After.
func wait(status int, d time.Duration) error {
	return &lineproto.Answer{Status: status, RetryAfter: d, Text: "later"}
}

func lines(rs []grid.Reading) (out []string) {
	for i := range rs {
		out = append(out, lineproto.ReadingLine(&rs[i]))
	}
	return out
}

func someReadings(n int) (out []grid.Reading) {
	for i := range n {
		out = append(out, reading("A", i, float64(i)))
	}
	return out
}
