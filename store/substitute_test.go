package store_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/grid"
	"phutai/store"
	"phutai/store/storetest"
)

// twoRules close gaps up to two hours by a straight line, and longer ones by the
// course of another day.
func twoRules() []store.SubstituteRule {
	return []store.SubstituteRule{
		{Name: "short", ValidFrom: "1999-01-01", Method: "linear", MaxGap: 2 * time.Hour},
		{Name: "day", ValidFrom: "1999-01-01", Method: "previous-day", MaxGap: 24 * time.Hour, Quantities: []string{"p", "ea_imp"}},
	}
}

// missing is the word of a collector that the meter has no such row.
func missing(p grid.PointID, end time.Time) grid.Reading {
	r := rowAt(p, end)
	r.Values, r.Missing, r.Detail = grid.Values{}, grid.GapInMeter, "the meter was asked"
	return r
}

// counted puts rows of 10 kW and of its energy, but for those that skip names.
func (a *auditor) counted(p grid.PointID, from, to time.Time, skip func(time.Time) bool) {
	a.t.Helper()
	var rs []grid.Reading
	energy := 1000.0
	for end := from.Truncate(half).Add(half); !end.After(to); end = end.Add(half) {
		energy += 5
		if skip(end) {
			continue
		}
		r := rowAt(p, end)
		r.Values.Set(grid.P, 10)
		r.Values.Set(grid.EaImp, energy)
		rs = append(rs, r)
	}
	a.put(rs...)
}

func (f *file) substitutes(p grid.PointID) (out []store.Substitute) {
	f.t.Helper()
	err := f.Substitutes(f.t.Context(), p, time.Time{}, time.Now().AddDate(100, 0, 0), func(s store.Substitute) error {
		out = append(out, s)
		return nil
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return out
}

func TestRowsThatStayMissingAreMadeByTheRulesAndYieldToTheTrueOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAuditor(t, store.Duty{Point: "P", Stays: []store.Stay{stay("M", half)}})
		defer a.db.Close()
		a.cfg.Substitutes = twoRules()
		now := time.Now()
		// In the meter are neither three rows of a Friday nor twenty of a Monday, and of four it is not
		// known yet.
		short, long, lately := now.Add(-5*day), now.Add(-2*day).Add(2*time.Hour), now.Add(-day)
		in := func(end, first time.Time, n int) bool {
			return end.After(first) && !end.After(first.Add(time.Duration(n)*half))
		}
		a.polls("P", now.Add(-9*day), now.Add(2*day))
		a.counted("P", now.Add(-9*day), now.Add(2*day), func(end time.Time) bool {
			return in(end, short, 3) || in(end, long, 20) || in(end, lately, 4)
		})
		for i := range 20 {
			end := time.Duration(i+1) * half
			if i < 3 {
				a.put(missing("P", short.Add(end)))
			}
			a.put(missing("P", long.Add(end)))
		}
		before := a.Count()
		brought, err := a.Brought(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		a.start()
		a.pass(time.Minute)
		got := a.substitutes("P")
		if len(got) != 23 {
			t.Fatalf("%d rows were made, want 23", len(got))
		}
		for i, s := range got {
			rule, method := "short", "linear"
			if i >= 3 {
				rule, method = "day", "previous-day"
			}
			p, _ := s.Values.Get(grid.P)
			if s.Rule != rule || s.Method != method || s.MadeAt.Sub(now) > time.Minute || p != 10 || s.Values.Len() != 2 ||
				s.Quality.Of(grid.P) != grid.Estimated || s.Quality.Of(grid.EaImp) != grid.Estimated || !s.PolledAt.IsZero() || s.Interval != half {
				t.Errorf("row %d: %+v", i, s)
			}
		}
		if e, _ := got[1].Values.Get(grid.EaImp); e != 1000+5*float64(4*48+2) {
			t.Errorf("its counter shows %v", e)
		}
		by, err := a.MadeBy(t.Context(), "P", now.Add(-9*day), now)
		if diff := cmp.Diff(map[string]int{"short": 3, "day": 20}, by); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		// They are no readings that came, and say nothing of now.
		if n, err := a.Brought(t.Context()); n != brought || err != nil {
			t.Errorf("brought %d, %v; want %d", n, err, brought)
		}
		if c := a.Count(); c.Readings != before.Readings+23 || c.Absences != before.Absences || c.Substitutes != 23 {
			t.Errorf("%+v after %+v", c, before)
		}
		total := a.Total(now.Add(-10 * day))
		if total.Explained != 23 || total.Open() != 4 {
			t.Errorf("%+v, want 23 explained and 4 open", total)
		}
		a.stop()

		// The meter finds one of them after all, and a worse one.
		first, second := rowAt("P", got[0].At), rowAt("P", got[1].At)
		second.Quality = second.Quality.With(grid.P, grid.Suspect)
		a.put(first, second, missing("P", got[2].At))
		for range 2 {
			left := a.substitutes("P")
			if len(left) != 21 || !left[0].At.Equal(got[2].At) {
				t.Errorf("%d are left, the first of %s", len(left), left[0].At)
			}
			if c := a.Count(); c.Readings != before.Readings+23 || c.Absences != before.Absences-2 || c.Substitutes != 21 {
				t.Errorf("%+v after %+v", c, before)
			}
			err := a.Series(t.Context(), "P", grid.Profile, got[0].At, got[1].At.Add(1), func(r grid.Reading) error {
				if r.Quality.Worst(&r.Values) >= grid.Estimated || r.PolledAt.IsZero() {
					t.Errorf("%+v stands where the true row came", r)
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
			a.reopen()
		}
		a.put(got[2].Reading) // what is made does not come back over anything
		a.start()
		a.pass(7 * time.Hour)
		if c := a.Count(); c.Substitutes != 21 {
			t.Errorf("%+v after another look", c)
		}
		a.stop()
	})
}

func TestWithoutARuleForItNothingIsMade(t *testing.T) {
	rule := func(change func(*store.SubstituteRule)) []store.SubstituteRule {
		r := twoRules()[:1]
		change(&r[0])
		return r
	}
	for name, c := range map[string]struct {
		rules []store.SubstituteRule
		made  int
	}{
		"none":            {nil, 0},
		"one":             {rule(func(*store.SubstituteRule) {}), 2},
		"of later":        {rule(func(r *store.SubstituteRule) { r.ValidFrom = "2000-07-17" }), 0},
		"of shorter gaps": {rule(func(r *store.SubstituteRule) { r.MaxGap = 30 * time.Minute }), 0},
		"of what is not":  {rule(func(r *store.SubstituteRule) { r.Quantities = []string{"ia"} }), 0},
		"no such day":     {twoRules()[1:], 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			a := newAuditor(t, store.Duty{Point: "P", Stays: []store.Stay{stay("M", half)}})
			defer a.db.Close()
			a.cfg.Substitutes = c.rules
			now := time.Now() // 2000-07-19
			gap := now.Add(-4 * day)
			skip := func(end time.Time) bool { return end.After(gap) && !end.After(gap.Add(2*half)) }
			a.polls("P", now.Add(-day-4*day), now.Add(day))
			a.counted("P", gap.Add(-5*time.Hour), now.Add(day), skip)
			a.put(missing("P", gap.Add(half)), missing("P", gap.Add(2*half)))
			a.start()
			a.pass(time.Minute)
			if got := a.substitutes("P"); len(got) != c.made {
				t.Errorf("%s: %d rows were made, want %d", name, len(got), c.made)
			}
			a.stop()
		})
	}
}

func TestWhatTheAuditGaveUpIsMadeOnceNobodyWaitsAnyMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAuditor(t, store.Duty{Point: "P", Stays: []store.Stay{stay("M", half)}})
		defer a.db.Close()
		a.cfg.Substitutes, a.cfg.Tries, a.cfg.Every = twoRules(), 1, time.Hour
		now := time.Now()
		a.polls("P", now.Add(-3*day), now.Add(5*day))
		a.counted("P", now.Add(-3*day), now.Add(5*day), func(end time.Time) bool {
			return end.After(now.Add(-day)) && !end.After(now.Add(-day+2*half))
		})
		a.handed = now.Add(5 * day)
		a.start()
		a.pass(day)
		if got := a.silences("P"); got[grid.NotPolled] != 2 || len(a.substitutes("P")) != 0 {
			t.Errorf("%v and %d rows made while the meter may still be asked", got, len(a.substitutes("P")))
		}
		a.pass(2 * day)
		if got := a.silences("P"); got[grid.NotPolled] != 2 || len(a.substitutes("P")) != 2 {
			t.Errorf("%v and %d rows made, want the reasons of both beside them", got, len(a.substitutes("P")))
		}
		if has, err := a.Has(t.Context(), a.substitutes("P")[0].Key()); err != nil || has[0] {
			t.Errorf("a row that was made counts as one that came (%v)", err)
		}
		// What a collector finds out then is kept as the reason.
		a.put(missing("P", now.Add(-day+half)))
		if diff := cmp.Diff(map[grid.Reason]int{grid.NotPolled: 1, grid.GapInMeter: 1}, a.silences("P")); diff != "" || len(a.substitutes("P")) != 2 {
			t.Errorf("%d made (-want +got):\n%s", len(a.substitutes("P")), diff)
		}
		a.stop()
	})
}

