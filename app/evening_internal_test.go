package app

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"phutai/grid"
	"phutai/sim"
)

// pace gives how many times as fast as ours the evening's clock runs, and how long
// it lasts from 17:00 on, in its own time. Half an hour of it, after which a
// silent meter is paged, must be long enough for the machine to read them all.
func pace() (speed float64, lasts time.Duration) {
	if underRace {
		return 30, 50 * time.Minute
	}
	return 80, 2 * time.Hour
}

// evening is a demo that has run and settled, with its files still open.
type evening struct {
	province *sim.Province
	app      *App
	sum      Summary
	from, to time.Time
	pages    string
}

// TestHeatEvening lets the whole program live through a heat evening over real
// sockets, and compares all it has stored and paged with the truth.
func TestHeatEvening(t *testing.T) {
	e := live(t)
	t.Run("nothing is lost", e.nothingIsLost)
	t.Run("every stored value is the truth", e.everyValueIsTheTruth)
	t.Run("history is whole", e.historyIsWhole)
	t.Run("exactly the expected alarms were paged", e.exactlyTheExpectedPages)
	t.Run("every silence has its reason", e.everySilenceHasItsReason)
	t.Run("no number is in doubt but one", e.oneDoubt)
	t.Run("the steady transformer stands at 110.9 percent", e.steadyTransformer)
}

func live(t *testing.T) *evening {
	t.Helper()
	cfg, _, err := demoConfig(DemoOptions{Data: t.TempDir(), Listen: "127.0.0.1:0", Lang: "vi", LogLevel: "error"})
	if err != nil {
		t.Fatal(err)
	}
	speed, lasts := pace()
	clock := grid.NewScaledClock(sim.Start(), speed)
	e := &evening{province: sim.New(sim.Config{Now: clock.Now}), from: sim.Start().UTC(), pages: cfg.Alerting.Notify.File.Path}
	if e.app, err = newDemo(t.Context(), cfg, e.province, clock, zap.NewNop()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.app.Close() })

	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	done := make(chan error, 2)
	go func() { done <- e.province.Run(ctx) }()
	go func() { done <- e.app.Run(ctx) }()
	if err := clock.Wait(ctx, sim.Start().Add(lasts)); err != nil {
		t.Fatal(err)
	}
	e.to = clock.Now()
	e.pagesAnswer(t)
	if e.sum, err = e.app.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	stop()
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	return e
}

// pagesAnswer asks the running program for its pages.
func (e *evening) pagesAnswer(t *testing.T) {
	t.Helper()
	for path, want := range map[string]string{
		"/":       "phutai",
		"/alarms": "phutai",
		"/transformers/" + string(sim.SteadyTransformer): string(sim.SteadyTransformer),
		"/readyz":       "",
		"/healthz":      "",
		"/metrics":      "phutai_collection_received",
		"/api/v1/fleet": string(sim.SteadyTransformer),
	} {
		resp, err := http.Get(e.app.URL() + path)
		if err != nil {
			t.Fatal(err)
		}
		var body strings.Builder
		_, _ = bufio.NewReader(resp.Body).WriteTo(&body)
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusOK || !strings.Contains(body.String(), want) {
			t.Errorf("GET %s: %s, want 200 with %q; got %.200s", path, resp.Status, want, body.String())
		}
	}
}

func (e *evening) nothingIsLost(t *testing.T) {
	if e.sum.Lost != 0 || e.sum.Polled != e.sum.Stored {
		t.Errorf("polled %d, stored %d, lost %d", e.sum.Polled, e.sum.Stored, e.sum.Lost)
	}
	if letters := e.app.Journal().Count().DeadLetters; letters != 0 {
		t.Errorf("%d dead letters", letters)
	}
}

// answerTakes bounds how long before its stamp a value was taken in the meter, in
// real time: the late meter takes its time, and the machine may be busy.
const answerTakes = sim.LateBy + 3*time.Second

func (e *evening) everyValueIsTheTruth(t *testing.T) {
	checked := map[grid.Source]int{}
	for _, p := range e.province.Fleet().Points {
		for _, source := range []grid.Source{grid.Instant, grid.Profile} {
			err := e.app.Journal().Series(t.Context(), p.ID, source, time.Time{}, e.to.AddDate(1, 0, 0), func(r grid.Reading) error {
				checked[source]++
				return e.sameAsTruth(r)
			})
			if err != nil {
				t.Error(err)
			}
		}
	}
	t.Logf("compared with the truth: %d instantaneous, %d of load profiles", checked[grid.Instant], checked[grid.Profile])
	_, lasts := pace()
	if polls := len(e.province.Fleet().Points) * int(lasts/(5*time.Minute)); checked[grid.Instant] < polls/2 || checked[grid.Profile] < 30_000 {
		t.Errorf("too little to compare: %v", checked)
	}
}

func (e *evening) sameAsTruth(r grid.Reading) error {
	if r.Source == grid.Profile {
		rows, err := e.province.Rows(r.Point, r.At.Add(-time.Minute), r.At)
		if err != nil || len(rows) != 1 {
			return fmt.Errorf("%s %s: the meter has %d such rows (%v)", r.Point, r.At, len(rows), err)
		}
		return e.same(r, rows[0].Values)
	}
	var first error
	speed, _ := pace()
	longest := time.Duration(speed*float64(answerTakes)) + time.Minute
	for back := time.Duration(0); back <= longest; back += time.Minute {
		shown, err := e.province.Shown(r.Point, r.At.Add(-back))
		if err != nil {
			return err
		}
		if err = e.same(r, shown); err == nil {
			return nil
		}
		if first == nil {
			first = err
		}
	}
	return first
}

