package loading_test

import (
	"testing"
	"time"

	"phutai/grid"
)

// Readings that are fresh when a correction is entered are derived again like all
// others, and nobody is paged by it.
func TestRederivingTellsNobody(t *testing.T) {
	s, c := newShelf(), &handClock{evening}
	w := openWith(t, s, c, oneStation{})
	var rs []grid.Reading
	for at := evening.Add(-6 * time.Hour); !at.After(evening); at = at.Add(15 * time.Minute) {
		rs = append(rs, instant(at, 500))
	}
	consume(t, w, rs...)
	told := len(s.seen)
	if told == 0 {
		t.Fatal("nothing was fresh")
	}
	for i := range rs {
		rs[i].Values = amps(640, 420, 400)
	}
	n, err := w.Rederive(t.Context(), rs)
	if err != nil || n != len(rs) {
		t.Fatalf("%d rows of %d, %v", n, len(rs), err)
	}
	hot := s.sorted()[len(rs)-1]
	if !near(hot.PhaseMaxPct, 110.85, 0.01) || !hot.HotSpotC.Known {
		t.Errorf("stands at %+v %%, hot spot %+v before its path is walked again", hot.PhaseMaxPct, hot.HotSpotC)
	}
	if err := w.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if now := s.sorted()[len(rs)-1]; now.HotSpotC.X < hot.HotSpotC.X+5 {
		t.Errorf("the hot spot stays at %v °C, was %v", now.HotSpotC.X, hot.HotSpotC.X)
	}
	if len(s.seen) != told {
		t.Errorf("%d rows were told again", len(s.seen)-told)
	}
}

// A path that takes more than one turn comes to the same as one that is walked at once.
func TestLongPathIsWalkedInPieces(t *testing.T) {
	days := 60
	var ends [2]grid.Loading
	for cut := range ends {
		s, c := newShelf(), &handClock{evening}
		w := openWith(t, s, c, oneStation{})
		var rs []grid.Reading
		for at := evening.Add(-time.Duration(days) * 24 * time.Hour); !at.After(evening); at = at.Add(15 * time.Minute) {
			rs = append(rs, instant(at, load(at)))
		}
		if cut == 0 {
			consume(t, w, rs...)
		} else {
			if _, err := w.Rederive(t.Context(), rs); err != nil {
				t.Fatal(err)
			}
			if err := w.Settle(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		ends[cut] = s.sorted()[len(rs)-1]
	}
	if a, b := ends[0], ends[1]; !near(b.HotSpotC, a.HotSpotC.X, 0.02) || !near(b.TopOilC, a.TopOilC.X, 0.02) || !b.HotSpotC.Known {
		t.Errorf("in pieces %+v and %+v, at once %+v and %+v", b.TopOilC, b.HotSpotC, a.TopOilC, a.HotSpotC)
	}
}
