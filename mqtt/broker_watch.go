package mqtt

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"go.uber.org/zap"
)

const (
	brokerLook  = 2 * time.Second // between two looks at the broker's health, in real time
	brokerPause = time.Minute     // at most, before the broker starts anew once more
	brokerRoom  = 4 << 20         // bytes that must fit on the disk before it does
)

// Run looks after the broker until ctx ends, and closes it then. A store that
// could not write once, as on a full disk, refuses all writes for as long as its
// server lives; so the server is replaced by a new one on the same folder and
// address as soon as there is room. Clients connect again, and whatever was
// under way is theirs to send again.
func (b *Broker) Run(ctx context.Context) error {
	defer b.Close()
	tick := time.NewTicker(brokerLook)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			b.tend(ctx)
		}
	}
}

// Trouble is why the broker may not carry messages now; nil: it does.
func (b *Broker) Trouble() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.trouble
}

// tend replaces a server that has failed. What goes wrong meanwhile is tried
// again at a later look.
func (b *Broker) tend(ctx context.Context) {
	b.mu.Lock()
	closed, before := b.closed, b.trouble
	b.mu.Unlock()
	if closed {
		return
	}
	trouble := examine(b.running())
	if trouble != nil {
		trouble = b.renew(ctx, trouble)
	} else if time.Since(b.after) > b.pause {
		b.pause = 0 // the last renewal has lasted
	}
	switch {
	case trouble != nil && (before == nil || before.Error() != trouble.Error()):
		b.log.Error("the broker has failed", zap.Error(trouble))
	case trouble == nil && before != nil:
		b.log.Info("the broker works again")
	}
	b.mu.Lock()
	b.trouble = trouble
	b.mu.Unlock()
}

// examine gives what keeps a server from its work.
func examine(s *server.Server) error {
	if !s.Running() {
		return errors.New("it has stopped")
	}
	for _, e := range s.Healthz(&server.HealthzOptions{Details: true}).Errors {
		// A busy machine makes this one; it says nothing about the store.
		if e.Type != server.HealthzErrorConn {
			return errors.New(e.Error)
		}
	}
	return nil
}

// renew replaces a server, and gives the trouble that is left. A new server that
// has trouble as well is left at its work, which may go on in part, for longer
// and longer.
func (b *Broker) renew(ctx context.Context, trouble error) error {
	if time.Now().Before(b.after) {
		return trouble
	}
	// On a full disk a server would not start, or without some of its streams.
	if err := writable(b.cfg.Dir); err != nil {
		return fmt.Errorf("%w; it starts anew when its folder can be written: %w", trouble, err)
	}
	b.log.Warn("the broker starts anew", zap.Error(trouble))
	b.pause = min(max(2*b.pause, brokerLook), brokerPause)
	b.after = time.Now().Add(b.pause)
	b.shutdown()
	if _, err := b.open(ctx); err != nil {
		return fmt.Errorf("%w; it could not start anew: %w", trouble, err)
	}
	return examine(b.running())
}

// writable tries whether the folder takes a file of some size.
func writable(dir string) error {
	path := filepath.Join(dir, "probe")
	err := os.WriteFile(path, make([]byte, brokerRoom), 0o600)
	return errors.Join(err, os.Remove(path))
}
