package plausibility_test

import (
	"encoding/json"
	"math"
	"slices"
	"testing"
	"time"

	"phutai/grid"
	"phutai/plausibility"
)

// bench feeds one point, 600/5 A in front of 577 A, a reading each quarter of an hour.
type bench struct {
	t     *testing.T
	facts plausibility.Facts
	point plausibility.Point
	now   time.Time
	kwh   float64
}

func newBench(t *testing.T) *bench {
	return &bench{
		t: t, now: time.Date(2026, 6, 22, 5, 0, 0, 0, time.UTC), kwh: 50_000,
		facts: plausibility.Facts{
			Point:     grid.MeteringPoint{ID: "P", CTPrimary: 600, CTSecondary: 5},
			RatedAmps: 577, Meter: "M", Zone: time.FixedZone("+07", 7*3600),
		},
	}
}

// run lets time pass and gives what is found at its end, and what went.
func (b *bench) run(over time.Duration, change func(*grid.Reading)) (found map[grid.Check][]grid.Figure, gone []grid.Check) {
	b.t.Helper()
	found = map[grid.Check][]grid.Figure{}
	for end := b.now.Add(over); b.now.Before(end); {
		b.now = b.now.Add(15 * time.Minute)
		r := b.reading()
		if change != nil {
			change(&r)
		}
		for _, v := range b.point.Take(b.facts, &r) {
			switch v.Outcome {
			case plausibility.Found:
				found[v.Check] = v.Evidence
			case plausibility.Gone:
				gone = append(gone, v.Check)
				delete(found, v.Check)
			case plausibility.Changed:
				clear(found)
			}
		}
	}
	return found, gone
}

func (b *bench) reading() grid.Reading {
	r := grid.Reading{Point: "P", Source: grid.Instant, At: b.now, Ratio: 120, ClockKnown: true}
	wave := math.Sin(float64(b.now.Unix()) / 7000)
	total := 0.0
	for i := range grid.Quantity(3) {
		amps, volts := 200+40*wave+10*float64(i), 231+wave
		r.Values.Set(grid.Ua+i, volts)
		r.Values.Set(grid.Ia+i, amps)
		r.Values.Set(grid.Pa+i, volts*amps*.92/1000)
		r.Values.Set(grid.Qa+i, volts*amps*.39/1000)
		total += volts * amps * .92 / 1000
	}
	r.Values.Set(grid.P, total)
	r.Values.Set(grid.Q, total*.39/.92)
	b.kwh += total / 4
	r.Values.Set(grid.EaImp, b.kwh)
	r.Values.Set(grid.EaExp, 10)
	return r
}

func (b *bench) only(found map[grid.Check][]grid.Figure, want grid.Check, figures ...grid.Figure) {
	b.t.Helper()
	if len(found) != 1 || found[want] == nil {
		b.t.Fatalf("found %v, want %s alone", found, want)
	}
	for _, f := range figures {
		if !slices.Contains(found[want], f) {
			b.t.Errorf("%s: evidence %v, want %v", want, found[want], f)
		}
	}
}

func TestEachFaultIsFoundByItsOwnCheck(t *testing.T) {
	for _, c := range []struct {
		check  grid.Check
		within time.Duration
		change func(*grid.Reading)
		figure grid.Figure
	}{
		{grid.SecondaryCurrent, 2 * time.Hour, func(r *grid.Reading) { r.Values.Set(grid.Ib, 1300) }, grid.Figure{Name: "secondary", Text: "10.83 A"}},
		{grid.MissingPhase, 8 * time.Hour, func(r *grid.Reading) { r.Values.Set(grid.Ic, 1) }, grid.Figure{Name: "phase", Text: "C"}},
		{grid.NoVoltage, 2 * time.Hour, func(r *grid.Reading) { r.Values.Set(grid.Ub, 4) }, grid.Figure{Name: "phase", Text: "B"}},
		{grid.MeterClock, 2 * time.Hour, func(r *grid.Reading) { r.ClockOffset = 6 * time.Minute }, grid.Figure{Name: "offset", Text: "+360 s"}},
		{grid.EnergyBalance, 49 * time.Hour, func(r *grid.Reading) {
			e, _ := r.Values.Get(grid.EaImp)
			r.Values.Set(grid.EaImp, e*.66)
		}, grid.Figure{Name: "ratio", Text: "0.66"}},
		{grid.PowerFactor, 24 * time.Hour, func(r *grid.Reading) {
			r.Values.Set(grid.Pc, 3)
			r.Values.Set(grid.Qc, -45)
		}, grid.Figure{Name: "phase", Text: "C"}},
		{grid.Flatline, 8 * time.Hour, func(r *grid.Reading) {
			for q := range grid.Ia + 3 {
				r.Values.Set(q, 210)
			}
			r.Values.Set(grid.P, 120)
		}, grid.Figure{Name: "currents", Text: "210.00, 210.00, 210.00 A"}},
	} {
		t.Run(string(c.check), func(t *testing.T) {
			b := newBench(t)
			found, _ := b.run(c.within, c.change)
			if c.check == grid.Flatline || c.check == grid.MissingPhase {
				delete(found, grid.EnergyBalance) // the power was made up
			}
			b.only(found, c.check, c.figure)
			if found, gone := b.run(60*time.Hour, nil); len(found) > 0 || !slices.Contains(gone, c.check) {
				t.Errorf("after the fault %v stands and %v went", found, gone)
			}
		})
	}
}

func TestSoundPointIsLeftInPeace(t *testing.T) {
	b := newBench(t)
	if found, gone := b.run(9*24*time.Hour, nil); len(found) > 0 || len(gone) > 0 {
		t.Errorf("found %v, gone %v", found, gone)
	}
}

