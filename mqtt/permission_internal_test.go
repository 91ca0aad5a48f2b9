package mqtt

import (
	"context"
	"crypto/rand"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
	"github.com/nats-io/nats-server/v2/server"
	"go.uber.org/zap"
)

// permission is one thing that a user may do or not. The topics are below
// phutai/v1 unless they begin with a slash. Of a subscription, sample is a topic
// that it would bring.
type permission struct {
	user, verb, topic, sample string
	allowed                   bool
}

const may, mayNot = true, false

var permissions = []permission{
	{"south", "write", "readings/south", "", may},
	{"south", "write", "status/south", "", may},
	{"south", "write", "reply/south", "", may},
	{"south", "write", "readings/north", "", mayNot},
	{"south", "write", "status/north", "", mayNot},
	{"south", "write", "reply/north", "", mayNot},
	{"south", "write", "readings/south/x", "", mayNot},
	{"south", "write", "readings", "", mayNot},
	{"south", "write", "ack/south", "", mayNot},
	{"south", "write", "lines/south", "", mayNot},
	{"south", "write", "command/south", "", mayNot},
	{"south", "write", "alarm/a", "", mayNot},
	{"south", "write", "loading/t", "", mayNot},
	{"south", "write", "push/south", "", mayNot},
	{"south", "write", "/phutai/v2/readings/south", "", mayNot},
	{"south", "write", "/elsewhere", "", mayNot},
	{"south", "read", "ack/south", "ack/south", may},
	{"south", "read", "lines/south", "lines/south", may},
	{"south", "read", "command/south", "command/south", may},
	{"south", "read", "ack/north", "ack/north", mayNot},
	{"south", "read", "lines/north", "lines/north", mayNot},
	{"south", "read", "command/north", "command/north", mayNot},
	{"south", "read", "ack/+", "ack/north", mayNot},
	{"south", "read", "readings/+", "readings/north", mayNot},
	{"south", "read", "status/+", "status/north", mayNot},
	{"south", "read", "alarm/+", "alarm/a", mayNot},
	{"south", "read", "#", "lines/north", mayNot},
	{"south", "read", "/#", "/elsewhere", mayNot},
	{"south", "read", "/+/+/ack/+", "ack/north", mayNot},
	{"center", "read", "readings/+", "readings/north", may},
	{"center", "read", "status/+", "status/south", may},
	{"center", "read", "reply/+", "reply/south", may},
	{"center", "read", "push/+", "push/x", may},
	{"center", "read", "ack/+", "ack/south", mayNot},
	{"center", "read", "lines/+", "lines/south", mayNot},
	{"center", "read", "/#", "/elsewhere", mayNot},
	{"center", "write", "ack/south", "", may},
	{"center", "write", "lines/north", "", may},
	{"center", "write", "command/north", "", may},
	{"center", "write", "alarm/a", "", may},
	{"center", "write", "loading/t", "", may},
	{"center", "write", "readings/south", "", mayNot},
	{"center", "write", "status/south", "", mayNot},
	{"center", "write", "push/x", "", mayNot},
	{"center", "write", "/elsewhere", "", mayNot},
}

func full(topic string) string {
	if rest, absolute := strings.CutPrefix(topic, "/"); absolute {
		return rest
	}
	return root + topic
}

// observer may do all, at both brokers, and is there in tests only.
const observer = "observer"

// judge holds the table against the broker at addr. Brokers may refuse with an
// answer or in silence, so what counts is what arrives.
func judge(t *testing.T, addr string) {
	watch := signInAs(t, addr, observer)
	for _, p := range permissions {
		t.Run(p.user+" "+p.verb+" "+full(p.topic), func(t *testing.T) {
			var got bool
			if p.verb == "write" {
				got = writes(t, addr, watch, p.user, full(p.topic))
			} else {
				got = reads(t, addr, watch, p.user, full(p.topic), full(p.sample))
			}
			if got != p.allowed {
				t.Errorf("allowed: %v, want %v", got, p.allowed)
			}
		})
	}
}

