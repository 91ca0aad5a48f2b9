package fleet_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"phutai/fleet"
	"phutai/grid"
)

// ratings gives the timeline of T1 as one line: ratings and the days at which
// they change, "-" where T1 is not there.
func ratings(t *testing.T, r *fleet.Register) string {
	t.Helper()
	set, err := r.Export(t.Context(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	last := time.Time{}
	for _, f := range set.Transformers {
		if f.Body.ID != "T1" {
			continue
		}
		if !f.From.Equal(last) {
			fmt.Fprintf(&b, "- ")
		}
		if !f.From.IsZero() {
			fmt.Fprintf(&b, "%s ", f.From.In(hanoi).Format("2/1"))
		}
		fmt.Fprintf(&b, "%v ", f.Body.RatedKVA)
		if last = f.To; !last.IsZero() {
			fmt.Fprintf(&b, "%s ", last.In(hanoi).Format("2/1"))
		}
	}
	return strings.TrimSpace(b.String())
}

func TestStretchIsCorrectedAndTheRestGoesOn(t *testing.T) {
	never := time.Time{}
	for name, x := range map[string]struct {
		rows *fleet.Set
		want string
		gone int
	}{
		"a stretch of the first":        {transformer1(300, day(2, 1), day(3, 1)), "250 1/2 1/2 300 1/3 1/3 250 1/6 1/6 400", 0},
		"a stretch across the change":   {transformer1(300, day(5, 1), day(7, 1)), "250 1/5 1/5 300 1/7 1/7 400", 0},
		"a stretch that starts with it": {transformer1(300, day(6, 1), day(7, 1)), "250 1/6 1/6 300 1/7 1/7 400", 0},
		"the whole of the second":       {transformer1(300, day(6, 1), never), "250 1/6 1/6 300", 0},
		"what held before goes on":      {transformer1(250, day(6, 1), day(7, 1)), "250 1/7 1/7 400", 0},
		"the first row of an export":    {transformer1(250, never, day(6, 1)), "250 1/6 1/6 400", 0},
		"the first one, corrected":      {transformer1(300, never, day(6, 1)), "300 1/6 1/6 400", 0},
		"nothing new and an end":        {transformer1(400, day(6, 1), day(7, 1)), "250 1/6 1/6 400 1/7", 1},
		"an end and no start":           {transformer1(400, never, day(7, 1)), "250 1/6 1/6 400 1/7", 1},
		"an earlier end of the first":   {transformer1(250, never, day(5, 1)), "250 1/5 - 1/6 400", 1},
		"two stretches":                 {both(transformer1(300, day(2, 1), day(3, 1)), transformer1(320, day(7, 1), day(8, 1))), "250 1/2 1/2 300 1/3 1/3 250 1/6 1/6 400 1/7 1/7 320 1/8 1/8 400", 0},
		"a stretch after the known one": {both(transformer1(400, day(6, 1), never), transformer1(320, day(7, 1), day(8, 1))), "250 1/6 1/6 400 1/7 1/7 320 1/8 1/8 400", 0},
	} {
		t.Run(name, func(t *testing.T) {
			r, _ := openRegister(t, &clock{day(6, 20)})
			start := province()
			start.Points[0].Body.Transformers = []grid.TransformerID{"T2"} // nothing needs T1
			mustImport(t, r, start, never)
			mustImport(t, r, transformer1(400, day(6, 1), never), never)
			opt := fleet.ImportOptions{Rules: rules, Removal: true}
			diff, err := r.Import(t.Context(), x.rows, opt)
			if err != nil {
				t.Fatal(err)
			}
			if got := ratings(t, r); got != x.want || diff.Count(fleet.Removed) != x.gone {
				t.Errorf("got %s and %+v\nwant %s and %d gone", got, diff.Changes, x.want, x.gone)
			}
			if diff, err := r.Import(t.Context(), x.rows, opt); err != nil || !diff.Empty() {
				t.Errorf("the same once more changes %+v, %v", diff.Changes, err)
			}
		})
	}
}

func both(a, b *fleet.Set) *fleet.Set {
	a.Transformers = append(a.Transformers, b.Transformers...)
	return a
}

func TestFactGoesOnInTheStoreAndAsItWasKnown(t *testing.T) {
	c := &clock{day(6, 1)}
	r, d := openRegister(t, c)
	mustImport(t, r, province(), time.Time{})
	c.t = day(6, 20)
	mustImport(t, r, transformer1(400, day(5, 1), day(5, 10)), time.Time{})
	again, err := fleet.Open(t.Context(), d, c.now)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := ratings(t, again), "250 1/5 1/5 400 10/5 10/5 250"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if v, err := again.AsOf(t.Context(), day(5, 5), day(6, 10)); err != nil || rating(t, v) != 250 {
		t.Errorf("as known before the correction: %v kVA, %v, want 250", rating(t, v), err)
	}
}
