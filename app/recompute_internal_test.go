package app

import (
	"bytes"
	"context"
	"io"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"phutai/grid"
	"phutai/store"
)

func TestFiguresAreWorkedOutAgainByOrder(t *testing.T) {
	o := newOffice(t)
	o.measure(o.day(6, 1), o.day(6, 8))
	o.now = o.day(6, 10)
	o.imports(rated(400, o.day(6, 4)), time.Time{})
	// An earlier version of the program has noted the import and derived nothing again.
	if err := o.journal.DeriveBy(t.Context(), o.register.Version(), store.Again{}, nil); err != nil {
		t.Fatal(err)
	}
	o.work()
	wrong := o.rows(mba)

	var out bytes.Buffer
	for _, bad := range []RecomputeOptions{{Transformer: "T99"}, {Unit: "PB99"}, {From: "2026-06-04", To: "2026-06-04"}, {From: "yesterday"}} {
		bad.Config = o.config
		if err := Recompute(t.Context(), bad, &out); err == nil {
			t.Errorf("%+v was ordered", bad)
		}
	}
	order := RecomputeOptions{Config: o.config, Unit: "PA08", From: "2026-06-05", To: "2026-06-06"}
	if err := Recompute(t.Context(), order, &out); err != nil || !strings.Contains(out.String(), "ordered for 2 stretches") {
		t.Fatalf("%v: %s", err, out.String())
	}
	core, logs := observer.New(zap.InfoLevel)
	o.again.log = zap.New(core)
	o.work()
	for i, l := range o.rows(mba) {
		want := wrong[i].LoadingPct.X
		if !l.At.Before(o.day(6, 5)) && l.At.Before(o.day(6, 6)) {
			want *= 250. / 400
		}
		if math.Abs(l.LoadingPct.X-want) > 0.01 {
			t.Fatalf("%v: %v %%, want %v", l.At, l.LoadingPct.X, want)
		}
	}
	done := logs.FilterMessage("figures have been worked out again").All()
	if len(done) != 1 {
		t.Fatalf("told %d times", len(done))
	}
	said := done[0].ContextMap()
	if said["by"] != whoAmI() || said["why"] != "ordered by hand, unit PA08, from 2026-06-05, to 2026-06-06" ||
		said["loadings written"] != int64(48) || !o.day(6, 5).Equal(said["since"].(time.Time)) {
		t.Errorf("%v", said)
	}
}

// TestImportBesideTheProgramCorrectsThePast lets a whole center run while the verb
// imports a rating that holds since long ago.
func TestImportBesideTheProgramCorrectsThePast(t *testing.T) {
	config, cfg := configured(t)
	a, err := New(t.Context(), cfg, Parts{})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now().UTC().Truncate(time.Hour).AddDate(0, 0, -20)
	folder := filepath.Join(t.TempDir(), "fleet")
	imports := func(kva float64) {
		t.Helper()
		set := exampleRegister()
		set.Transformers[0].Body.RatedKVA, set.Transformers[0].Body.BreakerA = kva, 0
		if err := set.Write(folder, exampleRules()); err != nil {
			t.Fatal(err)
		}
		o := FleetImportOptions{FleetSource: FleetSource{Config: config, Path: folder, Effective: start.AddDate(0, 0, -1).Format(time.DateOnly)}}
		if err := FleetImport(t.Context(), o, io.Discard, io.Discard); err != nil {
			t.Fatal(err)
		}
	}
	imports(250)
	ended := make(chan error, 1)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go func() { ended <- a.Run(ctx) }()
	var rs []grid.Reading
	for i := range 200 {
		r := grid.Reading{Point: point, Source: grid.Instant, At: start.Add(time.Duration(i) * 30 * time.Minute), Ratio: 120}
		r.Values.Set(grid.S, 200)
		rs = append(rs, r)
	}
	awaitLoading(t, a, 0, 0) // the register of before is in place
	if _, err := a.Journal().Commit(t.Context(), store.Entry{Readings: rs}); err != nil {
		t.Fatal(err)
	}
	awaitLoading(t, a, len(rs), 80)
	imports(400)
	awaitLoading(t, a, len(rs), 50)
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
}

// awaitLoading asks until the example's transformer has n rows, all of so many percent.
func awaitLoading(t *testing.T, a *App, n int, pct float64) {
	t.Helper()
	for deadline := time.Now().Add(90 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		fine := 0
		err := a.Journal().LoadingSeries(t.Context(), mba, time.Time{}, time.Now(), func(l grid.Loading) error {
			if l.LoadingPct == grid.Known(pct) {
				fine++
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if fine == n && a.Register().Version() > 0 {
			return
		}
	}
	t.Fatalf("no %d rows of %v %%", n, pct)
}

func TestFeederIsExportedWithWhatItCovers(t *testing.T) {
	o := newOffice(t)
	o.measure(o.day(6, 1), o.day(6, 3))
	var out bytes.Buffer
	opt := ExportOptions{Config: o.config, Feeder: "471E11", From: "2026-06-02", To: "2026-06-03", Every: time.Hour, Least: 80, Output: "-", Lang: "en"}
	if err := Export(t.Context(), opt, &out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	// Of 250 and 1000 kVA the former reports: a fifth of the rating is no sum.
	if len(lines) != 25 || !strings.HasPrefix(lines[1], "2026-06-02 01:00,UTC+07:00,,,1,2,250,1250,20,") {
		t.Errorf("%d lines, the first %q", len(lines), lines[1])
	}
	out.Reset()
	opt.Least = 10
	if err := Export(t.Context(), opt, &out); err != nil || strings.Contains(out.String(), ",,,1,2,") {
		t.Errorf("%v: %s", err, out.String())
	}
	opt.Feeder = "none"
	if err := Export(t.Context(), opt, &out); err == nil {
		t.Error("a feeder that is not there was exported")
	}
}
