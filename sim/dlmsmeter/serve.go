package dlmsmeter

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"

	"phutai/meter/dlms/wrapper"
)

// writeTime bounds how long a client may take to accept an answer.
const writeTime = 10 * time.Second

// Serve answers on ln until ctx ends, which is no error, and closes ln. It
// returns when all its connections are closed.
func Serve(ctx context.Context, ln net.Listener, cfg Config, source Source) error {
	m := newMeter(cfg, source)
	var connections sync.WaitGroup
	defer connections.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = ln.Close() })()
	for {
		conn, err := ln.Accept()
		if ctx.Err() != nil {
			if err == nil {
				_ = conn.Close()
			}
			return nil
		}
		if err != nil {
			_ = ln.Close()
			return fmt.Errorf("simulated DLMS meter %s: accept on %v: %w", cfg.Serial, ln.Addr(), err)
		}
		connections.Go(func() { m.serve(ctx, conn) })
	}
}

// serve answers on one connection until it breaks, idles too long or ctx ends.
func (m *meter) serve(ctx context.Context, conn net.Conn) {
	defer func() { _ = conn.Close() }()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	s := &session{meter: m}
	defer s.close()
	frames := wrapper.NewReader(conn, 0)
	var out []byte
	for {
		if conn.SetReadDeadline(time.Now().Add(m.cfg.IdleTime)) != nil {
			return
		}
		frame, err := frames.Next()
		if err != nil { // the client is gone, or does not speak the wrapper
			return
		}
		response := s.handle(frame.Payload)
		out = response.AppendTo(wrapper.Begin(out[:0], frame.Destination, frame.Source))
		if out, err = wrapper.End(out); err != nil {
			return
		}
		if !pause(ctx, m.cfg.Delay) || conn.SetWriteDeadline(time.Now().Add(writeTime)) != nil {
			return
		}
		if _, err := conn.Write(out); err != nil {
			return
		}
	}
}

// pause waits for d; false says that ctx ended.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
