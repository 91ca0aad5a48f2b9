package cases

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"phutai/db"
	"phutai/grid"
	"phutai/plausibility"
)

// Register tells what the register says about a point at a time. False: it does
// not know the point.
type Register interface {
	Facts(p grid.PointID, at time.Time) (plausibility.Facts, bool)
}

// Deps is what the book works with; a nil Log is silent.
type Deps struct {
	DB       *db.DB // state.db
	Register Register
	Clock    grid.Clock
	Log      *zap.Logger
}

// Book keeps all cases. Its methods may be called from any goroutine.
type Book struct {
	deps Deps
	log  *zap.Logger

	mu      sync.Mutex // guards the fields below
	points  map[grid.PointID]*plausibility.Point
	open    map[subject]*grid.Case
	muted   map[subject]*grid.Case // closed by a person while its evidence stands
	touched map[grid.PointID]bool  // since the last checkpoint
	seen    map[subject]bool       // open cases whose LastSeen has moved since
	saved   time.Time              // the last checkpoint

	// Those who ask and tell never wait for the disk.
	held    atomic.Pointer[map[grid.TransformerID]time.Time]
	hearing sync.Mutex             // guards said
	said    map[grid.PointID]plate // not yet looked at
}

// subject is what a case is about.
type subject struct {
	point grid.PointID
	check grid.Check
}

// plate is what a meter said at a time.
type plate struct {
	at time.Time
	grid.Plate
}

// Open brings the tables up to date and takes up the cases that stand.
func Open(ctx context.Context, d Deps) (*Book, error) {
	if d.Log == nil {
		d.Log = zap.NewNop()
	}
	if err := d.DB.Migrate(ctx, "cases", schema...); err != nil {
		return nil, fmt.Errorf("open data cases: %w", err)
	}
	b := &Book{
		deps: d, log: d.Log, saved: d.Clock.Now(),
		points: map[grid.PointID]*plausibility.Point{}, open: map[subject]*grid.Case{}, muted: map[subject]*grid.Case{},
		said: map[grid.PointID]plate{}, touched: map[grid.PointID]bool{}, seen: map[subject]bool{},
	}
	if err := b.restore(ctx); err != nil {
		return nil, fmt.Errorf("open data cases: %w", err)
	}
	b.hold()
	return b, nil
}

// mostSaid bounds how many plates wait for a reading of their point.
const mostSaid = 50_000

// Said takes what a meter said about itself. It is looked at with the next
// reading of its point; one that is lost with the process comes again within a day.
func (b *Book) Said(p grid.PointID, at time.Time, pl grid.Plate) {
	b.hearing.Lock()
	defer b.hearing.Unlock()
	if old, ok := b.said[p]; ok && at.Before(old.at) || !ok && len(b.said) >= mostSaid {
		return
	}
	b.said[p] = plate{at, pl}
}

// Held tells since when the pages about a transformer's load are held, and false
// where they are not.
func (b *Book) Held(t grid.TransformerID) (since time.Time, held bool) {
	since, held = (*b.held.Load())[t]
	return since, held
}

// hold works out anew which transformers are held.
func (b *Book) hold() {
	now := map[grid.TransformerID]time.Time{}
	for _, c := range b.open {
		if !c.Check.Holds() {
			continue
		}
		for _, t := range c.Transformers {
			if since, ok := now[t]; !ok || c.OpenedAt.Before(since) {
				now[t] = c.OpenedAt
			}
		}
	}
	b.held.Store(&now)
}

// hears gives what a meter said up to at, and was not looked at.
func (b *Book) hears(p grid.PointID, at time.Time) (plate, bool) {
	b.hearing.Lock()
	defer b.hearing.Unlock()
	said, ok := b.said[p]
	return said, ok && !said.at.After(at)
}

// heard strikes off what was looked at.
func (b *Book) heard(looked map[grid.PointID]time.Time) {
	b.hearing.Lock()
	defer b.hearing.Unlock()
	for id, at := range looked {
		if said, ok := b.said[id]; ok && !said.at.After(at) {
			delete(b.said, id)
		}
	}
}

// Standing gives the open cases, the newest first.
func (b *Book) Standing(context.Context) ([]grid.Case, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := make([]grid.Case, 0, len(b.open))
	for _, c := range b.open {
		out = append(out, copyOf(c))
	}
	slices.SortFunc(out, func(a, c grid.Case) int { return int(c.ID - a.ID) })
	return out, nil
}

func copyOf(c *grid.Case) grid.Case {
	out := *c
	out.Evidence, out.Transformers = slices.Clone(c.Evidence), slices.Clone(c.Transformers)
	return out
}

// Errors of Close.
var (
	ErrNoCase   = errors.New("no such case is open: it may have been closed already")
	ErrNoReason = errors.New("a case is closed by a name and a reason")
)

// Close closes a case by a person's word. While the same evidence stands it is not
// opened again; once that was gone, or is other, it is.
func (b *Book) Close(ctx context.Context, id int64, who, why string) error {
	who, why = strings.TrimSpace(who), strings.TrimSpace(why)
	if who == "" || why == "" {
		return ErrNoReason
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for s, c := range b.open {
		if c.ID != id {
			continue
		}
		w := b.work()
		closed := copyOf(c)
		closed.Closing, closed.ClosedAt, closed.ClosedBy, closed.Why = grid.ClosedByPerson, w.now, who, why
		w.cases[s] = &change{c: closed, muted: !w.point(s.point).Forget(s.check)}
		return w.commit(ctx)
	}
	return fmt.Errorf("close case %d: %w", id, ErrNoCase)
}
