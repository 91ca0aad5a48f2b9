package mqtt

import (
	"context"
	"net"
	"strconv"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"

	"phutai/grid"
)

func TestFullQueueIsAnErrorToTheSenderAndEndsWithTheCenter(t *testing.T) {
	cfg := DefaultBrokerConfig()
	cfg.Listen, cfg.Dir = "127.0.0.1:0", t.TempDir()
	b := &Broker{cfg: cfg, own: NewPassword(), log: zap.NewNop(), users: []User{
		{Name: "center", Password: "center-secret"}, {Name: "south", Password: "south-secret", Collector: "south"}}}
	o, err := b.options()
	if err != nil {
		t.Fatal(err)
	}
	s, err := server.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(20 * time.Second) {
		t.Fatal("the broker does not start")
	}
	if err := boundQueue(s, b.own, 2<<20); err != nil {
		t.Fatal(err)
	}
	c := DefaultConfig()
	c.Address = "tcp://" + net.JoinHostPort(o.MQTT.Host, strconv.Itoa(o.MQTT.Port))
	link := func() *CenterLink {
		c := c
		c.User, c.Password = "center", "center-secret"
		l, err := NewCenterLink(c, nil)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	ctx, leave := context.WithCancel(t.Context())
	away, gone := link(), make(chan error)
	go func() { gone <- away.Run(ctx) }()
	waitFor(t, "the center has a session", away.Connected)
	leave()
	<-gone

	c.User, c.Password = "south", "south-secret"
	south, err := NewCollectorLink(c, "south", nil)
	if err != nil {
		t.Fatal(err)
	}
	running(t, south.Run)
	waitFor(t, "connected", south.Connected)
	taken := 0
	for err = nil; err == nil; taken++ {
		if taken > 1000 {
			t.Fatal("the store has no end")
		}
		err = south.Publish(t.Context(), south.readings, false, make([]byte, 100_000))
	}
	if trouble := examine(s); taken < 15 || trouble != nil {
		t.Errorf("full after %d messages of 100 kB, trouble %v: want about 20, and a broker that counts as well", taken-1, trouble)
	}

	back := link()
	came := make(chan struct{}, 1000)
	back.OnReadings(func(_ context.Context, _ grid.CollectorID, _ []byte, ack func()) { came <- struct{}{}; ack() })
	running(t, back.Run)
	waitFor(t, "messages are taken again", func() bool {
		return south.Connected() && south.Publish(t.Context(), south.readings, false, make([]byte, 100_000)) == nil
	})
	waitFor(t, "no old message was dropped", func() bool { return len(came) >= taken-1 })
}

func TestBrokerStartsWithABoundQueueEachTime(t *testing.T) {
	cfg := DefaultBrokerConfig()
	cfg.Listen, cfg.Dir = "127.0.0.1:0", t.TempDir()
	for _, start := range []string{"first", "second"} {
		b, err := StartBroker(cfg, []User{{Name: "center", Password: "center-secret"}}, zap.NewNop())
		if err != nil {
			t.Fatal(err)
		}
		conn, err := nats.Connect("", nats.InProcessServer(b.server), nats.UserInfo(keeper, b.own))
		if err != nil {
			t.Fatal(err)
		}
		js, err := jetstream.New(conn)
		if err != nil {
			t.Fatal(err)
		}
		queue, err := js.Stream(t.Context(), queueName)
		if err != nil {
			t.Fatal(err)
		}
		if c := queue.CachedInfo().Config; c.MaxBytes != brokerQueue || c.Discard != jetstream.DiscardNew {
			t.Errorf("%s start: %d bytes, discard %s", start, c.MaxBytes, c.Discard)
		}
		conn.Close()
		b.Close()
	}
}

func TestNobodySignsInAsTheBrokerItself(t *testing.T) {
	cfg := DefaultBrokerConfig()
	cfg.Listen, cfg.Dir = "127.0.0.1:0", t.TempDir()
	if b, err := StartBroker(cfg, []User{{Name: keeper, Password: "x"}}, nil); err == nil {
		b.Close()
		t.Error("a user has the name of the broker's own")
	}
	b, err := StartBroker(cfg, []User{{Name: "center", Password: "center-secret"}}, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	c := DefaultConfig()
	c.Address, c.User, c.Password = "tcp://"+b.Addr(), keeper, b.own
	l, err := NewCenterLink(c, nil)
	if err != nil {
		t.Fatal(err)
	}
	if s, err := l.connect(t.Context()); err == nil {
		s.paho.Disconnect(0)
		t.Error("the broker's own user may come over MQTT")
	}
}
