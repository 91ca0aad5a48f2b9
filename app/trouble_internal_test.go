package app

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"phutai/grid"
	"phutai/internal/disktest"
	"phutai/mqtt"
	"phutai/sim"
)

// troubled is a running program to which something happens.
type troubled struct {
	*testing.T
	app  *App
	stop func()
}

// run starts a program on a province, with its files in dir.
func run(t *testing.T, dir string, change func(*Config)) *troubled {
	t.Helper()
	cfg, _, err := demoConfig(DemoOptions{Data: dir, Listen: "127.0.0.1:0", Lang: "vi", LogLevel: "error"})
	if err != nil {
		t.Fatal(err)
	}
	cfg.Collector.HistoryDepth = 0 // live readings are what is looked at
	cfg.Collector.ResendAfter = time.Second
	change(&cfg)
	clock := grid.NewScaledClock(sim.Start(), 120)
	province := sim.New(sim.Config{Now: clock.Now})
	said, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if text, err := os.ReadFile(said.Name()); err == nil && t.Failed() {
			t.Logf("the program's log:\n%s", text)
		}
		_ = said.Close()
	})
	log, err := newLogger(LogConfig{Level: "info"}, said)
	if err != nil {
		t.Fatal(err)
	}
	a, err := newDemo(t.Context(), cfg, province, clock, log)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 2)
	go func() { done <- province.Run(ctx) }()
	go func() { done <- a.Run(ctx) }()
	tr := &troubled{T: t, app: a}
	tr.stop = func() {
		cancel()
		for range 2 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}
	tr.until("the pages answer", func() bool { return a.URL() != "" })
	tr.until("all is well", func() bool { code, _ := tr.ready(); return code == http.StatusOK && tr.polled() > 20 })
	return tr
}

func (t *troubled) until(what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(3 * time.Minute) // links wait up to 45 s between two tries
	for !ok() {
		if time.Now().After(deadline) {
			_, problems := t.ready()
			t.Fatalf("never came: %s; problems: %s; %+v", what, problems, t.app.Collector().Stats())
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// ready gives what /readyz says.
func (t *troubled) ready() (code int, problems string) {
	t.Helper()
	resp, err := http.Get(t.app.URL() + "/readyz")
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body)
}

// page gives what an open page asks for, its problems included.
func (t *troubled) page() string {
	t.Helper()
	resp, err := http.Get(t.app.URL() + "/api/v1/fleet?limit=1")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// polled counts what the collector has committed or had to leave out: meters
// are asked as long as it grows.
func (t *troubled) polled() uint64 {
	s := t.app.Collector().Stats()
	return s.LastSeq + s.Shed
}

func (t *troubled) settle() {
	t.Helper()
	sum, err := t.app.Settle(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// A tombstone that arrived before more was merged into it is stored as well.
	extra := sum.Stored - sum.Polled
	if sum.Lost != 0 || sum.Polled == 0 || extra < 0 || extra > 0 && t.app.Collector().Stats().Shed == 0 {
		t.Errorf("polled %d, stored %d, lost %d", sum.Polled, sum.Stored, sum.Lost)
	}
}

func TestBrokerThatIsDownStopsNoPolling(t *testing.T) {
	broker := mqtt.DefaultBrokerConfig()
	broker.Listen, broker.Dir = "127.0.0.1:0", t.TempDir()
	users := []mqtt.User{{Name: centerUser, Password: mqtt.NewPassword()}, {Name: "main", Password: mqtt.NewPassword(), Collector: "main"}}
	secrets := t.TempDir()
	for _, u := range users {
		if err := os.WriteFile(filepath.Join(secrets, "mqtt-"+u.Name), []byte(u.Password+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b, err := mqtt.StartBroker(broker, users, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	broker.Listen = b.Addr()
	tr := run(t, t.TempDir(), func(cfg *Config) {
		cfg.Roles = []Role{Collect, Center}
		cfg.MQTT.Address, cfg.Secrets = "tcp://"+b.Addr(), secrets
	})
	defer tr.stop()

	b.Close()
	tr.until("/readyz names the broker", func() bool {
		code, problems := tr.ready()
		return code == http.StatusServiceUnavailable && strings.Contains(problems, `"broker"`)
	})
	if page := tr.page(); !strings.Contains(page, "Mất kết nối tới MQTT broker") {
		t.Errorf("the page does not say so: %.300s", page)
	}
	before := tr.polled()
	tr.until("meters are still polled", func() bool { return tr.polled() > before+40 })

	// An empty broker takes the old one's place.
	broker.Dir = t.TempDir()
	if b, err = mqtt.StartBroker(broker, users, zap.NewNop()); err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	tr.until("all is well again", func() bool { code, _ := tr.ready(); return code == http.StatusOK })
	tr.settle()
}

func TestFullDiskStopsNoPolling(t *testing.T) {
	disk := disktest.Small(t, 40)
	tr := run(t, filepath.Join(disk.Dir, "data"), func(*Config) {})
	defer tr.stop()

	disk.Fill()
	tr.until("/readyz tells of the full disk", func() bool {
		code, problems := tr.ready()
		return code == http.StatusServiceUnavailable && strings.Contains(problems, "full")
	})
	before := tr.polled()
	tr.until("meters are still polled", func() bool {
		disk.Fill() // what was given up for lack of room frees some
		return tr.polled() > before+40
	})
	disk.Free()
	tr.until("all is well again", func() bool { code, _ := tr.ready(); return code == http.StatusOK })
	after := tr.app.Collector().Stats().LastSeq
	tr.until("readings are kept again", func() bool { return tr.app.Collector().Stats().LastSeq > after+40 })
	tr.settle()
}
