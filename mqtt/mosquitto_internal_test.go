package mqtt

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"phutai/grid"
	"phutai/internal/servertest"
)

// mosquitto runs the broker with the settings that we ship, their paths aside, and
// gives its address. Where it is not installed the test is skipped, or fails under
// PHUTAI_REAL=1.
func mosquitto(t *testing.T, change func(conf string) string) (addr string) {
	t.Helper()
	dir := t.TempDir()
	addr = freeAddress(t)
	users := map[string]string{}
	for _, user := range []string{"center", "south", "north", "phutai", observer} {
		users[user] = user + "-secret"
	}
	cmd := servertest.Mosquitto{
		Shipped: "../configs/compose/mosquitto", Dir: dir, Kept: dir, Address: addr, Users: users,
		ACL: "\nuser " + observer + "\ntopic readwrite #\n", Change: change,
	}.Command(t)()
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("mosquitto said:\n%s", said.String())
		}
	})
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		c, err := net.Dial("tcp", addr)
		if err == nil {
			_ = c.Close()
			return addr
		}
		if time.Now().After(end) {
			t.Fatalf("mosquitto does not listen: %v", err)
		}
	}
}

// RoomyMosquitto is mosquitto for the tests from outside, without the limit on
// connections that is for a machine of its own.
func RoomyMosquitto(t *testing.T) (addr string) {
	return mosquitto(t, func(conf string) string {
		return strings.Replace(conf, "max_connections 10\n", "max_connections 1000\n", 1)
	})
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func TestMosquittoLetsEachDoOnlyWhatIsItsOwn(t *testing.T) {
	judge(t, mosquitto(t, nil))
}

// largest is a plan as large as one may be.
func largest(t *testing.T) (p grid.Plan) {
	t.Helper()
	p = grid.Plan{Collector: "south", Version: 1}
	for i := range 60_000 {
		p.Meters = append(p.Meters, grid.Meter{ID: grid.MeterID(fmt.Sprintf("M%07d", i)), Point: "P", Line: "tcp://127.0.0.1:1", Secret: strings.Repeat("s", 100), Collector: "south"})
	}
	for {
		raw, err := EncodePlan(p)
		if err == nil {
			if len(raw) < maxPlan*9/10 {
				t.Fatalf("the largest plan has %d bytes only", len(raw))
			}
			return p
		}
		p.Meters = p.Meters[:len(p.Meters)*99/100]
	}
}

func TestMosquittoCarriesTheLargestPlan(t *testing.T) {
	carriesTheLargestPlan(t, mosquitto(t, nil))
}

func TestEmbeddedBrokerCarriesTheLargestPlan(t *testing.T) {
	cfg := DefaultBrokerConfig()
	cfg.Listen, cfg.Dir = "127.0.0.1:0", t.TempDir()
	b, err := StartBroker(cfg, []User{{Name: "center", Password: "center-secret"}, {Name: "south", Password: "south-secret", Collector: "south"}}, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	carriesTheLargestPlan(t, b.Addr())
}

func carriesTheLargestPlan(t *testing.T, addr string) {
	c := DefaultConfig()
	c.Address, c.User, c.Password = "tcp://"+addr, "center", "center-secret"
	center, err := NewCenterLink(c, nil)
	if err != nil {
		t.Fatal(err)
	}
	c.User, c.Password = "south", "south-secret"
	south, err := NewCollectorLink(c, "south", nil)
	if err != nil {
		t.Fatal(err)
	}
	plans := make(chan grid.Plan, 10)
	south.OnPlan(func(p grid.Plan) { plans <- p })
	running(t, south.Run)
	running(t, center.Run)
	want := largest(t)
	for deadline := time.Now().Add(time.Minute); ; {
		if err := center.PublishPlan(t.Context(), want); err != nil {
			t.Fatal(err)
		}
		select {
		case got := <-plans:
			if len(got.Meters) != len(want.Meters) {
				t.Errorf("%d meters came, want %d", len(got.Meters), len(want.Meters))
			}
			return
		case <-time.After(2 * time.Second): // told again, as after each status
		}
		if time.Now().After(deadline) {
			t.Fatal("the plan never came")
		}
	}
}

// smallPackets runs Mosquitto with a limit that a large plan exceeds.
func smallPackets(t *testing.T) (addr string) {
	return mosquitto(t, func(conf string) string {
		return strings.Replace(conf, "max_packet_size 8388608", "max_packet_size 100000", 1)
	})
}

func TestMessageOverTheLimitOfMosquittoIsAnErrorToItsSender(t *testing.T) {
	c := DefaultConfig()
	c.Address, c.User, c.Password = "tcp://"+smallPackets(t), "south", "south-secret"
	south, err := NewCollectorLink(c, "south", nil)
	if err != nil {
		t.Fatal(err)
	}
	running(t, south.Run)
	waitFor(t, "connected", south.Connected)
	if err := south.Publish(t.Context(), south.readings, false, make([]byte, 120_000)); err == nil {
		t.Error("a message over the limit was taken")
	}
	waitFor(t, "connected again", south.Connected)
	if err := south.Publish(t.Context(), south.readings, false, make([]byte, 90_000)); err != nil {
		t.Error(err)
	}
}

func TestRetainedMessageThatTheBrokerNeverTakesIsLeftAlone(t *testing.T) {
	c := DefaultConfig()
	c.Address, c.User, c.Password = "tcp://"+smallPackets(t), "center", "center-secret"
	center, err := NewCenterLink(c, nil)
	if err != nil {
		t.Fatal(err)
	}
	plan := largest(t)
	if err := center.PublishPlan(t.Context(), plan); err != nil { // before there is a connection
		t.Fatal(err)
	}
	running(t, center.Run)
	waitFor(t, "the message is given up", func() bool {
		var large *TooLargeError
		return center.Connected() && errors.As(center.PublishPlan(t.Context(), plan), &large)
	})
	if err := center.PublishWatermark(t.Context(), "south", grid.Watermark{Epoch: "e", Seq: 1}); err != nil {
		t.Error(err)
	}
	plan.Meters = plan.Meters[:100]
	if err := center.PublishPlan(t.Context(), plan); err != nil {
		t.Errorf("one that fits: %v", err)
	}
}

func waitFor(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(3 * time.Minute); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("still not: %s", what)
		}
	}
}
