package store

import (
	"cmp"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"phutai/grid"
)

var noon = time.Date(2026, 6, 3, 5, 0, 0, 0, time.UTC)

// at gives a time some minutes after noon.
func at(minutes float64) time.Time { return noon.Add(time.Duration(minutes * float64(time.Minute))) }

func TestWhatIsDue(t *testing.T) {
	day := frame{from: at(-600), to: at(840), now: at(7200), grace: 15 * time.Minute, polled: at(-6000), row: at(-6000)}
	with := func(change func(*Stay, *frame)) (Stay, frame) {
		s, f := Stay{Poll: 5 * time.Minute, Phase: time.Minute, Row: 30 * time.Minute, RowLag: 33 * time.Minute}, day
		change(&s, &f)
		return s, f
	}
	type want struct {
		n           int
		first, last time.Time // marks
	}
	for name, c := range map[string]struct {
		change        func(*Stay, *frame)
		instant, rows want
	}{
		"a whole day":              {func(*Stay, *frame) {}, want{288, at(-599), at(836)}, want{48, at(-570), at(840)}},
		"never heard of":           {func(_ *Stay, f *frame) { f.polled, f.row = time.Time{}, time.Time{} }, want{}, want{}},
		"polled and no row yet":    {func(_ *Stay, f *frame) { f.polled, f.row = at(2), time.Time{} }, want{168, at(1), at(836)}, want{27, at(60), at(840)}},
		"rows from before":         {func(_ *Stay, f *frame) { f.polled, f.row = at(2), at(-30) }, want{168, at(1), at(836)}, want{30, at(-30), at(840)}},
		"rows stamped late":        {func(_ *Stay, f *frame) { f.polled, f.row = time.Time{}, at(-29.9) }, want{}, want{30, at(-30), at(840)}},
		"absence at the very slot": {func(_ *Stay, f *frame) { f.polled, f.row = at(1), at(0) }, want{168, at(1), at(836)}, want{29, at(0), at(840)}},
		"came at noon":             {func(s *Stay, _ *frame) { s.From = noon }, want{168, at(1), at(836)}, want{28, at(30), at(840)}},
		"left at noon":             {func(s *Stay, _ *frame) { s.To = noon }, want{119, at(-599), at(-9)}, want{20, at(-570), at(0)}},
		"now is noon":              {func(_ *Stay, f *frame) { f.now = noon }, want{116, at(-599), at(-24)}, want{18, at(-570), at(-60)}},
		"before the day":           {func(_ *Stay, f *frame) { f.now = at(-700) }, want{}, want{}},
		"without memory":           {func(s *Stay, _ *frame) { s.Row = 0 }, want{288, at(-599), at(836)}, want{}},
	} {
		s, f := with(c.change)
		for source, w := range map[grid.Source]want{grid.Instant: c.instant, grid.Profile: c.rows} {
			every := s.Poll
			if source == grid.Profile {
				every = s.Row
			}
			got := s.due(source, every, &f)
			if got.n != w.n {
				t.Errorf("%s, %s: %d, want %d; the first at %s", name, source, got.n, w.n, got.mark(source, 0))
			} else if w.n > 0 && (!got.mark(source, 0).Equal(w.first) || !got.mark(source, got.n-1).Equal(w.last)) {
				t.Errorf("%s, %s: %s to %s, want %s to %s", name, source, got.mark(source, 0), got.mark(source, got.n-1), w.first, w.last)
			}
		}
	}
}

// Two days that touch share no slot and leave none out.
func TestEachSlotIsDueOnOneDay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		every := time.Duration(rapid.IntRange(1, 7200).Draw(t, "every")) * time.Second
		s := Stay{Phase: time.Duration(rapid.IntRange(0, 7200).Draw(t, "phase")) * time.Second, RowLag: time.Hour}
		cut := at(rapid.Float64Range(-1400, 1400).Draw(t, "cut"))
		source := rapid.SampledFrom([]grid.Source{grid.Instant, grid.Profile}).Draw(t, "source")
		f := frame{from: at(-1440), to: at(1440), now: at(100_000), polled: at(-100_000), row: at(-100_000)}
		both := s.due(source, every, &f)
		before, after := f, f
		before.to, after.from = cut, cut
		a, b := s.due(source, every, &before), s.due(source, every, &after)
		if a.n+b.n != both.n || a.n > 0 && a.first != both.first || a.n > 0 && b.n > 0 && b.first != a.start(a.n) {
			t.Errorf("%+v and %+v are not %+v", a, b, both)
		}
	})
}

