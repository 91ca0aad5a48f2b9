package mqtt_test

import (
	"os"
	"path/filepath"
	"testing"

	"phutai/grid"
	"phutai/mqtt"
)

func fields(ps []grid.Problem) (out []string) {
	for _, p := range ps {
		out = append(out, p.Field)
	}
	return out
}

func TestPlainTextBeyondThisMachineIsRefused(t *testing.T) {
	for address, ok := range map[string]bool{
		"tcp://127.0.0.1:1883": true, "tcp://[::1]:1883": true, "tcp://localhost:1883": true, "tls://broker.example:8883": true,
		"tcp://10.0.0.5:1883": false, "tcp://broker:1883": false, "tcp://127.0.0.1.example:1": false,
		"ws://127.0.0.1:80": false, "127.0.0.1:1883": false, "tcp://127.0.0.1": false, "": false,
	} {
		c := mqtt.DefaultConfig()
		c.Address = address
		if got := c.Validate(); (len(got) == 0) != ok {
			t.Errorf("%q: %v, want accepted %v", address, got, ok)
		}
	}
	c := mqtt.DefaultConfig()
	c.Address, c.InsecureLab = "tcp://mosquitto:1883", true
	if got := c.Validate(); len(got) != 0 {
		t.Errorf("in a lab: %v", got)
	}
}

func TestWrongConfigurationIsToldWhole(t *testing.T) {
	if got := fields((mqtt.Config{CertFile: "x"}).Validate()); len(got) != 3 {
		t.Errorf("client: %v, want address, cert_file and in_flight", got)
	}
	if got := fields((mqtt.BrokerConfig{Listen: "0.0.0.0:1883", KeyFile: "x"}).Validate()); len(got) != 5 {
		t.Errorf("broker: %v, want listen, dir, max_connections, cert_file and ack_wait", got)
	}
	if got := mqtt.DefaultBrokerConfig().Validate(); len(got) != 0 {
		t.Errorf("default: %v", got)
	}
}

func TestBrokerDoesNotStartWhereItCannotListen(t *testing.T) {
	b := startBroker(t, "127.0.0.1:0", t.TempDir())
	cfg := mqtt.DefaultBrokerConfig()
	cfg.Listen, cfg.Dir = b.Addr(), t.TempDir()
	if second, err := mqtt.StartBroker(cfg, users, nil); err == nil {
		second.Close()
		t.Error("two brokers listen on one port")
	}
	if _, err := mqtt.StartBroker(cfg, nil, nil); err == nil {
		t.Error("a broker without users started")
	}
}

func TestPasswordComesFromTheFirstLineOfAFile(t *testing.T) {
	b := startBroker(t, "127.0.0.1:0", t.TempDir())
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte("center-secret\nnot this\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := as("center", b.Addr())
	c.Password, c.PasswordFile = "wrong", file
	l, err := mqtt.NewCenterLink(c, nil)
	if err != nil {
		t.Fatal(err)
	}
	start(t, l.Run)
	eventually(t, "connected", l.Connected)
}
