package sim_test

import (
	"slices"
	"testing"

	"phutai/grid"
	"phutai/sim"
)

func TestTheRegisterHangsTogether(t *testing.T) {
	for _, n := range []int{5, sim.DefaultTransformers, 2000} {
		f := sim.New(sim.Config{Transformers: n}).Fleet()
		if len(f.Points) != n || len(f.Meters) != n {
			t.Fatalf("got %d points and %d meters, want %d", len(f.Points), len(f.Meters), n)
		}
		units, feeders := map[grid.UnitID]bool{}, map[grid.FeederID]bool{}
		for _, u := range f.Units {
			units[u.ID] = true
		}
		for _, l := range f.Feeders {
			feeders[l.ID] = true
			if !units[l.Unit] {
				t.Errorf("feeder %s is in unit %q, which is not there", l.ID, l.Unit)
			}
		}
		substations := map[grid.SubstationID]bool{}
		for _, s := range f.Substations {
			if substations[s.ID] {
				t.Errorf("substation %s is there twice", s.ID)
			}
			substations[s.ID] = true
			if !units[s.Unit] || !feeders[s.Feeder] {
				t.Errorf("substation %s: unit %q or feeder %q is not there", s.ID, s.Unit, s.Feeder)
			}
		}
		transformers := map[grid.TransformerID]grid.Transformer{}
		for _, tr := range f.Transformers {
			if _, twice := transformers[tr.ID]; twice || !substations[tr.Substation] {
				t.Errorf("transformer %s is there twice or in no substation (%q)", tr.ID, tr.Substation)
			}
			transformers[tr.ID] = tr
		}
		points, serials := map[grid.PointID]bool{}, map[grid.MeterID]bool{}
		for _, p := range f.Points {
			points[p.ID] = true
			for _, id := range p.Transformers {
				if _, ok := transformers[id]; !ok {
					t.Errorf("point %s: transformer %q is not there", p.ID, id)
				}
			}
		}
		for _, m := range f.Meters {
			if serials[m.ID] || !points[m.Point] {
				t.Errorf("meter %s is there twice or at no point (%q)", m.ID, m.Point)
			}
			serials[m.ID] = true
		}
		if len(points) != n || len(substations) != n {
			t.Errorf("got %d different points and %d substations, want %d", len(points), len(substations), n)
		}
	}
}

// The rated current, not the current transformers or the main breaker, has to
// be what limits each transformer.
func TestTheRatingGoverns(t *testing.T) {
	f := sim.New(sim.Config{Transformers: 500}).Fleet()
	byID := map[grid.TransformerID]grid.Transformer{}
	for _, tr := range f.Transformers {
		byID[tr.ID] = tr
	}
	for _, p := range f.Points {
		rated := 0.0
		for _, id := range p.Transformers {
			tr := byID[id]
			rated += tr.RatedCurrent(p.Side)
			if lv := tr.RatedCurrent(grid.LV); tr.BreakerA < lv {
				t.Errorf("%s: breaker %v A is below the rated current %.1f A", id, tr.BreakerA, lv)
			}
		}
		if p.CTPrimary < rated {
			t.Errorf("%s: CT of %v A is below the rated current %.1f A", p.ID, p.CTPrimary, rated)
		}
		if r := p.Ratio(); !r.Valid() {
			t.Errorf("%s: ratio %+v is not valid", p.ID, r)
		}
	}
}

func TestTheProvinceHasWhatTheMainJobAsksFor(t *testing.T) {
	p := sim.New(sim.Config{})
	f := p.Fleet()
	if len(f.Points) < 40 || len(f.Feeders) != 3 || len(f.Units) != 3 {
		t.Errorf("got %d points, %d feeders, %d units with the company; want at least 40, 3, 3", len(f.Points), len(f.Feeders), len(f.Units))
	}
	dedicated, mv, behindTwo, modbus := 0, 0, 0, 0
	for i, point := range f.Points {
		if f.Substations[i].Dedicated {
			dedicated++
		}
		if point.Side == grid.MV {
			mv++
			if point.VTPrimary != 22000 || point.VTSecondary != 100 || point.CTPrimary != 50 {
				t.Errorf("%s at 22 kV: got VT %v/%v and CT %v", point.ID, point.VTPrimary, point.VTSecondary, point.CTPrimary)
			}
		}
		if len(point.Transformers) == 2 {
			behindTwo++
		}
		if f.Meters[i].Profile == sim.ProfileModbus {
			modbus++
		}
		if f.Meters[i].Secret != "" && p.Secrets()[f.Meters[i].Secret] == nil {
			t.Errorf("%s: secret %q is not told", point.ID, f.Meters[i].Secret)
		}
	}
	if dedicated < 5 || dedicated > 30 || mv < 2 || behindTwo < 1 || modbus < 8 || modbus > 20 {
		t.Errorf("got %d dedicated, %d at 22 kV, %d with two transformers, %d on Modbus", dedicated, mv, behindTwo, modbus)
	}
	var faults []string
	for _, fault := range p.Faults() {
		faults = append(faults, string(fault))
	}
	slices.Sort(faults)
	if want := []string{"answer-late", "dead-unit", "other-ratio", "silent"}; !slices.Equal(faults, want) {
		t.Errorf("faults: got %v, want %v", faults, want)
	}
}

func TestFleetGivesACopy(t *testing.T) {
	p := sim.New(sim.Config{})
	f := p.Fleet()
	f.Points[0].Transformers[0] = "changed"
	f.Meters[0].Line = "changed"
	if g := p.Fleet(); g.Points[0].Transformers[0] == "changed" || g.Meters[0].Line == "changed" {
		t.Error("a change of what Fleet gave changed the province")
	}
}
