package mqtt

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"sync"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
	"go.uber.org/zap"
)

// Deadlines of the wire, in real time.
const (
	connectTimeout = 10 * time.Second
	writeTimeout   = 5 * time.Second
	ackTimeout     = 30 * time.Second // a broker that takes longer is as good as lost
	keepAlive      = 30 * time.Second
	quiesce        = 250 // ms to say good-bye
)

// session is one connection. The library's own reconnecting is not used: it
// calls a publish done when the link comes back, whether the message went over
// or not, waits up to ten minutes, and has no jitter. A new session starts from
// nothing; what was in flight is the spool's to send again.
type session struct {
	paho paho.Client
	lost chan struct{} // closed when the connection is gone
}

// connect opens a session and subscribes. Messages reach inbox from the first
// one on, also those that the broker sends before it answers the subscription.
func (c *Client) connect(ctx context.Context) (*session, error) {
	password, err := c.cfg.password()
	if err != nil {
		return nil, err
	}
	tlsConfig, err := c.cfg.tlsConfig()
	if err != nil {
		return nil, err
	}
	address := c.cfg.Address
	s := &session{lost: make(chan struct{})}
	lose := sync.OnceFunc(func() { close(s.lost) })
	o := paho.NewClientOptions().AddBroker(address).SetClientID(c.cfg.ClientID).
		SetProtocolVersion(4).SetCleanSession(c.role.cleanSession).SetAutoAckDisabled(c.role.manualAck).
		SetAutoReconnect(false).SetConnectRetry(false).SetOrderMatters(true).
		SetConnectTimeout(connectTimeout).SetWriteTimeout(writeTimeout).SetKeepAlive(keepAlive).
		SetDefaultPublishHandler(func(_ paho.Client, m paho.Message) { c.enqueue(m) }).
		SetConnectionLostHandler(func(paho.Client, error) { lose() })
	if c.cfg.User != "" {
		o.SetUsername(c.cfg.User).SetPassword(password)
	}
	if tlsConfig != nil {
		o.SetTLSConfig(tlsConfig)
	} else {
		o.SetCustomOpenConnectionFn(func(u *url.URL, o paho.ClientOptions) (net.Conn, error) {
			d := net.Dialer{Timeout: o.ConnectTimeout}
			return d.DialContext(ctx, "tcp", u.Host)
		})
	}
	if c.role.willTopic != "" {
		o.SetBinaryWill(c.role.willTopic, c.role.will, 1, true)
	}
	s.paho = paho.NewClient(o)
	if err := wait(ctx, s.paho.Connect(), s.lost); err != nil {
		s.paho.Disconnect(0)
		return nil, fmt.Errorf("connect to %s: %w", address, err)
	}
	if err := s.subscribe(ctx, c.role.filters); err != nil {
		s.paho.Disconnect(quiesce)
		return nil, fmt.Errorf("subscribe at %s: %w", address, err)
	}
	for _, f := range c.role.extras {
		if err := s.subscribe(ctx, []string{f}); errors.Is(err, errRefused) {
			c.log.Warn("what depends on this subscription does not work", zap.Error(err))
		} else if err != nil {
			s.paho.Disconnect(quiesce)
			return nil, fmt.Errorf("subscribe at %s: %w", address, err)
		}
	}
	return s, nil
}

// errRefused says that this user may not subscribe to a filter.
var errRefused = errors.New("the broker refuses it: check the permissions of this user")

// refused is the answer to a subscription that the broker does not allow
// (MQTT 3.1.1, 3.9.3).
const refused = 0x80

func (s *session) subscribe(ctx context.Context, filters []string) error {
	for _, f := range filters {
		t := s.paho.Subscribe(f, 1, nil)
		if err := wait(ctx, t, s.lost); err != nil {
			return fmt.Errorf("%s: %w", f, err)
		}
		if st, ok := t.(*paho.SubscribeToken); ok && st.Result()[f] == refused {
			return fmt.Errorf("%s: %w", f, errRefused)
		}
	}
	return nil
}

// publish hands a message over and waits for the broker's acknowledgement.
func (s *session) publish(ctx context.Context, topic string, retained bool, payload []byte) error {
	if !s.paho.IsConnectionOpen() {
		return ErrNotConnected
	}
	token := s.paho.Publish(topic, 1, retained, payload)
	err := wait(ctx, token, s.lost)
	if err != nil && errors.Is(err, token.Error()) {
		// MQTT 3.1.1 has no way to refuse a message: what paho gives is that the
		// connection ended, which it may say before it says so of the session.
		return fmt.Errorf("%w: %w", ErrNotConnected, err)
	}
	return err
}

func wait(ctx context.Context, t paho.Token, lost <-chan struct{}) error {
	timer := time.NewTimer(ackTimeout)
	defer timer.Stop()
	select {
	case <-t.Done():
		return t.Error()
	case <-lost:
		return ErrNotConnected
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return fmt.Errorf("no answer from the broker in %s", ackTimeout)
	}
}
