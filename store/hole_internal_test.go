package store

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"phutai/grid"
)

// profileRow is a row that ends so many half hours after noon.
func profileRow(slot int, figures map[grid.Quantity]float64) grid.Reading {
	at := noon.Add(time.Duration(slot) * 30 * time.Minute)
	r := grid.Reading{Point: "P", Source: grid.Profile, At: at, Interval: 30 * time.Minute, PolledAt: at, Ratio: 120}
	for q, x := range figures {
		r.Values.Set(q, x)
	}
	return r
}

func anyFigure(q grid.Quantity) bool { return makeable(q) }

// gapOf is a hole of n rows between two.
func gapOf(before, after grid.Reading) *hole {
	h := &hole{before: &before, after: &after, every: before.Interval}
	for at := before.At.Add(h.every); at.Before(after.At); at = at.Add(h.every) {
		h.times = append(h.times, at)
	}
	return h
}

func TestStraightLineMeetsBothRowsAndCountersTheirEnergy(t *testing.T) {
	h := gapOf(
		profileRow(0, map[grid.Quantity]float64{grid.P: 100, grid.Ia: 200, grid.Pf: 0.9, grid.F: 50, grid.EaImp: 1000, grid.Q: 5, grid.Ub: 230}),
		profileRow(4, map[grid.Quantity]float64{grid.P: 60, grid.Ia: 100, grid.Pf: 0.8, grid.F: 50, grid.EaImp: 1160, grid.S: 9, grid.Ub: 231}))
	got := h.linear(anyFigure)
	want := []map[grid.Quantity]float64{
		{grid.P: 90, grid.Ia: 175, grid.EaImp: 1040, grid.Ub: 230.25},
		{grid.P: 80, grid.Ia: 150, grid.EaImp: 1080, grid.Ub: 230.5},
		{grid.P: 70, grid.Ia: 125, grid.EaImp: 1120, grid.Ub: 230.75},
	}
	for i := range want {
		for q, x := range got[i].All() {
			if y, ok := want[i][q]; !ok || x != y {
				t.Errorf("row %d: %s is %v, want %v (%v)", i, q, x, y, ok)
			}
		}
		if got[i].Len() != len(want[i]) {
			t.Errorf("row %d has %d figures, want %d", i, got[i].Len(), len(want[i]))
		}
	}
	if got := h.linear(func(q grid.Quantity) bool { return q == grid.P }); got[0].Len() != 1 {
		t.Errorf("%d figures where the rule names one", got[0].Len())
	}
	h.after.Quality = h.after.Quality.With(grid.P, grid.Suspect)
	if got := h.linear(anyFigure); got[0].Has(grid.P) {
		t.Error("a figure was made from a doubtful one")
	}
}

