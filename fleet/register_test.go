package fleet_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/fleet"
	"phutai/grid"
)

// transformer1 gives a set that says one thing of T1.
func transformer1(kva float64, from, to time.Time) *fleet.Set {
	f := fleet.Of(grid.Transformer{ID: "T1", Substation: "0101", RatedKVA: kva, HVKV: 22, LVKV: 0.4, Cooling: grid.ONAN, TopOilRiseK: 52.125, Year: 2014})
	f[0].From, f[0].To = from, to
	return &fleet.Set{Transformers: f}
}

func rating(t *testing.T, v *fleet.View) float64 {
	t.Helper()
	x, ok := v.Transformer("T1")
	if !ok {
		t.Fatal("T1 is not there")
	}
	return x.RatedKVA
}

func TestRatingChangesByDate(t *testing.T) {
	c := &clock{day(6, 20)}
	r, _ := openRegister(t, c)
	mustImport(t, r, province(), time.Time{})
	mustImport(t, r, transformer1(400, time.Time{}, time.Time{}), day(6, 1))
	for at, want := range map[time.Time]float64{
		day(1, 1): 250, day(6, 1).Add(-time.Second): 250, day(6, 1): 400, day(12, 1): 400,
	} {
		if got := rating(t, r.View(at)); got != want {
			t.Errorf("on %v the rating is %v, want %v", at, got, want)
		}
	}
	if v := r.View(day(5, 1)); !v.Until().Equal(day(6, 1)) || !v.From().IsZero() {
		t.Errorf("the view of May holds [%v, %v), want until 1 June", v.From(), v.Until())
	}
}

func TestLateCorrectionLeavesThePastKnowledgeAlone(t *testing.T) {
	c := &clock{day(6, 1)}
	r, _ := openRegister(t, c)
	mustImport(t, r, province(), time.Time{})
	c.t = day(6, 20) // only now do we hear of the exchange in May
	mustImport(t, r, transformer1(400, day(5, 10), time.Time{}), time.Time{})
	for _, x := range []struct {
		valid, known time.Time
		want         float64
	}{
		{day(5, 20), day(6, 13), 250}, // as of last week: still the old one
		{day(5, 20), day(6, 20), 400},
		{day(5, 1), day(6, 20), 250},
		{day(6, 25), day(6, 13), 250},
	} {
		v, err := r.AsOf(t.Context(), x.valid, x.known)
		if err != nil {
			t.Fatal(err)
		}
		if got := rating(t, v); got != x.want {
			t.Errorf("valid %v as known %v: %v kVA, want %v", x.valid, x.known, got, x.want)
		}
	}
	if v, err := r.AsOf(t.Context(), day(5, 20), day(5, 20)); err != nil || v.Version() != 0 {
		t.Errorf("before the first import the register is of version %v, %v, want 0", v.Version(), err)
	}
}

func TestRepeatedImportMakesNoVersion(t *testing.T) {
	c := &clock{day(6, 1)}
	r, _ := openRegister(t, c)
	changed := r.Changed()
	if d := mustImport(t, r, province(), time.Time{}); d.Version != 1 || d.Count(fleet.Added) != 12 {
		t.Errorf("first import: version %d with %d added, want 1 with 12", d.Version, d.Count(fleet.Added))
	}
	select {
	case <-changed:
	default:
		t.Error("the first import was not told")
	}
	mustImport(t, r, transformer1(400, day(7, 1), time.Time{}), time.Time{})
	c.t = day(6, 10)
	for _, effective := range []time.Time{{}, day(3, 1)} {
		if d := mustImport(t, r, province(), effective); !d.Empty() || r.Version() != 2 {
			t.Errorf("repeated import changed %v and gave version %d, want nothing and 2", d.Changes, r.Version())
		}
	}
	if got := rating(t, r.View(day(8, 1))); got != 400 {
		t.Errorf("the change planned for July is gone: %v kVA", got)
	}
}

func TestDiffNamesTheColumnsThatChange(t *testing.T) {
	c := &clock{day(6, 20)}
	r, _ := openRegister(t, c)
	mustImport(t, r, province(), time.Time{})
	want := fleet.Diff{Version: 1, Changes: []fleet.Change{{
		Kind: fleet.Transformers, ID: "T1", What: fleet.Changed, From: day(6, 1),
		Fields: []fleet.Field{{Column: "rated_kva", Before: "250", After: "400"}},
	}}}
	got, err := r.Import(t.Context(), transformer1(400, day(6, 1), time.Time{}), fleet.ImportOptions{DryRun: true, Rules: rules})
	if err != nil || !cmp.Equal(got, want) {
		t.Errorf("%v\n%s", err, cmp.Diff(want, got))
	}
	if r.Version() != 1 || rating(t, r.View(day(7, 1))) != 250 {
		t.Error("a dry run wrote")
	}
}

