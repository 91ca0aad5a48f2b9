package store

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"phutai/grid"
)

// Duties tells what is due of each point, over all the time that the register
// knows of.
type Duties interface {
	// Duties gives the points in order. The slice is only read.
	Duties(ctx context.Context) ([]Duty, error)
}

// Collectors is what the audit asks of collectors.
type Collectors interface {
	// Handed gives the moment up to which a collector has handed over all that
	// it has read; zero: not known.
	Handed(grid.CollectorID) time.Time
	// BackFill sends a command. An error means that it has not gone out.
	BackFill(context.Context, grid.BackFill) error
}

// AuditParts is what an Audit is made of. Log and Report may be nil.
type AuditParts struct {
	Journal    *Journal
	Duties     Duties
	Collectors Collectors
	Clock      grid.Clock
	Zone       *time.Location // in which days are cut
	Report     func(error)    // called after each round; nil: it went well
	Log        *zap.Logger
}

// Audit looks through the journal for what was due and is not there. It has the
// load profiles read again where meters keep one, gives a reason to what cannot
// be had, and keeps account of both. It makes absences, and figures only where a
// rule says so.
type Audit struct {
	cfg   AuditConfig
	parts AuditParts
	j     *Journal
	rules []rule
	log   *zap.Logger

	// The fields below belong to the goroutine in Run.
	place    place        // of the look through the whole depth
	front    grid.PointID // the last point of which the newest days were looked at
	opened   bool         // place and days have been read
	stated   []silence
	undone   []int64
	accounts []account

	mu     sync.Mutex                // guards the fields below
	days   map[int64]grid.Collection // by the first millisecond of the day
	asked  map[grid.PointID]*request
	counts AuditStats
}

// AuditStats counts what the audit has done since the start of the program.
type AuditStats struct {
	Commands    int64 // sent
	Explained   int64 // absences stated
	Substitutes int64 // rows made by rules
}

// NewAudit makes an audit; Run starts it.
func NewAudit(cfg AuditConfig, parts AuditParts) *Audit {
	if parts.Log == nil {
		parts.Log = zap.NewNop()
	}
	if parts.Report == nil {
		parts.Report = func(error) {}
	}
	return &Audit{
		cfg: cfg, parts: parts, j: parts.Journal, rules: rulesOf(cfg.Substitutes, parts.Zone), log: parts.Log.Named("audit"),
		days: map[int64]grid.Collection{}, asked: map[grid.PointID]*request{},
	}
}

// Run looks for gaps until ctx ends.
func (a *Audit) Run(ctx context.Context) error {
	if a.cfg.Depth <= 0 {
		<-ctx.Done()
		return nil
	}
	for {
		now := a.parts.Clock.Now()
		if err := a.round(ctx, now); ctx.Err() == nil {
			a.parts.Report(err)
		}
		if a.parts.Clock.Wait(ctx, now.Add(a.cfg.Every)) != nil {
			return nil
		}
	}
}

// round looks at what was asked for, at the newest two days, and at a part of
// what lies before. What it has found counts as looked at once it is written.
func (a *Audit) round(ctx context.Context, now time.Time) error {
	if !a.opened {
		if err := a.open(ctx); err != nil {
			return err
		}
	}
	duties, err := a.parts.Duties.Duties(ctx)
	if err != nil {
		return err
	}
	before := a.place
	l := &look{Audit: a, now: now, duties: duties, left: a.cfg.Cells, away: map[grid.CollectorID]bool{}}
	err = l.followUp(ctx)
	if err == nil {
		err = l.newest(ctx)
	}
	if err == nil {
		err = l.past(ctx)
	}
	if err == nil {
		err = a.write(ctx)
	}
	if err == nil {
		err = a.keepAccounts(ctx, before)
	}
	if err != nil {
		// What is stated already changes nothing when it is stated again.
		a.place, a.stated, a.undone, a.accounts = before, nil, nil, nil
	}
	return err
}

// look is one round in the making.
type look struct {
	*Audit
	now    time.Time
	duties []Duty
	left   int                       // cells that may still be looked at
	away   map[grid.CollectorID]bool // to which a command could not be sent
}

func byPoint(d Duty, p grid.PointID) int { return cmp.Compare(d.Point, p) }

// find gives the duty of a point, nil where nothing is due of it any more.
func (l *look) find(p grid.PointID) *Duty {
	i, ok := slices.BinarySearchFunc(l.duties, p, byPoint)
	if !ok {
		return nil
	}
	return &l.duties[i]
}

// after gives the place of the first duty behind a point.
func (l *look) after(p grid.PointID) int {
	i, found := slices.BinarySearchFunc(l.duties, p, byPoint)
	if found {
		i++
	}
	return i
}

// newest looks at today and yesterday of as many points as four fifths of the
// round allow, from where the last round has ended.
func (l *look) newest(ctx context.Context) error {
	today := l.midnight(l.now)
	yesterday := l.dayBefore(today)
	reserve := l.cfg.Cells / 5
	for i := l.after(l.front); ; i++ {
		if i >= len(l.duties) {
			l.front = ""
			return nil
		}
		if l.left <= reserve {
			return nil
		}
		d := &l.duties[i]
		for _, day := range []time.Time{today, yesterday} {
			if err := l.cell(ctx, d, day, false); err != nil {
				return err
			}
		}
		l.front = d.Point
	}
}

// past goes on through the whole depth, the newest day first.
func (l *look) past(ctx context.Context) error {
	p := &l.place
	if p.done() {
		if !p.Begun.IsZero() && l.now.Before(p.Begun.Add(l.cfg.Again)) {
			return nil
		}
		*p = place{Zone: p.Zone, Begun: l.now, Day: l.midnight(l.now)}
	}
	for horizon := l.horizon(l.now); !p.Day.Before(horizon); p.Day, p.After = l.dayBefore(p.Day), "" {
		for i := l.after(p.After); i < len(l.duties); i++ {
			if l.left <= 0 {
				return nil
			}
			if err := l.cell(ctx, &l.duties[i], p.Day, true); err != nil {
				return err
			}
			p.After = l.duties[i].Point
		}
	}
	p.Day = time.Time{}
	return nil
}

// midnight gives the beginning of the day of t.
func (a *Audit) midnight(t time.Time) time.Time {
	y, m, d := t.In(a.parts.Zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, a.parts.Zone)
}

func (a *Audit) dayBefore(day time.Time) time.Time { return a.midnight(day.Add(-time.Hour)) }

func (a *Audit) dayAfter(day time.Time) time.Time { return a.midnight(day.Add(36 * time.Hour)) }

// horizon is the first day that is looked at.
func (a *Audit) horizon(now time.Time) time.Time { return a.midnight(now.Add(-a.cfg.Depth)) }
