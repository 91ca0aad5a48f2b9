package sim

import (
	"sync"
	"time"

	"phutai/grid"
)

// source is one station as the servers ask it: exact values, on which they do
// their own rounding.
type source struct {
	province *Province
	station  *station

	mu   sync.Mutex // guards the fields below
	at   time.Time  // the renewal that last was shown
	last grid.Values
}

// Instant gives the values of the last renewal before at. A poll asks for one
// register after the other, so the last renewal is kept.
func (s *source) Instant(at time.Time) grid.Values {
	at = s.province.renewal(at)
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.at.Equal(at) {
		s.at, s.last = at, s.station.instant(at)
	}
	return s.last
}

// Rows gives the rows of the load profile.
func (s *source) Rows(from, to time.Time) []grid.Sample { return s.station.rows(from, to) }
