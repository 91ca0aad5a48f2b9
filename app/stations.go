package app

import (
	"context"
	"strings"
	"sync"
	"time"

	"phutai/alerting"
	"phutai/fleet"
	"phutai/grid"
	"phutai/loading"
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
	known := s.register.Known()
	t, _ := known.Transformer(id, at)
	sub, _ := known.Substation(t.Substation, at)
	return sub.Feeder, sub.Unit
}

// Station gives what stands behind a point at a time, for derived series.
func (s *stations) Station(p grid.PointID, at time.Time) (loading.Station, bool) {
	return stationOf(s.register.Known(), p, at)
}

func stationOf(known *fleet.Known, p grid.PointID, at time.Time) (loading.Station, bool) {
	point, ok := known.Point(p, at)
	if !ok {
		return loading.Station{}, false
	}
	st := loading.Station{Point: point}
	st.Substation, _ = known.Substation(point.Substation, at)
	for _, id := range point.Transformers {
		if t, ok := known.Transformer(id, at); ok {
			st.Transformers = append(st.Transformers, t)
		}
	}
	if m, ok := known.Meter(p, at); ok {
		st.Every = m.Every
	}
	return st, true
}

// Where tells what people call a point and how they find it, for pages.
func (s *stations) Where(p grid.PointID, t grid.TransformerID, at time.Time) (alerting.Place, bool) {
	view := s.register.View(at)
	point, ok := view.Point(p)
	if !ok {
		return alerting.Place{}, false
	}
	var place alerting.Place
	place.Substation, _ = view.Substation(point.Substation)
	place.Feeder, _ = view.Feeder(place.Substation.Feeder)
	place.Unit, _ = view.Unit(place.Substation.Unit)
	place.Among = len(view.TransformersOf(point.Substation))
	place.Transformer, _ = view.Transformer(t)
	return place, true
}

// acknowledging lets the pages acknowledge at the program's time.
type acknowledging struct {
	*alerting.Engine
	clock grid.Clock
}

// Acknowledge notes that who has seen the alarm.
func (a acknowledging) Acknowledge(ctx context.Context, id grid.AlarmID, who string) error {
	return a.Engine.Acknowledge(ctx, id, who, a.clock.Now())
}
