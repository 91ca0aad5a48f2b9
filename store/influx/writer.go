package influx

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	influxdb2 "github.com/influxdata/influxdb-client-go/v2"
	"github.com/influxdata/influxdb-client-go/v2/api"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"phutai/grid"
)

// Feed is what the writer follows: the journal.
type Feed interface {
	Follow(ctx context.Context, name string, f func(context.Context, []grid.Reading) error) error
	FollowLoading(ctx context.Context, name string, f func(context.Context, []grid.Loading) error) error
	Refused(ctx context.Context, consumer string, at time.Time, payload []byte, why error) error
}

// Places tells where a transformer belongs at a time; empty where unknown.
type Places interface {
	Place(grid.TransformerID, time.Time) (grid.FeederID, grid.UnitID)
}

// Writer copies the journal into InfluxDB.
type Writer struct {
	cfg    Config
	feed   Feed
	places Places
	clock  grid.Clock
	log    *zap.Logger

	mu      sync.Mutex // guards the field below
	trouble *Trouble
}

// New makes a writer; Run starts it. Log may be nil.
func New(cfg Config, feed Feed, places Places, clock grid.Clock, log *zap.Logger) *Writer {
	if log == nil {
		log = zap.NewNop()
	}
	return &Writer{cfg: cfg, feed: feed, places: places, clock: clock, log: log}
}

// The names of the writer's cursors in the journal.
const (
	readingCursor = "influx"
	loadingCursor = "influx-loading"
)

// Run writes until ctx ends. When the database refuses the writer itself, it
// stops writing, says so by Health, and waits for ctx: the rest of the process
// goes on, and the journal keeps everything.
func (w *Writer) Run(ctx context.Context) error {
	err := w.run(ctx)
	if ctx.Err() != nil {
		return nil
	}
	if _, ok := errors.AsType[*StoppedError](err); !ok {
		return err
	}
	w.log.Error("writing to InfluxDB has stopped until the next start", zap.Error(err))
	w.stop(err)
	<-ctx.Done()
	return nil
}

func (w *Writer) run(ctx context.Context) error {
	token, err := os.ReadFile(w.cfg.TokenFile)
	if err != nil {
		return &StoppedError{Why: fmt.Sprintf("read token: %v; put a token with write access to bucket %s there", err, w.cfg.Bucket)}
	}
	// A redirect is not followed: it would carry the token elsewhere.
	hc := &http.Client{
		Timeout:       w.cfg.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	defer hc.CloseIdleConnections()
	opts := influxdb2.DefaultOptions().SetHTTPClient(hc).SetPrecision(time.Millisecond).
		SetUseGZip(true).SetApplicationName("phutai").SetLogLevel(0)
	client := influxdb2.NewClientWithOptions(w.cfg.URL, strings.TrimSpace(string(token)), opts)
	defer client.Close()
	to := client.WriteAPIBlocking(w.cfg.Org, w.cfg.Bucket)

	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		return w.feed.Follow(ctx, readingCursor, func(ctx context.Context, rs []grid.Reading) error {
			lines := make([]string, len(rs))
			for i := range rs {
				lines[i] = ReadingLine(&rs[i])
			}
			return w.write(ctx, to, lines)
		})
	})
	group.Go(func() error {
		return w.feed.FollowLoading(ctx, loadingCursor, func(ctx context.Context, rows []grid.Loading) error {
			lines := make([]string, len(rows))
			for i := range rows {
				feeder, unit := w.places.Place(rows[i].Transformer, rows[i].ValidAt())
				lines[i] = LoadingLine(&rows[i], feeder, unit)
			}
			return w.write(ctx, to, lines)
		})
	})
	return group.Wait()
}

// write sends lines in batches, each until it is done with.
func (w *Writer) write(ctx context.Context, to api.WriteAPIBlocking, lines []string) error {
	for len(lines) > 0 {
		n := min(len(lines), w.cfg.Batch)
		if err := w.send(ctx, to, lines[:n]); err != nil {
			return err
		}
		lines = lines[n:]
	}
	return nil
}

// Consumers names the writer's places in the journal's feed.
func Consumers() []string { return []string{readingCursor, loadingCursor} }
