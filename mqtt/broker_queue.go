package mqtt

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// The stream in which the broker keeps what was published at QoS 1, as its MQTT
// side makes it when the first client connects: without a bound.
const (
	queueName     = "$MQTT_msgs"
	queueSubjects = "$MQTT.msgs.>"
)

// keeper is the one who may look after the queue. Nobody can sign in as such but
// this process.
const keeper = "phutai-broker"

// boundQueue gives the queue an end: most bytes, and beyond them an error to the
// sender. Without one, messages for a center that is away would fill the store
// until not even the center can sign in to fetch them.
func boundQueue(s *server.Server, password string, most int64) (err error) {
	conn, err := nats.Connect("", nats.InProcessServer(s), nats.UserInfo(keeper, password), nats.NoReconnect(), nats.Timeout(queueWithin))
	if err != nil {
		return fmt.Errorf("bound the broker's queue: %w", err)
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		return fmt.Errorf("bound the broker's queue: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), queueWithin)
	defer cancel()
	want := jetstream.StreamConfig{Name: queueName, Subjects: []string{queueSubjects}, Storage: jetstream.FileStorage, Retention: jetstream.InterestPolicy, Replicas: 1}
	queue, err := js.Stream(ctx, queueName)
	switch {
	case err == nil:
		want = queue.CachedInfo().Config
	case !errors.Is(err, jetstream.ErrStreamNotFound):
		return fmt.Errorf("bound the broker's queue: %w", err)
	}
	want.MaxBytes, want.Discard = most, jetstream.DiscardNew
	if _, err := js.CreateOrUpdateStream(ctx, want); err != nil {
		return fmt.Errorf("bound the broker's queue: %w", err)
	}
	return nil
}

// queueWithin bounds each talk with the broker about its queue, in real time.
const queueWithin = 10 * time.Second
