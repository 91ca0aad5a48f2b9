package mqtt_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"
	"go.uber.org/zap/zaptest/observer"

	"phutai/grid"
	"phutai/mqtt"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// Of the embedded broker, for the life of the process.
		goleak.IgnoreTopFunction("github.com/nats-io/nats-server/v2/server.startGoroutine"),
	)
}

var users = []mqtt.User{
	{Name: "center", Password: "center-secret"},
	{Name: "north", Password: "north-secret", Collector: "north/1"},
	{Name: "south", Password: "south-secret", Collector: "south"},
}

func startBroker(t *testing.T, listen, dir string) *mqtt.Broker {
	t.Helper()
	b, err := mqtt.StartBroker(mqtt.BrokerConfig{Listen: listen, Dir: dir, MaxConnections: 20, AckWait: time.Second}, users, zaptest.NewLogger(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

func as(name, addr string) mqtt.Config {
	c := mqtt.DefaultConfig()
	c.Address, c.User, c.Password = "tcp://"+addr, name, name+"-secret"
	return c
}

// start runs a link until the test ends or stop is called.
func start(t *testing.T, run func(context.Context) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run ended with %v", err)
		}
	})
	t.Cleanup(stop)
	return stop
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("still not: %s", what)
		}
	}
}

func receive[T any](t *testing.T, what string, c <-chan T) T {
	t.Helper()
	select {
	case x := <-c:
		return x
	case <-time.After(2 * time.Minute):
		t.Fatalf("nothing came: %s", what)
		panic("unreachable")
	}
}

