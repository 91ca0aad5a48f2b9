package store_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"phutai/grid"
	"phutai/store/storetest"
)

// scanned works the days of a transformer out from all its rows, as the rollup
// must come to.
func (f *file) scanned(id grid.TransformerID, zone *time.Location) (out []grid.LoadDay) {
	f.t.Helper()
	type half struct {
		kwh     grid.Float
		covered time.Duration
	}
	days, halves := map[string]*grid.LoadDay{}, map[string]*[3]half{}
	err := f.LoadingSeries(f.t.Context(), id, time.Time{}, storetest.Noon.AddDate(1, 0, 0), func(l grid.Loading) error {
		start := l.At
		if l.Source == grid.Profile {
			start = start.Add(-l.Interval)
		}
		name := start.In(zone).Format(time.DateOnly)
		d := days[name]
		if d == nil {
			midnight, err := time.ParseInLocation(time.DateOnly, name, zone)
			if err != nil {
				return err
			}
			d = &grid.LoadDay{Transformer: id, Day: midnight.UTC()}
			days[name], halves[name] = d, &[3]half{}
		}
		if l.Source == grid.Instant {
			d.Instant[l.PhaseGrade]++
		} else {
			d.Profile[l.PhaseGrade]++
		}
		if l.At.After(d.Last) {
			d.Last = l.At
		}
		top := func(p *grid.Peak, x grid.Float, g grid.Grade) bool {
			if !x.Known || p.Known && (p.Grade < g || p.Grade == g && p.X >= x.X) {
				return false
			}
			*p = grid.Peak{X: x.X, At: l.At, Grade: g, Known: true}
			return true
		}
		if top(&d.PhaseMaxPct, l.PhaseMaxPct, l.PhaseGrade) {
			d.WorstPhase = l.WorstPhase
		}
		top(&d.LoadingPct, l.LoadingPct, l.Grade)
		top(&d.SKVA, l.SKVA, l.Grade)
		top(&d.HotSpotC, l.HotSpotC, l.Grade)
		if l.PKW.Known {
			if !d.MinKW.Known || l.PKW.X < d.MinKW.X {
				d.MinKW = l.PKW
			}
			if !d.MaxKW.Known || l.PKW.X > d.MaxKW.X {
				d.MaxKW = l.PKW
			}
			h := &halves[name][l.Source]
			h.kwh = grid.Known(h.kwh.X + l.PKW.X*l.Interval.Hours())
			h.covered += l.Interval
		}
		return nil
	})
	if err != nil {
		f.t.Fatal(err)
	}
	for name, d := range days {
		h := halves[name][grid.Instant]
		if p := halves[name][grid.Profile]; p.covered > h.covered {
			h = p
		}
		d.EnergyKWh, d.Covered = h.kwh, h.covered
		out = append(out, *d)
	}
	slices.SortFunc(out, func(a, b grid.LoadDay) int { return a.Day.Compare(b.Day) })
	return out
}

// anyRow is a row of any of some transformers, days and sources; ones under the
// same key come up again and again.
func anyRow(r *rand.Rand) grid.Loading {
	l := grid.Loading{Transformer: grid.TransformerID(fmt.Sprint("T", r.IntN(3))), Point: "P", Source: grid.Instant, Interval: 5 * time.Minute}
	minutes := r.IntN(4*24*60) / 5 * 5
	if r.IntN(2) == 0 {
		l.Source, l.Interval = grid.Profile, 30*time.Minute
		minutes = minutes / 30 * 30
	}
	l.At = storetest.Noon.Add(-time.Duration(minutes) * time.Minute)
	l.Grade = grid.Grade(r.IntN(8) / 5)
	l.PhaseGrade = grid.Grade(r.IntN(9) / 6)
	figure := func(of int) grid.Float { return grid.Float{X: float64(r.IntN(of)) / 1000, Known: r.IntN(10) > 0} }
	for _, x := range []struct {
		f  *grid.Float
		of int
	}{{&l.PhaseMaxPct, 130_000}, {&l.LoadingPct, 130_000}, {&l.SKVA, 400_000}, {&l.HotSpotC, 140_000}} {
		*x.f = figure(x.of)
	}
	l.PKW = figure(400_000)
	l.PKW.X -= 50 // solar flows back
	if l.WorstPhase = grid.NoPhase; l.PhaseMaxPct.Known {
		l.WorstPhase = grid.PhaseA + grid.Phase(r.IntN(3))
	}
	return l
}
