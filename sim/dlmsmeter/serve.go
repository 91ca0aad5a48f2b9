package dlmsmeter

import (
	"context"
	"errors"
	"net"
)

// Serve answers on ln until ctx ends, and closes ln.
func Serve(ctx context.Context, ln net.Listener, cfg Config, src Source) error {
	return errors.New("being written")
}