func TestSubstitutesAreKeptAsLongAsReadings(t *testing.T) {
	f := newFile(t)
	old, fresh := storetest.Row("A", aged, 1), storetest.Row("A", -60, 2)
	var e store.Entry
	for _, r := range []grid.Reading{old, fresh} {
		r.Quality, r.PolledAt = r.Quality.With(grid.P, grid.Estimated), time.Time{}
		e.Substitutes = append(e.Substitutes, store.Substitute{Reading: r, Rule: "short", Method: "linear", MadeAt: storetest.Noon})
	}
	if _, err := f.Commit(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	f.expire(always)
	for range 2 {
		if c := f.Count(); c != (store.Counts{Readings: 1, Substitutes: 1}) || len(f.substitutes("A")) != 1 || f.number("SELECT count(*) FROM substitute") != 1 {
			t.Errorf("%+v are left", c)
		}
		f.reopen()
	}
}

func TestRulesNameTheirProblems(t *testing.T) {
	cfg := store.DefaultAuditConfig()
	if cfg.Substitutes != nil {
		t.Error("figures are made although nobody has asked for it")
	}
	cfg.Substitutes = twoRules()
	if got := cfg.Validate(); len(got) != 0 {
		t.Errorf("%v", got)
	}
	cfg.Substitutes = []store.SubstituteRule{{}, {Name: "x", ValidFrom: "2026-06-01", Method: "linear", MaxGap: time.Hour, Quantities: []string{"pf", "colour"}}, twoRules()[0], twoRules()[0]}
	if got := cfg.Validate(); len(got) != 7 {
		t.Errorf("%d problems, want 4 of nothing, 2 of quantities and 1 of a name: %v", len(got), got)
	}
}
