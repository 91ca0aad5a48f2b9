package store_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"phutai/db"
	"phutai/grid"
	"phutai/store"
	"phutai/store/storetest"
)

// benchPoints is a district's worth of points.
const benchPoints = 2000

// evening gives twelve primary values as a meter behind 600/5 A shows them in
// the course of a day: load by a sine, three phases apart, counters running.
func evening(point, row int) grid.Values {
	load := 0.35 + 0.3*math.Sin(float64(row)/7.6) + 0.1*math.Sin(float64(point*row)/3.3)
	var v grid.Values
	set := func(q grid.Quantity, x float64) { v.Set(q, q.Round(x)) }
	wobble := func(k int) float64 { return math.Sin(float64(point*31 + row*17 + k)) }
	p := 0.0
	for i := range 3 {
		u := 226 + 4*wobble(i)
		a := 577 * load * (1 + 0.15*wobble(i+3))
		p += u * a * 0.94 / 1000
		set(grid.Ua+grid.Quantity(i), u)
		set(grid.Ia+grid.Quantity(i), a)
	}
	set(grid.P, p)
	set(grid.Q, p*0.35+wobble(7))
	set(grid.S, math.Hypot(p, p*0.35+wobble(7)))
	set(grid.Pf, 0.94+0.01*wobble(8))
	set(grid.F, 50+0.05*wobble(9))
	set(grid.EaImp, float64(point)*1200+float64(row)*82.25)
	return v
}

// rounds gives the readings of all points, time by time.
func rounds(start time.Time, from, to int) []grid.Reading {
	var out []grid.Reading
	for row := from; row < to; row++ {
		for p := range benchPoints {
			at := start.Add(time.Duration(row)*30*time.Minute + time.Duration(p*137)*time.Millisecond)
			out = append(out, grid.Reading{
				Point: grid.PointID(fmt.Sprintf("PD%04d", p)), Source: grid.Instant, At: at, PolledAt: at,
				ClockOffset: time.Duration(p%40) * 100 * time.Millisecond, ClockKnown: true,
				Values: evening(p, row), Ratio: 120,
			})
		}
	}
	return out
}

// BenchmarkLatestLoading gives the fleet's ranking its rows: 20,000
// transformers with both sources.
func BenchmarkLatestLoading(b *testing.B) {
	j := newFile(b)
	var rows []grid.Loading
	for i := range 20_000 {
		for _, source := range []grid.Source{grid.Instant, grid.Profile} {
			rows = append(rows, grid.Loading{
				Transformer: grid.TransformerID(fmt.Sprintf("T%05d", i)), Point: grid.PointID(fmt.Sprintf("PD%05d", i)),
				Source: source, At: time.Date(2026, 6, 1, 0, 0, i, 0, time.UTC), PhaseMaxPct: grid.Known(float64(i % 120)),
			})
		}
	}
	if err := j.SaveLoading(context.Background(), rows); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if got, err := j.LatestLoading(context.Background()); err != nil || len(got) != len(rows) {
			b.Fatal(len(got), err)
		}
	}
}

// BenchmarkMonth reads one transformer's month of half-hours.
func BenchmarkMonth(b *testing.B) {
	j := newFile(b)
	start := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	var rows []grid.Loading
	for i := range 48 * 31 {
		rows = append(rows, grid.Loading{
			Transformer: "T1", Point: "PD1", Source: grid.Profile, At: start.Add(time.Duration(i) * 30 * time.Minute),
			PhaseMaxPct: grid.Known(float64(i % 120)), SKVA: grid.Known(200), HotSpotC: grid.Known(98.5),
		})
	}
	if err := j.SaveLoading(context.Background(), rows); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		n := 0
		err := j.LoadingSeries(context.Background(), "T1", start, start.AddDate(0, 0, 31), func(grid.Loading) error { n++; return nil })
		if err != nil || n != len(rows) {
			b.Fatal(n, err)
		}
	}
}