func TestGapsAreRuns(t *testing.T) {
	s := slots{first: 0, every: 10, n: 8}
	for name, c := range map[string]struct {
		held held
		want verdict
	}{
		"nothing":          {held{}, verdict{grid.Collection{Due: 8}, []run{{0, 8}}, []run{{0, 8}}, nil}},
		"all":              {held{values: []int64{1, 10, 29, 30, 45, 55, 61, 79}}, verdict{Collection: grid.Collection{Due: 8, Received: 8}}},
		"two gaps":         {held{values: []int64{1, 39, 42, 71}}, verdict{grid.Collection{Due: 8, Received: 4}, []run{{1, 2}, {5, 2}}, []run{{1, 2}, {5, 2}}, nil}},
		"one gap stated":   {held{values: []int64{1, 39, 42, 71}, absences: []statedAt{{10, false}, {29, false}}}, verdict{grid.Collection{Due: 8, Received: 4, Explained: 2}, []run{{5, 2}}, []run{{5, 2}}, nil}},
		"the audit's word": {held{values: []int64{1, 39, 42, 71}, absences: []statedAt{{10, true}, {20, true}}}, verdict{grid.Collection{Due: 8, Received: 4, Explained: 2}, []run{{5, 2}}, []run{{1, 2}, {5, 2}}, nil}},
		"both say why":     {held{values: []int64{1, 39, 42, 71}, absences: []statedAt{{10, true}, {10, false}, {20, false}}}, verdict{grid.Collection{Due: 8, Received: 4, Explained: 2}, []run{{5, 2}}, []run{{5, 2}}, nil}},
		"came after all":   {held{values: []int64{1, 12, 25, 39, 42, 55, 61, 71}, absences: []statedAt{{10, true}, {20, false}}}, verdict{grid.Collection{Due: 8, Received: 8}, nil, nil, []int64{10}}},
		"an answer late":   {held{values: []int64{1, 20, 25, 39, 42, 55, 61, 71}}, verdict{Collection: grid.Collection{Due: 8, Received: 8}}},
		"an answer early":  {held{values: []int64{1, 18, 19, 39, 42, 55, 61, 71}}, verdict{Collection: grid.Collection{Due: 8, Received: 8}}},
		"beyond the end":   {held{values: []int64{1, 12, 25, 39, 42, 55, 61, 80, 81}}, verdict{Collection: grid.Collection{Due: 8, Received: 8}}},
		"before the start": {held{values: []int64{-2, -1, 12, 25, 39, 42, 55, 61, 71}}, verdict{Collection: grid.Collection{Due: 8, Received: 8}}},
		"one spare for two": {held{values: []int64{1, 20, 21, 39, 71}, absences: nil},
			verdict{grid.Collection{Due: 8, Received: 5}, []run{{4, 3}}, []run{{4, 3}}, nil}},
		"elsewhere": {held{values: []int64{-100, -11, 90, 1000}, absences: []statedAt{{-50, true}, {80, false}}}, verdict{grid.Collection{Due: 8}, []run{{0, 8}}, []run{{0, 8}}, nil}},
	} {
		if diff := gocmp.Diff(c.want, s.judge(&c.held), gocmp.AllowUnexported(verdict{}, run{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// The runs say of each slot the same as looking at it alone does.
func TestGapsAreWhatLookingSlotBySlotFinds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := slots{first: rapid.Int64Range(-50, 50).Draw(t, "first"), every: rapid.Int64Range(1, 20).Draw(t, "every"), n: rapid.IntRange(0, 40).Draw(t, "n")}
		// At most one value a slot: what spare ones do is shown by the table.
		var h held
		for i := -1; i <= s.n; i++ {
			if rapid.Bool().Draw(t, "value") {
				h.values = append(h.values, s.start(i)+rapid.Int64Range(0, s.every-1).Draw(t, "after"))
			}
		}
		for range rapid.IntRange(0, 20).Draw(t, "absences") {
			h.absences = append(h.absences, statedAt{rapid.Int64Range(-100, 900).Draw(t, "at"), rapid.Bool().Draw(t, "audited")})
		}
		slices.SortFunc(h.absences, func(a, b statedAt) int { return cmp.Compare(a.at, b.at) })

		got := s.judge(&h)
		open, lacking := members(got.open), members(got.lacking)
		want := grid.Collection{Due: s.n}
		for i := range s.n {
			in := func(at int64) bool { return at >= s.start(i) && at < s.start(i+1) }
			has := slices.ContainsFunc(h.values, in)
			said := slices.ContainsFunc(h.absences, func(a statedAt) bool { return in(a.at) })
			sure := slices.ContainsFunc(h.absences, func(a statedAt) bool { return in(a.at) && !a.audited })
			switch {
			case has:
				want.Received++
			case said:
				want.Explained++
			}
			if open[i] != (!has && !said) || lacking[i] != (!has && !sure) {
				t.Errorf("slot %d: open %v, lacking %v", i, open[i], lacking[i])
			}
		}
		if got.Collection != want || want.Open() != len(open) {
			t.Errorf("%+v, want %+v", got.Collection, want)
		}
		for _, runs := range [][]run{got.open, got.lacking} {
			for i := 1; i < len(runs); i++ {
				if runs[i].from <= runs[i-1].from+runs[i-1].n {
					t.Errorf("runs %v touch", runs)
				}
			}
		}
	})
}

func members(runs []run) map[int]bool {
	out := map[int]bool{}
	for _, r := range runs {
		for i := r.from; i < r.from+r.n; i++ {
			out[i] = true
		}
	}
	return out
}
