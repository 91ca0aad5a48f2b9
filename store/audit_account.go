package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"go.uber.org/zap"

	"phutai/grid"
)

// auditPlace is the name under which the place is kept.
const auditPlace = "audit"

// place is how far the past has been looked through; kept in the journal, so
// that a restart goes on from there.
type place struct {
	Zone  string       `json:"zone"`  // in which the days of the accounts are cut
	Begun time.Time    `json:"begun"` // this look through the whole depth
	Day   time.Time    `json:"day"`   // that is looked at; zero: the look is over
	After grid.PointID `json:"after"` // the last point of it
}

func (p *place) done() bool { return p.Day.IsZero() }

// open reads the place and the sums of the accounts. Where days were cut in
// another zone, both begin anew.
func (a *Audit) open(ctx context.Context) error {
	raw, err := a.j.LoadState(ctx, auditPlace)
	if err != nil {
		return err
	}
	var p place
	if raw != nil {
		if err := json.Unmarshal(raw, &p); err != nil {
			a.log.Warn("place of the audit not readable, it begins anew", zap.Error(err))
		}
	}
	if zone := a.parts.Zone.String(); p.Zone != zone {
		if _, err := a.j.db.Write.ExecContext(ctx, "DELETE FROM collection"); err != nil {
			return fmt.Errorf("begin the audit's accounts anew: %w", err)
		}
		p = place{Zone: zone}
	}
	if !p.done() {
		p.Day = p.Day.In(a.parts.Zone)
	}
	days := map[int64]grid.Collection{}
	err = a.j.each(ctx, "SELECT day, sum(due), sum(received), sum(explained) FROM collection GROUP BY day", func(r *sql.Rows) error {
		var day int64
		var c grid.Collection
		err := r.Scan(&day, &c.Due, &c.Received, &c.Explained)
		days[day] = c
		return err
	})
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.place, a.days, a.opened = p, days, true
	return nil
}

// note puts an account on its way where it says something new.
func (a *Audit) note(ctx context.Context, now account) error {
	old, known, err := a.j.accountOf(ctx, now)
	if err != nil {
		return fmt.Errorf("look at the audit's account: %w", err)
	}
	if now.Collection == old && (known || now.Due == 0) {
		return nil
	}
	a.accounts = append(a.accounts, now)
	return nil
}

// keepAccounts writes the accounts and the place, unless all is as before.
func (a *Audit) keepAccounts(ctx context.Context, before place) error {
	if len(a.accounts) == 0 && a.place == before {
		return nil
	}
	raw, err := json.Marshal(a.place)
	if err != nil {
		return err
	}
	// Of several looks at a cell in one round the last one counts.
	type cell struct {
		number, day int64
		source      grid.Source
	}
	newest := map[cell]account{}
	for _, c := range a.accounts {
		newest[cell{c.number, c.day.UnixMilli(), c.source}] = c
	}
	change := map[int64]grid.Collection{}
	part := make([]account, 0, len(newest))
	for key, c := range newest {
		old, _, err := a.j.accountOf(ctx, c)
		if err != nil {
			return fmt.Errorf("look at the audit's account: %w", err)
		}
		change[key.day] = change[key.day].Plus(c.Plus(grid.Collection{Due: -old.Due, Received: -old.Received, Explained: -old.Explained}))
		part = append(part, c)
	}
	if err := a.j.saveAccounts(ctx, part, raw); err != nil {
		return err
	}
	a.accounts = a.accounts[:0]
	a.mu.Lock()
	defer a.mu.Unlock()
	for day, c := range change {
		a.days[day] = a.days[day].Plus(c)
	}
	return nil
}

// Collection gives how much of what was due of a point has come since a moment,
// by whole days, as far as it has been looked at.
func (a *Audit) Collection(ctx context.Context, point grid.PointID, since time.Time) (c grid.Collection, err error) {
	number, ok := a.j.points.number(point)
	if !ok {
		return c, nil
	}
	err = a.j.db.Read.QueryRowContext(ctx, `SELECT coalesce(sum(due), 0), coalesce(sum(received), 0), coalesce(sum(explained), 0)
		FROM collection WHERE point = ? AND day >= ?`, number, a.midnight(since).UnixMilli()).Scan(&c.Due, &c.Received, &c.Explained)
	if err != nil {
		return c, fmt.Errorf("read the account of %s: %w", point, err)
	}
	return c, nil
}

// Total is Collection over all points.
func (a *Audit) Total(since time.Time) (c grid.Collection) {
	from := a.midnight(since).UnixMilli()
	a.mu.Lock()
	defer a.mu.Unlock()
	for day, d := range a.days {
		if day >= from {
			c = c.Plus(d)
		}
	}
	return c
}

// Stats gives the counts so far.
func (a *Audit) Stats() AuditStats {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.counts
}