// BenchmarkCommit commits batches of 500 readings of 12 values with
// synchronous=FULL, into a journal in which every point has a past.
func BenchmarkCommit(b *testing.B) {
	d, err := db.Open(filepath.Join(b.TempDir(), "journal.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close()
	j, err := store.OpenJournal(b.Context(), d, nil)
	if err != nil {
		b.Fatal(err)
	}
	start := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	seq := uint64(1)
	commit := func(rs []grid.Reading) {
		for len(rs) > 0 {
			part := rs[:min(500, len(rs))]
			rs = rs[len(part):]
			_, err := j.Commit(context.Background(), store.Entry{
				Spool: store.Spool{Collector: "c1", Epoch: "e"}, First: seq, Count: len(part), Readings: part})
			if err != nil {
				b.Fatal(err)
			}
			seq += uint64(len(part))
		}
	}
	const past, portion = 48, 10
	commit([]grid.Reading{{Point: "PD0000", Source: grid.Instant, At: start.Add(-time.Hour), Missing: grid.NoAnswer}})
	commit(rounds(start, 0, past))
	row, n := past, 0
	for b.Loop() {
		b.StopTimer()
		rs := rounds(start, row, row+portion)
		row += portion
		n += len(rs)
		b.StartTimer()
		commit(rs)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "readings/s")
	if _, err := d.Write.Exec("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		b.Fatal(err)
	}
	info, err := os.Stat(d.Path())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(info.Size())/float64(j.Count().Readings), "bytes/reading")
}

// BenchmarkExpire removes a day of 2,000 points at half an hour, 96,000 rows, and
// reports the slowest slice, which is what a commit may wait for.
func BenchmarkExpire(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		f := newFile(b)
		for p := range 2000 {
			var rs []grid.Reading
			for i := range 48 {
				rs = append(rs, storetest.Reading(grid.PointID(fmt.Sprint("P", p)), aged-30*i, 1))
			}
			if _, err := f.Commit(b.Context(), store.Entry{Readings: rs}); err != nil {
				b.Fatal(err)
			}
		}
		var slowest time.Duration
		b.StartTimer()
		since := time.Now()
		gone, err := f.Expire(b.Context(), storetest.Noon, year, func(context.Context) bool {
			slowest, since = max(slowest, time.Since(since)), time.Now()
			return true
		})
		if err != nil || gone.Readings != 96_000 {
			b.Fatalf("%+v went, %v", gone, err)
		}
		b.ReportMetric(float64(slowest.Milliseconds()), "ms/slowest-slice")
	}
}

// BenchmarkAuditCell looks at one day of a point that is polled every five
// minutes, within thirty days of it.
func BenchmarkAuditCell(b *testing.B) {
	f := newFile(b)
	from := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	const days = 30
	for d := range days {
		var rs []grid.Reading
		for i := range 288 {
			r := answer("P", from.AddDate(0, 0, d).Add(time.Duration(i)*poll+time.Minute))
			r.Values = evening(1, i)
			rs = append(rs, r)
		}
		f.put(rs...)
	}
	now := from.AddDate(0, 0, days)
	cfg := store.DefaultAuditConfig()
	cfg.Cells = 1_000_000
	surroundings := &auditor{duties: []store.Duty{{Point: "P", Stays: []store.Stay{stay("M", 0)}}}, handed: now}
	for b.Loop() {
		if err := f.SaveState(b.Context(), "audit", []byte("{}")); err != nil { // from the beginning
			b.Fatal(err)
		}
		ctx, cancel := context.WithCancel(b.Context())
		a := store.NewAudit(cfg, store.AuditParts{
			Journal: f.Journal, Duties: surroundings, Collectors: surroundings, Clock: oneRound{now, cancel}, Zone: time.UTC,
			Report: func(err error) {
				if err != nil {
					b.Error(err)
				}
			},
		})
		if err := a.Run(ctx); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/(days+3), "µs/cell") // the newest two are looked at twice, and today
}

// oneRound is a clock that stands still and ends what waits for it.
type oneRound struct {
	now time.Time
	end func()
}

func (c oneRound) Now() time.Time { return c.now }
func (c oneRound) Wait(ctx context.Context, _ time.Time) error {
	c.end()
	return ctx.Err()
}
