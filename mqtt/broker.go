package mqtt

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"go.uber.org/zap"

	"phutai/grid"
)

// BrokerConfig is the embedded broker.
type BrokerConfig struct {
	Listen         string `yaml:"listen"`          // host:port; port 0 takes a free one
	Dir            string `yaml:"dir"`             // folder for what the broker keeps
	MaxConnections int    `yaml:"max_connections"` // clients at a time
	CertFile       string `yaml:"cert_file"`       // PEM, with KeyFile: speak TLS
	KeyFile        string `yaml:"key_file"`
	InsecureLab    bool   `yaml:"insecure_lab"` // allow plain text beyond this machine
	// AckWait is how long the center may take to commit a message before it
	// comes again. Too short costs duplicates, which change nothing.
	AckWait time.Duration `yaml:"ack_wait"`
}

// DefaultBrokerConfig listens on this machine only.
func DefaultBrokerConfig() BrokerConfig {
	return BrokerConfig{Listen: "127.0.0.1:1883", Dir: "broker", MaxConnections: 1000, AckWait: 10 * time.Second}
}

// Validate gives everything that is wrong. It opens no files.
func (c BrokerConfig) Validate() []grid.Problem {
	var out []grid.Problem
	host, port, err := net.SplitHostPort(c.Listen)
	if n, perr := strconv.Atoi(port); err != nil || perr != nil || n < 0 || n > 65535 {
		out = append(out, grid.Problem{Field: "listen", Text: fmt.Sprintf("%q is no address: write host:port", c.Listen)})
	} else if !loopback(host) && c.CertFile == "" && !c.InsecureLab {
		out = append(out, grid.Problem{Field: "listen", Text: fmt.Sprintf("%s would take passwords and readings in plain text: give cert_file and key_file, or set insecure_lab: true in a closed test network", c.Listen)})
	}
	if c.Dir == "" {
		out = append(out, grid.Problem{Field: "dir", Text: "the broker needs a folder"})
	}
	if c.MaxConnections < 2 {
		out = append(out, grid.Problem{Field: "max_connections", Text: fmt.Sprintf("%d is too few: give at least 2", c.MaxConnections)})
	}
	if (c.CertFile == "") != (c.KeyFile == "") {
		out = append(out, grid.Problem{Field: "cert_file", Text: "cert_file and key_file go together: give both or none"})
	}
	if c.AckWait < time.Second || c.AckWait > time.Hour {
		out = append(out, grid.Problem{Field: "ack_wait", Text: fmt.Sprintf("%s is out of range: give 1s to 1h", c.AckWait)})
	}
	return out
}

const (
	brokerPayload  = 8 << 20          // bytes of one message; more slows all others down
	brokerInFlight = 256              // unacknowledged messages towards one subscription
	brokerStart    = 20 * time.Second // a folder that was not closed cleanly is read again
	brokerStore    = 4 << 30          // bytes in the folder
	brokerQueue    = 1 << 30          // of those, what a center has not fetched
)

// Broker is an MQTT broker in this process. While Run runs, it starts anew when
// its store has failed.
type Broker struct {
	cfg   BrokerConfig // Listen with the port as bound
	users []User
	own   string // the password of keeper
	log   *zap.Logger

	mu      sync.Mutex // guards the fields below
	server  *server.Server
	lines   *brokerLog // of that server
	trouble error
	closed  bool

	// Of Run alone: how long the next renewal waits, longer with each that did not
	// last, and until when.
	pause time.Duration
	after time.Time
}

// StartBroker opens the folder and listens. Only users may connect, and each
// may use only the topics of its role. No port other than the MQTT one is open.
func StartBroker(cfg BrokerConfig, users []User, log *zap.Logger) (*Broker, error) {
	if problems := cfg.Validate(); len(problems) > 0 {
		return nil, fmt.Errorf("broker %s: %s", problems[0].Field, problems[0].Text)
	}
	if len(users) == 0 {
		return nil, errors.New("broker: no users: nobody could connect")
	}
	if log == nil {
		log = zap.NewNop()
	}
	b := &Broker{cfg: cfg, users: users, own: NewPassword(), log: log.Named("broker")}
	o, err := b.open(context.Background())
	if err != nil {
		return nil, err
	}
	b.cfg.Listen = net.JoinHostPort(o.MQTT.Host, strconv.Itoa(o.MQTT.Port)) // port 0 is settled, also for servers to come
	return b, nil
}

