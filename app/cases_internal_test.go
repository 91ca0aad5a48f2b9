package app

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"phutai/grid"
	"phutai/sim"
)

// TestDoubtHoldsAPageUntilItIsClosed lets a meter of which the CT is set wrong say
// so over its socket, spool and broker. Its transformer is overloaded: the alarm
// stands, nobody is paged until a person closes the case.
func TestDoubtHoldsAPageUntilItIsClosed(t *testing.T) {
	cfg, _, err := demoConfig(DemoOptions{Data: t.TempDir(), Listen: "127.0.0.1:0", Lang: "vi", LogLevel: "error"})
	if err != nil {
		t.Fatal(err)
	}
	const point, transformer = grid.PointID("PDSH010002"), grid.TransformerID("VT0002-T1")
	speed, _ := pace()
	clock := grid.NewScaledClock(sim.HotDay().Add(19*time.Hour).UTC(), speed)
	province := sim.New(sim.Config{Now: clock.Now, Transformers: 3, Faults: map[grid.PointID]sim.Injection{point: {Fault: sim.OtherRatio, CT: 300}}})
	app, err := newDemo(t.Context(), cfg, province, clock, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = app.Close() })
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 2)
	go func() { done <- province.Run(ctx) }()
	go func() { done <- app.Run(ctx) }()
	defer func() {
		stop()
		for range 2 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	}()

	var found grid.Case
	eventually(t, "a case", func() bool {
		open, err := app.center.cases.Standing(ctx)
		if err != nil || len(open) == 0 {
			return false
		}
		found = open[0]
		return true
	})
	if found.Point != point || found.Check != grid.MeterRatio || found.Evidence[1].Text != "300/5" {
		t.Errorf("found %+v", found)
	}
	alarm := func(want func(grid.Alarm) bool) func() bool {
		return func() bool {
			list, err := app.Alarms(ctx)
			if err != nil {
				return false
			}
			for _, a := range list {
				if a.Kind == grid.Overload && a.Transformer == transformer {
					return want(a)
				}
			}
			return false
		}
	}
	eventually(t, "an alarm whose page is held", alarm(func(a grid.Alarm) bool { return !a.HeldSince.IsZero() && a.Pages == 0 }))
	for path, want := range map[string]string{
		"/api/v1/alarms":    `"held_since":"2026`,
		"/api/v1/cases":     "Register: CT 400/5, set in the meter: 300/5",
		"/api/v1/cases.csv": "register_ct=400/5; meter_ct=300/5",
		"/cases":            "cases.js",
	} {
		if body := ask(t, app.URL()+path); !strings.Contains(body, want) {
			t.Errorf("GET %s lacks %s: %.300s", path, want, body)
		}
	}
	if err := app.center.cases.Close(ctx, found.ID, "Lan", "the meter's setting was never used"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the page that was held", alarm(func(a grid.Alarm) bool { return a.HeldSince.IsZero() && a.Pages == 1 }))
}

// oneDoubt looks that only the meter of which the own ratio is another is in doubt.
func (e *evening) oneDoubt(t *testing.T) {
	open, err := e.app.center.cases.Standing(t.Context())
	if err != nil || len(open) != 1 || open[0].Check != grid.MeterRatio || e.province.Faults()[open[0].Point] != sim.OtherRatio {
		t.Errorf("in doubt are %+v, %v", open, err)
	}
}

// eventually asks until the answer is yes, or gives up after two minutes.
func eventually(t *testing.T, what string, yes func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if yes() {
			return
		}
	}
	t.Fatal("still not there: " + what)
}

func ask(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
