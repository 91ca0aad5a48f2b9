package web

import (
	"context"
	"time"

	"phutai/grid"
)

// snapshot is what one answer is made of, read once so that its parts agree.
type snapshot struct {
	now      time.Time
	rows     []Row
	loadings map[grid.TransformerID]*grid.Loading
	contacts map[grid.PointID]*grid.Contact
	alarms   []grid.Alarm
}

// snapshot reads everything that the ranking needs.
func (s *Server) snapshot(ctx context.Context) (*snapshot, error) {
	snap := &snapshot{now: s.deps.Clock.Now()}
	var err error
	if snap.rows, err = s.deps.Fleet.Rows(ctx); err != nil {
		return nil, &fault{status: 503, title: "the register could not be read",
			hint: "try again; if it stays, look at the register's file and the log", cause: err}
	}
	latest, err := s.deps.Loadings.LatestLoading(ctx)
	if err != nil {
		return nil, &fault{status: 503, title: "the loadings could not be read",
			hint: "try again; if it stays, look at the store's file and the log", cause: err}
	}
	contacts, err := s.deps.Contacts.Contacts(ctx)
	if err != nil {
		return nil, &fault{status: 503, title: "the contacts of the meters could not be read",
			hint: "try again; if it stays, look at the store's file and the log", cause: err}
	}
	if snap.alarms, err = s.deps.Alarms.List(ctx); err != nil {
		return nil, &fault{status: 503, title: "the alarms could not be read",
			hint: "try again; if it stays, look at the state file and the log", cause: err}
	}
	snap.contacts = make(map[grid.PointID]*grid.Contact, len(contacts))
	for i := range contacts {
		snap.contacts[contacts[i].Point] = &contacts[i]
	}
	meters := make(map[grid.TransformerID]*grid.Meter, len(snap.rows))
	for i := range snap.rows {
		meters[snap.rows[i].Transformer.ID] = &snap.rows[i].Meter
	}
	snap.loadings = make(map[grid.TransformerID]*grid.Loading, len(latest))
	for i := range latest {
		l := &latest[i]
		meter := meters[l.Transformer]
		if meter == nil {
			continue // left the register
		}
		if old := snap.loadings[l.Transformer]; old == nil || s.tellsMore(l, old, meter, snap.now) {
			snap.loadings[l.Transformer] = l
		}
	}
	return snap, nil
}

// tellsMore tells whether a should be shown rather than b. A fresh value with
// a phase percentage beats a newer one without (most load profiles have no
// phase currents), one that can be judged beats one that cannot, otherwise the
// newer wins.
func (s *Server) tellsMore(a, b *grid.Loading, meter *grid.Meter, now time.Time) bool {
	ranks := func(l *grid.Loading) int {
		switch {
		case !l.PhaseMaxPct.Known || now.Sub(l.At) > s.staleAfter(l, meter):
			return 0
		case l.PhaseGrade != grid.Good:
			return 1
		}
		return 2
	}
	if ra, rb := ranks(a), ranks(b); ra != rb {
		return ra > rb
	}
	if !a.At.Equal(b.At) {
		return a.At.After(b.At)
	}
	return a.Source == grid.Instant
}

// ranking builds all lines, in the register's order.
func (s *Server) ranking(snap *snapshot) []fleetRow {
	standing := make(map[grid.TransformerID]*grid.Alarm)
	for i := range snap.alarms {
		a := &snap.alarms[i]
		if a.Kind == grid.CommsLoss || a.Transformer == "" || !a.Active() {
			continue
		}
		if old := standing[a.Transformer]; old == nil || moreUrgent(a, old) {
			standing[a.Transformer] = a
		}
	}
	out := make([]fleetRow, len(snap.rows))
	for i := range snap.rows {
		r := &snap.rows[i]
		out[i] = s.row(r, snap.loadings[r.Transformer.ID], snap.contacts[r.Point.ID], snap.now)
		if a := standing[r.Transformer.ID]; a != nil {
			out[i].Alarm = a.State
		}
	}
	return out
}

// moreUrgent orders alarms as people should look at them.
func moreUrgent(a, b *grid.Alarm) bool {
	if ua, ub := a.State == grid.Unacked, b.State == grid.Unacked; ua != ub {
		return ua
	}
	return a.Severity > b.Severity
}
