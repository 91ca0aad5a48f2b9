package store_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"phutai/grid"
)

// BenchmarkFleetDay finds the greatest loading of a day of 2,000 transformers, which
// have thirty days of polls every five minutes, by the sums of days and by a scan
// over the day's rows.
func BenchmarkFleetDay(b *testing.B) {
	f, zone := newFile(b), hanoi(b)
	const days = 30
	from := time.Date(2026, 5, 31, 17, 0, 0, 0, time.UTC)
	id := func(n int) grid.TransformerID { return grid.TransformerID(fmt.Sprintf("T%04d", n)) }
	for n := range benchPoints {
		var rows []grid.Loading
		for i := range days * 288 {
			if i/288 != days/2 && i%12 != 0 {
				continue // the day that is asked for is whole, the others have a row an hour
			}
			rows = append(rows, grid.Loading{
				Transformer: id(n), Point: "PD", Source: grid.Instant, At: from.Add(time.Duration(i) * poll), Interval: poll,
				PhaseMaxPct: grid.Known(float64((i*7+n*13)%1200) / 10), SKVA: grid.Known(200), PKW: grid.Known(180), HotSpotC: grid.Known(98.5),
			})
		}
		if err := f.SaveLoading(b.Context(), rows); err != nil {
			b.Fatal(err)
		}
	}
	sums := f.days(zone)
	since := time.Now()
	f.followDays(sums, zone, -1)
	b.Logf("all days were made in %s", time.Since(since).Round(time.Millisecond))
	day := from.AddDate(0, 0, days/2)
	top := func(best, x float64) float64 { return math.Max(best, x) }
	var scanned, summed float64
	b.Run("scan", func(b *testing.B) {
		for b.Loop() {
			scanned = 0
			for n := range benchPoints {
				err := f.LoadingSeries(b.Context(), id(n), day, day.AddDate(0, 0, 1), func(l grid.Loading) error {
					scanned = top(scanned, l.PhaseMaxPct.X)
					return nil
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	b.Run("days", func(b *testing.B) {
		for b.Loop() {
			summed = 0
			all, err := sums.FleetDay(b.Context(), day)
			if err != nil || len(all) != benchPoints {
				b.Fatal(len(all), err)
			}
			for i := range all {
				summed = top(summed, all[i].PhaseMaxPct.X)
			}
		}
	})
	if scanned != summed {
		b.Errorf("a scan finds %v, the days %v", scanned, summed)
	}
	b.Run("year", func(b *testing.B) {
		for b.Loop() {
			if all, err := sums.LoadDays(b.Context(), id(1), from, from.AddDate(1, 0, 0)); err != nil || len(all) != days {
				b.Fatal(len(all), err)
			}
		}
	})
}
