package collector

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"phutai/grid"
)

var (
	noon     = time.Date(2026, 6, 3, 5, 0, 0, 0, time.UTC)
	unmarked = cmp.AllowUnexported(stretch{})
)

// slots makes the stretch of the slots from to to, counted in half hours from noon.
func slots(from, to int) stretch {
	const half = 30 * time.Minute
	return stretch{window{noon.Add(time.Duration(from) * half), noon.Add(time.Duration(to) * half)}, half}
}

func asked(all ...stretch) *grid.BackFill {
	b := &grid.BackFill{Every: 30 * time.Minute}
	for _, s := range all {
		b.Spans = append(b.Spans, grid.Span{From: s.From, To: s.To})
	}
	return b
}

func TestWhatIsReadAnywayIsNotWantedOnceMore(t *testing.T) {
	p := progress{Newest: noon.Add(10 * time.Minute), Pending: []window{slots(-60, -50).window}}
	for _, c := range []struct {
		name   string
		before []stretch
		asked  []stretch
		want   []stretch
	}{
		{"what lies back", nil, []stretch{slots(-8, -4), slots(-20, -10)}, []stretch{slots(-20, -10), slots(-8, -4)}},
		{"new rows", nil, []stretch{slots(-2, 4), slots(1, 4)}, []stretch{slots(-2, 0)}},
		{"pending ones", nil, []stretch{slots(-58, -52), slots(-60, -55), slots(-60, -50)}, nil},
		{"half of it pending", nil, []stretch{slots(-52, -40), slots(-64, -58)}, []stretch{slots(-64, -60), slots(-50, -40)}},
		{"pending in its midst", nil, []stretch{slots(-62, -45)}, []stretch{slots(-62, -60), slots(-50, -45)}},
		{"the same again", []stretch{slots(-8, -4)}, []stretch{slots(-8, -4)}, []stretch{slots(-8, -4)}},
		{"a part of it", []stretch{slots(-8, -4), slots(-3, -2)}, []stretch{slots(-6, -4)}, []stretch{slots(-6, -4), slots(-3, -2)}},
	} {
		p.Wanted = c.before
		got, some := p.want(asked(c.asked...))
		if diff := cmp.Diff(c.want, got.Wanted, unmarked); diff != "" || some != (c.want != nil) {
			t.Errorf("%s: %v (-want +got):\n%s", c.name, some, diff)
		}
	}
}

func TestWantedStretchesAreBoundedAndTheNewestStay(t *testing.T) {
	p := progress{Newest: noon}
	for i := range mostWanted + 10 {
		p, _ = p.want(asked(slots(-3*i-1, -3*i)))
	}
	if n := len(p.Wanted); n != mostWanted || !p.Wanted[n-1].To.Equal(noon) {
		t.Errorf("%d, the last %+v", n, p.Wanted[n-1])
	}
}

func TestProgressSurvivesTheSpoolAndAProgramOfBefore(t *testing.T) {
	p := progress{Newest: noon, Point: "P", Since: noon.AddDate(0, -1, 0), Pending: []window{slots(-60, -50).window}, Wanted: []stretch{slots(-8, -4)}}
	raw, err := p.encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := parseProgress(raw)
	if diff := cmp.Diff(p, got, unmarked, cmp.AllowUnexported(progress{})); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if got, err = parseProgress([]byte(`{"newest":1780462800000,"wanted":[[1,2,0]]}`)); err != nil || len(got.Wanted) != 0 {
		t.Errorf("slots of no length: %+v, %v", got.Wanted, err)
	}
}

// Each slot that is wanted is answered exactly once, by a row or by an absence,
// however often the reading is broken off, and none is twice.
func TestEachWantedSlotIsAnswered(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := progress{Newest: noon}
		want := map[time.Time]bool{}
		for at := 0; len(p.Wanted) < 4; {
			to := at - rapid.IntRange(0, 5).Draw(t, "apart")
			at = to - rapid.IntRange(1, 100).Draw(t, "long")
			p, _ = p.want(asked(slots(at, to)))
			for i := at; i < to; i++ {
				want[slots(i, i).From.Add(15*time.Minute)] = true
			}
		}
		holds := rapid.SliceOfNDistinct(rapid.IntRange(-420, 0), 0, 100, rapid.ID[int]).Draw(t, "rows")
		has := map[time.Time]bool{}
		for _, i := range holds {
			has[slots(i, i).From.Add(15*time.Minute)] = true
		}
		got := map[time.Time]int{}
		for rounds := 0; len(p.Wanted) > 0; rounds++ {
			if rounds > 3000 {
				t.Fatalf("no end; still %+v", p.Wanted)
			}
			s := p.wanted(24 * time.Hour)
			var rows []grid.Reading
			broken := rapid.IntRange(0, 3).Draw(t, "broken after") // 0: not at all
			for at := s.From.Add(15 * time.Minute); at.Before(s.To); at = at.Add(s.Every) {
				if has[at] {
					rows = append(rows, grid.Reading{At: at})
				}
				if broken > 0 && len(rows) == broken {
					break
				}
			}
			reached := s.To
			if broken > 0 && len(rows) == broken {
				reached = s.slotEnd(rows[len(rows)-1].At)
			}
			for _, r := range rows {
				got[r.At]++
			}
			for _, r := range s.until(reached).lacking(rows, grid.Reading{Missing: grid.GapInMeter}) {
				if has[r.At] || !r.Absent() {
					t.Fatalf("%s is stated as absent", r.At)
				}
				got[r.At]++
			}
			p = p.afterWanted(s, reached)
		}
		for at := range want {
			if got[at] != 1 {
				t.Errorf("%s was answered %d times", at, got[at])
			}
		}
		if len(got) != len(want) {
			t.Errorf("%d answers to %d slots", len(got), len(want))
		}
	})
}

// Slots whose bounds are not those of what is pending lie in neither part when
// they touch it: their row may be either's.
func TestPendingPartIsCutOutInWholeSlots(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := slots(-20, 0)
		from := rapid.IntRange(-700, 30).Draw(t, "from")
		w := window{noon.Add(time.Duration(from) * time.Minute), noon.Add(time.Duration(from+rapid.IntRange(1, 400).Draw(t, "long")) * time.Minute)}
		kept := map[time.Time]bool{}
		for _, p := range s.without(w) {
			for at := p.From; at.Before(p.To); at = at.Add(p.Every) {
				kept[at] = true
			}
		}
		for at := s.From; at.Before(s.To); at = at.Add(s.Every) {
			if touches := w.From.Before(at.Add(s.Every)) && at.Before(w.To); kept[at] == touches {
				t.Errorf("slot of %s: kept %v, touches %v", at, kept[at], touches)
			}
		}
	})
}
