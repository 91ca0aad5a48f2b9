package web

import (
	"context"
	"net/http"
	"time"

	"phutai/grid"
)

// status goes with every answer that a page polls: what time the server lives
// in, and what is wrong with it.
type status struct {
	Now      time.Time `json:"now"`       // of the server's clock, which may be scaled
	Speed    float64   `json:"speed"`     // 1; in a simulation, seconds per real second
	DayStart time.Time `json:"day_start"` // local midnight before Now
	TimeZone string    `json:"time_zone"`
	Unacked  int       `json:"unacked"` // alarms that nobody has acknowledged
	Problems []Problem `json:"problems"`
}

func (s *Server) status(ctx context.Context, now time.Time, alarms []grid.Alarm) status {
	unacked := 0
	for i := range alarms {
		if alarms[i].State == grid.Unacked || alarms[i].State == grid.ReturnUnacked {
			unacked++
		}
	}
	return status{
		Now:      now,
		Speed:    s.speed(),
		DayStart: s.dayStart(now),
		TimeZone: s.cfg.TimeZone,
		Unacked:  unacked,
		Problems: s.problems(ctx),
	}
}

// dayStart gives the local midnight before now.
func (s *Server) dayStart(now time.Time) time.Time {
	local := now.In(s.zone)
	return time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, s.zone).UTC()
}

// speed is how many seconds of the clock pass in a real one.
func (s *Server) speed() float64 {
	if c, ok := s.deps.Clock.(interface{ Speed() float64 }); ok {
		return c.Speed()
	}
	return 1
}

func (s *Server) problems(ctx context.Context) []Problem {
	if s.deps.Health == nil {
		return []Problem{}
	}
	if found := s.deps.Health.Health(ctx); found != nil {
		return found
	}
	return []Problem{}
}

// statusNow answers GET /api/v1/status.
func (s *Server) statusNow(_ http.ResponseWriter, r *http.Request) (any, error) {
	list, err := s.deps.Alarms.List(r.Context())
	if err != nil {
		return nil, err
	}
	return s.status(r.Context(), s.deps.Clock.Now(), list), nil
}

// healthz answers that the process lives; it looks at nothing else, so that a
// broken database does not make a supervisor kill the poller.
func (s *Server) healthz(w http.ResponseWriter, r *http.Request) {
	s.reply(w, r, http.StatusOK, "application/json", map[string]string{"state": "alive"})
}

// readyz answers 200 with an empty list, or 503 with what is wrong.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	found := s.problems(r.Context())
	code := http.StatusOK
	if len(found) > 0 {
		code = http.StatusServiceUnavailable
	}
	s.reply(w, r, code, "application/json", map[string][]Problem{"problems": found})
}
