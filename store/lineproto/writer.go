package lineproto

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

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

// Name is what a database is called.
type Name struct {
	Cursor   string // in the journal, in troubles and in metrics, such as "influx"
	Title    string // for people, such as "InfluxDB"
	Settings string // what gives access to it, such as "org, bucket"
}

// Cursors gives the writer's places in the journal: of readings and of loadings.
func (n Name) Cursors() []string { return []string{n.Cursor, n.Cursor + "-loading"} }

// Parts is what a writer works with. Log may be nil.
type Parts struct {
	Feed      Feed
	Places    Places
	Accounts  Accounts // nil: none are written
	Clock     grid.Clock
	TokenFile string // empty: access is free
	Log       *zap.Logger
}

// Writer copies the journal into a database.
type Writer struct {
	name      Name
	pace      Pace
	db        Database
	feed      Feed
	places    Places
	accounts  Accounts
	clock     grid.Clock
	tokenFile string
	log       *zap.Logger
	// turn is held while lines are sent, waited for and tried again: what
	// holds up the readings holds up the loadings too, and a database that
	// wants to be left alone is asked by one of them only.
	turn           chan struct{}
	lines, refused atomic.Int64

	mu      sync.Mutex // guards the field below
	trouble *Trouble
}

// New makes a writer; Run starts it.
func New(name Name, pace Pace, db Database, parts Parts) *Writer {
	log := parts.Log
	if log == nil {
		log = zap.NewNop()
	}
	return &Writer{
		name: name, pace: pace, db: db, feed: parts.Feed, places: parts.Places, accounts: parts.Accounts, clock: parts.Clock, tokenFile: parts.TokenFile,
		log: log.With(zap.String("store", name.Cursor)), turn: make(chan struct{}, 1),
	}
}

// Run writes until ctx ends. Call it again, if at all, after it has returned.
func (w *Writer) Run(ctx context.Context) error {
	defer w.db.Close()
	cursors := w.name.Cursors()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		return w.feed.Follow(ctx, cursors[0], func(ctx context.Context, rs []grid.Reading) error {
			lines := make([]string, len(rs))
			for i := range rs {
				lines[i] = ReadingLine(&rs[i])
			}
			return w.write(ctx, lines)
		})
	})
	group.Go(func() error {
		return w.feed.FollowLoading(ctx, cursors[1], func(ctx context.Context, rows []grid.Loading) error {
			lines := make([]string, len(rows))
			for i := range rows {
				feeder, unit := w.places.Place(rows[i].Transformer, rows[i].ValidAt())
				lines[i] = LoadingLine(&rows[i], feeder, unit)
			}
			return w.write(ctx, lines)
		})
	})
	if w.accounts != nil {
		group.Go(func() error { return w.account(ctx) })
	}
	return group.Wait()
}

// write sends lines in batches, each until it is done with.
func (w *Writer) write(ctx context.Context, lines []string) error {
	for len(lines) > 0 {
		select {
		case w.turn <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		n := min(len(lines), w.pace.Batch)
		err := w.send(ctx, lines[:n])
		<-w.turn
		if err != nil {
			return err
		}
		lines = lines[n:]
	}
	return nil
}

// Stats counts what became of lines since the start.
type Stats struct{ Written, Refused int64 }

// Stats gives the counts; a line that is written twice counts twice.
func (w *Writer) Stats() Stats { return Stats{w.lines.Load(), w.refused.Load()} }

// Name gives what the writer's database is called.
func (w *Writer) Name() Name { return w.name }
