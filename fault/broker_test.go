package fault

import (
	"testing"
	"time"
)

// brokers are those that the rows about brokers are run with.
var brokers = map[string]func() Broker{
	"embedded":  func() Broker { return &Embedded{} },
	"mosquitto": func() Broker { return &Mosquitto{} },
}

// The broker is killed, loses its folder, and is replaced by one that knows
// nothing: no sessions, no retained plan, no watermark.
func TestEmptiedBroker(t *testing.T) {
	for name, broker := range brokers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := Install(t, Setting{Broker: broker()})
			in.Begun()
			for range 3 {
				time.Sleep(2 * time.Second)
				if err := in.Broker.process().Kill(); err != nil {
					t.Fatal(err)
				}
				if err := in.Broker.Wipe(); err != nil {
					t.Fatal(err)
				}
				time.Sleep(500 * time.Millisecond)
				if err := in.Broker.Start(); err != nil {
					t.Fatal(err)
				}
			}
			in.Judge("three times: %s killed, its folder removed, an empty one started in its place", name)
		})
	}
}

// The broker alone is killed and comes back with what it had written.
func TestKilledBroker(t *testing.T) {
	for name, broker := range brokers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := Install(t, Setting{Broker: broker()})
			in.Begun()
			r := chance(2)
			const times = 6
			for range times {
				time.Sleep(between(r, 500*time.Millisecond, 2500*time.Millisecond))
				if err := in.Broker.process().Kill(); err != nil {
					t.Fatal(err)
				}
				if err := in.Broker.Start(); err != nil {
					t.Fatal(err)
				}
			}
			in.Judge("%s killed by SIGKILL %d times, seed %d", name, times, *seed)
		})
	}
}
