package web_test

import (
	"context"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"phutai/web"
)

func TestConfigSaysAllThatIsWrong(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*web.Config)
		fields []string
	}{
		{"default", func(*web.Config) {}, nil},
		{"IPv6 loopback", func(c *web.Config) { c.Listen = "[::1]:0" }, nil},
		{"open to the network", func(c *web.Config) { c.Listen = "0.0.0.0:8080" }, []string{"listen"}},
		{"every address", func(c *web.Config) { c.Listen = ":8080" }, []string{"listen"}},
		{"laboratory", func(c *web.Config) { c.Listen, c.InsecureLab = ":8080", true }, nil},
		{"all at once", func(c *web.Config) { *c = web.Config{Listen: "8080", Lang: "fr"} },
			[]string{"lang", "listen", "refresh_every", "stale_instant", "stale_profile"}},
		{"frozen too soon", func(c *web.Config) { c.FrozenAfter = c.RefreshEvery }, []string{"frozen_after"}},
	} {
		cfg := web.DefaultConfig()
		c.change(&cfg)
		var fields []string
		for _, p := range cfg.Validate() {
			fields = append(fields, p.Field)
		}
		slices.Sort(fields)
		if diff := cmp.Diff(c.fields, fields); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestOpenListenerWithoutSignInNamesTheWayOut(t *testing.T) {
	cfg := web.DefaultConfig()
	cfg.Listen = "0.0.0.0:8080"
	_, err := web.New(cfg, newProvince().deps(), nil)
	if err == nil || !strings.Contains(err.Error(), "sign-in") || !strings.Contains(err.Error(), "insecure_lab") {
		t.Errorf("got %v, want a refusal that names sign-in and insecure_lab", err)
	}
	if _, err := web.New(web.DefaultConfig(), web.Deps{}, nil); err == nil {
		t.Error("a server without anything to show was made")
	}
	cfg = web.DefaultConfig()
	cfg.TimeZone = "Mars/Olympus"
	if _, err := web.New(cfg, newProvince().deps(), nil); err == nil || !strings.Contains(err.Error(), "Mars/Olympus") {
		t.Errorf("unknown time zone: got %v", err)
	}
}

func TestForeignHostNamesAreRefusedUnlessConfigured(t *testing.T) {
	p := newProvince()
	cfg := web.DefaultConfig()
	cfg.Hosts = []string{"phutai.dien.example"}
	s, err := web.New(cfg, p.deps(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]int{
		"localhost:8080": 200, "127.0.0.1:8080": 200, "[::1]:8080": 200, "LOCALHOST": 200,
		"phutai.dien.example": 200, "phutai.dien.example:443": 200, "evil.example": 421, "": 421,
	} {
		if got := fetch(t, s.Handler(), "/", func(r *http.Request) { r.Host = host }).Code; got != want {
			t.Errorf("host %q: got %d, want %d", host, got, want)
		}
	}
}

func TestServerStopsInOrderAndFreesItsPort(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	s := newServer(t, newProvince())
	if s.URL() != "" {
		t.Errorf("URL before Listen is %q", s.URL())
	}
	ctx, cancel := context.WithCancel(t.Context())
	if err := s.Listen(ctx); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	client := http.Client{Timeout: 10 * time.Second}
	defer client.CloseIdleConnections()
	reply, err := client.Get(s.URL() + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	if err := reply.Body.Close(); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("stop: %v", err)
	}
	l, err := net.Listen("tcp", strings.TrimPrefix(s.URL(), "http://"))
	if err != nil {
		t.Fatalf("port is not free: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestTakenPortIsToldWithTheSettingToChange(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	cfg := web.DefaultConfig()
	cfg.Listen = l.Addr().String()
	s, err := web.New(cfg, newProvince().deps(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "web.listen") {
		t.Errorf("got %v, want an error that names web.listen", err)
	}
}