func (e *evening) same(r grid.Reading, secondary grid.Values) error {
	want, err := e.province.Primary(r.Point, secondary)
	if err != nil {
		return err
	}
	for q, got := range r.Values.All() {
		if x, there := want.Get(q); !there || x != got {
			return fmt.Errorf("%s %s at %s: %v is %v, the truth is %v", r.Point, r.Source, r.At, q, got, x)
		}
		if g := r.Quality.Of(q); g != grid.Good {
			return fmt.Errorf("%s %s at %s: %v is graded %v", r.Point, r.Source, r.At, q, g)
		}
	}
	return nil
}

// historyIsWhole looks for each row that a meter which answers has kept in the
// thirty days before the evening.
func (e *evening) historyIsWhole(t *testing.T) {
	faults := e.province.Faults()
	for _, p := range e.province.Fleet().Points {
		rows, err := e.province.Rows(p.ID, e.from.AddDate(0, 0, -30).Add(sim.Period), e.to.Add(-time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		if f := faults[p.ID]; f == sim.Silent || f == sim.AnswerLate || len(rows) == 0 {
			continue // a silent meter gives none, a late one may not be through yet
		}
		keys := make([]grid.Key, len(rows))
		for i, row := range rows {
			keys[i] = grid.Key{Point: p.ID, Source: grid.Profile, At: row.End}
		}
		held, err := e.app.Journal().Has(t.Context(), keys...)
		if err != nil {
			t.Fatal(err)
		}
		for i, ok := range held {
			if !ok {
				t.Errorf("%s: no row for %s", p.ID, keys[i].At)
				break
			}
		}
	}
}

// paged is what matters here of a page in the file.
type paged struct {
	Key   string     `json:"key"`
	Title string     `json:"title"`
	SMS   string     `json:"sms"`
	Alarm grid.Alarm `json:"alarm"`
}

func (e *evening) readPages(t *testing.T) []paged {
	t.Helper()
	text, err := os.ReadFile(e.pages)
	if err != nil {
		t.Fatal(err)
	}
	var all []paged
	seen := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		var p paged
		if err := json.Unmarshal([]byte(line), &p); err != nil {
			t.Fatal(err)
		}
		if seen[p.Key] {
			t.Errorf("page %s went out twice without a crash", p.Key)
		}
		seen[p.Key] = true
		all = append(all, p)
	}
	return all
}

func (e *evening) exactlyTheExpectedPages(t *testing.T) {
	loads, silent := map[grid.PointID]grid.Severity{}, map[grid.PointID]bool{}
	for _, p := range e.readPages(t) {
		switch p.Alarm.Kind {
		case grid.Overload:
			loads[p.Alarm.Point] = max(loads[p.Alarm.Point], p.Alarm.Severity)
		case grid.CommsLoss:
			silent[p.Alarm.Point] = true
		default:
			t.Errorf("nobody expects a page about %s: %s", p.Alarm.Kind, p.SMS)
		}
	}
	for _, x := range e.province.Expect(e.from, e.to, sim.DefaultRule()) {
		if got := loads[x.Point]; got < x.Must || got > x.May {
			t.Errorf("%s: paged as %q, the truth demands at least %q and allows %q (peak %.1f %% at %s)",
				x.Point, got, x.Must, x.May, x.PeakPct, x.PeakAt.In(sim.Zone()).Format("15:04"))
		}
		if silent[x.Point] != x.Silent {
			t.Errorf("%s: comms loss paged: %v, want %v", x.Point, silent[x.Point], x.Silent)
		}
	}
}

func (e *evening) everySilenceHasItsReason(t *testing.T) {
	for id, fault := range e.province.Faults() {
		if fault != sim.Silent && fault != sim.DeadUnit {
			continue
		}
		n, busy := 0, 0
		err := e.app.Journal().Absences(t.Context(), id, e.from, e.to, func(r grid.Reading) error {
			n++
			switch r.Missing {
			case grid.NoAnswer:
			case grid.Late: // its gateway was asked for others over the whole slot
				busy++
			default:
				t.Errorf("%s (%s): absence says %q, want %q", id, fault, r.Missing, grid.NoAnswer)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		// One each five minutes, less what was under way at both ends.
		_, lasts := pace()
		if want := int(lasts/(5*time.Minute)) - 3; n < want || busy > n/4 {
			t.Errorf("%s (%s): %d absences, %d of them of a busy line; want %d at least, few of a busy line", id, fault, n, busy, want)
		}
	}
}

func (e *evening) steadyTransformer(t *testing.T) {
	rows, err := e.app.Journal().LatestLoading(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range rows {
		if l.Transformer != sim.SteadyTransformer || l.Source != grid.Instant {
			continue
		}
		if d := l.PhaseMaxPct.X - 110.85; !l.PhaseMaxPct.Known || d < -0.1 || d > 0.1 || l.WorstPhase != grid.PhaseA || l.Governor != grid.GovernRating {
			t.Errorf("stands at %+v %% on phase %v by %v", l.PhaseMaxPct, l.WorstPhase, l.Governor)
		}
		return
	}
	t.Error("has no loading")
}
