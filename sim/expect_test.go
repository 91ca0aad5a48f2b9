package sim_test

import (
	"testing"
	"time"

	"phutai/grid"
	"phutai/sim"
)

const evening = 330 * time.Minute // from 17:00 to 22:30

func TestTheEveningHasOneRightAnswer(t *testing.T) {
	for seed := range uint64(5) {
		p := sim.New(sim.Config{Seed: seed})
		faults := p.Faults()
		warn, over, silent := 0, 0, 0
		for _, e := range p.Expect(sim.Start(), sim.Start().Add(evening), sim.DefaultRule()) {
			if e.Must != e.May {
				t.Errorf("seed %d: %s must raise %q and may raise %q", seed, e.Point, e.Must, e.May)
			}
			for _, limit := range []float64{90, 100} {
				if near(e.PeakPct, limit, 2) {
					t.Errorf("seed %d: the peak of %s is %.1f %%, too near to %v %%", seed, e.Point, e.PeakPct, limit)
				}
			}
			if dead := faults[e.Point] == sim.Silent || faults[e.Point] == sim.DeadUnit; e.Silent != dead {
				t.Errorf("seed %d: %s with fault %q: silent %v", seed, e.Point, faults[e.Point], e.Silent)
			}
			switch {
			case e.Silent:
				silent++
				if e.Must != grid.NoSeverity || e.May != grid.NoSeverity {
					t.Errorf("seed %d: nobody can know of the load of %s", seed, e.Point)
				}
			case e.Must == grid.Critical:
				over++
			case e.Must == grid.Warning:
				warn++
			case e.PeakPct > 88:
				t.Errorf("seed %d: %s reaches %.1f %% and nothing is expected", seed, e.Point, e.PeakPct)
			}
		}
		if over < 5 || warn < 3 || silent != 2 {
			t.Errorf("seed %d: got %d over, %d warned, %d silent", seed, over, warn, silent)
		}
	}
}

func TestTheSteadyTransformerIsOverFromTheStart(t *testing.T) {
	p := sim.New(sim.Config{})
	e := p.Expect(sim.Start(), sim.Start().Add(30*time.Minute), sim.DefaultRule())[0]
	if e.Point != sim.SteadyPoint || e.Must != grid.Critical || e.Worst != grid.PhaseA || !e.OverSince.Equal(sim.Start()) {
		t.Errorf("got %+v, want critical on phase A since %s", e, sim.Start())
	}
	if !near(e.PeakPct, 110.85, .005) {
		t.Errorf("peak: got %.3f %%, want 110.85 %%", e.PeakPct)
	}
}

func TestAShortWindowDemandsNothing(t *testing.T) {
	p := sim.New(sim.Config{})
	e := p.Expect(sim.Start(), sim.Start().Add(5*time.Minute), sim.Rule{
		WarnPct: 90, OverPct: 100, OnDelay: 10 * time.Minute, MarginPct: 1, Slack: 2 * time.Minute,
	})[0]
	if e.Must != grid.NoSeverity || e.May != grid.NoSeverity {
		t.Errorf("five minutes over the limit with a delay of ten: must %q, may %q", e.Must, e.May)
	}
	e = p.Expect(sim.Start(), sim.Start().Add(9*time.Minute), sim.Rule{
		WarnPct: 90, OverPct: 100, OnDelay: 10 * time.Minute, MarginPct: 1, Slack: 2 * time.Minute,
	})[0]
	if e.Must != grid.NoSeverity || e.May != grid.Critical {
		t.Errorf("nine minutes, delay ten give or take two: must %q, may %q; want nothing and critical", e.Must, e.May)
	}
}
