package alerting_test

import (
	"testing"
	"time"

	"phutai/grid"
)

// After a start nothing new has come yet: the contact is as old as it was when
// the alarm was raised, without the misses that were counted then.
func TestOldNewsEndsNoCommsLossAfterARestart(t *testing.T) {
	s := newStage(t)
	last := s.clock.now
	s.run([]string{"silent", "P1", "for", "45m"})
	s.open()
	tell := func(c grid.Contact) int {
		t.Helper()
		c.Point = "P1"
		s.check(s.engine.Contacts(t.Context(), []grid.Contact{c}, s.clock.now))
		all, err := s.engine.List(t.Context())
		s.check(err)
		standing := 0
		for _, a := range all {
			if a.State == grid.Unacked {
				standing++
			}
		}
		return standing
	}
	if n := tell(grid.Contact{LastGood: last, LastTry: last}); n != 1 {
		t.Errorf("%d alarms stand after old news, want 1", n)
	}
	if n := tell(grid.Contact{LastGood: last.Add(time.Minute), LastTry: last.Add(time.Minute)}); n != 0 {
		t.Errorf("%d alarms stand after a new reading, want 0", n)
	}
}
