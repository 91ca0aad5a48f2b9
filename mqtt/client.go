package mqtt

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"
)

// ErrNotConnected says that there is no connection to the broker now; nothing
// was kept for later.
var ErrNotConnected = errors.New("not connected to the broker")

// inboxSize is more than a broker has in flight towards one client (the embedded
// broker: brokerInFlight), so that nothing is dropped as long as it keeps to it.
const inboxSize = 512

// Waits between attempts to connect, each with jitter of half of it, so that a
// fleet does not come back in step.
const (
	firstRetry = 500 * time.Millisecond
	lastRetry  = 30 * time.Second
)

// role is what differs between the two ends.
type role struct {
	cleanSession bool
	manualAck    bool
	filters      []string
	extras       []string // filters without which the role still does its main work
	willTopic    string
	will         []byte
	farewell     []byte // retained at willTopic on a clean end; a will is not sent then
}

// Client keeps one connection to the broker while Run runs.
type Client struct {
	cfg  Config
	role role
	log  *zap.Logger

	inbox   chan paho.Message
	dropped atomic.Uint64
	slots   chan struct{} // bounds what is in flight
	current atomic.Pointer[session]

	standing chan struct{}       // held while a retained message is sent, so that an old one never follows a new one
	mu       sync.Mutex          // guards retained
	retained map[string]retained // what must stand at the broker, sent again at each connect, by topic
}

func newClient(cfg Config, r role, log *zap.Logger) (*Client, error) {
	if problems := cfg.Validate(); len(problems) > 0 {
		return nil, fmt.Errorf("mqtt %s: %s", problems[0].Field, problems[0].Text)
	}
	if log == nil {
		log = zap.NewNop()
	}
	return &Client{
		cfg: cfg, role: r, log: log.Named("mqtt").With(zap.String("client", cfg.ClientID)),
		inbox: make(chan paho.Message, inboxSize), slots: make(chan struct{}, cfg.InFlight), retained: map[string]retained{}, standing: make(chan struct{}, 1),
	}, nil
}

// Connected tells whether messages can be sent now and all subscriptions stand.
func (c *Client) Connected() bool {
	s := c.current.Load()
	return s != nil && s.paho.IsConnectionOpen()
}

// Dropped counts messages that came faster than they were handled. They were
// not acknowledged.
func (c *Client) Dropped() uint64 { return c.dropped.Load() }

// Publish sends at QoS 1 and waits until the broker has acknowledged. Without a
// connection it gives ErrNotConnected at once. An error leaves open whether the
// message went over.
func (c *Client) Publish(ctx context.Context, topic string, retained bool, payload []byte) error {
	s := c.current.Load()
	if s == nil {
		return ErrNotConnected
	}
	select {
	case c.slots <- struct{}{}:
	case <-s.lost:
		return ErrNotConnected
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-c.slots }()
	return s.publish(ctx, topic, retained, payload)
}

// run connects, and connects again, until ctx ends. Messages go to handle, one
// after the other; up is called in the same row after each connect.
func (c *Client) run(ctx context.Context, handle func(context.Context, paho.Message), up func()) error {
	g, ctx := errgroup.WithContext(ctx)
	connected := make(chan struct{}, 1)
	g.Go(func() error {
		for {
			select {
			case m := <-c.inbox:
				handle(ctx, m)
			case <-connected:
				up()
			case <-ctx.Done():
				return nil
			}
		}
	})
	g.Go(func() error { c.keep(ctx, connected); return nil })
	return g.Wait()
}

// keep holds a session open for as long as ctx lasts.
func (c *Client) keep(ctx context.Context, connected chan<- struct{}) {
	pause := firstRetry
	for ctx.Err() == nil {
		s, err := c.connect(ctx)
		if err != nil {
			if ctx.Err() == nil {
				c.log.Warn("no broker, trying again", zap.Error(err), zap.Duration("pause", pause))
			}
			pause = nap(ctx, pause)
			continue
		}
		began := time.Now()
		c.current.Store(s)
		c.restore(ctx, s)
		c.log.Info("connected", zap.String("address", c.cfg.Address))
		select {
		case connected <- struct{}{}:
		default:
		}
		select {
		case <-s.lost:
			c.current.Store(nil)
			c.log.Warn("connection lost")
			if time.Since(began) > lastRetry {
				pause = firstRetry
			}
			pause = nap(ctx, pause)
		case <-ctx.Done():
			c.current.Store(nil)
			c.bye(s)
		}
	}
}

func (c *Client) bye(s *session) {
	if c.role.willTopic != "" {
		ctx, cancel := context.WithTimeout(context.Background(), quiesce*time.Millisecond)
		defer cancel()
		if err := s.publish(ctx, c.role.willTopic, true, c.role.farewell); err != nil {
			c.log.Info("left without a word", zap.Error(err))
		}
	}
	s.paho.Disconnect(quiesce)
}

// nap waits for pause with jitter and gives the next pause.
func nap(ctx context.Context, pause time.Duration) time.Duration {
	timer := time.NewTimer(pause/2 + rand.N(pause))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	return min(2*pause, lastRetry)
}

// enqueue runs in the library's reading loop and must not block it. What does
// not fit pushes out the oldest, which stays unacknowledged.
func (c *Client) enqueue(m paho.Message) {
	for {
		select {
		case c.inbox <- m:
			return
		default:
		}
		select {
		case <-c.inbox:
			c.dropped.Add(1)
		default:
		}
	}
}
