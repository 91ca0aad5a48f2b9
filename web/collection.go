package web

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"phutai/grid"
)

// collectionDays is how many days the page shows.
const collectionDays = 7

// collectionAnswer is how much of what was due has come, by unit and day.
type collectionAnswer struct {
	Status   status           `json:"status"`
	TimeZone string           `json:"time_zone"`
	Days     []string         `json:"days"` // oldest first
	Units    []collectionLine `json:"units"`
	All      []*collectionSum `json:"all"` // of the company, by day
}

type collectionLine struct {
	ID   grid.UnitID      `json:"id"`
	Name string           `json:"name"`
	Days []*collectionSum `json:"days"` // null: the unit has no metering point on the day
}

type collectionSum struct {
	Points    int `json:"points"`
	Silent    int `json:"silent"`
	Due       int `json:"due"`
	Received  int `json:"received"`
	Explained int `json:"explained"`
	Open      int `json:"open"`
}

func (c *collectionSum) add(u *UnitCollection) {
	c.Points += u.Points
	c.Silent += u.Silent
	c.Due += u.Due
	c.Received += u.Received
	c.Explained += u.Explained
	c.Open += u.Open()
}

// collection answers GET /api/v1/collection?day: seven days up to a day.
func (s *Server) collection(_ http.ResponseWriter, r *http.Request) (any, error) {
	last, err := s.dayParam(r, "day", s.dayStart(s.deps.Clock.Now()))
	if err != nil {
		return nil, err
	}
	alarms, err := s.deps.Alarms.List(r.Context())
	if err != nil {
		return nil, err
	}
	answer := &collectionAnswer{Status: s.status(r.Context(), s.deps.Clock.Now(), alarms), TimeZone: s.zone.String(), Units: []collectionLine{}}
	lines := map[grid.UnitID]*collectionLine{}
	y, m, d := last.In(s.zone).Date()
	for i := range collectionDays {
		day := time.Date(y, m, d-collectionDays+1+i, 0, 0, 0, 0, s.zone).UTC()
		units, err := s.deps.Units.UnitsOn(r.Context(), day)
		if err != nil {
			return nil, daysFault(err)
		}
		all := &collectionSum{}
		for k := range units {
			u := &units[k]
			line := lines[u.Unit.ID]
			if line == nil {
				line = &collectionLine{ID: u.Unit.ID, Days: make([]*collectionSum, collectionDays)}
				lines[u.Unit.ID] = line
			}
			line.Name = cmp.Or(u.Unit.Name, string(u.Unit.ID)) // of the newest day on which it is there
			line.Days[i] = &collectionSum{}
			line.Days[i].add(u)
			all.add(u)
		}
		answer.Days, answer.All = append(answer.Days, s.dayName(day)), append(answer.All, all)
	}
	for _, line := range lines {
		answer.Units = append(answer.Units, *line)
	}
	slices.SortFunc(answer.Units, func(a, b collectionLine) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return answer, nil
}

func (s *Server) collectionPage(w http.ResponseWriter, r *http.Request) {
	s.render(w, r, http.StatusOK, s.view("collection", r))
}
