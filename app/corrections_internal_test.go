package app

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/fleet"
	"phutai/grid"
	"phutai/store"
)

func TestRatingChangedOnADateLeavesWhatWasBeforeToTheDigit(t *testing.T) {
	o := newOffice(t)
	o.measure(o.day(6, 1), o.day(7, 1))
	o.now = o.day(7, 1)
	before, then := o.rows(mba), o.export("")
	o.now = o.day(7, 8) // only now do we hear of it
	o.watched = 0
	o.imports(rated(400, o.day(6, 15)), time.Time{})
	o.work()
	after := o.rows(mba)
	if len(after) != len(before) || len(after) != 30*48 {
		t.Fatalf("%d rows, then %d", len(before), len(after))
	}
	cooler := 0
	for i := range after {
		a, b := after[i], before[i]
		if a.At.Before(o.day(6, 15)) {
			if diff := cmp.Diff(b, a); diff != "" {
				t.Fatalf("before the date: %s", diff)
			}
			continue
		}
		// 250 and 400 kVA at 0.4 kV are 360.84 and 577.35 A.
		if want := b.PhaseMaxPct.X * 250 / 400; math.Abs(a.PhaseMaxPct.X-want) > 0.02 || math.Abs(a.LoadingPct.X-100*a.SKVA.X/400) > 0.02 {
			t.Fatalf("%v: %+v and %+v %%, were %+v", a.At, a.PhaseMaxPct, a.LoadingPct, b.PhaseMaxPct)
		}
		if a.HotSpotC.X < b.HotSpotC.X-5 {
			cooler++
		}
	}
	if cooler < 10*48 {
		t.Errorf("the hot spot is cooler in %d of 16 days' half-hours", cooler)
	}
	if got := o.export("2026-07-01"); got != then {
		t.Errorf("as of last week June differs:\n%s", cmp.Diff(then, got))
	}
	if got := o.export(""); got == then || got != o.export("2026-07-08") {
		t.Error("now June is not what the register says now")
	}
	o.sumsHold()
	if o.watched != 0 {
		t.Errorf("%d rows were watched", o.watched)
	}
}

func TestRatioCorrectedLateAndTakenBackLeavesEveryDigit(t *testing.T) {
	o := newOffice(t)
	o.measure(o.day(6, 1), o.day(6, 10))
	before, then := o.readings(), o.export("")
	for i, primary := range []float64{800, 75, 200, 600} {
		o.now = o.day(6, 12+i)
		o.imports(measuredBy(primary, o.day(6, 5)), time.Time{})
		o.work()
		now := o.readings()
		for k := range now {
			b, a := before[k], now[k]
			if a.At.Before(o.day(6, 5)) || primary == 600 {
				if diff := cmp.Diff(b, a, cmp.AllowUnexported(grid.Values{})); diff != "" {
					t.Fatalf("%v/5: %s", primary, diff)
				}
				continue
			}
			secondary, _ := b.Values.Get(grid.Ia)
			want := grid.Ia.Round(grid.Ia.Round(secondary/120) * primary / 5) // the meter shows mA
			if got, _ := a.Values.Get(grid.Ia); got != want || a.Ratio != primary/5 {
				t.Fatalf("%v/5 at %v: %v A by %v, want %v", primary, a.At, got, a.Ratio, want)
			}
			if u, _ := a.Values.Get(grid.Ua); u != 229.81 {
				t.Fatalf("the voltage has become %v", u)
			}
		}
		if l := o.rows(mba)[6*48]; primary != 600 {
			if want, _ := now[6*48].Values.Get(grid.Ia); math.Abs(l.Amps[0].X-want) > 0.01 {
				t.Errorf("%v/5: the loading has %v A, the reading %v", primary, l.Amps[0].X, want)
			}
		}
		if got := o.export("2026-06-11"); got != then {
			t.Errorf("%v/5: as of before the correction June differs:\n%s", primary, cmp.Diff(then, got))
		}
		if got, want := o.export("2026-06-12") == then, false; got != want {
			t.Errorf("%v/5: the first correction does not show as of its day", primary)
		}
	}
}

func TestCorrectionThatIsCutShortGoesOn(t *testing.T) {
	results := make([][]grid.Loading, 2)
	for cut := range results {
		o := newOffice(t)
		o.measure(o.day(6, 1), o.day(6, 20))
		o.now = o.day(6, 20)
		both := rated(400, o.day(6, 3))
		both.Points = measuredBy(800, o.day(6, 3)).Points
		o.imports(both, time.Time{})
		if cut > 0 {
			if err := o.again.look(t.Context()); err != nil {
				t.Fatal(err)
			}
			for range 6 {
				task, found, err := o.journal.NextTask(t.Context())
				if err != nil || !found {
					t.Fatalf("nothing to do: %v", err)
				}
				if err := o.again.piece(t.Context(), task); err != nil {
					t.Fatal(err)
				}
			}
			o.close()
			o.open()
		}
		o.work()
		results[cut] = o.rows(mba)
	}
	if diff := cmp.Diff(results[0], results[1]); diff != "" {
		t.Error(diff)
	}
}

