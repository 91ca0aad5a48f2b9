package store_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"

	"phutai/grid"
	"phutai/store"
	"phutai/store/storetest"
)

// BenchmarkAuditMissedDay is the round after a day without a collector: 2,000
// points that are polled every 15 seconds.
func BenchmarkAuditMissedDay(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		f := newFile(b)
		now := storetest.Noon.Add(24*time.Hour + 15*time.Minute)
		surroundings := &auditor{handed: now.Add(time.Hour)}
		for i := range benchPoints {
			p := grid.PointID(fmt.Sprintf("PD%04d", i))
			surroundings.duties = append(surroundings.duties, store.Duty{Point: p, Stays: []store.Stay{{Meter: grid.MeterID(p), Collector: "c1", Poll: 15 * time.Second}}})
			f.put(storetest.Reading(p, 0, 1), storetest.Reading(p, 24*60, 2))
		}
		ctx, cancel := context.WithCancel(b.Context())
		a := store.NewAudit(store.DefaultAuditConfig(), store.AuditParts{
			Journal: f.Journal, Duties: surroundings, Collectors: surroundings, Clock: oneRound{now, cancel}, Zone: time.UTC,
			Report: func(err error) {
				if err != nil {
					b.Error(err)
				}
			},
		})
		before := size(b, f)
		b.StartTimer()
		if err := a.Run(ctx); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		b.ReportMetric(float64(a.Stats().Explained), "slots/op")
		b.ReportMetric(float64(f.number("SELECT (SELECT count(*) FROM absence) + (SELECT count(*) FROM silence)")), "rows/op")
		b.ReportMetric(float64(size(b, f)-before)/1e6, "MB/op")
		b.ReportMetric(float64(m.HeapSys)/1e6, "heap-MB")
		b.StartTimer()
	}
}

// size gives the bytes of a journal's file after a checkpoint.
func size(b *testing.B, f *file) int64 {
	b.Helper()
	if _, err := f.db.Write.Exec("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		b.Fatal(err)
	}
	info, err := os.Stat(f.path)
	if err != nil {
		b.Fatal(err)
	}
	return info.Size()
}

// BenchmarkCommitIntoGaps is a collector that comes back after its gaps were given
// a reason, and brings what it held: readings of 2,000 points, time by time.
func BenchmarkCommitIntoGaps(b *testing.B) {
	f := newFile(b)
	start := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	all := rounds(start, 0, 48*10)
	var duties []store.Duty
	for i := range benchPoints {
		p := all[i].Point
		duties = append(duties, store.Duty{Point: p, Stays: []store.Stay{{Meter: grid.MeterID(p), Collector: "c1", Poll: half}}})
		f.put(all[i])
	}
	now := start.AddDate(0, 0, 10)
	ctx, cancel := context.WithCancel(b.Context())
	surroundings := &auditor{duties: duties, handed: now}
	cfg := store.DefaultAuditConfig()
	cfg.Cells = 1_000_000
	a := store.NewAudit(cfg, store.AuditParts{
		Journal: f.Journal, Duties: surroundings, Collectors: surroundings, Clock: oneRound{now, cancel}, Zone: time.UTC,
	})
	if err := a.Run(ctx); err != nil {
		b.Fatal(err)
	}
	stated := a.Stats().Explained
	n := benchPoints
	for b.Loop() {
		if n+500 > len(all) {
			b.Fatal("no readings are left: take a shorter -benchtime")
		}
		f.put(all[n : n+500]...)
		n += 500
	}
	b.ReportMetric(float64(n-benchPoints)/b.Elapsed().Seconds(), "readings/s")
	b.ReportMetric(float64(stated), "slots")
}