// open starts a server on the folder and the address, and gives its options,
// with the port that it got.
func (b *Broker) open(ctx context.Context) (*server.Options, error) {
	o, err := b.options()
	if err != nil {
		return nil, err
	}
	s, err := server.NewServer(o)
	if err != nil {
		return nil, fmt.Errorf("broker: %w", err)
	}
	bridge := &brokerLog{log: b.log.WithOptions(zap.AddCallerSkip(1))}
	s.SetLoggerV2(bridge, false, false, false)
	s.Start()
	if !ready(ctx, s, bridge) {
		s.Shutdown()
		s.WaitForShutdown()
		bridge.end()
		return nil, fmt.Errorf("broker: not ready on %s: %s", b.cfg.Listen, bridge.lastError())
	}
	if err := boundQueue(s, b.own, brokerQueue); err != nil {
		b.log.Warn("the broker works, with a queue that only its disk bounds", zap.Error(err))
	}
	b.mu.Lock()
	b.server, b.lines = s, bridge
	b.mu.Unlock()
	return o, nil
}

func (b *Broker) options() (*server.Options, error) {
	host, port, _ := net.SplitHostPort(b.cfg.Listen)
	number, _ := strconv.Atoi(port)
	if number == 0 {
		number = server.RANDOM_PORT
	}
	o := &server.Options{
		ServerName: "phutai", DontListen: true, NoSigs: true, NoLog: true, NoSystemAccount: true, DisableJetStreamBanner: true,
		JetStream: true, StoreDir: b.cfg.Dir, JetStreamMaxMemory: 64 << 20, JetStreamMaxStore: brokerStore,
		MaxPayload: brokerPayload, MaxPending: 64 << 20, MaxConn: b.cfg.MaxConnections, AuthTimeout: 5,
		MQTT: server.MQTTOpts{Host: host, Port: number, AckWait: b.cfg.AckWait, MaxAckPending: brokerInFlight, AuthTimeout: 5},
	}
	o.Users = append(o.Users, &server.User{
		Username: keeper, Password: b.own, AllowedConnectionTypes: map[string]struct{}{jwt.ConnectionTypeInProcess: {}},
	})
	for _, u := range b.users {
		nu, err := u.permitted()
		if err != nil {
			return nil, fmt.Errorf("broker: user %q: %w", u.Name, err)
		}
		o.Users = append(o.Users, nu)
	}
	if b.cfg.CertFile != "" {
		cert, err := b.cfg.certificate()
		if err != nil {
			return nil, err
		}
		o.MQTT.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{cert}}
		o.MQTT.TLSTimeout = 5
	}
	return o, nil
}

// Readable tells what keeps the files that c names from being used; nil: nothing
// does. The broker does not start without them.
func (c BrokerConfig) Readable() error {
	if c.CertFile == "" {
		return nil
	}
	_, err := c.certificate()
	return err
}

func (c BrokerConfig) certificate() (tls.Certificate, error) {
	cert, err := tls.LoadX509KeyPair(c.CertFile, c.KeyFile)
	if err != nil {
		return cert, fmt.Errorf("broker: read certificate: %w", err)
	}
	return cert, nil
}

// ready waits until the broker takes connections. It gives up early when the
// broker has said that it will not.
func ready(ctx context.Context, s *server.Server, log *brokerLog) bool {
	for end := time.Now().Add(brokerStart); time.Now().Before(end) && !log.fatal() && ctx.Err() == nil; {
		if s.ReadyForConnections(200 * time.Millisecond) {
			return true
		}
	}
	return false
}

// Addr is host:port as bound.
func (b *Broker) Addr() string { return b.cfg.Listen }

// Clients counts the connections.
func (b *Broker) Clients() int { return b.running().NumClients() }

func (b *Broker) running() *server.Server {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.server
}

// Close stops listening, closes the folder and waits for both. A second call
// does nothing.
func (b *Broker) Close() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.shutdown()
}

func (b *Broker) shutdown() {
	b.mu.Lock()
	s, lines := b.server, b.lines
	b.mu.Unlock()
	s.Shutdown()
	s.WaitForShutdown()
	lines.end()
}
