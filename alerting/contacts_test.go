package alerting_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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

// pagesOf lets time pass in steps of a minute and gives when pages went out and
// of how many stations each told. fell says when, in minutes, each point fell silent.
func pagesOf(s *stage, fell map[int]int, minutes int, also func(minute int)) (out []string) {
	s.t.Helper()
	began, seen := s.clock.now, map[grid.AlarmID]int{}
	for m := 0; m <= minutes; m++ {
		s.clock.now = began.Add(time.Duration(m) * time.Minute)
		var cs []grid.Contact
		for p, at := range fell {
			if c := (grid.Contact{Point: grid.PointID(fmt.Sprintf("P%02d", p)), LastGood: began.Add(time.Duration(at) * time.Minute), LastTry: s.clock.now}); m > at {
				c.Misses, c.Missing = (m-at)/5, grid.NoAnswer
				cs = append(cs, c)
			}
		}
		s.check(s.engine.Contacts(s.t.Context(), cs, s.clock.now))
		told := 0
		all, err := s.engine.List(s.t.Context())
		s.check(err)
		for _, a := range all {
			if a.ToldAt.Equal(s.clock.now) {
				told++
			}
		}
		pages := 0
		for _, a := range all {
			pages += a.Pages - seen[a.ID]
			seen[a.ID] = a.Pages
		}
		if pages > 0 {
			out = append(out, fmt.Sprintf("+%d: %d pages of %d", m, pages, told))
		}
		also(m)
	}
	return out
}

func TestSilentPointsOfAFeederAreToldTogetherAndNoneIsForgotten(t *testing.T) {
	many := func(fell map[int]int, from, n, at int) map[int]int {
		for i := range n {
			fell[from+i] = at
		}
		return fell
	}
	nothing := func(*stage, int) {}
	tests := []struct {
		name string
		fell map[int]int
		also func(s *stage, minute int)
		want []string
	}{
		{"one after the other", map[int]int{1: 0, 2: 40, 3: 80, 4: 120}, nothing,
			[]string{"+30: 1 pages of 1", "+70: 1 pages of 1", "+110: 1 pages of 1", "+150: 1 pages of 1"}},
		{"all at once", many(map[int]int{}, 1, 20, 0), nothing, []string{"+30: 1 pages of 20"}},
		{"two, then more", many(map[int]int{1: 0, 2: 0}, 3, 5, 10), nothing, []string{"+30: 2 pages of 2", "+40: 1 pages of 5"}},
		{"many, then many again", many(many(map[int]int{}, 1, 5, 0), 10, 30, 10), nothing, []string{"+30: 1 pages of 5", "+40: 1 pages of 30"}},
		{"many, then a few soon afterwards", many(many(map[int]int{}, 1, 5, 0), 10, 2, 10), nothing, []string{"+30: 1 pages of 5", "+60: 2 pages of 2"}},
		{"a few old ones hide nothing", many(many(map[int]int{}, 1, 3, 0), 10, 20, 90), nothing, []string{"+30: 1 pages of 3", "+120: 1 pages of 20"}},
		{"acknowledged ones hide nothing", many(many(map[int]int{}, 1, 3, 0), 10, 1, 10), func(s *stage, minute int) {
			if minute != 35 {
				return
			}
			all, err := s.engine.List(s.t.Context())
			s.check(err)
			for _, a := range all {
				s.check(s.engine.Acknowledge(s.t.Context(), a.ID, "Lan", s.clock.now))
			}
		}, []string{"+30: 1 pages of 3", "+40: 1 pages of 1"}},
		{"a restart tells nothing twice", many(many(map[int]int{}, 1, 5, 0), 10, 2, 10), func(s *stage, minute int) {
			if minute == 45 || minute == 65 {
				s.open()
			}
		}, []string{"+30: 1 pages of 5", "+60: 2 pages of 2"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStage(t)
			got := pagesOf(s, tt.fell, 180, func(m int) { tt.also(s, m) })
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}