func TestRowsThatDoNotSpeakOfTheSameAreNotJoined(t *testing.T) {
	for name, change := range map[string]func(*grid.Reading){
		"as they are":      func(*grid.Reading) {},
		"another ratio":    func(r *grid.Reading) { r.Ratio = 80 },
		"another interval": func(r *grid.Reading) { r.Interval = time.Hour },
		"a counter back":   func(r *grid.Reading) { r.Values.Set(grid.EaImp, 999) },
	} {
		after := profileRow(4, map[grid.Quantity]float64{grid.EaImp: 1001})
		change(&after)
		if got := gapOf(profileRow(0, map[grid.Quantity]float64{grid.EaImp: 1000}), after).comparable(); got != (name == "as they are") {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// day is a whole of rows a day earlier than the hole between slots 0 and n+1,
// of powers in kW.
func dayBefore(powers ...float64) []grid.Reading {
	var out []grid.Reading
	sum := 500.0
	for i, p := range powers {
		sum += p / 2
		out = append(out, profileRow(i-48, map[grid.Quantity]float64{grid.P: p, grid.Ia: 2 * p, grid.Ua: 230, grid.EaImp: sum}))
	}
	return out
}

func TestCourseOfADayIsScaledToTheEnergyOfTheCounters(t *testing.T) {
	// 10, 20 and 30 kW for half an hour each are 30 kWh; 60 have passed, and 25
	// in the row behind.
	before := profileRow(0, map[grid.Quantity]float64{grid.P: 10, grid.Ia: 20, grid.Ua: 231, grid.EaImp: 1000})
	after := profileRow(4, map[grid.Quantity]float64{grid.P: 50, grid.Ia: 100, grid.Ua: 229, grid.EaImp: 1085})
	h := gapOf(before, after)
	got := h.likeDay(dayBefore(10, 10, 20, 30, 40), anyFigure)
	if len(got) != 3 {
		t.Fatalf("%d rows", len(got))
	}
	energy := 0.0
	for i, want := range []float64{20, 40, 60} {
		p, _ := got[i].Get(grid.P)
		a, _ := got[i].Get(grid.Ia)
		u, _ := got[i].Get(grid.Ua)
		if p != want || a != 2*want || u != 230 {
			t.Errorf("row %d: %v kW, %v A, %v V; want %v, %v, 230", i, p, a, u, want, 2*want)
		}
		energy += p / 2
	}
	if energy != 60 {
		t.Errorf("%v kWh, the counters say 60", energy)
	}
	last := 1000.0
	for i := range got {
		c, ok := got[i].Get(grid.EaImp)
		if !ok || c < last || c > 1085 {
			t.Errorf("counter of row %d is %v after %v", i, c, last)
		}
		last = c
	}
	for name, day := range map[string][]grid.Reading{
		"too few rows":       dayBefore(10, 10, 20, 40),
		"far too little":     dayBefore(1, 1, 2, 3, 4),
		"far too much":       dayBefore(100, 100, 200, 300, 400),
		"a row out of place": append(dayBefore(10, 10, 20, 30), profileRow(-40, nil)),
		"nothing":            nil,
	} {
		if got := h.likeDay(day, anyFigure); got != nil {
			t.Errorf("%s: %v", name, got)
		}
	}
	made := dayBefore(10, 10, 20, 30, 40)
	for i := range made {
		for q := range made[i].Values.All() {
			made[i].Quality = made[i].Quality.With(q, grid.Estimated)
		}
	}
	if got := h.likeDay(made, anyFigure); got != nil {
		t.Errorf("from what was made itself: %v", got)
	}
}

// Counters that a rule makes never fall, and stay between those beside the hole.
func TestMadeCountersNeverFall(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "n")
		powers := rapid.SliceOfN(rapid.Float64Range(0, 500), n+2, n+2).Draw(t, "powers")
		from := rapid.Float64Range(0, 1e6).Draw(t, "from")
		to := from + rapid.Float64Range(0, 1e4).Draw(t, "more")
		h := gapOf(profileRow(0, map[grid.Quantity]float64{grid.EaImp: from}), profileRow(n+1, map[grid.Quantity]float64{grid.EaImp: to}))
		for name, got := range map[string][]grid.Values{"linear": h.linear(anyFigure), "previous-day": h.likeDay(dayBefore(powers...), anyFigure)} {
			last := grid.EaImp.Round(from) - 0.001
			for i := range got {
				x, ok := got[i].Get(grid.EaImp)
				if !ok || x < last || x > to+0.001 || math.IsNaN(x) {
					t.Fatalf("%s: row %d is %v (%v) after %v, up to %v", name, i, x, ok, last, to)
				}
				last = x
			}
			if len(got) != n {
				t.Fatalf("%s: %d rows of %d", name, len(got), n)
			}
		}
	})
}

func TestOnlyGapsOfWhichAllIsSaidAreSettled(t *testing.T) {
	s := slots{first: 0, every: 10, n: 12}
	for name, c := range map[string]struct {
		held held
		want []run
	}{
		"a collector says it":   {held{values: []int64{5, 35, 45, 55, 65, 75, 85, 95, 105, 115}, absences: []statedAt{{15, false}, {25, false}}}, []run{{1, 2}}},
		"the audit, long ago":   {held{values: []int64{5, 35, 45, 55, 65, 75, 85, 95, 105, 115}, quiet: []int64{15, 25}}, []run{{1, 2}}},
		"the audit, lately":     {held{values: []int64{5, 15, 25, 35, 45, 55, 65, 75, 115}, quiet: []int64{85, 95, 105}}, nil},
		"a slot is open":        {held{values: []int64{5, 45, 55, 65, 75, 85, 95, 105, 115}, absences: []statedAt{{15, false}, {35, false}}}, nil},
		"nothing stands before": {held{values: []int64{25, 35, 45, 55, 65, 75, 85, 95, 105, 115}, absences: []statedAt{{5, false}, {15, false}}}, nil},
		"nothing stands behind": {held{values: []int64{5, 15, 25, 35, 45, 55, 65, 75}, absences: []statedAt{{85, false}, {95, false}, {105, false}, {115, false}}}, nil},
		"two":                   {held{values: []int64{5, 25, 35, 55, 65, 75, 85, 95, 105, 115}, absences: []statedAt{{15, false}, {45, false}}}, []run{{1, 1}, {4, 1}}},
	} {
		got := s.settled(&c.held, 80)
		if len(got) != len(c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s: %v, want %v", name, got, c.want)
			}
		}
	}
}
