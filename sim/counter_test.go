package sim_test

import (
	"testing"
	"time"

	"phutai/grid"
	"phutai/sim"
)

var counters = []grid.Quantity{grid.EaImp, grid.EaExp, grid.ErImp, grid.ErExp}

func TestCountersNeverRunBackwards(t *testing.T) {
	p := sim.New(sim.Config{})
	for _, point := range p.Fleet().Points {
		before := truth(t, p, point.ID, sim.HotDay().AddDate(0, 0, -40))
		for at := sim.HotDay().AddDate(0, 0, -40); at.Before(sim.HotDay().AddDate(0, 0, 3)); at = at.Add(287 * time.Minute) {
			now := truth(t, p, point.ID, at)
			for _, q := range counters {
				if a, b := figure(t, before, q), figure(t, now, q); b < a {
					t.Fatalf("%s %s at %s: from %v back to %v", point.ID, q, at, a, b)
				}
			}
			before = now
		}
	}
}

// The test adds up the instantaneous power by itself, in steps of ten seconds.
func TestCountersAreTheIntegralOfThePower(t *testing.T) {
	p := sim.New(sim.Config{})
	const step = 10 * time.Second
	for _, i := range []int{0, 9, 2, 11} { // steady, 22 kV with solar, solar, Modbus
		id := p.Fleet().Points[i].ID
		from := sim.HotDay().Add(9*time.Hour + 3*time.Minute)
		var want [4]float64
		a := truth(t, p, id, from)
		first := a
		for at := from; at.Before(from.Add(9 * time.Hour)); at = at.Add(step) {
			b := truth(t, p, id, at.Add(step))
			for n, q := range []grid.Quantity{grid.P, grid.Q} {
				mean := (figure(t, a, q) + figure(t, b, q)) / 2
				want[2*n] += max(0, mean) * step.Hours()
				want[2*n+1] += max(0, -mean) * step.Hours()
			}
			a = b
		}
		for n, q := range counters {
			got := figure(t, a, q) - figure(t, first, q)
			if !near(got, want[n], 1e-4*(1+want[n])) {
				t.Errorf("%s %s over nine hours: got %v, integral %v", id, q, got, want[n])
			}
		}
	}
}

func TestProfileRowsFitTheInstants(t *testing.T) {
	p := sim.New(sim.Config{})
	for _, i := range []int{0, 1, 9, 21} {
		id := p.Fleet().Points[i].ID
		if p.Fleet().Meters[i].Profile != sim.ProfileDLMS {
			continue
		}
		from := sim.HotDay().Add(10 * time.Hour)
		rows, err := p.Rows(id, from, from.Add(3*time.Hour))
		if err != nil || len(rows) != 6 {
			t.Fatalf("%s: got %d rows and %v, want 6", id, len(rows), err)
		}
		for n, row := range rows {
			if want := from.Add(time.Duration(n+1) * sim.Period); !row.End.Equal(want) || row.Interval != sim.Period {
				t.Fatalf("%s row %d: ends %s after %s, want %s", id, n, row.End, row.Interval, want)
			}
			end := truth(t, p, id, row.End)
			for _, q := range counters {
				if got, want := figure(t, row.Values, q), figure(t, end, q); !near(got, want, 1e-4) {
					t.Errorf("%s %s at %s: row %v, instant %v", id, q, row.End, got, want)
				}
			}
			for _, q := range []grid.Quantity{grid.Ua, grid.Ub, grid.Uc, grid.Ia, grid.Ib, grid.Ic, grid.P, grid.Q} {
				sum, count := 0.0, 0
				for at := row.End.Add(-sim.Period + 5*time.Second); at.Before(row.End); at = at.Add(10 * time.Second) {
					sum, count = sum+figure(t, truth(t, p, id, at), q), count+1
				}
				if got, want := figure(t, row.Values, q), sum/float64(count); !near(got, want, .011) {
					t.Errorf("%s %s until %s: row %v, mean %v", id, q, row.End, got, want)
				}
			}
		}
	}
}

func TestRowsEndAfterFromAndNotAfterTo(t *testing.T) {
	p := sim.New(sim.Config{})
	half := sim.HotDay().Add(8 * time.Hour)
	tests := []struct {
		name     string
		from, to time.Time
		want     int
	}{
		{"nothing between", half, half, 0},
		{"the end counts", half.Add(-time.Second), half, 1},
		{"the begin does not", half, half.Add(29 * time.Minute), 0},
		{"backwards", half.Add(time.Hour), half, 0},
		{"the whole memory", half.AddDate(-1, 0, 0), half, 35*48 + 16},
	}
	for _, test := range tests {
		rows, err := p.Rows(sim.SteadyPoint, test.from, test.to)
		if err != nil || len(rows) != test.want {
			t.Errorf("%s: got %d rows and %v, want %d", test.name, len(rows), err, test.want)
		}
	}
}

func TestAModbusMeterHasNoLoadProfile(t *testing.T) {
	p := sim.New(sim.Config{})
	for _, m := range p.Fleet().Meters {
		if m.Profile != sim.ProfileModbus {
			continue
		}
		if rows, err := p.Rows(m.Point, sim.HotDay(), sim.Start()); err != nil || len(rows) != 0 {
			t.Errorf("%s: got %d rows and %v, want none", m.Point, len(rows), err)
		}
	}
}
