package plausibility_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"phutai/grid"
	"phutai/plausibility"
	"phutai/sim"
)

// watcher polls a simulated province's meters as a collector does, each a quarter
// of an hour apart and their plates twice a day, and keeps what is found first.
type watcher struct {
	province *sim.Province
	facts    map[grid.PointID]plausibility.Facts
	points   map[grid.PointID]*plausibility.Point
	found    map[string]plausibility.Verdict // by point and check
	gone     map[string]time.Time
}

func watch(t *testing.T, cfg sim.Config) *watcher {
	t.Helper()
	p := sim.New(cfg)
	w := &watcher{p, map[grid.PointID]plausibility.Facts{}, map[grid.PointID]*plausibility.Point{}, map[string]plausibility.Verdict{}, map[string]time.Time{}}
	fleet := p.Fleet()
	rated := map[grid.TransformerID]grid.Transformer{}
	for _, tr := range fleet.Transformers {
		rated[tr.ID] = tr
	}
	for i, point := range fleet.Points {
		f := plausibility.Facts{Point: point, Meter: fleet.Meters[i].ID, Zone: sim.Zone()}
		for _, id := range point.Transformers {
			tr := rated[id]
			f.RatedAmps += tr.RatedCurrent(point.Side)
		}
		w.facts[point.ID], w.points[point.ID] = f, &plausibility.Point{}
	}
	return w
}

func name(p grid.PointID, c grid.Check) string { return fmt.Sprintf("%s %s", p, c) }

// walk goes from one moment to another and gives what was found on the way.
func (w *watcher) walk(t *testing.T, only []grid.PointID, from, to time.Time) {
	t.Helper()
	silent := w.province.Faults()
	for n, id := range only {
		if silent[id] == sim.Silent || silent[id] == sim.DeadUnit {
			continue
		}
		at := from.Add(time.Duration(n) * 17 * time.Second)
		for polls := 0; at.Before(to); polls++ {
			w.poll(t, id, at, polls%48 == 0)
			at = at.Add(15 * time.Minute)
		}
	}
}

func (w *watcher) poll(t *testing.T, id grid.PointID, at time.Time, plate bool) {
	v, err := w.province.Shown(id, at)
	if err != nil {
		t.Fatal(err)
	}
	f := w.facts[id]
	r := f.Point.Ratio().Apply(grid.Reading{Point: id, Source: grid.Instant, At: at, PolledAt: at, Values: v})
	r.ClockOffset, r.ClockKnown = w.province.ClockOffset(id, at)
	verdicts := w.points[id].Take(f, &r)
	if plate {
		p, err := w.province.Plate(id, at)
		if err != nil {
			t.Fatal(err)
		}
		verdicts = append(verdicts, w.points[id].Plate(f, p, at)...)
	}
	for _, v := range verdicts {
		key := name(id, v.Check)
		if _, old := w.found[key]; v.Outcome == plausibility.Found && !old {
			w.found[key] = v
		}
		if _, stood := w.found[key]; v.Outcome == plausibility.Gone && stood {
			w.gone[key] = at
		}
	}
}

func (w *watcher) ids() []grid.PointID { return slices.Sorted(maps.Keys(w.facts)) }

func (w *watcher) names() []string { return slices.Sorted(maps.Keys(w.found)) }

// ownRatio is the one meter of the demonstration whose own ratio is another.
const ownRatio = "PDSH020025"

func TestFleetOfThirtyDaysGivesNoFalseCase(t *testing.T) {
	w := watch(t, sim.Config{})
	w.walk(t, w.ids(), sim.Start().AddDate(0, 0, -29), sim.Start().AddDate(0, 0, 1))
	want := []string{name(ownRatio, grid.MeterRatio)}
	if got := w.names(); !slices.Equal(got, want) {
		for _, n := range got {
			t.Logf("%s: %+v", n, w.found[n])
		}
		t.Errorf("found %v, want %v", got, want)
	}
}

