package fault

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"phutai/app"
	"phutai/db"
	"phutai/fleet"
	"phutai/sim"
)

// Setting is what a row of the suite asks of its installation; zero fields take
// what suits most.
type Setting struct {
	Meters int                        // 44
	Every  time.Duration              // between two polls, by the installation's clock: 1 min
	Depth  time.Duration              // of the load profiles at first contact: 2 days; negative: none
	Speed  float64                    // of the clock: 60
	Broker Broker                     // the embedded one
	More   func(*Installation) string // lines for the configuration's section store, indented by two; nil: none
	Data   string                     // folder of the collector's data: within the installation's
	Center string                     // folder of the center's data: within the installation's
}

// Installation is collector, broker and center as processes of their own, whose
// links go through proxies, and a province of meters in this process.
type Installation struct {
	t        *testing.T
	Setting  Setting
	Dir      string
	Clock    Clock
	Province *sim.Province

	Collector, Center *process
	Broker            Broker
	South, North      *Link // collector to broker, center to broker
	Pages             string
	Copied            func() error     // waits until another database has all, before the center is stopped; nil: there is none
	emptying          func() *exec.Cmd // starts a collector that brings what its spool holds, and hardly polls
}

// Install makes an installation and starts it; it is stopped with its test.
func Install(t *testing.T, s Setting) *Installation {
	t.Helper()
	in, err := install(t, s)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func (s *Setting) fill(dir string) {
	def := func(d *time.Duration, is time.Duration) {
		if *d == 0 {
			*d = is
		}
	}
	def(&s.Every, time.Minute)
	def(&s.Depth, 48*time.Hour)
	s.Depth = max(s.Depth, 0)
	if s.Speed == 0 {
		s.Speed = 60
	}
	if s.Broker == nil {
		s.Broker = &Embedded{}
	}
	if s.Data == "" {
		s.Data = filepath.Join(dir, "south")
	}
	if s.Center == "" {
		s.Center = filepath.Join(dir, "north")
	}
}

func install(t *testing.T, s Setting) (*Installation, error) {
	dir := t.TempDir()
	s.fill(dir)
	clock := Clock{Origin: sim.Start(), Real: time.Now(), Speed: s.Speed}
	in := &Installation{t: t, Setting: s, Dir: dir, Clock: clock, Broker: s.Broker}
	in.Province = sim.New(sim.Config{Transformers: s.Meters, Now: clock.Now})
	if err := in.Province.Listen(); err != nil {
		return nil, err
	}
	served, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- in.Province.Run(served) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	for name, text := range in.Province.Secrets() {
		if err := in.secret(name, string(text)); err != nil {
			return nil, err
		}
	}
	for _, name := range []string{"mqtt-center", "mqtt-south"} {
		if err := in.secret(name, name+"-fault"); err != nil {
			return nil, err
		}
	}
	addr, err := freeAddress()
	if err != nil {
		return nil, err
	}
	if err := in.Broker.prepare(in, addr); err != nil {
		return nil, err
	}
	if in.South, err = newLink("south", addr); err != nil {
		return nil, err
	}
	if in.North, err = newLink("north", addr); err != nil {
		return nil, err
	}
	t.Cleanup(func() { in.South.Cut(); in.North.Cut() })
	if in.Pages, err = freeAddress(); err != nil {
		return nil, err
	}
	slow := s
	slow.Every, slow.Depth = 24*time.Hour, 0
	idle, err := in.member("idle", app.Collect, slow, s.Data, in.South.Addr)
	if err != nil {
		return nil, err
	}
	in.emptying = idle.orders
	if in.Collector, err = in.member("collect", app.Collect, s, s.Data, in.South.Addr); err != nil {
		return nil, err
	}
	if in.Center, err = in.member("center", app.Center, s, s.Center, in.North.Addr); err != nil {
		return nil, err
	}
	if err := in.register(); err != nil {
		return nil, err
	}
	t.Cleanup(in.end)
	return in, in.Start()
}

// member makes the process of a role with a configuration of its own.
func (in *Installation) member(name string, r app.Role, s Setting, data, broker string) (*process, error) {
	path := filepath.Join(in.Dir, name+".yml")
	if err := os.WriteFile(path, []byte(in.config(r, s, data, broker)), 0o600); err != nil {
		return nil, err
	}
	return role(in.Dir, r, path, in.Clock)
}

// register puts the province into the center's register.
func (in *Installation) register() (err error) {
	if err := os.MkdirAll(in.Setting.Center, 0o700); err != nil {
		return err
	}
	ctx := context.Background()
	state, err := db.Open(filepath.Join(in.Setting.Center, "state.db"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, state.Close()) }()
	r, err := fleet.Open(ctx, state, func() time.Time { return in.Clock.Origin })
	if err != nil {
		return err
	}
	f := in.Province.Fleet()
	_, err = r.Import(ctx, &fleet.Set{
		Units: fleet.Of(f.Units...), Feeders: fleet.Of(f.Feeders...), Substations: fleet.Of(f.Substations...),
		Transformers: fleet.Of(f.Transformers...), Points: fleet.Of(f.Points...), Meters: fleet.Of(f.Meters...),
	}, fleet.ImportOptions{})
	return err
}

func (in *Installation) secret(name, text string) error {
	dir := filepath.Join(in.Dir, "secrets")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600)
}

// Start starts all that does not run.
func (in *Installation) Start() error {
	if err := in.Broker.Start(); err != nil {
		return err
	}
	return errors.Join(in.Center.Start(), in.Collector.Start())
}

// end ends what still runs, and shows what it said where the test has failed.
func (in *Installation) end() {
	for _, p := range []*process{in.Collector, in.Center, in.Broker.process()} {
		if p.Running() {
			_ = p.Kill()
		}
		if in.t.Failed() {
			in.t.Logf("the last that %s said:\n%s", p.name, p.tail(15))
		}
	}
}

// freeAddress gives a port of loopback that nobody listens on. It is none of those
// that the kernel gives to connections, which come and go meanwhile.
func freeAddress() (string, error) {
	var err error
	for range 100 {
		var l net.Listener
		if l, err = net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 12000+rand.N(18000))); err == nil {
			defer l.Close()
			return l.Addr().String(), nil
		}
	}
	return "", fmt.Errorf("no free port on loopback: %w", err)
}

// config is the configuration of one process.
func (in *Installation) config(r app.Role, s Setting, data, broker string) string {
	text := fmt.Sprintf(`data: %s
secrets: %s
roles: [%s]
collectors: [south]
collector:
  id: south
  ledger: true
  every: %s
  spread: %s
  turn_timeout: 4s
  history_depth: %s
  history_offset: 1m
  resend_after: 5s
mqtt:
  address: tcp://%s
broker:
  listen: %s
web:
  listen: %s
store:
  ingest: {ahead: 30m}
  audit: {every: 30s, grace: 6m, wait: 1h, again: 1h}
`, data, filepath.Join(in.Dir, "secrets"), r, s.Every, s.Every/3, s.Depth, broker, broker, in.Pages)
	if s.More != nil {
		text += s.More(in)
	}
	return text
}
