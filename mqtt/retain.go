package mqtt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"go.uber.org/zap"
)

// A broker answers a packet over its limit by ending the connection, which
// MQTT 3.1.1 has no other way to say. A message that has done so mostBroken times
// in a row, or has had no answer, is left alone for brokenRest, so that it does not take all others with
// it for ever.
const (
	mostBroken = 3
	brokenRest = 10 * time.Minute
)

// retained is a message that must stand at the broker.
type retained struct {
	payload []byte
	broken  int       // attempts in a row at which the connection ended or no answer came
	until   time.Time // not sent before; real
	refused error     // why the broker does not have it, as far as that is known; nil: it has, or was not asked yet
}

// TooLargeError says that a message seems to exceed what the broker takes.
type TooLargeError struct {
	Topic string
	Bytes int
}

// Error tells what to do.
func (e *TooLargeError) Error() string {
	return fmt.Sprintf("the broker ends the connection at each message of %d bytes to %s: raise its packet limit (max_packet_size)", e.Bytes, e.Topic)
}

// retain makes payload stand at topic: now if there is a connection, and again
// at each connect, since a broker may come back empty. An empty payload clears.
func (c *Client) retain(ctx context.Context, topic string, payload []byte) error {
	c.mu.Lock()
	if r := c.retained[topic]; !bytes.Equal(r.payload, payload) || r.payload == nil {
		c.retained[topic] = retained{payload: payload}
	}
	c.mu.Unlock()
	s := c.current.Load()
	if s == nil {
		return nil
	}
	if err := c.stand(ctx, s, topic); err != nil && !errors.Is(err, ErrNotConnected) {
		return err
	}
	return nil
}

// stand sends the newest payload of a retained topic.
func (c *Client) stand(ctx context.Context, s *session, topic string) error {
	select {
	case c.standing <- struct{}{}:
	case <-s.lost:
		return ErrNotConnected
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-c.standing }()
	c.mu.Lock()
	r, wanted := c.retained[topic]
	c.mu.Unlock()
	switch {
	case !wanted:
		return nil
	case time.Now().Before(r.until):
		return &restingError{r.refused}
	case !s.paho.IsConnectionOpen():
		return ErrNotConnected // which is not this message's doing
	}
	err := s.publish(ctx, topic, true, r.payload)
	c.mu.Lock()
	defer c.mu.Unlock()
	now, wanted := c.retained[topic]
	switch {
	case !wanted || !bytes.Equal(now.payload, r.payload): // another one, which is yet to be sent
	case err == nil && len(r.payload) == 0:
		delete(c.retained, topic)
	case err == nil:
		now.broken, now.refused = 0, nil
		c.retained[topic] = now
	case ctx.Err() == nil:
		if !errors.Is(err, ErrNotConnected) {
			now.refused = err
		}
		if now.broken++; now.broken >= mostBroken {
			if now.refused == nil {
				now.refused = &TooLargeError{topic, len(r.payload)}
			}
			now.until = time.Now().Add(brokenRest)
			c.log.Error("retained message left alone for a while", zap.String("topic", topic), zap.Error(now.refused))
		}
		c.retained[topic] = now
	}
	return err
}

// restingError says that a message is left alone for now.
type restingError struct{ err error }

func (e *restingError) Error() string { return e.err.Error() }
func (e *restingError) Unwrap() error { return e.err }

// refusal tells why the broker does not have what must stand at topic; nil: it
// has it, or was not asked yet.
func (c *Client) refusal(topic string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.retained[topic].refused
}

// restore puts what must stand at the broker there again.
func (c *Client) restore(ctx context.Context, s *session) {
	c.mu.Lock()
	topics := slices.Sorted(maps.Keys(c.retained))
	c.mu.Unlock()
	for _, topic := range topics {
		var resting *restingError
		if err := c.stand(ctx, s, topic); err != nil && !errors.As(err, &resting) {
			c.log.Warn("retained message not sent", zap.String("topic", topic), zap.Error(err))
			return
		}
	}
}
