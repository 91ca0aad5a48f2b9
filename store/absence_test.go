package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/grid"
	"phutai/store/storetest"
)

func TestWhatTheAuditSaysYieldsToWhatCollectorsFind(t *testing.T) {
	asked := func(why grid.Reason) grid.Reading { return storetest.Absence("A", 0, why) }
	audited := func(why grid.Reason) grid.Reading {
		r := asked(why)
		r.PolledAt = time.Time{}
		return r
	}
	value := storetest.Reading("A", 0, 1)
	for name, c := range map[string]struct {
		put  []grid.Reading
		want []grid.Reason // empty: the value
	}{
		"after nothing":                {[]grid.Reading{audited(grid.NotPolled)}, []grid.Reason{grid.NotPolled}},
		"after late":                   {[]grid.Reading{asked(grid.Late), audited(grid.NotPolled)}, []grid.Reason{grid.NotPolled}},
		"late after it":                {[]grid.Reading{audited(grid.NotPolled), asked(grid.Late)}, []grid.Reason{grid.NotPolled}},
		"after what was found":         {[]grid.Reading{asked(grid.NoAnswer), audited(grid.NotPolled)}, []grid.Reason{grid.NoAnswer}},
		"what was found, after it":     {[]grid.Reading{audited(grid.NotPolled), asked(grid.NoAnswer)}, []grid.Reason{grid.NoAnswer}},
		"its own word once more":       {[]grid.Reading{audited(grid.NotPolled), audited(grid.NoRoute)}, []grid.Reason{grid.NotPolled}},
		"the first that was found":     {[]grid.Reading{audited(grid.NotPolled), asked(grid.NoAnswer), asked(grid.NoRoute)}, []grid.Reason{grid.NoAnswer}},
		"a value, after it":            {[]grid.Reading{audited(grid.GapInMeter), value}, nil},
		"after a value":                {[]grid.Reading{value, audited(grid.GapInMeter)}, nil},
		"a value after what was found": {[]grid.Reading{audited(grid.GapInMeter), asked(grid.GapInMeter), value}, nil},
	} {
		f := newFile(t)
		for _, r := range c.put {
			f.put(r)
		}
		var got []grid.Reason
		err := f.Absences(t.Context(), "A", storetest.Noon, storetest.Noon.Add(time.Hour), func(r grid.Reading) error {
			got = append(got, r.Missing)
			return nil
		})
		if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
		_, has := f.LatestOf("A", grid.Instant)
		if n := f.Count(); has != (c.want == nil) || n.Readings+n.Absences != 1 || f.number("SELECT sum(n) FROM tally") != 1 {
			t.Errorf("%s: value %v, %+v", name, has, n)
		}
	}
}

func TestCountOfWhatCollectorsHaveBroughtLeavesOutTheAudit(t *testing.T) {
	f := newFile(t)
	stated := storetest.Absence("A", 10, grid.NotPolled)
	stated.PolledAt = time.Time{}
	f.put(storetest.Reading("A", 0, 1), storetest.Absence("A", 5, grid.NoAnswer), stated)
	if n, err := f.Brought(t.Context()); err != nil || n != 2 {
		t.Errorf("%d, %v, want 2", n, err)
	}
}