func TestReadingTakenInWithTheRatioOfBeforeIsMadeAnew(t *testing.T) {
	o := newOffice(t)
	o.now = o.day(6, 20)
	o.measure(o.day(6, 1), o.day(6, 3))
	late := o.readings()[48:]
	o.imports(measuredBy(800, o.day(6, 1)), time.Time{})
	if err := o.again.look(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, found := true, true; found; {
		var task store.Task
		var err error
		if task, found, err = o.journal.NextTask(t.Context()); err != nil {
			t.Fatal(err)
		} else if found {
			if err := o.again.piece(t.Context(), task); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i := range late { // came in as the register changed, committed behind the correction
		late[i].At, late[i].PolledAt = late[i].At.Add(time.Minute), late[i].PolledAt.Add(time.Minute)
	}
	if _, err := o.journal.Commit(t.Context(), store.Entry{Readings: late}); err != nil {
		t.Fatal(err)
	}
	if err := o.again.overtaken(t.Context(), late); err != nil {
		t.Fatal(err)
	}
	o.work()
	for _, r := range o.readings() {
		if r.Ratio != 160 {
			t.Fatalf("%v stands by the ratio %v", r.At, r.Ratio)
		}
	}
}

func TestTransformerThatWasElsewhereLosesWhatItDidNotCarry(t *testing.T) {
	o := newOffice(t)
	o.measure(o.day(6, 1), o.day(6, 8))
	o.now = o.day(6, 10)
	if err := o.days.Take(t.Context(), o.rows(mba)); err != nil {
		t.Fatal(err)
	}
	other := exampleRegister().Transformers[0]
	other.Body.ID, other.Body.Name = "TBA-0001-T2", "T2"
	p := exampleRegister().Points[:1]
	p[0].Body.Transformers, p[0].From = []grid.TransformerID{"TBA-0001-T2"}, o.day(6, 4)
	o.imports(&fleet.Set{Transformers: []fleet.Fact[grid.Transformer]{other}, Points: p}, time.Time{})
	o.work()
	if a, b := len(o.rows(mba)), len(o.rows("TBA-0001-T2")); a != 3*48 || b != 4*48 {
		t.Errorf("T1 has %d rows, T2 %d; want 3 and 4 days", a, b)
	}
	days, err := o.days.LoadDays(t.Context(), mba, o.day(6, 1), o.day(7, 1))
	if err != nil || len(days) != 3 {
		t.Errorf("T1 has %d days, %v", len(days), err)
	}
	latest, err := o.journal.LatestLoading(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range latest {
		if l.Transformer == mba && !l.At.Before(o.day(6, 4)) {
			t.Errorf("the newest row of T1 is of %v", l.At)
		}
	}
}

func TestMergedUnitsKeepTheirHistory(t *testing.T) {
	o := newOffice(t)
	o.measure(o.day(6, 1), o.day(6, 8))
	o.now = o.day(6, 10)
	s := exampleRegister().Substations
	for i := range s {
		s[i].Body.Unit, s[i].From = "PA08M", o.day(6, 4)
	}
	o.imports(&fleet.Set{Units: fleet.Of(grid.Unit{ID: "PA08M", Name: "Đội hợp nhất", Parent: "PA08"}), Substations: s}, time.Time{})
	fed := map[grid.UnitID]int{}
	if err := o.again.look(t.Context()); err != nil {
		t.Fatal(err)
	}
	task, found, err := o.journal.NextTask(t.Context())
	if err != nil || !found || task.Point != point || !task.From.Equal(o.day(6, 4)) {
		t.Fatalf("to be worked out again: %+v, %v %v", task, found, err)
	}
	o.work()
	for _, l := range o.rows(mba) {
		_, unit := o.stations.Place(mba, l.At)
		fed[unit]++
		if u, ok := o.register.View(l.At).Unit(unit); !ok || u.Name == "" {
			t.Fatalf("unit %s has no name at %v", unit, l.At)
		}
	}
	if fed["PA08TT"] != 3*48 || fed["PA08M"] != 4*48 {
		t.Errorf("rows by unit: %v", fed)
	}
}
