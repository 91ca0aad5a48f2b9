package app

import (
	"bytes"
	"context"
	"math"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"

	"phutai/db"
	"phutai/fleet"
	"phutai/grid"
	"phutai/loading"
	"phutai/store"
)

// office is a center's files with what derives and corrects figures, on a clock that
// stands where it is put.
type office struct {
	t      *testing.T
	config string
	cfg    Config
	zone   *time.Location
	now    time.Time
	close  func()

	register *fleet.Register
	journal  *store.Journal
	stations *stations
	loading  *loading.Writer
	again    *corrections
	days     *store.Days
	watched  int
}

func (o *office) Now() time.Time                                     { return o.now }
func (o *office) Wait(ctx context.Context, _ time.Time) error        { <-ctx.Done(); return ctx.Err() }
func (o *office) AirAt(time.Time, grid.SubstationID) (float64, bool) { return 31, true }
func (o *office) Observe(_ context.Context, ls []grid.Loading) error {
	o.watched += len(ls)
	return nil
}

func newOffice(t *testing.T) *office {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Ho_Chi_Minh")
	if err != nil {
		t.Fatal(err)
	}
	o := &office{t: t, zone: zone}
	o.config, o.cfg = configured(t)
	if err := os.MkdirAll(o.cfg.Data, 0o750); err != nil {
		t.Fatal(err)
	}
	o.now = o.day(5, 1)
	o.open()
	t.Cleanup(func() { o.close() })
	set := exampleRegister()
	set.Transformers[0].Body.RatedKVA = 250
	set.Transformers[0].Body.BreakerA = 0
	o.imports(set, time.Time{})
	o.work()
	return o
}

func (o *office) day(month time.Month, day int) time.Time {
	return time.Date(2026, month, day, 0, 0, 0, 0, o.zone).UTC()
}

// open opens the files as a start of the program does.
func (o *office) open() {
	o.t.Helper()
	ctx := o.t.Context()
	state, err := db.Open(filepath.Join(o.cfg.Data, stateFile))
	if err != nil {
		o.t.Fatal(err)
	}
	file, err := db.Open(filepath.Join(o.cfg.Data, journalFile))
	if err != nil {
		o.t.Fatal(err)
	}
	o.close = sync.OnceFunc(func() { _ = state.Close(); _ = file.Close() })
	if o.register, err = fleet.Open(ctx, state, o.Now); err != nil {
		o.t.Fatal(err)
	}
	if o.journal, err = store.OpenJournal(ctx, file, nil); err != nil {
		o.t.Fatal(err)
	}
	o.stations = newStations(o.register, o)
	if o.loading, err = loading.NewWriter(ctx, o.cfg.Loading, loading.Deps{
		Stations: o.stations, Air: o, Store: o.journal, Watcher: o, Clock: o,
	}); err != nil {
		o.t.Fatal(err)
	}
	o.days = store.NewDays(o.journal, o.zone, store.DefaultKeep(), o)
	o.again = &corrections{
		register: o.register, stations: o.stations, journal: o.journal, loading: o.loading, days: o.days, keep: store.DefaultKeep(),
		every: o.cfg.Loading.Every, clock: o, report: func(error) {}, log: zap.NewNop(),
	}
}

func (o *office) imports(set *fleet.Set, effective time.Time) {
	o.t.Helper()
	if _, err := o.register.Import(o.t.Context(), set, fleet.ImportOptions{Effective: effective, Removal: true, Rules: exampleRules()}); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) work() {
	o.t.Helper()
	if err := o.again.work(o.t.Context()); err != nil {
		o.t.Fatal(err)
	}
}

// point is the low-voltage point of the example, and mba its transformer.
const (
	point = "PA08TT0001"
	mba   = "TBA-0001-T1"
)

// measure takes in what the meter shows each half an hour from one time to another.
func (o *office) measure(from, to time.Time) {
	o.t.Helper()
	var rs []grid.Reading
	for at := from; at.Before(to); at = at.Add(30 * time.Minute) {
		x := 2 + math.Sin(float64(at.Unix())/86400*2*math.Pi)
		r := grid.Reading{Point: point, Source: grid.Instant, At: at, PolledAt: at}
		for q, v := range map[grid.Quantity]float64{
			grid.Ua: 229.81, grid.Ub: 230.02, grid.Uc: 228.7, grid.Ia: x, grid.Ib: 0.87 * x, grid.Ic: 0.93 * x, grid.P: 0.64 * x, grid.S: 0.69 * x,
		} {
			r.Values.Set(q, q.Round(v))
		}
		ratio, ok := o.register.Ratio(point, at)
		if !ok {
			o.t.Fatalf("no ratio at %v", at)
		}
		rs = append(rs, ratio.Apply(r))
	}
	if _, err := o.journal.Commit(o.t.Context(), store.Entry{Readings: rs}); err != nil {
		o.t.Fatal(err)
	}
	if err := o.loading.Consume(o.t.Context(), rs); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) rows(id grid.TransformerID) (out []grid.Loading) {
	o.t.Helper()
	err := o.journal.LoadingSeries(o.t.Context(), id, o.day(1, 1), o.day(12, 1), func(l grid.Loading) error {
		out = append(out, l)
		return nil
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return out
}

func (o *office) readings() (out []grid.Reading) {
	o.t.Helper()
	err := o.journal.Series(o.t.Context(), point, grid.Instant, o.day(1, 1), o.day(12, 1), func(r grid.Reading) error {
		out = append(out, r)
		return nil
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return out
}

// export prints June by the verb, as it was known at the end of a day; empty: now.
func (o *office) export(asOf string) string {
	o.t.Helper()
	var b bytes.Buffer
	err := Export(o.t.Context(), ExportOptions{
		Config: o.config, Transformer: mba, From: "2026-06-01", To: "2026-07-01", Every: 30 * time.Minute, AsOf: asOf, Output: "-", Lang: "en",
	}, &b)
	if err != nil {
		o.t.Fatal(err)
	}
	return b.String()
}

// rated says of the transformer that it has another rating from a day on.
func rated(kva float64, from time.Time) *fleet.Set {
	t := exampleRegister().Transformers[:1]
	t[0].Body.RatedKVA, t[0].Body.BreakerA, t[0].From = kva, 0, from
	return &fleet.Set{Transformers: t}
}

// measuredBy says of the point that it has other current transformers from a day on.
func measuredBy(primary float64, from time.Time) *fleet.Set {
	p := exampleRegister().Points[:1]
	p[0].Body.CTPrimary, p[0].From = primary, from
	return &fleet.Set{Points: p}
}

// sumsHold brings the days up to date and compares them with the rows.
func (o *office) sumsHold() {
	o.t.Helper()
	if err := o.days.Take(o.t.Context(), o.rows(mba)); err != nil {
		o.t.Fatal(err)
	}
	days, err := o.days.LoadDays(o.t.Context(), mba, o.day(6, 1), o.day(7, 1))
	if err != nil {
		o.t.Fatal(err)
	}
	var peaks []float64
	for _, l := range o.rows(mba) {
		n := int(l.At.Sub(o.day(6, 1)) / (24 * time.Hour))
		for len(peaks) <= n {
			peaks = append(peaks, 0)
		}
		peaks[n] = max(peaks[n], l.PhaseMaxPct.X)
	}
	for i, d := range days {
		if d.PhaseMaxPct.X != peaks[i] {
			o.t.Errorf("%v: peak %v, its rows have %v", d.Day, d.PhaseMaxPct.X, peaks[i])
		}
	}
	if len(days) != len(peaks) {
		o.t.Errorf("%d days of %d", len(days), len(peaks))
	}
}
