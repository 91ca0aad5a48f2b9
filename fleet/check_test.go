package fleet_test

import (
	"strings"
	"testing"
	"time"

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

// lowered is a rule for lines under which letters of both cases are the same.
func lowered(s string) (string, error) { return strings.ToLower(s), nil }

func TestSpellingsOfALineAreOneLine(t *testing.T) {
	known := rules
	known.Line = lowered
	s := province()
	s.Meters[0].Body.Line, s.Meters[1].Body.Line, s.Meters[0].Body.Address = "tcp://GW:502", "TCP://gw:502", 12
	if got := s.Check(known); len(got) != 1 || !strings.Contains(got[0].Text, `line "tcp://gw:502" has meter "0012345678901" at address 12 at that time`) {
		t.Errorf("got %v, want one clash", got)
	}
	s.Meters[0].Body.Address = 13
	r, _ := openRegister(t, &clock{day(6, 20)})
	if _, err := r.Import(t.Context(), s, fleet.ImportOptions{Rules: known}); err != nil {
		t.Fatal(err)
	}
	for m := range r.View(day(6, 20)).Meters() {
		if m.Line != "tcp://gw:502" {
			t.Errorf("meter %s is kept on line %q", m.ID, m.Line)
		}
	}
	if d, err := r.Import(t.Context(), s, fleet.ImportOptions{Rules: known}); err != nil || !d.Empty() {
		t.Errorf("the same once more changes %+v, %v", d.Changes, err)
	}
}

func TestLineSpeaksOneProtocol(t *testing.T) {
	known := fleet.Rules{Line: lowered, Profiles: map[string]fleet.Profile{"dlms-4q": {Protocol: "dlms"}, "sdm630": {Protocol: "modbus"}, "own": {}}}
	s := province()
	s.Meters[0].Body.Line = "TCP://127.0.0.1:502"
	if got := s.Check(known); len(got) != 1 || got[0].Column != "line" || !strings.Contains(got[0].Text, `has meter "0012345678901" at that time, which speaks dlms, but this one's profile speaks modbus: `) {
		t.Errorf("got %v, want one problem", got)
	}
	s.Meters[0].To, s.Meters[1].From = day(6, 1), day(6, 1)
	s.Points[0].To, s.Points[1].From = day(6, 1), day(6, 1)
	if got := s.Check(known); len(got) != 0 {
		t.Errorf("one after the other is refused: %v", got)
	}
	s = province()
	s.Meters[0].Body.Line, s.Meters[0].Body.Profile = s.Meters[1].Body.Line, "own"
	if got := s.Check(known); len(got) != 0 {
		t.Errorf("a profile of no known protocol is refused: %v", got)
	}
}

func TestMeterIsPolledOnceASecondAtMost(t *testing.T) {
	for every, sound := range map[time.Duration]bool{0: true, time.Second: true, 999 * time.Millisecond: false, -time.Second: false} {
		s := province()
		s.Meters[0].Body.Every = every
		if got := s.Check(rules); len(got) == 0 != sound || !sound && got[0].Column != "every" {
			t.Errorf("every %v: got %v, want it sound: %v", every, got, sound)
		}
	}
}