func TestMeterIsExchangedByDate(t *testing.T) {
	c := &clock{day(6, 20)}
	r, _ := openRegister(t, c)
	mustImport(t, r, province(), time.Time{})
	old := province().Meters[0]
	next := old
	old.To, next.From, next.Body.ID = day(6, 10), day(6, 10), "0099"
	_, err := r.Import(t.Context(), &fleet.Set{Meters: []fleet.Fact[grid.Meter]{next}}, fleet.ImportOptions{Rules: rules})
	if err == nil || !strings.Contains(err.Error(), `point "P1" has meter "0012345678901" at that time: end that one by valid_to`) {
		t.Errorf("a second meter at one point: %v", err)
	}
	before := r.View(day(6, 20)).Plan("main", true)
	exchange := &fleet.Set{Meters: []fleet.Fact[grid.Meter]{old, next}}
	diff, err := r.Import(t.Context(), exchange, fleet.ImportOptions{Rules: rules})
	if refused, ok := errors.AsType[*fleet.RemovalError](err); !ok || refused.Gone != 1 || diff.Count(fleet.Removed) != 1 || r.Version() != 1 {
		t.Errorf("without leave to end a meter: %+v, %v, want it refused", diff, err)
	}
	if _, err := r.Import(t.Context(), exchange, fleet.ImportOptions{Rules: rules, Removal: true}); err != nil {
		t.Fatal(err)
	}
	for at, want := range map[time.Time]grid.MeterID{day(6, 9): old.Body.ID, day(6, 10): "0099"} {
		if m, ok := r.View(at).Meter("P1"); !ok || m.ID != want {
			t.Errorf("on %v the meter is %q, want %q", at, m.ID, want)
		}
	}
	plan := r.View(day(6, 20)).Plan("main", true)
	if plan.Version <= before.Version || len(plan.Meters) != 1 || plan.Meters[0].ID != "0099" {
		t.Errorf("the plan after it is %+v, want meter 0099 under a version above %d", plan, before.Version)
	}
	if since := plan.Meters[0].Since; !since.Equal(day(6, 10)) || !before.Meters[0].Since.IsZero() {
		t.Errorf("0099 stands there since %v, the old one since %v; want the day of the exchange, and ever", since, before.Meters[0].Since)
	}
	if past := r.View(day(6, 9)).Plan("main", true); past.Version >= plan.Version {
		t.Errorf("the plan's version falls with time: %d then %d", past.Version, plan.Version)
	}
	if east := r.View(day(6, 20)).Plan("east", false); len(east.Meters) != 1 || east.Meters[0].Point != "P2" {
		t.Errorf("collector east polls %+v, want the meter of P2", east.Meters)
	}
}

func TestOnlyAnotherPointEndsAMetersStay(t *testing.T) {
	c := &clock{day(6, 20)}
	r, _ := openRegister(t, c)
	s := province()
	first := s.Meters[0] // P1 at first, then P1 more often, then P2, then P1 again
	first.From, first.To = day(3, 1), day(4, 1)
	often, moved, back := first, first, first
	often.Body.Every, often.From, often.To = time.Minute, day(4, 1), day(5, 1)
	moved.Body.Point, moved.From, moved.To = "P2", day(5, 1), day(6, 1)
	back.From, back.To = day(6, 1), time.Time{}
	s.Meters[1].From = day(6, 1) // the one of P2 comes then
	s.Meters = append(s.Meters[1:], first, often, moved, back)
	mustImport(t, r, s, time.Time{})
	for at, want := range map[time.Time]time.Time{
		day(3, 5): day(3, 1), day(4, 5): day(3, 1), day(5, 5): day(5, 1), day(6, 5): day(6, 1),
	} {
		plan := r.View(at).Plan("main", true)
		if len(plan.Meters) != 1 || !plan.Meters[0].Since.Equal(want) {
			t.Errorf("on %v: %+v, want it there since %v", at, plan.Meters, want)
		}
	}
}

