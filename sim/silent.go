package sim

import (
	"context"
	"io"
	"net"
	"sync"
)

// keepSilent takes connections, hears what is said on them, and never answers,
// as a meter does whose modem lives and whose board is dead. It closes the
// listener and all connections when ctx ends.
func keepSilent(ctx context.Context, listener net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	var heard sync.WaitGroup
	defer heard.Wait()
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = listener.Close() })
	defer stop()
	for {
		conn, err := listener.Accept()
		if err != nil {
			return err
		}
		heard.Go(func() {
			defer func() { _ = conn.Close() }()
			hangUp := context.AfterFunc(ctx, func() { _ = conn.Close() })
			defer hangUp()
			_, _ = io.Copy(io.Discard, conn)
		})
	}
}
