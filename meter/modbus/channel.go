package modbus

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"syscall"
	"time"
)

// Conn is how a Channel gets at its connection; a *line.Line is one.
type Conn interface {
	// Conn gives the open connection, or dials.
	Conn(ctx context.Context) (net.Conn, error)
	// Drop closes the connection; the next Conn dials anew.
	Drop()
}

// Channel is one Modbus TCP connection with the units behind it. It belongs to
// one goroutine: exchanges never overlap, and transaction ids are the
// channel's, so that no two units can mistake each other's answers.
type Channel struct {
	line Conn
	tid  uint16

	held net.Conn // the connection of the last good exchange, nil after an error
	last time.Time
	in   [maxFrame]byte
	n    int // bytes of in that are filled
}

// NewChannel makes the channel of a line. It dials nothing yet.
func NewChannel(line Conn) *Channel {
	// A random start keeps a gateway's answer to our previous life apart.
	return &Channel{line: line, tid: uint16(rand.Uint32())}
}

func (c *Channel) nextTransaction() uint16 {
	c.tid++
	return c.tid
}

// drop gives the connection up: after anything but a clean answer nobody knows
// what is still on its way.
func (c *Channel) drop() {
	c.held, c.n = nil, 0
	c.line.Drop()
}

// pause keeps a distance between two exchanges, for meters that need one.
func (c *Channel) pause(ctx context.Context, d time.Duration) error {
	if d <= 0 || c.last.IsZero() {
		return nil
	}
	return wait(ctx, d-time.Since(c.last))
}

// exchange sends a frame and gives the answer with the same transaction id,
// valid until the next call. One deadline covers dialling, sending and
// waiting. A connection that turns out to be closed already, as after a
// modem's restart, is replaced once.
func (c *Channel) exchange(ctx context.Context, request []byte, timeout time.Duration) ([]byte, error) {
	deadline := time.Now().Add(timeout)
	if d, ok := ctx.Deadline(); ok && d.Before(deadline) {
		deadline = d
	}
	reused := c.held != nil
	answer, err := c.once(ctx, request, deadline)
	if err != nil && reused && gone(err) && ctx.Err() == nil {
		answer, err = c.once(ctx, request, deadline)
	}
	return answer, err
}

func (c *Channel) once(ctx context.Context, request []byte, deadline time.Time) (answer []byte, err error) {
	conn, err := c.conn(ctx, deadline)
	if err != nil {
		return nil, err
	}
	defer func() {
		c.last = time.Now()
		if err != nil {
			c.drop()
		}
	}()
	if ctx.Err() != nil {
		return nil, silent(ctx, request, ctx.Err())
	}
	first := deadline
	if soon := time.Now().Add(glance); soon.Before(first) {
		first = soon
	}
	if err := conn.SetDeadline(first); err != nil {
		return nil, silent(ctx, request, err)
	}
	if _, err := conn.Write(request); err != nil {
		return nil, silent(ctx, request, err)
	}
	answer, err = c.await(ctx, conn, request)
	if errors.Is(err, os.ErrDeadlineExceeded) && first.Before(deadline) {
		answer, err = c.patiently(ctx, conn, request, deadline)
	}
	return answer, err
}

// glance is how long an answer is awaited without listening to the context: to
// register with a context costs a tenth of a read, and most meters on a
// network answer within this time.
const glance = 100 * time.Millisecond

// patiently goes on waiting, until the deadline or the end of ctx.
func (c *Channel) patiently(ctx context.Context, conn net.Conn, request []byte, deadline time.Time) (answer []byte, err error) {
	if err := conn.SetDeadline(deadline); err != nil {
		return nil, silent(ctx, request, err)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer func() {
		if !stop() && err == nil {
			// The deadline in the past may come into force later: this
			// connection cannot be used any more.
			c.drop()
		}
	}()
	return c.await(ctx, conn, request)
}

// conn gives the line's connection. Only a dial needs a context with a
// deadline of its own.
func (c *Channel) conn(ctx context.Context, deadline time.Time) (net.Conn, error) {
	if c.held == nil {
		dialCtx, cancel := context.WithDeadline(ctx, deadline)
		defer cancel()
		ctx = dialCtx
	}
	conn, err := c.line.Conn(ctx)
	if err != nil {
		c.held, c.n = nil, 0
		return nil, err
	}
	if conn != c.held {
		c.held, c.n = conn, 0
	}
	return conn, nil
}

// await reads frames until the one that is asked for; answers to requests that
// were given up are thrown away.
func (c *Channel) await(ctx context.Context, conn net.Conn, request []byte) ([]byte, error) {
	taken := 0 // bytes at the head of in that belong to frames seen
	for {
		size, err := frameLen(c.in[taken:c.n])
		if err != nil {
			return nil, &FrameError{request[6], err.Error()}
		}
		if size > 0 && c.n-taken >= size {
			frame := c.in[taken : taken+size]
			if transaction(frame) == transaction(request) {
				if c.n > taken+size {
					c.drop() // the answer is good, what follows it is not ours
				}
				c.n = 0
				return frame, nil
			}
			taken += size
			continue
		}
		copy(c.in[:], c.in[taken:c.n])
		c.n, taken = c.n-taken, 0
		n, err := conn.Read(c.in[c.n:])
		c.n += n
		if err != nil && n == 0 {
			return nil, silent(ctx, request, err)
		}
	}
}

// silent names the cause of a missing answer: a cancelled context shows as
// such and not as the deadline that it was turned into.
func silent(ctx context.Context, request []byte, err error) error {
	if cause := ctx.Err(); cause != nil {
		err = fmt.Errorf("%w (%w)", cause, err)
	}
	return &SilentError{request[6], err}
}

// gone tells whether the other side had closed the connection before.
func gone(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET)
}

func wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
