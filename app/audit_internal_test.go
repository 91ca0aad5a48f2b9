package app

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"go.uber.org/zap"

	"phutai/db"
	"phutai/grid"
	"phutai/mqtt"
	"phutai/sim"
)

// apart is a province with its center and its collector in programs of their own.
type apart struct {
	*testing.T
	cfg      Config
	clock    *grid.ScaledClock
	province *sim.Province
	center   *App
}

// background runs f until the test ends or stop is called.
func (t *apart) background(f func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f(ctx) }()
	ended := false
	stop = func() {
		if ended {
			return
		}
		ended = true
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(stop)
	return stop
}

// outage gives how many times as fast as ours the clock runs, and for how long
// the collector is down by it.
func outage() (speed float64, lasts time.Duration) {
	if underRace {
		return 60, 50 * time.Minute
	}
	return 120, 100 * time.Minute
}

func startApart(t *testing.T) *apart {
	t.Helper()
	cfg, _, err := demoConfig(DemoOptions{Data: t.TempDir(), Listen: "127.0.0.1:0", Lang: "vi", LogLevel: "error"})
	if err != nil {
		t.Fatal(err)
	}
	broker := mqtt.DefaultBrokerConfig()
	broker.Listen, broker.Dir = "127.0.0.1:0", t.TempDir()
	users := []mqtt.User{{Name: centerUser, Password: mqtt.NewPassword()}, {Name: "main", Password: mqtt.NewPassword(), Collector: "main"}}
	cfg.Secrets = t.TempDir()
	for _, u := range users {
		if err := os.WriteFile(filepath.Join(cfg.Secrets, "mqtt-"+u.Name), []byte(u.Password+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b, err := mqtt.StartBroker(broker, users, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	cfg.MQTT.Address = "tcp://" + b.Addr()
	cfg.Collector.HistoryDepth, cfg.Collector.ResendAfter = 26*time.Hour, time.Second
	cfg.Store.Audit.Every, cfg.Store.Audit.Again, cfg.Store.Audit.Depth = time.Minute, time.Hour, 48*time.Hour

	speed, _ := outage()
	a := &apart{T: t, cfg: cfg, clock: grid.NewScaledClock(sim.Start(), speed)}
	a.province = sim.New(sim.Config{Now: a.clock.Now})
	cfg.Roles = []Role{Center}
	if a.center, err = newDemo(t.Context(), cfg, a.province, a.clock, zap.NewNop()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.center.Close() })
	a.background(a.province.Run)
	a.background(a.center.Run)
	return a
}

// collect runs the collector until stop is called, on the spool of before.
func (t *apart) collect() (stop func()) {
	t.Helper()
	cfg := t.cfg
	cfg.Roles = []Role{Collect}
	secrets := t.province.Secrets()
	c, err := New(t.Context(), cfg, Parts{Clock: t.clock, Secret: func(name string) ([]byte, error) { return secrets[name], nil }})
	if err != nil {
		t.Fatal(err)
	}
	end := t.background(c.Run)
	stop = func() {
		end()
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(stop)
	return stop
}

func (t *apart) until(what string, ok func() (bool, string)) {
	t.Helper()
	deadline := time.Now().Add(5 * time.Minute)
	for {
		done, how := ok()
		if done {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("never came: %s; %s", what, how)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// points lists those whose meters have one of the faults.
func (t *apart) points(with ...sim.Fault) []grid.PointID {
	var out []grid.PointID
	faults := t.province.Faults()
	for _, p := range t.province.Fleet().Points {
		if slices.Contains(with, faults[p.ID]) {
			out = append(out, p.ID)
		}
	}
	return out
}

// collection sums the accounts of points.
func (t *apart) collection(points []grid.PointID, since time.Time) (sum grid.Collection) {
	t.Helper()
	for _, p := range points {
		c, err := t.center.center.audit.Collection(t.Context(), p, since)
		if err != nil {
			t.Fatal(err)
		}
		sum = sum.Plus(c)
	}
	return sum
}

// rows gives the keys of the rows that the meters of points keep.
func (t *apart) rows(points []grid.PointID, from, to time.Time) []grid.Key {
	t.Helper()
	var keys []grid.Key
	for _, p := range points {
		rows, err := t.province.Rows(p, from, to)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			keys = append(keys, grid.Key{Point: p, Source: grid.Profile, At: r.End})
		}
	}
	return keys
}

func (t *apart) held(keys []grid.Key) (bool, string) {
	t.Helper()
	held, err := t.center.Journal().Has(t.Context(), keys...)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, ok := range held {
		if ok {
			n++
		}
	}
	return n == len(keys) && n > 0, fmt.Sprintf("%d of %d rows are there", n, len(keys))
}

// loseRows takes some rows out of the journal behind the program's back, as when
// a journal of yesterday is put back.
func (t *apart) loseRows() (lost int) {
	t.Helper()
	d, err := db.Open(filepath.Join(t.cfg.Data, journalFile))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	// The bit of the source is set in the keys of rows; some of the oldest, so that
	// reading the newest again does not bring them.
	res, err := d.Write.Exec(`DELETE FROM reading WHERE key & (1 << 41) <> 0 AND (key >> 42) % 3 = 0
		AND key NOT IN (SELECT min(key) FROM reading GROUP BY key >> 41)
		AND key < (SELECT max(r.key) FROM reading r WHERE r.key >> 41 = reading.key >> 41) - 3 * 3600000`)
	if err != nil {
		t.Fatal(err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		t.Fatal(err)
	}
	return int(n)
}

// TestEveryGapThatRemainsHasAReason lets a collector be down for some hours of a
// summer evening, and the journal lose rows meanwhile.
func TestEveryGapThatRemainsHasAReason(t *testing.T) {
	a := startApart(t)
	from := a.clock.Now()
	sound := a.points(sim.NoFault, sim.OtherRatio)
	// The late meter takes almost all of its interval on this clock, so that there
	// is no time for its load profile.
	all := append(a.points(sim.Silent, sim.DeadUnit), sound...)
	stop := a.collect()
	read := a.rows(sound, from.Add(-25*time.Hour), from)
	a.until("load profiles are read", func() (bool, string) { return a.held(read) })
	a.until("polls of an hour", func() (bool, string) { return a.clock.Now().After(from.Add(time.Hour)), "" })

	stop()
	down := a.clock.Now()
	if n := a.loseRows(); n < 100 {
		t.Fatalf("only %d rows were lost", n)
	}
	if whole, how := a.held(read); whole {
		t.Fatalf("nothing is lost: %s", how)
	}
	_, lasts := outage()
	if err := a.clock.Wait(t.Context(), down.Add(lasts)); err != nil {
		t.Fatal(err)
	}
	stop = a.collect()
	up := a.clock.Now()
	meanwhile := a.rows(sound, down.Add(-time.Hour), up)
	a.until("rows of the outage are read", func() (bool, string) { return a.held(meanwhile) })
	a.until("lost rows are asked for and read once more", func() (bool, string) { return a.held(read) })
	a.until("what the audit has looked at is all there or explained", func() (bool, string) {
		c, s := a.collection(all, from.AddDate(0, 0, -3)), a.center.center.audit.Stats()
		explained := int(up.Sub(down)/(5*time.Minute)-2) * len(sound)
		return c.Open() == 0 && c.Due > 0 && int(s.Explained) >= explained && s.Commands > 0,
			fmt.Sprintf("%+v, %d open; %+v, want %d explained", c, c.Open(), s, explained)
	})
	// The newest slots are looked at a while after their end.
	a.until("every silence up to the collector's return has its reason", func() (bool, string) {
		for _, p := range sound {
			if what := a.silence(p, from.Add(20*time.Minute), up); what != "" {
				return false, what
			}
		}
		return true, ""
	})
	stop()
}

// silence looks at the polls of a point, slot by slot without knowing where slots
// begin: two keys are never two intervals apart. It tells where that is not so.
func (t *apart) silence(p grid.PointID, from, to time.Time) string {
	t.Helper()
	const every = 5 * time.Minute
	spoken := map[int64]bool{}
	n := 0
	note := func(r grid.Reading) error {
		if r.Source == grid.Instant {
			spoken[int64(r.At.Sub(from)/time.Second)] = true
		}
		if r.Missing == grid.NotPolled {
			n++
		}
		return nil
	}
	if err := t.center.Journal().Series(t.Context(), p, grid.Instant, from, to, note); err != nil {
		t.Fatal(err)
	}
	if err := t.center.Journal().Absences(t.Context(), p, from, to, note); err != nil {
		t.Fatal(err)
	}
	last := int64(0)
	for s := int64(0); s < int64(to.Sub(from)/time.Second); s++ {
		if spoken[s] {
			last = s
		}
		if s-last > 2*int64(every/time.Second) {
			return fmt.Sprintf("%s: nothing is said between %s and %s", p, from.Add(time.Duration(last)*time.Second), from.Add(time.Duration(s)*time.Second))
		}
	}
	if _, lasts := outage(); n < int(lasts/every)-3 {
		return fmt.Sprintf("%s: %d polls of the %s have the reason", p, n, lasts)
	}
	return ""
}
