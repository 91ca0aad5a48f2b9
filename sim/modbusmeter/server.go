package modbusmeter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Config is one gateway.
type Config struct {
	Units map[byte]Unit
	Now   func() time.Time // the meters' clock; nil: the machine's
	Delay time.Duration    // before each answer, as a bus or a modem takes
}

// Server is a gateway that can be asked what happened to it.
type Server struct {
	now   func() time.Time
	delay time.Duration

	mu    sync.Mutex // guards units
	units map[byte]Unit

	reads, writes, connections atomic.Uint64
}

// New makes a gateway; the map of units is copied.
func New(cfg Config) *Server {
	s := &Server{now: cfg.Now, delay: cfg.Delay, units: make(map[byte]Unit, len(cfg.Units))}
	if s.now == nil {
		s.now = time.Now
	}
	maps.Copy(s.units, cfg.Units)
	return s
}

// Serve is New and its Serve, for those who ask nothing.
func Serve(ctx context.Context, ln net.Listener, cfg Config) error { return New(cfg).Serve(ctx, ln) }

// Set replaces a unit while the gateway runs.
func (s *Server) Set(id byte, u Unit) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.units[id] = u
}

func (s *Server) unit(id byte) (Unit, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, ok := s.units[id]
	return u, ok
}

// Reads counts the requests with functions 1 to 4.
func (s *Server) Reads() uint64 { return s.reads.Load() }

// Writes counts the requests with any other function; they change nothing.
func (s *Server) Writes() uint64 { return s.writes.Load() }

// Connections counts the connections accepted.
func (s *Server) Connections() uint64 { return s.connections.Load() }

// Serve answers on ln until ctx ends or ln fails, closes ln and every
// connection, and returns when all of them are done. The end of ctx is no
// error.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = ln.Close() })
	defer stop()
	for {
		conn, err := ln.Accept()
		if err != nil {
			if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				return nil
			}
			return fmt.Errorf("accept on %s: %w", ln.Addr(), err)
		}
		s.connections.Add(1)
		wg.Go(func() { s.talk(ctx, conn) })
	}
}

// talk answers one connection until either side ends it.
func (s *Server) talk(ctx context.Context, conn net.Conn) {
	defer func() { _ = conn.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	var buf [260]byte
	for requests := uint64(1); ; requests++ {
		request, err := readRequest(conn, buf[:])
		if err != nil {
			return // a peer that hung up or talks nonsense
		}
		answer, delay, hangup := s.answer(request, requests)
		if !pause(ctx, s.delay+delay) {
			return
		}
		if len(answer) > 0 {
			if _, err := conn.Write(answer); err != nil {
				return
			}
		}
		if hangup {
			return
		}
	}
}

func readRequest(r io.Reader, buf []byte) ([]byte, error) {
	if _, err := io.ReadFull(r, buf[:6]); err != nil {
		return nil, err
	}
	n := int(buf[4])<<8 | int(buf[5])
	if buf[2] != 0 || buf[3] != 0 || n < 2 || n > len(buf)-6 {
		return nil, errors.New("no modbus header")
	}
	_, err := io.ReadFull(r, buf[6:6+n])
	return buf[:6+n], err
}

func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
