package store

import (
	"context"
	"fmt"
	"sync"

	"go.uber.org/zap"

	"phutai/db"
	"phutai/grid"
	"phutai/store/pack"
)

// Journal keeps readings, absences, loadings and the progress of collectors in
// one SQLite file of which it is the one writer. Its methods may be called
// from many goroutines.
type Journal struct {
	db  *db.DB
	log *zap.Logger

	points       *book[grid.PointID]
	transformers *book[grid.TransformerID]
	shapes       *book[pack.Shape]

	// writing is held over a commit and all that follows from it. unseen is held
	// within it until the commit's names are known, and no reader's connection is
	// asked for meanwhile: readers wait for it while they hold one.
	writing sync.Mutex
	unseen  sync.Mutex
	pruned  int64 // seq at the last look at the feed's tail; guarded by writing
	// silentUntil is up to when, in Unix milliseconds, the audit may have said
	// that there is nothing; guarded by writing.
	silentUntil map[series]int64

	mu       sync.RWMutex // guards the fields below
	latest   map[pointSource]grid.Reading
	contacts map[grid.PointID]*grid.Contact
	loadings []grid.Loading        // the newest of each transformer and source
	loadedAt map[loadingSource]int // its place in loadings
	progress map[grid.CollectorID]*epochs
	counts   Counts
	silent   int64         // absences that the audit has stated in runs; counts has those of before and of collectors
	head     int64         // newest seq of the feed
	wake     chan struct{} // closed and replaced when the feed grows
	feed     FeedLimits

	mostLetters int64 // set before the first commit
}

type pointSource struct {
	point  grid.PointID
	source grid.Source
}

type loadingSource struct {
	transformer grid.TransformerID
	source      grid.Source
}

// Counts is how much the journal holds.
type Counts struct {
	Readings    int64
	Absences    int64
	DeadLetters int64
	Shed        int64 // dead letters that there was no room for, ever
	Substitutes int64 // of the readings: made by rules
}

// FeedLimits bound the feed of changed keys, counted in commits.
type FeedLimits struct {
	Keep int64 // kept even when every cursor has passed them
	Max  int64 // a cursor further behind loses its place and reads everything again
}

// OpenJournal brings the tables in d up to date and loads what is kept in
// memory: the newest reading and loading of each source, and the contact, of
// each point and transformer. The journal does not close d.
func OpenJournal(ctx context.Context, d *db.DB, log *zap.Logger) (*Journal, error) {
	if log == nil {
		log = zap.NewNop()
	}
	j := &Journal{
		db: d, log: log,
		points: newBook("INSERT INTO point (name) VALUES (?) ON CONFLICT DO UPDATE SET name = name RETURNING id",
			func(id grid.PointID) []any { return []any{string(id)} }),
		transformers: newBook("INSERT INTO transformer (name) VALUES (?) ON CONFLICT DO UPDATE SET name = name RETURNING id",
			func(id grid.TransformerID) []any { return []any{string(id)} }),
		shapes: newBook("INSERT INTO shape (mask, ratio, interval_ms) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET mask = mask RETURNING id",
			shapeArgs),
		latest:   map[pointSource]grid.Reading{},
		contacts: map[grid.PointID]*grid.Contact{},
		loadedAt: map[loadingSource]int{},
		progress: map[grid.CollectorID]*epochs{},
		wake:     make(chan struct{}),

		silentUntil: map[series]int64{},
		feed:        FeedLimits{Keep: 256, Max: 200_000},

		mostLetters: int64(DefaultKeep().MostLetters),
	}
	if err := d.Migrate(ctx, "journal", schema1, schema2); err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	if err := d.Migrate(ctx, lettersComponent, lettersSchema1); err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	if err := d.Migrate(ctx, silencesComponent, silencesSchema1); err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	if err := d.Migrate(ctx, substitutesComponent, substitutesSchema1); err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	if err := d.Migrate(ctx, dayComponent, daySchema1); err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	if err := d.Migrate(ctx, originComponent, originSchema1); err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	if err := d.Migrate(ctx, againComponent, againSchema1); err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	if err := j.load(ctx); err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	return j, nil
}

// LimitFeed sets the bounds of the feed; a field that is not positive keeps
// its default (256 and 200,000 commits). Call it before Follow.
func (j *Journal) LimitFeed(l FeedLimits) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if l.Keep > 0 {
		j.feed.Keep = l.Keep
	}
	if l.Max > 0 {
		j.feed.Max = l.Max
	}
}

// LimitLetters sets how many dead letters are kept at the most; those beyond are
// counted as shed. Call it before the first commit.
func (j *Journal) LimitLetters(most int) { j.mostLetters = int64(most) }

// Count gives how much the journal holds.
func (j *Journal) Count() Counts {
	j.mu.RLock()
	defer j.mu.RUnlock()
	c := j.counts
	c.Absences += j.silent
	return c
}