func TestAnotherFleetGivesNoFalseCase(t *testing.T) {
	w := watch(t, sim.Config{Seed: 2, Transformers: 120})
	w.walk(t, w.ids(), sim.Start().AddDate(0, 0, -29), sim.Start().AddDate(0, 0, 1))
	delete(w.found, name(ownRatio, grid.MeterRatio))
	for n, v := range w.found {
		t.Errorf("%s: %+v", n, v)
	}
}

func TestFaultsAreFoundWithinADayWithTheirEvidence(t *testing.T) {
	from := sim.HotDay().AddDate(0, 0, -9).Add(10 * time.Hour).UTC() // a Tuesday
	for _, c := range []struct {
		point grid.PointID
		fault sim.Injection
		check grid.Check
		want  map[string]string
	}{
		{"PDSH010001", sim.Injection{Fault: sim.OtherRatio, CT: 600}, grid.MeterRatio, map[string]string{"register_ct": "800/5", "meter_ct": "600/5"}},
		{"PDSH010002", sim.Injection{Fault: sim.ExchangedCT, CT: 600, From: from}, grid.RatioStep, map[string]string{"register_ct": "400/5", "as_ct": "600/5"}},
		{"PDSH020019", sim.Injection{Fault: sim.ExchangedCT, CT: 400, From: from}, grid.RatioStep, map[string]string{"register_ct": "600/5", "as_ct": "400/5"}},
		{"PDSH020037", sim.Injection{Fault: sim.ExchangedCT, CT: 300, From: from.Add(252 * time.Minute)}, grid.RatioStep, map[string]string{"as_ct": "300/5"}}, // while a shift ends
		{"PDSH010002", sim.Injection{Fault: sim.SwappedPhases, From: from.Add(15 * time.Hour)}, grid.SwappedPhases, map[string]string{"phase": "A-B"}},         // at 1:00
		{"PDSH020031", sim.Injection{Fault: sim.ReversedPhase, From: from}, grid.ReversedPhase, map[string]string{"phase": "B"}},                               // hardly loaded by night
		{"PDSH010003", sim.Injection{Fault: sim.ReversedPhase, From: from}, grid.ReversedPhase, map[string]string{"phase": "B"}},
		{"PDSH010006", sim.Injection{Fault: sim.ReversedPhase, From: from}, grid.ReversedPhase, map[string]string{"phase": "B"}},
		{"PDSH010013", sim.Injection{Fault: sim.SwappedPhases, From: from}, grid.SwappedPhases, map[string]string{"phase": "A-B"}},
		{"PDSH010005", sim.Injection{Fault: sim.SwappedPhases, From: from}, grid.SwappedPhases, map[string]string{"phase": "A-B"}},
		{"PDSH010004", sim.Injection{Fault: sim.ExchangedMeter, From: from}, grid.MeterSerial, map[string]string{"register": "01931676", "meter": "71931676"}},
		{"PDSH020020", sim.Injection{Fault: sim.DriftingClock, Gain: 3600, From: from}, grid.MeterClock, map[string]string{"drift": "+3600 s/d"}},
	} {
		t.Run(string(c.check)+" "+string(c.point), func(t *testing.T) {
			w := watch(t, sim.Config{Faults: map[grid.PointID]sim.Injection{c.point: c.fault}})
			begin := c.fault.From
			if begin.IsZero() {
				begin = from.AddDate(0, 0, -20)
			}
			w.walk(t, []grid.PointID{c.point}, from.AddDate(0, 0, -20), from.AddDate(0, 0, 8))
			v, ok := w.found[name(c.point, c.check)]
			if !ok {
				t.Fatalf("not found; found were %v", w.names())
			}
			if v.At.Before(begin) || v.At.Sub(begin) > 24*time.Hour {
				t.Errorf("found at %v, the fault began at %v", v.At, begin)
			}
			for figure, want := range c.want {
				if !slices.Contains(v.Evidence, grid.Figure{Name: figure, Text: want}) {
					t.Errorf("evidence %v, want %s %s", v.Evidence, figure, want)
				}
			}
			for n, other := range w.found {
				if n != name(c.point, c.check) && (c.check != grid.MeterSerial || other.Check != grid.CounterBack) {
					t.Errorf("found as well: %s %+v", n, other)
				}
			}
		})
	}
}
