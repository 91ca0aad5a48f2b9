package app_test

import (
	"fmt"
	"math"
	"path/filepath"
	"testing"
	"time"

	"phutai/collector"
	"phutai/grid"
)

// outage is what a collector of 2,000 meters holds after a day without a link:
// 96,000 readings of 12 values at half an hour, as meters behind 600/5 A give them.
func outage() []grid.Reading {
	const meters, rows = 2000, 48
	start := time.Now().UTC().Add(-25 * time.Hour).Truncate(time.Minute)
	out := make([]grid.Reading, 0, meters*rows)
	for row := range rows {
		for m := range meters {
			at := start.Add(time.Duration(row)*30*time.Minute + time.Duration(m*137)*time.Millisecond)
			r := grid.Reading{
				Point: grid.PointID(fmt.Sprintf("PD%04d", m)), Source: grid.Instant, At: at, PolledAt: at,
				ClockOffset: time.Duration(m%40) * 100 * time.Millisecond, ClockKnown: true,
			}
			load := 0.35 + 0.3*math.Sin(float64(row)/7.6) + 0.1*math.Sin(float64(m*row)/3.3)
			set := func(q grid.Quantity, x float64) { r.Values.Set(q, math.Round(x*1000)/1000) }
			p := 0.0
			for i := range 3 {
				u, a := 226+4*math.Sin(float64(m+i)), 4.8*load*(1+0.15*math.Sin(float64(m+row+i)))
				p += u * a * 0.94 / 1000
				set(grid.Ua+grid.Quantity(i), u)
				set(grid.Ia+grid.Quantity(i), a)
			}
			set(grid.P, p)
			set(grid.Q, p*0.35)
			set(grid.S, math.Hypot(p, p*0.35))
			set(grid.Pf, 0.94)
			set(grid.F, 50+0.05*math.Sin(float64(row)))
			set(grid.EaImp, float64(m)*10+float64(row)*0.685)
			out = append(out, r)
		}
	}
	return out
}

// noLines is a collector's world in which nothing is polled.
type noLines struct{ collector.Lines }

// BenchmarkBrokerToJournal carries a day's outage of 2,000 meters from a spool
// through the embedded broker, decoder and ratios into the journal, and back to
// the spool by the watermark: all with synchronous=FULL. The time begins when
// the link comes up and ends when the spool is empty.
func BenchmarkBrokerToJournal(b *testing.B) {
	readings := outage()
	for b.Loop() {
		b.StopTimer()
		w := newWire(b)
		cfg := collector.DefaultConfig()
		cfg.ID, cfg.Spool = "north", filepath.Join(b.TempDir(), "spool.db")
		fill, err := collector.OpenSpool(b.Context(), cfg.Spool, collector.Bounds{Readings: 1 << 40}, false)
		if err != nil {
			b.Fatal(err)
		}
		for rest := readings; len(rest) > 0; rest = rest[2000:] {
			if err := fill.Append(b.Context(), rest[:2000]); err != nil {
				b.Fatal(err)
			}
		}
		if err := fill.Close(); err != nil {
			b.Fatal(err)
		}
		link := w.link("north")
		c, err := collector.Open(b.Context(), cfg, collector.Parts{Clock: grid.RealClock{}, Lines: noLines{}, Uplink: link})
		if err != nil {
			b.Fatal(err)
		}
		link.OnWatermark(c.HandleWatermark)
		link.OnConnect(c.HandleConnect)
		stopRun := w.runs(c.Run)
		b.StartTimer()
		stopLink := w.runs(link.Run)
		if err := c.Drain(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if n := w.journal.Count().Readings; n != int64(len(readings)) {
			b.Fatalf("%d readings in the journal, want %d", n, len(readings))
		}
		stopRun()
		stopLink()
		if err := c.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(len(readings)*b.N)/b.Elapsed().Seconds(), "readings/s")
}