func collectorLink(t *testing.T, name string, id grid.CollectorID, addr string) *mqtt.CollectorLink {
	t.Helper()
	l, err := mqtt.NewCollectorLink(as(name, addr), id, zaptest.NewLogger(t))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func centerLink(t *testing.T, addr string) *mqtt.CenterLink {
	t.Helper()
	l, err := mqtt.NewCenterLink(as("center", addr), zaptest.NewLogger(t))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

type arrival struct {
	from  grid.CollectorID
	batch grid.Batch
	ack   func()
}

func arrivals(l *mqtt.CenterLink) <-chan arrival {
	c := make(chan arrival, 100)
	l.OnReadings(func(_ context.Context, from grid.CollectorID, payload []byte, ack func()) {
		b, _ := mqtt.DecodeBatch(payload)
		c <- arrival{from, b, ack}
	})
	return c
}

func batch(first uint64, readings ...grid.Reading) grid.Batch {
	return grid.Batch{Epoch: "e1", FirstSeq: first, Readings: readings}
}

// planAgain publishes the plan until it arrives, as the center does when a status
// tells that the collector has another: what becomes retained at the moment of a
// subscription may reach neither.
func planAgain(t *testing.T, center *mqtt.CenterLink, plan grid.Plan, plans <-chan grid.Plan) grid.Plan {
	t.Helper()
	for range 10 {
		select {
		case p := <-plans:
			return p
		case <-time.After(2 * time.Second):
			if err := center.PublishPlan(t.Context(), plan); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Fatal("the plan never came")
	return grid.Plan{}
}

func TestReadingsGoUpAndWatermarkAndPlanComeDown(t *testing.T) {
	b := startBroker(t, "127.0.0.1:0", t.TempDir())
	center, north := centerLink(t, b.Addr()), collectorLink(t, "north", "north/1", b.Addr())
	came := arrivals(center)
	statuses, marks, plans := make(chan mqtt.Status, 10), make(chan grid.Watermark, 10), make(chan grid.Plan, 10)
	center.OnStatus(func(s mqtt.Status) { statuses <- s })
	north.OnWatermark(func(w grid.Watermark) { marks <- w })
	north.OnPlan(func(p grid.Plan) { plans <- p })

	plan := grid.Plan{Collector: "north/1", Version: 7, Meters: []grid.Meter{
		{ID: "M1", Point: "PD1", Profile: "x", Line: "tcp://127.0.0.1:1", Secret: "lls", Collector: "north/1", Every: time.Minute}}}
	if err := center.PublishPlan(t.Context(), plan); err != nil { // before there is a connection
		t.Fatal(err)
	}
	start(t, center.Run)
	stopNorth := start(t, north.Run)
	eventually(t, "both connected", func() bool { return center.Connected() && north.Connected() })
	if diff := cmp.Diff(plan, planAgain(t, center, plan, plans)); diff != "" {
		t.Error(diff)
	}
	want := batch(5, reading())
	if err := north.PublishBatch(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	got := receive(t, "readings", came)
	got.ack()
	if diff := cmp.Diff(arrival{from: "north/1", batch: want}.batch, got.batch, exact); diff != "" || got.from != "north/1" {
		t.Error(got.from, diff)
	}
	mark := grid.Watermark{Epoch: "e1", Seq: 5, Missing: [][2]uint64{{1, 4}}}
	if err := center.PublishWatermark(t.Context(), "north/1", mark); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(mark, receive(t, "watermark", marks)); diff != "" {
		t.Error(diff)
	}
	status := mqtt.Status{Collector: "north/1", Online: true, At: time.UnixMilli(1_780_000_000_000).UTC(), Epoch: "e1", Lines: 2, Meters: 3, Spool: 4, Problem: "disk full", ProblemVi: "đĩa đầy"}
	if err := north.PublishStatus(t.Context(), status); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(status, receive(t, "status", statuses)); diff != "" {
		t.Error(diff)
	}
	stopNorth()
	if s := receive(t, "farewell", statuses); s.Online {
		t.Errorf("after a clean end: %+v, want offline", s)
	}
}

func TestUnacknowledgedReadingsComeAgain(t *testing.T) {
	b := startBroker(t, "127.0.0.1:0", t.TempDir())
	north := collectorLink(t, "north", "north/1", b.Addr())
	start(t, north.Run)
	first := centerLink(t, b.Addr())
	came := arrivals(first)
	stop := start(t, first.Run)
	eventually(t, "both connected", func() bool { return first.Connected() && north.Connected() })
	if err := north.PublishBatch(t.Context(), batch(1, reading())); err != nil {
		t.Fatal(err)
	}
	receive(t, "the first time", came) // and the center dies before it commits
	stop()
	second := centerLink(t, b.Addr())
	again := arrivals(second)
	start(t, second.Run)
	receive(t, "the second time", again).ack()
}

func TestNothingIsKeptForALinkThatIsDown(t *testing.T) {
	l := collectorLink(t, "north", "north/1", "127.0.0.1:1")
	if err := l.PublishBatch(t.Context(), batch(1, reading())); !errors.Is(err, mqtt.ErrNotConnected) {
		t.Errorf("got %v, want ErrNotConnected", err)
	}
}

func TestLinkComesBackAfterTheBrokerWasReplacedByAnEmptyOne(t *testing.T) {
	dir := t.TempDir()
	b := startBroker(t, "127.0.0.1:0", filepath.Join(dir, "first"))
	center, north := centerLink(t, b.Addr()), collectorLink(t, "north", "north/1", b.Addr())
	marks, ups := make(chan grid.Watermark, 10), make(chan struct{}, 10)
	north.OnWatermark(func(w grid.Watermark) { marks <- w })
	north.OnConnect(func() { ups <- struct{}{} })
	start(t, center.Run)
	start(t, north.Run)
	receive(t, "first connect", ups)
	mark := grid.Watermark{Epoch: "e1", Seq: 9}
	if err := center.PublishWatermark(t.Context(), "north/1", mark); err != nil {
		t.Fatal(err)
	}
	receive(t, "watermark", marks)
	b.Close()
	eventually(t, "loss seen", func() bool { return !north.Connected() })
	startBroker(t, b.Addr(), filepath.Join(dir, "second"))
	receive(t, "second connect", ups)
	if diff := cmp.Diff(mark, receive(t, "watermark at the empty broker", marks)); diff != "" {
		t.Error(diff)
	}
}

// raw is a client of another make, signed in under a name of ours.
func raw(t *testing.T, name, addr string) paho.Client {
	t.Helper()
	c := paho.NewClient(paho.NewClientOptions().AddBroker("tcp://" + addr).SetClientID("raw-" + name).
		SetUsername(name).SetPassword(name + "-secret").SetAutoReconnect(true).SetMaxReconnectInterval(100 * time.Millisecond))
	if k := c.Connect(); !k.WaitTimeout(20*time.Second) || k.Error() != nil {
		t.Fatalf("connect as %s: %v", name, k.Error())
	}
	t.Cleanup(func() { c.Disconnect(100) })
	return c
}

func TestCollectorReachesOnlyItsOwnTopics(t *testing.T) {
	b := startBroker(t, "127.0.0.1:0", t.TempDir())
	center := centerLink(t, b.Addr())
	came := arrivals(center)
	start(t, center.Run)
	south := collectorLink(t, "south", "south", b.Addr())
	start(t, south.Run)
	eventually(t, "center and south connected", func() bool { return center.Connected() && south.Connected() })

	// South signs in as itself and claims to be north: with a link of ours, which
	// gets no further than its subscriptions, and with a client that just sends.
	liar := collectorLink(t, "south", "north/1", b.Addr())
	silence := start(t, liar.Run)
	payload, err := mqtt.EncodeBatch(batch(1, reading()))
	if err != nil {
		t.Fatal(err)
	}
	mark, err := mqtt.EncodeWatermark(grid.Watermark{Epoch: "e1", Seq: 1})
	if err != nil {
		t.Fatal(err)
	}
	ack, err := mqtt.AckTopic("north/1")
	if err != nil {
		t.Fatal(err)
	}
	foreign := raw(t, "south", b.Addr())
	for topic, what := range map[string][]byte{strings.Replace(ack, "/ack/", "/readings/", 1): payload, ack: mark} {
		foreign.Publish(topic, 1, true, what).WaitTimeout(time.Second) // refused without a word, or by closing the connection
	}
	if err := south.PublishBatch(t.Context(), batch(2, reading())); err != nil {
		t.Fatal(err)
	}
	if a := receive(t, "south's readings", came); a.from != "south" || a.batch.FirstSeq != 2 {
		t.Errorf("got readings of %s from %d", a.from, a.batch.FirstSeq)
	}
	if liar.Connected() {
		t.Error("a collector subscribed to another's topics")
	}
	silence() // it goes by north's client id, and would take its connection
	north, marks := collectorLink(t, "north", "north/1", b.Addr()), make(chan grid.Watermark, 1)
	north.OnWatermark(func(w grid.Watermark) { marks <- w })
	start(t, north.Run)
	eventually(t, "north connected", north.Connected)
	if err := north.PublishBatch(t.Context(), batch(3, reading())); err != nil {
		t.Fatal(err)
	}
	if a := receive(t, "north's readings", came); a.from != "north/1" || a.batch.FirstSeq != 3 {
		t.Errorf("got readings of %s from %d", a.from, a.batch.FirstSeq)
	}
	if len(marks) > 0 {
		t.Error("north heard a watermark that south made up")
	}
}

func TestWrongPasswordIsRefused(t *testing.T) {
	b := startBroker(t, "127.0.0.1:0", t.TempDir())
	c := as("center", b.Addr())
	c.ClientID, c.Password = "intruder", "guessed"
	log, said := observer.New(zap.WarnLevel)
	l, err := mqtt.NewCenterLink(c, zap.New(log))
	if err != nil {
		t.Fatal(err)
	}
	start(t, l.Run)
	eventually(t, "it was refused twice", func() bool {
		if l.Connected() {
			t.Fatal("a wrong password was accepted")
		}
		return said.FilterMessage("no broker, trying again").Len() >= 2
	})
	good := centerLink(t, b.Addr())
	start(t, good.Run)
	eventually(t, "the rightful one connected", good.Connected)
}
