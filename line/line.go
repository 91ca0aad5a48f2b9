package line

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Options say how a line is opened. The zero value is usable.
type Options struct {
	// DialTimeout bounds one dial, waiting for the limiter included; zero
	// counts as DefaultDialTimeout. An earlier deadline of the caller holds.
	DialTimeout time.Duration
	// KeepAlive is the interval of TCP keep-alive probes; zero switches them
	// off. Go's own default of 15 s costs a modem half a megabyte a day.
	KeepAlive time.Duration
	// Limiter is shared by all lines of a process; nil does not limit.
	Limiter *Limiter
}

// DefaultDialTimeout is long enough for a modem on 2G.
const DefaultDialTimeout = 10 * time.Second

// ErrClosed is what Conn gives after Close.
var ErrClosed = errors.New("line is closed")

// dialFunc opens a connection; each scheme has its own.
type dialFunc func(ctx context.Context) (net.Conn, error)

// Line is one address. Conn and Drop belong to the one goroutine that owns the
// line; Close may come from any.
type Line struct {
	address string
	opt     Options
	dial    dialFunc

	dials, failures atomic.Uint64

	mu     sync.Mutex // guards the fields below
	conn   net.Conn
	closed bool
}

// Address gives the text that Open was called with.
func (l *Line) Address() string { return l.address }

// Conn gives the open connection, or dials. An error is a *DialError, or
// ErrClosed.
func (l *Line) Conn(ctx context.Context) (net.Conn, error) {
	l.mu.Lock()
	conn, closed := l.conn, l.closed
	l.mu.Unlock()
	if closed {
		return nil, ErrClosed
	}
	if conn != nil {
		return conn, nil
	}
	conn, err := l.open(ctx)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		_ = conn.Close() // nobody has seen it
		return nil, ErrClosed
	}
	l.conn = conn
	return conn, nil
}

func (l *Line) open(ctx context.Context) (net.Conn, error) {
	timeout := l.opt.DialTimeout
	if timeout <= 0 {
		timeout = DefaultDialTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	release, err := l.opt.Limiter.acquire(ctx)
	if err != nil {
		l.failures.Add(1)
		return nil, &DialError{l.address, err}
	}
	defer release()
	l.dials.Add(1)
	conn, err := l.dial(ctx)
	if err != nil {
		l.failures.Add(1)
		return nil, &DialError{l.address, err}
	}
	return conn, nil
}

// Drop closes the connection, if there is one, so that the next Conn dials
// anew. It is what a protocol does after an error that leaves it out of step.
func (l *Line) Drop() {
	l.mu.Lock()
	conn := l.conn
	l.conn = nil
	l.mu.Unlock()
	if conn != nil {
		_ = conn.Close() // already given up
	}
}

// Close drops the connection and lets no other be opened.
func (l *Line) Close() error {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.Drop()
	return nil
}

// Connected tells whether a connection is open as far as we know.
func (l *Line) Connected() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.conn != nil
}

// Dials counts the dials begun and the attempts that ended without a
// connection, since Open.
func (l *Line) Dials() (begun, failed uint64) {
	return l.dials.Load(), l.failures.Load()
}
