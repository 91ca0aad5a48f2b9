package alerting_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"phutai/alerting"
	"phutai/alerting/notify"
	"phutai/db"
	"phutai/grid"
)

// fickle fails the first attempts and then notes what it takes.
type fickle struct {
	mu    sync.Mutex
	fails int
	keys  []string
	got   chan struct{}
}

func (*fickle) Name() string { return "fickle" }
func (f *fickle) Send(_ context.Context, m notify.Message) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fails > 0 {
		f.fails--
		return errors.New("the gateway is down")
	}
	f.keys = append(f.keys, m.Key)
	f.got <- struct{}{}
	return nil
}

func TestPagesReachAChannelThatFailedBefore(t *testing.T) {
	d, err := db.Open(filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	clock := grid.NewScaledClock(time.Date(2026, 6, 22, 13, 0, 0, 0, time.UTC), 3600)
	channel := &fickle{fails: 2, got: make(chan struct{}, 10)}
	cfg := alerting.DefaultConfig()
	e, err := alerting.Open(t.Context(), cfg, alerting.Deps{DB: d, Places: village{}, Clock: clock, Channels: []notify.Channel{channel}})
	if err != nil {
		t.Fatal(err)
	}
	told := make(chan grid.Alarm, 10)
	e.OnChange(func(a grid.Alarm) {
		if _, err := e.List(t.Context()); err != nil { // a hook may ask the engine
			t.Error(err)
		}
		told <- a
	})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx) }()
	now := clock.Now()
	for _, back := range []time.Duration{20 * time.Minute, 5 * time.Minute} {
		l := grid.Loading{Transformer: "T1", Point: "P1", At: now.Add(-back), Source: grid.Instant, PhaseMaxPct: grid.Known(110.85), WorstPhase: grid.PhaseA}
		if err := e.Observe(t.Context(), []grid.Loading{l}); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case <-channel.got:
	case <-time.After(20 * time.Second):
		t.Fatal("no page came")
	}
	if a := <-told; a.Kind != grid.Overload || a.Severity != grid.Critical || a.Value.X != 110.85 || a.Feeder != "471E11" {
		t.Errorf("told of %+v", a)
	}
	stop()
	if err := <-done; err != nil {
		t.Errorf("Run gave %v", err)
	}
	if s, err := e.Stats(t.Context()); err != nil || s.Raised != 1 || s.Paged != 1 {
		t.Errorf("counted %+v, %v", s, err)
	}
}

func TestAcknowledgingNeedsAStandingAlarmAndAName(t *testing.T) {
	s := newStage(t)
	err := s.engine.Acknowledge(t.Context(), "ZZZZ", "Lan", s.clock.now)
	if !errors.Is(err, alerting.ErrNoAlarm) {
		t.Errorf("got %v, want %v", err, alerting.ErrNoAlarm)
	}
	s.run([]string{"load", "120", "for", "30m", "every", "15m"})
	id := s.standing(grid.Overload)
	if err := s.engine.Acknowledge(t.Context(), id, " ", s.clock.now); err == nil {
		t.Error("an acknowledgement without a name was taken")
	}
	for range 2 {
		if err := s.engine.Acknowledge(t.Context(), id, "Lan", s.clock.now); err != nil {
			t.Errorf("acknowledging twice: %v", err)
		}
	}
	all, err := s.engine.List(t.Context())
	if err != nil || len(all) != 1 || all[0].AckedBy != "Lan" || all[0].State != grid.Acked {
		t.Errorf("got %+v, %v", all, err)
	}
}

func TestFailedCommitChangesNothing(t *testing.T) {
	s := newStage(t)
	s.run([]string{"load", "120", "for", "14m", "every", "15m"})
	if _, err := s.db.Write.Exec(`CREATE TRIGGER full BEFORE INSERT ON page BEGIN SELECT RAISE(ABORT, 'disk is full'); END`); err != nil {
		t.Fatal(err)
	}
	l := grid.Loading{Transformer: "T1", Point: "P1", At: s.clock.now, Source: grid.Instant, PhaseMaxPct: grid.Known(120), WorstPhase: grid.PhaseB}
	if err := s.engine.Observe(t.Context(), []grid.Loading{l}); err == nil {
		t.Fatal("the failure was not told")
	}
	if all, _ := s.engine.List(t.Context()); len(all) != 0 {
		t.Errorf("an alarm stands that nobody was paged for: %+v", all)
	}
	if _, err := s.db.Write.Exec(`DROP TRIGGER full`); err != nil {
		t.Fatal(err)
	}
	if err := s.engine.Observe(t.Context(), []grid.Loading{l}); err != nil {
		t.Fatal(err)
	}
	if all, _ := s.engine.List(t.Context()); len(all) != 1 || all[0].Pages != 1 {
		t.Errorf("got %+v after the disk was mended, want one alarm with one page", all)
	}
}

func TestConfigNamesAllThatIsWrong(t *testing.T) {
	if ps := alerting.DefaultConfig().Validate(); len(ps) != 0 {
		t.Errorf("the defaults are refused: %v", ps)
	}
	cfg := alerting.Config{Overload: alerting.LevelConfig{Warn: 110, Critical: 100, Deadband: -1, OnDelay: -1, OffDelay: -1}}
	found := map[string]bool{}
	for _, p := range cfg.Validate() {
		found[p.Field] = true
	}
	for _, want := range []string{"overload.critical", "overload.deadband", "overload.on_delay", "overload.off_delay", "overload.confirm",
		"hot_spot.warn", "comms.misses", "comms.roll_up", "comms.after", "every", "profile_every", "tick_every", "notify.lang", "notify.retry.every"} {
		if !found[want] {
			t.Errorf("%s is not named", want)
		}
	}
}