func TestShortFaultIsNoEvidence(t *testing.T) {
	b := newBench(t)
	for range 20 {
		found, _ := b.run(45*time.Minute, func(r *grid.Reading) { r.Values.Set(grid.Ub, 4) })
		sound, _ := b.run(15*time.Minute, nil)
		if len(found)+len(sound) > 0 {
			t.Fatalf("found %v, %v", found, sound)
		}
	}
}

func TestNothingIsSaidOfWhatIsNotKnown(t *testing.T) {
	b := newBench(t)
	b.facts.Point.CTPrimary, b.facts.RatedAmps = 0, 0
	if found, _ := b.run(24*time.Hour, func(r *grid.Reading) {
		r.Values.Set(grid.Ib, 1300)
		r.ClockKnown, r.ClockOffset = false, time.Hour
	}); len(found) > 0 {
		t.Errorf("found %v", found)
	}
	two := newBench(t)
	two.facts.Point.Wiring = grid.TwoCT
	if found, _ := two.run(24*time.Hour, func(r *grid.Reading) {
		r.Values.Set(grid.Ib, 0)
		r.Values.Set(grid.Pb, -3)
	}); len(found) > 0 {
		t.Errorf("of two CTs: found %v", found)
	}
}

func TestCTMustFitTheTransformer(t *testing.T) {
	for _, c := range []struct {
		primary, rated float64
		wrong          bool
	}{{600, 577, false}, {400, 577, false}, {300, 577, true}, {150, 29.4, true}, {150, 31, false}} {
		b := newBench(t)
		b.facts.Point.CTPrimary, b.facts.RatedAmps = c.primary, c.rated
		found, _ := b.run(15*time.Minute, nil)
		if _, got := found[grid.CTRange]; got != c.wrong {
			t.Errorf("CT %g for %g A: found %v", c.primary, c.rated, found)
		}
	}
}

func TestCountersMayRollOverAndMayNotGoBack(t *testing.T) {
	b := newBench(t)
	b.run(time.Hour, nil)
	b.kwh = 30_000
	found, _ := b.run(30*time.Minute, nil)
	b.only(found, grid.CounterBack, grid.Figure{Name: "counter", Text: "ea_imp"})
	if found, gone := b.run(14*time.Hour, nil); len(found) > 0 || !slices.Equal(gone, []grid.Check{grid.CounterBack}) {
		t.Errorf("half a day later %v, gone %v", found, gone)
	}
	for _, full := range []float64{999_990, 1 << 32 / 1e4} { // kWh that the meter shows
		b := newBench(t)
		b.kwh = full*120 - 100
		b.run(15*time.Minute, nil)
		b.kwh = 200
		if found, _ := b.run(6*time.Hour, nil); len(found) > 0 {
			t.Errorf("rolled over at %g: found %v", full, found)
		}
	}
}

func TestPlateIsComparedAsPeopleWriteIt(t *testing.T) {
	for _, c := range []struct {
		plate   grid.Plate
		meter   grid.MeterID
		differs []grid.Check
	}{
		{grid.Plate{Serial: "0012 3456"}, "123456", nil},
		{grid.Plate{Serial: "EMH0000123456"}, "123456", nil},
		{grid.Plate{Serial: "71931676"}, "01931676", []grid.Check{grid.MeterSerial}},
		{grid.Plate{Serial: "123457"}, "123456", []grid.Check{grid.MeterSerial}},
		{grid.Plate{CTNum: 600, CTDen: 5}, "M", nil},
		{grid.Plate{CTNum: 120}, "M", nil},
		{grid.Plate{CTNum: 120, CTDen: 1}, "M", nil},
		{grid.Plate{CTNum: 600}, "M", nil},
		{grid.Plate{CTNum: 1, CTDen: 1}, "M", nil},
		{grid.Plate{CTNum: 5, CTDen: 5}, "M", nil},
		{grid.Plate{CTNum: 500, CTDen: 5}, "M", []grid.Check{grid.MeterRatio}},
		{grid.Plate{VTNum: 22000, VTDen: 100}, "M", nil}, // the register has no VT
	} {
		b := newBench(t)
		b.facts.Meter = c.meter
		var got []grid.Check
		for _, v := range b.point.Plate(b.facts, c.plate, b.now) {
			if v.Outcome == plausibility.Found {
				got = append(got, v.Check)
			}
		}
		if !slices.Equal(got, c.differs) {
			t.Errorf("%+v at meter %s: found %v, want %v", c.plate, c.meter, got, c.differs)
		}
	}
}

func TestPointIsTheSameAfterBeingKept(t *testing.T) {
	b := newBench(t)
	b.run(50*time.Hour, func(r *grid.Reading) { r.Values.Set(grid.Ub, 4) })
	body, err := json.Marshal(&b.point)
	if err != nil {
		t.Fatal(err)
	}
	if len(body) > 8<<10 {
		t.Errorf("a point takes %d bytes on the disk", len(body))
	}
	var again plausibility.Point
	if err := json.Unmarshal(body, &again); err != nil || again != b.point {
		t.Errorf("kept %+v, got %+v, %v", b.point, again, err)
	}
}

func BenchmarkTake(b *testing.B) {
	x := bench{t: nil, now: time.Date(2026, 6, 22, 5, 0, 0, 0, time.UTC), facts: plausibility.Facts{
		Point: grid.MeteringPoint{ID: "P", CTPrimary: 600, CTSecondary: 5}, RatedAmps: 577, Meter: "M",
	}}
	for b.Loop() {
		x.now = x.now.Add(15 * time.Minute)
		r := x.reading()
		x.point.Take(x.facts, &r)
	}
}
