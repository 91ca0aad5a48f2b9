package sim_test

import (
	"math"
	"testing"
	"time"

	"phutai/grid"
	"phutai/sim"
)

func near(got, want, within float64) bool { return math.Abs(got-want) <= within }

func TestPowerFitsVoltageAndCurrent(t *testing.T) {
	p := sim.New(sim.Config{})
	for _, point := range p.Fleet().Points {
		for at := sim.HotDay(); at.Before(sim.HotDay().Add(24 * time.Hour)); at = at.Add(41 * time.Minute) {
			v := truth(t, p, point.ID, at)
			sumP, sumQ := 0.0, 0.0
			for i := range grid.Quantity(3) {
				u, a := figure(t, v, grid.Ua+i), figure(t, v, grid.Ia+i)
				pw, q := figure(t, v, grid.Pa+i), figure(t, v, grid.Qa+i)
				if s := u * a / 1000; !near(s*s, pw*pw+q*q, 1e-9*(1+s*s)) {
					t.Fatalf("%s phase %d at %s: S = %v kVA, P = %v kW, Q = %v kvar", point.ID, i, at, s, pw, q)
				}
				if nominal := 230.0; point.Side == grid.LV && (u < .9*nominal || u > 1.1*nominal) {
					t.Fatalf("%s phase %d at %s: %v V", point.ID, i, at, u)
				}
				sumP, sumQ = sumP+pw, sumQ+q
			}
			got := []float64{figure(t, v, grid.P), figure(t, v, grid.Q), figure(t, v, grid.S), figure(t, v, grid.Pf) * figure(t, v, grid.S)}
			for i, want := range []float64{sumP, sumQ, math.Hypot(sumP, sumQ), sumP} {
				if !near(got[i], want, 1e-9) {
					t.Fatalf("%s at %s: total %d: got %v, want %v", point.ID, at, i, got[i], want)
				}
			}
			if f := figure(t, v, grid.F); f < 49.9 || f > 50.1 {
				t.Fatalf("%s at %s: %v Hz", point.ID, at, f)
			}
		}
	}
}

func TestRoofsFeedBackAtNoonAndNotInTheEvening(t *testing.T) {
	p := sim.New(sim.Config{})
	noon, evening := sim.HotDay().Add(12*time.Hour), sim.HotDay().Add(20*time.Hour)
	feeding := 0
	for _, point := range p.Fleet().Points {
		if power := figure(t, truth(t, p, point.ID, noon), grid.P); power < 0 {
			feeding++
			before, after := truth(t, p, point.ID, noon), truth(t, p, point.ID, noon.Add(20*time.Minute))
			if figure(t, after, grid.EaExp) <= figure(t, before, grid.EaExp) {
				t.Errorf("%s feeds %v kW back and its export counter stands still", point.ID, power)
			}
		}
		if power := figure(t, truth(t, p, point.ID, evening), grid.P); power <= 0 {
			t.Errorf("%s: %v kW in the evening", point.ID, power)
		}
	}
	if feeding < 3 {
		t.Errorf("%d points feed back at noon, want at least 3", feeding)
	}
}

func TestTheHeatWaveIsThreeDaysLong(t *testing.T) {
	p := sim.New(sim.Config{})
	for day, want := range map[int]float64{-2: 37, -1: 38.5, 0: 39.5} {
		hottest, coolest := 0.0, 99.0
		for at := sim.HotDay().AddDate(0, 0, day); at.Before(sim.HotDay().AddDate(0, 0, day+1)); at = at.Add(10 * time.Minute) {
			hottest, coolest = max(hottest, p.Air(at)), min(coolest, p.Air(at))
		}
		if !near(hottest, want, .01) || coolest < 27 {
			t.Errorf("day %+d: %.2f to %.2f °C, want at most %.1f and a night above 27", day, coolest, hottest, want)
		}
	}
	for at := sim.HotDay().AddDate(0, 0, -35); at.Before(sim.HotDay().AddDate(0, 0, 10)); at = at.Add(time.Hour) {
		if step := math.Abs(p.Air(at.Add(time.Minute)) - p.Air(at)); step > .1 {
			t.Errorf("the air jumps by %.2f K within a minute at %s", step, at)
		}
	}
}

func TestHomesUseMoreInTheHeatAndMostLateInTheEvening(t *testing.T) {
	p := sim.New(sim.Config{})
	id := p.Fleet().Points[1].ID
	peak := func(day int) (kw float64, hour float64) {
		begin := sim.HotDay().AddDate(0, 0, day)
		for at := begin; at.Before(begin.Add(24 * time.Hour)); at = at.Add(10 * time.Minute) {
			if x := figure(t, truth(t, p, id, at), grid.P); x > kw {
				kw, hour = x, at.Sub(begin).Hours()
			}
		}
		return kw, hour
	}
	hot, hour := peak(0)
	mild, _ := peak(-10)
	if hot < 1.15*mild {
		t.Errorf("peak of the hot day %.2f kW, of a mild one %.2f kW: want at least 15 %% more", hot, mild)
	}
	if hour < 20 || hour > 22 {
		t.Errorf("peak of the hot day at %.1f h, want between 20 and 22 h", hour)
	}
}

func BenchmarkInstant(b *testing.B) {
	p := sim.New(sim.Config{})
	points := p.Fleet().Points
	for i := 0; b.Loop(); i++ {
		at := sim.Start().Add(time.Duration(i) * time.Second)
		if _, err := p.Truth(points[i%len(points)].ID, at); err != nil {
			b.Fatal(err)
		}
	}
}
