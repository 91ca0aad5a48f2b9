package fleet_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/fleet"
	"phutai/grid"
)

func TestEveryRatioThatAPointEverHadIsFound(t *testing.T) {
	c := &clock{day(6, 1)}
	r, _ := openRegister(t, c)
	mustImport(t, r, province(), time.Time{})
	first := r.Version()
	id := province().Points[0].Body.ID
	was, ok := r.Ratio(id, day(6, 1))
	if !ok {
		t.Fatal("the point has no ratio")
	}
	c.t = day(6, 20)
	p := fleet.Of(province().Points[0].Body)
	p[0].Body.CTPrimary, p[0].Body.CTSecondary, p[0].From = 800, 5, day(5, 10)
	mustImport(t, r, &fleet.Set{Points: p}, time.Time{})

	all, err := r.PointHistory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	held := func(at, known time.Time) (found []grid.Ratio) {
		for _, f := range all[id] {
			if f.HeldAt(at) && (known.IsZero() || f.KnownAt(known)) {
				found = append(found, f.Point.Ratio())
			}
		}
		return found
	}
	now := grid.Ratio{CT: 160, VT: was.VT}
	for _, x := range []struct {
		at, known time.Time
		want      []grid.Ratio
	}{
		{day(5, 20), time.Time{}, []grid.Ratio{was, now}}, {day(5, 20), day(6, 10), []grid.Ratio{was}}, {day(5, 20), day(6, 21), []grid.Ratio{now}},
		{day(5, 1), day(6, 21), []grid.Ratio{was}},
	} {
		got := held(x.at, x.known)
		if len(got) != len(x.want) || got[0] != x.want[0] || got[len(got)-1] != x.want[len(got)-1] {
			t.Errorf("at %v as known %v: %v, want %v", x.at, x.known, got, x.want)
		}
	}
	change, err := r.Since(t.Context(), first)
	if err != nil || len(change.Changes) != 1 || change.Changes[0].What != fleet.Changed || !change.Changes[0].From.Equal(day(5, 10)) || change.Version != r.Version() {
		t.Errorf("since the first version: %+v, %v", change.Diff, err)
	}
	then, err := r.KnownAt(t.Context(), day(6, 10))
	if err != nil || then.Version() != first {
		t.Fatalf("version %d as of then, %v", then.Version(), err)
	}
	if ratio, _ := then.View(day(5, 20)).Ratio(id); ratio != was {
		t.Errorf("as of then the ratio was %v", ratio)
	}
}

func TestLookingUpOneThingSaysWhatTheViewSays(t *testing.T) {
	c := &clock{day(6, 1)}
	r, _ := openRegister(t, c)
	mustImport(t, r, province(), time.Time{})
	changed := province()
	set := &fleet.Set{Transformers: fleet.Of(changed.Transformers[0].Body), Points: fleet.Of(changed.Points[0].Body), Meters: fleet.Of(changed.Meters[0].Body)}
	set.Transformers[0].Body.RatedKVA, set.Transformers[0].From = 777, day(3, 1)
	set.Points[0].Body.CTThermal, set.Points[0].From, set.Points[0].To = 1.5, day(4, 1), day(5, 1)
	set.Meters[0].Body.Every, set.Meters[0].From = time.Hour, day(4, 10)
	mustImport(t, r, set, time.Time{})
	known := r.Known()
	for at := day(2, 20); at.Before(day(6, 1)); at = at.Add(13 * time.Hour) {
		v := r.View(at)
		for p := range v.Points() {
			got, _ := known.Point(p.ID, at)
			wantM, metered := v.Meter(p.ID)
			gotM, ok := known.Meter(p.ID, at)
			if got.CTThermal != p.CTThermal || gotM.ID != wantM.ID || gotM.Every != wantM.Every || ok != metered {
				t.Fatalf("point %s at %v: %+v and %+v, the view has %+v and %+v", p.ID, at, got, gotM, p, wantM)
			}
		}
		for x := range v.Transformers() {
			got, ok := known.Transformer(x.ID, at)
			sub, _ := v.Substation(x.Substation)
			gotS, _ := known.Substation(x.Substation, at)
			if !ok || got != x || gotS != sub {
				t.Fatalf("transformer %s at %v: %+v", x.ID, at, got)
			}
			if diff := cmp.Diff(v.PointsOf(x.ID), known.PointsBehind(x.ID, at, at.Add(time.Millisecond))); diff != "" {
				t.Fatalf("points of %s at %v: %s", x.ID, at, diff)
			}
		}
	}
	if _, ok := known.Transformer("nobody", day(6, 1)); ok {
		t.Error("nobody was found")
	}
}
