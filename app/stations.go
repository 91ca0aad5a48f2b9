package app

import (
	"context"
	"strings"
	"sync"
	"time"

	"phutai/fleet"
	"phutai/grid"
	"phutai/web"
)

// stations shows the register to the stages that want to know where a
// transformer stands: pages, alarms, derived series, store writers.
type stations struct {
	register *fleet.Register
	clock    grid.Clock

	mu   sync.Mutex // guards the fields below
	view *fleet.View
	rows []web.Row
	at   map[grid.TransformerID]int
}

func newStations(r *fleet.Register, clock grid.Clock) *stations {
	return &stations{register: r, clock: clock}
}

// Rows gives all transformers as they stand now, made anew when the register
// has changed.
func (s *stations) Rows(context.Context) ([]web.Row, error) {
	rows, _ := s.current()
	return rows, nil
}

// Row gives one of them.
func (s *stations) Row(_ context.Context, id grid.TransformerID) (web.Row, bool, error) {
	rows, at := s.current()
	i, ok := at[id]
	if !ok {
		return web.Row{}, false, nil
	}
	return rows[i], true, nil
}

func (s *stations) current() ([]web.Row, map[grid.TransformerID]int) {
	view := s.register.View(s.clock.Now())
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.view == nil || view.Version() != s.view.Version() || !view.From().Equal(s.view.From()) {
		s.view, s.rows, s.at = view, nil, map[grid.TransformerID]int{}
		for t := range view.Transformers() {
			s.at[t.ID] = len(s.rows)
			s.rows = append(s.rows, rowOf(view, t))
		}
	}
	return s.rows, s.at
}

func rowOf(view *fleet.View, t grid.Transformer) web.Row {
	row := web.Row{Transformer: t}
	row.Substation, _ = view.Substation(t.Substation)
	row.Feeder, _ = view.Feeder(row.Substation.Feeder)
	row.Unit, _ = view.Unit(row.Substation.Unit)
	for _, id := range view.PointsOf(t.ID) {
		row.Point, _ = view.Point(id)
		row.Meter, _ = view.Meter(id)
		break // of several points the first is shown; loadings name theirs
	}
	row.Fold = fleet.Fold(strings.Join([]string{
		string(t.ID), t.Name, string(row.Substation.ID), row.Substation.Name, row.Substation.Address,
		string(row.Feeder.ID), row.Feeder.Name, row.Unit.Name, string(row.Point.ID),
	}, " "))
	return row
}

// Place tells on which feeder and in which unit a transformer stood at a time.
func (s *stations) Place(id grid.TransformerID, at time.Time) (grid.FeederID, grid.UnitID) {
	view := s.register.View(at)
	t, _ := view.Transformer(id)
	sub, _ := view.Substation(t.Substation)
	return sub.Feeder, sub.Unit
}
