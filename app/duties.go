package app

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"phutai/collector"
	"phutai/fleet"
	"phutai/grid"
	"phutai/meter"
	"phutai/store"
)

// duties tells the gap audit what is due by the register, the meters' profiles
// and the plan of their collectors. Collectors in other processes are taken to
// poll by the same settings as this program has.
type duties struct {
	register *fleet.Register
	profiles *meter.Profiles
	cfg      *collector.Config

	mu      sync.Mutex // guards the fields below
	known   bool
	version int64
	all     []store.Duty
}

// Duties gives them, made anew when the register has changed.
func (d *duties) Duties(ctx context.Context) ([]store.Duty, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	version := d.register.Version()
	if d.known && version == d.version {
		return d.all, nil
	}
	set, err := d.register.Export(ctx, time.Time{})
	if err != nil {
		return nil, err
	}
	stays := map[grid.PointID][]store.Stay{}
	for i := range set.Meters {
		m := &set.Meters[i]
		stays[m.Body.Point] = append(stays[m.Body.Point], d.stay(&m.Body, m.From, m.To))
	}
	all := make([]store.Duty, 0, len(stays))
	for point, its := range stays {
		slices.SortFunc(its, func(a, b store.Stay) int { return a.From.Compare(b.From) })
		all = append(all, store.Duty{Point: point, Stays: its})
	}
	slices.SortFunc(all, func(a, b store.Duty) int { return cmp.Compare(a.Point, b.Point) })
	d.known, d.version, d.all = true, version, all
	return all, nil
}

func (d *duties) stay(m *grid.Meter, from, to time.Time) store.Stay {
	s := store.Stay{Meter: m.ID, Collector: m.Collector, From: from, To: to, Poll: m.Every}
	if s.Collector == "" {
		s.Collector = d.cfg.ID
	}
	if s.Poll < time.Second {
		s.Poll = d.cfg.Every
	}
	s.Phase = collector.Offset(m.ID, s.Poll, d.cfg.Spread)
	if p, ok := d.profiles.Get(m.Profile); ok && p.HasHistory() && d.cfg.HistoryDepth > 0 {
		s.Row = cmp.Or(p.RowEvery(), d.cfg.HistoryEvery)
		// A row that the meter has written just too late waits for the next look.
		s.RowLag = d.cfg.HistoryEvery + d.cfg.HistoryOffset + d.cfg.Spread
	}
	return s
}
