package sim_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/grid"
	"phutai/sim"
)

func truth(t *testing.T, p *sim.Province, id grid.PointID, at time.Time) grid.Values {
	t.Helper()
	v, err := p.Truth(id, at)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func figure(t *testing.T, v grid.Values, q grid.Quantity) float64 {
	t.Helper()
	x, ok := v.Get(q)
	if !ok {
		t.Fatalf("%s is absent", q)
	}
	return x
}

func all(v grid.Values) map[string]float64 {
	m := map[string]float64{}
	for q, x := range v.All() {
		m[q.String()] = x
	}
	return m
}

func TestTheSameQuestionHasTheSameAnswerInAnyOrder(t *testing.T) {
	one, two := sim.New(sim.Config{Seed: 7}), sim.New(sim.Config{Seed: 7})
	at := sim.Start().Add(93*time.Minute + 7*time.Second)
	for _, point := range one.Fleet().Points {
		// The second province is asked about other times first.
		truth(t, two, point.ID, at.Add(40*24*time.Hour))
		truth(t, two, point.ID, at.Add(-20*24*time.Hour))
		if diff := cmp.Diff(all(truth(t, one, point.ID, at)), all(truth(t, two, point.ID, at))); diff != "" {
			t.Errorf("%s at %s differs between two runs:\n%s", point.ID, at, diff)
		}
	}
	if diff := cmp.Diff(one.Fleet(), two.Fleet()); diff != "" {
		t.Errorf("the register differs between two runs:\n%s", diff)
	}
}

func TestAnotherSeedIsAnotherProvince(t *testing.T) {
	one, two := sim.New(sim.Config{Seed: 1}), sim.New(sim.Config{Seed: 2})
	id := one.Fleet().Points[1].ID
	if a, b := truth(t, one, id, sim.Start()), truth(t, two, id, sim.Start()); a == b {
		t.Errorf("seeds 1 and 2 both show %v", all(a))
	}
}

func TestTheSteadyTransformerCarries640And420And400Amps(t *testing.T) {
	p := sim.New(sim.Config{})
	for at := sim.Start(); !at.After(sim.Start().Add(330 * time.Minute)); at = at.Add(83 * time.Second) {
		shown, err := p.Shown(sim.SteadyPoint, at)
		if err != nil {
			t.Fatal(err)
		}
		primary, err := p.Primary(sim.SteadyPoint, shown)
		if err != nil {
			t.Fatal(err)
		}
		want := map[grid.Quantity]float64{
			grid.Ia: sim.SteadyAmpsA, grid.Ib: sim.SteadyAmpsB, grid.Ic: sim.SteadyAmpsC,
		}
		for q, amps := range want {
			if got := figure(t, primary, q); got != amps {
				t.Fatalf("%s at %s: got %v A, want %v A", q, at, got, amps)
			}
		}
	}
	rows, err := p.Rows(sim.SteadyPoint, sim.Start(), sim.Start().Add(5*time.Hour))
	if err != nil || len(rows) != 10 {
		t.Fatalf("got %d rows and %v, want 10 rows of half an hour", len(rows), err)
	}
	for _, row := range rows {
		if got := figure(t, row.Values, grid.Ia); got != 4 {
			t.Errorf("mean of phase A until %s: got %v A secondary, want 4 A", row.End, got)
		}
	}
	transformer := p.Fleet().Transformers[0]
	if pct := sim.SteadyAmpsA / transformer.RatedCurrent(grid.LV) * 100; math.Abs(pct-110.85) > .005 {
		t.Errorf("loading of %s: got %.3f %%, want 110.85 %%", transformer.ID, pct)
	}
}

func TestAnUnknownPointIsAnError(t *testing.T) {
	p := sim.New(sim.Config{})
	if _, err := p.Truth("no such point", sim.Start()); err == nil {
		t.Error("Truth: got no error")
	}
	if _, err := p.Shown("no such point", sim.Start()); err == nil {
		t.Error("Shown: got no error")
	}
	if _, err := p.Rows("no such point", sim.Start(), sim.Start()); err == nil {
		t.Error("Rows: got no error")
	}
	if _, err := p.Primary("no such point", grid.Values{}); err == nil {
		t.Error("Primary: got no error")
	}
}

func TestConfigurationProblemsAreToldAtOnce(t *testing.T) {
	got := sim.Config{Transformers: -1, BasePort: 70000}.Validate()
	var fields []string
	for _, problem := range got {
		fields = append(fields, problem.Field)
	}
	if diff := cmp.Diff([]string{"transformers", "base_port"}, fields); diff != "" {
		t.Errorf("fields with problems (-want +got):\n%s", diff)
	}
	if got := (sim.Config{}).Validate(); len(got) != 0 {
		t.Errorf("the zero configuration: got %v, want no problem", got)
	}
}

func TestAMeterRenewsItsValuesByTheMinute(t *testing.T) {
	p := sim.New(sim.Config{})
	id := p.Fleet().Points[1].ID
	minute := sim.Start().Add(17 * time.Minute)
	at := func(d time.Duration) grid.Values {
		v, err := p.Shown(id, minute.Add(d))
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	if at(0) != at(59*time.Second) {
		t.Error("values changed within one minute")
	}
	if at(0) == at(time.Minute) {
		t.Error("values did not change after a minute")
	}
}
