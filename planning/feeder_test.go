package planning_test

import (
	"context"
	"testing"
	"time"

	"phutai/grid"
	"phutai/planning"
)

// each carries its own loads, one each half an hour from daybreak on; none where negative.
type each map[grid.TransformerID][]float64

func (e each) LoadingSeries(_ context.Context, id grid.TransformerID, from, to time.Time, f func(grid.Loading) error) error {
	for i, s := range e[id] {
		at := daybreak.Add(time.Duration(i+1) * 30 * time.Minute)
		if s < 0 || at.Before(from) || !at.Before(to) {
			continue
		}
		l := grid.Loading{Transformer: id, At: at, Source: grid.Profile, Interval: 30 * time.Minute, SKVA: grid.Known(s)}
		if id != "C" {
			l.PKW = grid.Known(0.9 * s)
		}
		if err := f(l); err != nil {
			return err
		}
	}
	return nil
}

var daybreak = time.Date(2026, 6, 21, 17, 0, 0, 0, time.UTC) // of 22 June in Hanoi

func TestFeederSumsTheSameIntervalsAndTellsWhatTheyCover(t *testing.T) {
	loads := each{"A": {100, 110, -1, 130}, "B": {200, 210, 220, 230}, "C": {5, 5, 5, 5}}
	kva := map[grid.TransformerID]float64{"A": 250, "B": 750, "C": 0}
	var members []planning.Member
	for _, id := range []grid.TransformerID{"A", "B", "C"} {
		members = append(members, planning.Member{
			Curve: planning.Curve{Transformer: id, From: daybreak, To: daybreak.Add(2 * time.Hour), Every: 30 * time.Minute, Zone: time.FixedZone("+07", 7*3600)},
			On: func(at time.Time) (float64, bool) { // C comes at one o'clock
				return kva[id], id != "C" || !at.Before(daybreak.Add(time.Hour))
			},
		})
	}
	rows, err := planning.Sum(t.Context(), members, 80, loads)
	if err != nil || len(rows) != 4 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for i, want := range []struct {
		s, p    grid.Float
		n, of   int
		covered float64
	}{
		{grid.Known(300), grid.Known(270), 2, 2, 1000},
		{grid.Known(320), grid.Known(288), 2, 2, 1000},
		{grid.Float{}, grid.Float{}, 2, 3, 750},     // A lacks: 75 %
		{grid.Known(365), grid.Float{}, 3, 3, 1000}, // C has no P
	} {
		r := &rows[i]
		if r.SKVA != want.s || r.PKW != want.p || r.Reporting != want.n || r.Transformers != want.of || r.Covered != want.covered || r.Rated != 1000 {
			t.Errorf("row %d: %+v, want %+v", i, *r, want)
		}
	}
}
