package mqtt

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"phutai/grid"
)

// mosquitto runs the broker with the settings that we ship, their paths aside, and
// gives its address. Where it is not installed the test is skipped, or fails under
// PHUTAI_REAL=1.
func mosquitto(t *testing.T, change func(conf string) string) (addr string) {
	t.Helper()
	path, err := exec.LookPath("mosquitto")
	if err != nil {
		// Debian keeps it where only root looks for programs.
		path, err = exec.LookPath("/usr/sbin/mosquitto")
	}
	signer, missing := exec.LookPath("mosquitto_passwd")
	if err = errors.Join(err, missing); err != nil {
		if os.Getenv("PHUTAI_REAL") == "1" {
			t.Fatalf("mosquitto: %v; PHUTAI_REAL=1 demands it", err)
		}
		t.Skip("mosquitto is not installed")
	}
	dir := t.TempDir()
	addr = freeAddress(t)
	shipped := func(name string) string {
		text, err := os.ReadFile(filepath.Join("../configs/compose/mosquitto", name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	passwords := write("passwords", "")
	for _, user := range []string{"center", "south", "north", "phutai", observer} {
		if out, err := exec.CommandContext(t.Context(), signer, "-b", passwords, user, user+"-secret").CombinedOutput(); err != nil {
			t.Fatalf("mosquitto_passwd: %v\n%s", err, out)
		}
	}
	acl := write("acl", shipped("acl")+"\nuser "+observer+"\ntopic readwrite #\n")
	_, port, _ := net.SplitHostPort(addr)
	conf := shipped("mosquitto.conf")
	for was, is := range map[string]string{
		`(?m)^password_file .*`: "password_file " + passwords, `(?m)^acl_file .*`: "acl_file " + acl,
		`(?m)^persistence_location .*`:    "persistence_location " + dir + "/",
		`(?ms)^listener 8883$.*tlsv1.2$`:  "", // its certificates are not there
		`(?m)^listener 1883 127\.0\.0\.1`: "listener " + port + " 127.0.0.1",
	} {
		if !regexp.MustCompile(was).MatchString(conf) {
			t.Fatalf("mosquitto.conf has nothing like %s", was)
		}
		conf = regexp.MustCompile(was).ReplaceAllLiteralString(conf, is)
	}
	if os.Getuid() == 0 {
		conf += "\nuser root\n" // the test's folder is root's
	}
	if change != nil {
		conf = change(conf)
	}
	var said bytes.Buffer
	cmd := exec.Command(path, "-c", write("mosquitto.conf", conf))
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
