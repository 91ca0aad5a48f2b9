package fleet_test

import (
	"strings"
	"testing"

	"phutai/fleet"
	"phutai/grid"
)

func TestPlatesAreReadOrAskedFor(t *testing.T) {
	read := func(cell string) (fleet.Problems, *fleet.Set) {
		set, problems := fleet.Read(write(t, map[string]string{"points.csv": "id;substation;transformers;ct;vt\nP;S;T;" + cell + "\n"}), rules)
		return problems, set
	}
	for cell, want := range map[string]float64{
		"600/5;": 120, "1200 / 5;": 240, "1.200,0/5;": 240, "1,200.0/5;": 240, "600/5,0;": 120,
		"50/5;22000/100": 2200, "50/5;22.000,0/100": 2200,
	} {
		problems, set := read(cell)
		if len(problems) > 0 || set.Points[0].Body.Ratio().Product() != want {
			t.Errorf("%s: %v, want %v", cell, problems, want)
		}
	}
	for cell, want := range map[string]string{
		"1.200/5;":        `points.csv:2: ct: "1.200" can mean 1200 or 1.2: write one of the two`,
		"1,200/5;":        `points.csv:2: ct: "1,200" can mean 1200 or 1.2: write one of the two`,
		"50/5;22.000/100": `points.csv:2: vt: "22.000" can mean 22000 or 22: write one of the two`,
		"600/50;":         `points.csv:2: ct: "50" is beyond 10: check the unit`,
		"600/0;":          `points.csv:2: ct: "600/0" has a figure that is not above zero: write it as 600/5, in A or V`,
		"600:5;":          `points.csv:2: ct: "600:5" is not read: write it as 600/5, in A or V`,
	} {
		if problems, _ := read(cell); len(problems) != 1 || problems[0].String() != want {
			t.Errorf("%s: got %v, want %s", cell, problems, want)
		}
	}
}

func TestPrimaryBelowSecondaryIsRefused(t *testing.T) {
	s := province()
	s.Points[0].Body.CTPrimary = 1.2
	s.Points[1].Body.VTPrimary = 22
	got := s.Check(rules)
	if len(got) != 2 || !strings.HasPrefix(got[0].String(), "points P1: ct_primary: 1.2 is below the 5 of ct_secondary: ") ||
		!strings.HasPrefix(got[1].String(), "points P2: vt_primary: 22 is below the 100 of vt_secondary: ") {
		t.Errorf("got %v", got)
	}
	s = province()
	s.Points[0].Body.CTPrimary = 5
	if got := s.Check(rules); len(got) > 0 {
		t.Errorf("5/5 is refused: %v", got)
	}
}

func TestVoltsForKilovoltsAreRefused(t *testing.T) {
	for _, x := range []struct {
		high, low float64
		sound     bool
	}{
		{0, 0.4, true}, {0, 0.22, true}, {0, 22, true}, {110, 22, true}, {220, 110, true}, {22, 0, true},
		{0, 400, false}, {0, 220, false}, {22, 400, false}, {22, 0.004, false}, {0, 0.004, false},
	} {
		s := province()
		s.Transformers[2].Body = grid.Transformer{ID: "T3", Substation: "0102", HVKV: x.high, LVKV: x.low}
		got := s.Check(rules)
		if sound := len(got) == 0; sound != x.sound || !sound && got[0].Column != "lv_kv" {
			t.Errorf("%v/%v kV: got %v, want it sound: %v", x.high, x.low, got, x.sound)
		}
	}
}
