package fleet_test

import (
	"strings"
	"testing"

	"phutai/fleet"
	"phutai/grid"
)

func TestTransformerStandsBehindOnePointAtATime(t *testing.T) {
	s := province()
	second := s.Points[0]
	second.Body.ID, second.Body.Transformers = "P9", []grid.TransformerID{"T2"}
	s.Points = append(s.Points, second)
	got := s.Check(rules)
	if len(got) != 1 || !strings.HasPrefix(got[0].String(), `points P9: transformers: transformer "T2" stands behind point "P1" at that time, but one meter only tells its load: `) {
		t.Errorf("got %v, want one problem", got)
	}
	s.Points[0].To, s.Points[2].From = day(6, 10), day(6, 10)
	s.Meters[0].To = day(6, 10)
	if got := s.Check(rules); len(got) != 0 {
		t.Errorf("a move by date is refused: %v", got)
	}
}

func TestSharedTransformerIsToldAgainstTheRegisterToo(t *testing.T) {
	r, _ := openRegister(t, &clock{day(6, 20)})
	set := province()
	if _, err := r.Import(t.Context(), set, fleet.ImportOptions{Rules: rules}); err != nil {
		t.Fatal(err)
	}
	second := set.Points[1].Body
	second.ID = "P9"
	_, err := r.Import(t.Context(), &fleet.Set{Points: fleet.Of(second)}, fleet.ImportOptions{Rules: rules})
	if err == nil || !strings.Contains(err.Error(), `transformer "T3" stands behind point "P2"`) {
		t.Errorf("got %v", err)
	}
}

func TestAddressOfTheProfileIsTheOneWrittenOut(t *testing.T) {
	known := fleet.Rules{Profiles: map[string]fleet.Profile{"dlms-4q": {Address: 1}, "sdm630": {MaxAddress: 247, Address: 1}}}
	for _, x := range []struct {
		first, second int
		clash         bool
	}{{0, 0, true}, {0, 1, true}, {1, 0, true}, {0, 2, false}, {1, 2, false}} {
		s := province()
		s.Meters[0].Body.Profile, s.Meters[0].Body.Line = "sdm630", s.Meters[1].Body.Line
		s.Meters[0].Body.Address, s.Meters[1].Body.Address = x.first, x.second
		got := s.Check(known)
		if clash := len(got) == 1 && strings.Contains(got[0].Text, "at address 1 at that time"); clash != x.clash || !clash && len(got) > 0 {
			t.Errorf("addresses %d and %d: got %v, want a clash: %v", x.first, x.second, got, x.clash)
		}
	}
}
