package victoria

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"phutai/grid"
	"phutai/store/lineproto"
)

func name() lineproto.Name {
	return lineproto.Name{Cursor: "victoria", Title: "VictoriaMetrics", Settings: "url"}
}

// Each place in the journal has two that follow it: up to settled all is kept
// for good, and up to settling all will be if the server lives on.
func settled(cursor string) string  { return cursor + "-settled" }
func settling(cursor string) string { return cursor + "-settling" }

// Consumers names the writer's places in the journal's feed.
func Consumers() (names []string) {
	for _, c := range name().Cursors() {
		names = append(names, c, settled(c), settling(c))
	}
	return names
}

// Feed is the journal: a place in it can be put where another one stands.
type Feed interface {
	lineproto.Feed
	SetPlace(ctx context.Context, name, like string) error
}

// Writer copies the journal into VictoriaMetrics, and goes over again what the
// server may have lost.
type Writer struct {
	*lineproto.Writer
	feed   Feed
	clock  grid.Clock
	log    *zap.Logger
	settle time.Duration
	server *server

	mu      sync.Mutex // guards the field below
	trouble *lineproto.Trouble
}

// New makes a writer; Run starts it. The configuration says where the token is.
func New(cfg Config, feed Feed, parts lineproto.Parts) *Writer {
	if parts.Log == nil {
		parts.Log = zap.NewNop()
	}
	parts.Feed, parts.TokenFile = feed, cfg.TokenFile
	return &Writer{
		Writer: lineproto.New(name(), cfg.Pace, newDatabase(cfg), parts),
		feed:   feed, clock: parts.Clock, log: parts.Log, settle: cfg.Settle, server: newServer(cfg),
	}
}

// errRestarted says that the server is not the one that took the latest lines.
var errRestarted = errors.New("VictoriaMetrics has been started again")

// Run writes until ctx ends. Each time the server has been started again, it
// goes back to what is kept for good.
func (w *Writer) Run(ctx context.Context) error {
	defer w.server.http.CloseIdleConnections()
	for {
		err := w.during(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, errRestarted):
			w.log.Warn("VictoriaMetrics has been started again: what it took in the last minutes is written once more")
		case err != nil:
			w.log.Warn("writing to VictoriaMetrics starts anew", zap.Error(err))
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(w.settle):
			}
		}
	}
}

// during writes while one run of the server lasts.
func (w *Writer) during(ctx context.Context) error {
	for _, c := range name().Cursors() {
		if err := errors.Join(w.feed.SetPlace(ctx, c, settled(c)), w.feed.SetPlace(ctx, settling(c), settled(c))); err != nil {
			return err
		}
	}
	run, err := w.await(ctx)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return w.Writer.Run(ctx) })
	group.Go(func() error { return w.follow(ctx, run) })
	return group.Wait()
}

// pause lies between two questions since when a server runs. It answers in whole
// seconds, so that only one that has lived for longer can be told from its
// successor.
const pause = 2 * time.Second

// await asks until the server has said twice which run this is; before that,
// nobody could tell later whether it has lost something.
func (w *Writer) await(ctx context.Context) (string, error) {
	for last := ""; ; {
		run, err := w.server.run(ctx)
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		w.asked(err)
		if err == nil && run == last {
			return run, nil
		}
		last = run
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(pause):
		}
	}
}

// follow lets the places that count come after: what the writer had passed when
// they were looked at last is kept now if the run is still the same.
func (w *Writer) follow(ctx context.Context, run string) error {
	tick := time.NewTicker(w.settle)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		now, err := w.server.run(ctx)
		if ctx.Err() != nil {
			return nil
		}
		w.asked(err)
		switch {
		case err != nil:
			continue
		case now != run:
			return errRestarted
		}
		for _, c := range name().Cursors() {
			if err := w.feed.SetPlace(ctx, settled(c), settling(c)); err != nil {
				return fmt.Errorf("note what is kept: %w", err)
			}
			if err := w.feed.SetPlace(ctx, settling(c), c); err != nil {
				return fmt.Errorf("note what was taken: %w", err)
			}
		}
	}
}