func TestNothingIsHalfImported(t *testing.T) {
	c := &clock{day(6, 20)}
	r, d := openRegister(t, c)
	s := province()
	s.Transformers[1].Body.Substation = "none"
	_, err := r.Import(t.Context(), s, fleet.ImportOptions{Rules: rules})
	var problems fleet.Problems
	if !errors.As(err, &problems) || len(problems) == 0 {
		t.Fatalf("got %v, want problems", err)
	}
	var rows int
	if err := d.Read.QueryRow(`SELECT (SELECT count(*) FROM fleet_fact) + (SELECT count(*) FROM fleet_version)`).Scan(&rows); err != nil || rows != 0 {
		t.Errorf("%d rows were written, %v", rows, err)
	}
}

func TestRegisterSurvivesReopeningAndSeesOtherWriters(t *testing.T) {
	c := &clock{day(6, 20)}
	r, d := openRegister(t, c)
	other, err := fleet.Open(t.Context(), d, c.now)
	if err != nil {
		t.Fatal(err)
	}
	mustImport(t, r, province(), time.Time{})
	if news, err := other.Refresh(t.Context()); err != nil || !news {
		t.Fatalf("refresh: %v, %v, want news", news, err)
	}
	mustImport(t, other, transformer1(400, day(6, 1), time.Time{}), time.Time{})
	mustImport(t, r, transformer1(400, day(6, 1), time.Time{}), time.Time{})
	if r.Version() != 2 {
		t.Errorf("the first one shows version %d, want 2", r.Version())
	}
	a, err := r.Export(t.Context(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	again, err := fleet.Open(t.Context(), d, c.now)
	if err != nil {
		t.Fatal(err)
	}
	b, err := again.Export(t.Context(), time.Time{})
	if err != nil || cmp.Diff(a.Tables(rules), b.Tables(rules)) != "" {
		t.Errorf("%v\n%s", err, cmp.Diff(a.Tables(rules), b.Tables(rules)))
	}
}

func TestVersionsStayInOrderWhenTheClockIsSetBack(t *testing.T) {
	c := &clock{day(6, 20)}
	r, _ := openRegister(t, c)
	mustImport(t, r, province(), time.Time{})
	c.t = day(6, 19)
	mustImport(t, r, transformer1(400, day(6, 1), time.Time{}), time.Time{})
	v, err := r.AsOf(t.Context(), day(6, 10), day(6, 20))
	if err != nil || rating(t, v) != 250 {
		t.Errorf("as of the first import: %v kVA, %v, want 250", rating(t, v), err)
	}
	if v, err = r.AsOf(t.Context(), day(6, 10), day(6, 20).Add(time.Millisecond)); err != nil || rating(t, v) != 400 {
		t.Errorf("as of the second import: %v kVA, %v, want 400", rating(t, v), err)
	}
}

func TestRatioFollowsTheRegister(t *testing.T) {
	c := &clock{day(6, 20)}
	r, _ := openRegister(t, c)
	mustImport(t, r, province(), time.Time{})
	p := province().Points[:1]
	p[0].Body.CTPrimary, p[0].From = 800, day(6, 10)
	mustImport(t, r, &fleet.Set{Points: p}, time.Time{})
	for at, want := range map[time.Time]float64{day(6, 9): 120, day(6, 10): 160} {
		if got, ok := r.Ratio("P1", at); !ok || got.Product() != want {
			t.Errorf("on %v: %v, %v, want %v", at, got.Product(), ok, want)
		}
	}
	if _, ok := r.Ratio("none", day(6, 9)); ok {
		t.Error("a point that is not there has a ratio")
	}
}

func TestViewGoesThroughThingsInOrder(t *testing.T) {
	c := &clock{day(6, 20)}
	r, _ := openRegister(t, c)
	mustImport(t, r, province(), time.Time{})
	v := r.View(c.t)
	var ids []grid.TransformerID
	for x := range v.Transformers() {
		ids = append(ids, x.ID)
	}
	if want := []grid.TransformerID{"T1", "T2", "T3"}; !cmp.Equal(ids, want) {
		t.Errorf("got %v, want %v", ids, want)
	}
	if got := v.TransformersOf("0101"); !cmp.Equal(got, ids[:2]) {
		t.Errorf("station 0101 has %v", got)
	}
	if got := v.PointsOf("T2"); !cmp.Equal(got, []grid.PointID{"P1"}) {
		t.Errorf("T2 stands behind %v", got)
	}
	if !v.Within("PD0600", "PD") || v.Within("PD", "PD0600") || !v.Within("PD", "") {
		t.Error("the unit tree is not followed")
	}
}
