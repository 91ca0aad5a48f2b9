package mqtt_test

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"phutai/grid"
	"phutai/mqtt"
)

// served checks that the broker still carries readings for others.
func served(t *testing.T, north *mqtt.CollectorLink, came <-chan arrival, after string) {
	t.Helper()
	eventually(t, "the broker serves others after "+after, func() bool { return north.PublishBatch(t.Context(), batch(1, reading())) == nil })
	for { // what south says of itself may come too
		a := receive(t, "readings after "+after, came)
		a.ack()
		if a.from != "south" {
			if !strings.HasPrefix(string(a.from), "north") || a.batch.FirstSeq != 1 {
				t.Errorf("after %s something came that north did not send: %+v", after, a)
			}
			return
		}
	}
}

// bystanders are a center and a collector that have nothing to do with it.
func bystanders(t *testing.T, addr string, id grid.CollectorID) (*mqtt.CollectorLink, <-chan arrival) {
	t.Helper()
	center, north := centerLink(t, addr), collectorLink(t, "north", id, addr)
	came := arrivals(center)
	start(t, center.Run)
	start(t, north.Run)
	eventually(t, "both connected", func() bool { return center.Connected() && north.Connected() })
	return north, came
}

// quietBroker logs nothing: what it would say of nonsense would fill the screen.
func quietBroker(t *testing.T, most int) *mqtt.Broker {
	t.Helper()
	cfg := mqtt.DefaultBrokerConfig()
	cfg.Listen, cfg.Dir, cfg.MaxConnections = "127.0.0.1:0", t.TempDir(), most
	b, err := mqtt.StartBroker(cfg, users, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

func TestMalformedPacketsHarmNobodyElse(t *testing.T) {
	b := quietBroker(t, 1000)
	north, came := bystanders(t, b.Addr(), "north/1")
	for name, p := range map[string][]byte{
		"a SUBSCRIBE of 10 bytes without options": {0x82, 8, 0, 1, 0, 0, 3, 'a', '/', 'b'},
		"a SUBSCRIBE of nothing":                  {0x82, 2, 0, 1},
		"flags that must not be":                  {0xc5, 0},
		"a length without an end":                 {0x30, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
		"a topic longer than its packet":          {0x32, 6, 0xff, 0xff, 'a', 'b', 0, 1},
		"a topic with a wildcard":                 packet(0x32, text("phutai/v1/readings/#"), []byte{0, 1}),
		"a topic with a NUL":                      packet(0x32, text("phutai/v1/readings/\x00"), []byte{0, 1}),
		"a second CONNECT":                        connectAs(4, "again", "south", "south-secret"),
		"a message of 256 MB announced":           {0x32, 0xff, 0xff, 0xff, 0x7f, 0, 1, 'a'},
	} {
		c := signIn(t, b.Addr(), "mad", "south")
		_, _ = c.Write(p)
		wantClosed(t, c)
		_ = c.Close()
		served(t, north, came, name)
	}
	// These are answered, and change nothing.
	for name, p := range map[string][]byte{
		"a filter of 60,000 levels":                 packet(0x82, []byte{0, 1}, text(strings.Repeat("/", 60_000)), []byte{1}),
		"a message to a topic that is another's":    packet(0x32, text("phutai/v1/readings/north%2F1"), []byte{0, 1}, []byte("{}")),
		"a message to the broker's own subjects":    packet(0x32, text("$MQTT/msgs/phutai/v1/readings/north%2F1"), []byte{0, 1}, []byte("{}")),
		"a message to the broker's own interface":   packet(0x32, text("$JS/API/STREAM/DELETE/$MQTT_msgs"), []byte{0, 1}, []byte("{}")),
		"a message to the broker's system subjects": packet(0x32, text("$SYS/REQ/SERVER/PING"), []byte{0, 1}, []byte("{}")),
	} {
		c := signIn(t, b.Addr(), "mad", "south")
		_, _ = c.Write(p)
		hear(t, c, 4)
		_ = c.Close()
		served(t, north, came, name)
	}
	five := dialRaw(t, b.Addr()) // what ends another broker, which speaks MQTT 5
	_, _ = five.Write(append(connectAs(5, "five", "south", "south-secret"), 0x82, 8, 0, 1, 0, 0, 3, 'a', '/', 'b'))
	wantClosed(t, five)
	served(t, north, came, "MQTT 5")
}

// Who announces a large packet gets no memory for it, before and after signing in.
func TestAnnouncedLengthTakesNoMemory(t *testing.T) {
	b := quietBroker(t, 1000)
	north, came := bystanders(t, b.Addr(), "north/1")
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for range 50 {
		c := dialRaw(t, b.Addr())
		_, _ = c.Write([]byte{0x10, 0xff, 0xff, 0xff, 0x7f, 0, 4})
		wantClosed(t, c)
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 256<<20 {
		t.Errorf("%d MB were allocated for 50 announcements of 256 MB", grown>>20)
	}
	served(t, north, came, "announcements")
}

func TestMessageOverTheLimitIsAnErrorToItsSender(t *testing.T) {
	b := quietBroker(t, 1000)
	north, came := bystanders(t, b.Addr(), "north/1")
	south := collectorLink(t, "south", "south", b.Addr())
	start(t, south.Run)
	eventually(t, "south connected", south.Connected)
	if err := south.Publish(t.Context(), "phutai/v1/readings/south", false, make([]byte, 8<<20+1)); err == nil {
		t.Error("8 MiB and a byte were taken")
	}
	served(t, north, came, "a message that is too large")
	eventually(t, "south comes back", func() bool { return south.PublishBatch(t.Context(), batch(7, reading())) == nil })
}

func TestConnectionsBeyondTheLimitAreRefusedAndOthersServed(t *testing.T) {
	b := quietBroker(t, 3)
	north, came := bystanders(t, b.Addr(), "north/1")
	last := signIn(t, b.Addr(), "last", "south")
	for range 5 {
		c := dialRaw(t, b.Addr())
		_, _ = c.Write(connectAs(4, "late", "south", "south-secret"))
		wantClosed(t, c)
	}
	served(t, north, came, "too many connections")
	_ = last.Close()
	eventually(t, "a place becomes free", func() bool {
		c := dialRaw(t, b.Addr())
		defer c.Close()
		_, _ = c.Write(connectAs(4, "late", "south", "south-secret"))
		return len(hear(t, c, 4)) == 4
	})
}

func TestWhoSaysNothingIsShownOut(t *testing.T) {
	b := quietBroker(t, 1000)
	silent, slow := dialRaw(t, b.Addr()), dialRaw(t, b.Addr())
	_, _ = slow.Write(connectAs(4, "slow", "south", "south-secret")[:9])
	began := time.Now()
	wantClosed(t, silent)
	wantClosed(t, slow)
	t.Logf("after %s", time.Since(began).Round(time.Second))
}
