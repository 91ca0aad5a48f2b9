package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"phutai/grid"
	"phutai/sim/modbusmeter"
)

type steady struct{ values grid.Values }

func (s *steady) Instant(time.Time) grid.Values { return s.values }

// serveMeters listens on one port for each meter, prints the addresses and
// serves until ctx ends.
func serveMeters(ctx context.Context, meters int, out io.Writer) error {
	source := new(steady)
	for q := range grid.NumQuantities {
		source.values.Set(q, 1+float64(q)/10)
	}
	var wg sync.WaitGroup
	defer wg.Wait()
	for range meters {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		wg.Go(func() {
			_ = modbusmeter.Serve(ctx, ln, modbusmeter.Config{Units: map[byte]modbusmeter.Unit{1: {Source: source}}})
		})
		fmt.Fprintln(out, ln.Addr())
	}
	<-ctx.Done()
	return nil
}