// signInAs connects under an id of its own each time: a broker that has not yet
// parted from the one before refuses another of that id.
func signInAs(t *testing.T, addr, user string) paho.Client {
	t.Helper()
	c := paho.NewClient(paho.NewClientOptions().AddBroker("tcp://" + addr).SetClientID("test-" + user + "-" + rand.Text()).SetProtocolVersion(4).
		SetUsername(user).SetPassword(user + "-secret").SetAutoReconnect(false).SetConnectTimeout(20 * time.Second))
	settle(t, c.Connect())
	t.Cleanup(func() { c.Disconnect(0) })
	return c
}

// settle waits for the broker's answer.
func settle(t *testing.T, token paho.Token) {
	t.Helper()
	if !token.WaitTimeout(20*time.Second) || token.Error() != nil {
		t.Fatal("no answer from the broker", token.Error())
	}
}

// listen subscribes, and gives what arrives; false: the broker refuses.
func listen(t *testing.T, c paho.Client, filter string, qos byte) (<-chan string, bool) {
	t.Helper()
	came := make(chan string, 10)
	token := c.Subscribe(filter, qos, func(_ paho.Client, m paho.Message) { came <- string(m.Payload()) })
	if !token.WaitTimeout(20 * time.Second) {
		t.Fatal("no answer to a subscription")
	}
	st, ok := token.(*paho.SubscribeToken)
	return came, token.Error() == nil && ok && st.Result()[filter] != refused
}

func first(t *testing.T, came <-chan string) string {
	t.Helper()
	select {
	case s := <-came:
		return s
	case <-time.After(20 * time.Second):
		t.Fatal("not even the marker came")
		return ""
	}
}

// writes tells whether what user publishes comes before what is published after.
func writes(t *testing.T, addr string, watch paho.Client, user, topic string) bool {
	came, ok := listen(t, watch, topic, 1)
	if !ok {
		t.Fatal("the observer may not listen")
	}
	defer func() { settle(t, watch.Unsubscribe(topic)) }()
	c := signInAs(t, addr, user)
	c.Publish(topic, 1, false, user).WaitTimeout(20 * time.Second)
	settle(t, watch.Publish(topic, 1, false, "marker"))
	return first(t, came) == user
}

// reads tells whether a message to sample reaches user before one that it may
// have for sure. At QoS 0, all messages to one client keep their order.
func reads(t *testing.T, addr string, watch paho.Client, user, filter, sample string) bool {
	own := map[string]string{"south": root + "command/south", "center": root + "reply/marker"}[user]
	c := signInAs(t, addr, user)
	came, ok := listen(t, c, filter, 0)
	if !ok {
		return false
	}
	if own == sample {
		settle(t, watch.Publish(sample, 0, false, "sample"))
		return first(t, came) == "sample"
	}
	marker, ok := listen(t, c, own, 0)
	if !ok {
		t.Fatal("the marker cannot be listened for")
	}
	settle(t, watch.Publish(sample, 0, false, "sample"))
	settle(t, watch.Publish(own, 0, false, "marker"))
	first(t, marker)
	return len(came) > 0 && <-came == "sample"
}

func TestEmbeddedBrokerLetsEachDoOnlyWhatIsItsOwn(t *testing.T) {
	cfg := DefaultBrokerConfig()
	cfg.Listen, cfg.Dir = "127.0.0.1:0", filepath.Join(t.TempDir(), "broker")
	b := &Broker{cfg: cfg, own: NewPassword(), log: zap.NewNop(), users: []User{
		{Name: "center", Password: "center-secret"}, {Name: "south", Password: "south-secret", Collector: "south"}, {Name: "north", Password: "north-secret", Collector: "north"}}}
	o, err := b.options()
	if err != nil {
		t.Fatal(err)
	}
	o.Users = append(o.Users, &server.User{Username: observer, Password: observer + "-secret"})
	s, err := server.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(20 * time.Second) {
		t.Fatal("the broker does not start")
	}
	judge(t, net.JoinHostPort(o.MQTT.Host, strconv.Itoa(o.MQTT.Port)))
}

// running runs a link until the test ends.
func running(t *testing.T, run func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
