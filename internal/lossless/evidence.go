package lossless

import (
	"context"
	"errors"
	"fmt"
	"time"

	"phutai/collector"
	"phutai/db"
	"phutai/grid"
	"phutai/sim"
	"phutai/store"
)

// Evidence is what an installation has left, and what it was about.
type Evidence struct {
	Province *sim.Province
	Spool    string        // file of the collector, which kept a ledger
	Journal  string        // file of the center
	Start    time.Time     // what the installation's clock showed first
	End      time.Time     // and last
	Every    time.Duration // between two polls of a meter
	Depth    time.Duration // how far back load profiles are read at first contact
	// Settled is the time before which all is over: what came later may be under
	// way still, and a gap in it is not asked for its reason.
	Settled time.Time
	// Slowest is how much older than its stamp a figure of a poll may be, by the
	// installation's clock.
	Slowest time.Duration
}

// Checker holds the files open.
type Checker struct {
	Evidence
	points  []grid.MeteringPoint
	meters  map[grid.PointID]grid.Meter
	faults  map[grid.PointID]sim.Fault
	files   []*db.DB // spool, journal
	journal *store.Journal
	spool   *collector.Spool
	verdict Verdict
}

// Open opens the files, of which no process must have a role any more.
func Open(ctx context.Context, e Evidence) (c *Checker, err error) {
	c = &Checker{Evidence: e, meters: map[grid.PointID]grid.Meter{}, faults: e.Province.Faults()}
	c.verdict.Absences = map[string]int{}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.Close())
		}
	}()
	f := e.Province.Fleet()
	c.points = f.Points
	for _, m := range f.Meters {
		c.meters[m.Point] = m
	}
	for _, path := range []string{e.Spool, e.Journal} {
		d, err := db.Open(path)
		if err != nil {
			return nil, err
		}
		c.files = append(c.files, d)
	}
	if c.journal, err = store.OpenJournal(ctx, c.files[1], nil); err != nil {
		return nil, err
	}
	c.spool, err = collector.OpenSpool(ctx, e.Spool, collector.Bounds{Readings: 1e9}, true)
	return c, err
}

// Close closes the files.
func (c *Checker) Close() error {
	var all []error
	if c.spool != nil {
		all = append(all, c.spool.Close())
	}
	for _, d := range c.files {
		all = append(all, d.Close())
	}
	return errors.Join(all...)
}

// Judge looks at all of it.
func (c *Checker) Judge(ctx context.Context) (Verdict, error) {
	for _, look := range []func(context.Context) error{c.ledger, c.rows, c.instants, c.gaps} {
		if err := look(ctx); err != nil {
			return c.verdict, err
		}
	}
	return c.verdict, nil
}

// number asks one figure of a file.
func number(ctx context.Context, d *db.DB, query string) (n int, err error) {
	if err := d.Read.QueryRowContext(ctx, query).Scan(&n); err != nil {
		return 0, fmt.Errorf("%s: %w", query, err)
	}
	return n, nil
}

// Ever is a window that holds all.
var Ever = [2]time.Time{time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2068, 1, 1, 0, 0, 0, 0, time.UTC)}

func (c *Checker) series(ctx context.Context, p grid.PointID, s grid.Source, f func(grid.Reading)) error {
	return c.journal.Series(ctx, p, s, Ever[0], Ever[1], func(r grid.Reading) error { f(r); return nil })
}

func (c *Checker) absences(ctx context.Context, p grid.PointID, f func(grid.Reading)) error {
	return c.journal.Absences(ctx, p, Ever[0], Ever[1], func(r grid.Reading) error { f(r); return nil })
}
