package line_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"phutai/grid"
	"phutai/line"
)

func TestAddressMustSayHostAndPort(t *testing.T) {
	for _, tc := range []struct{ address, hint string }{
		{"tcp://10.1.2.3:502", ""},
		{"tcp://[::1]:4059", ""},
		{"tcp://meter-7.example:502", ""},
		{"", "tcp://host:port"},
		{"10.1.2.3:502", "tcp://host:port"},
		{"tcp://10.1.2.3", "host and port"},
		{"tcp://:502", "host and port"},
		{"tcp://10.1.2.3:0", "host and port"},
		{"tcp://10.1.2.3:65536", "host and port"},
		{"tcp://u:p@10.1.2.3:502", "beside"},
		{"tcp://10.1.2.3:502/x", "beside"},
		{"serial:///dev/ttyS0", "unknown scheme \"serial\""},
		{"tcp://%zz:1", "tcp://host:port"},
	} {
		_, err := line.Normal(tc.address)
		_, openErr := line.Open(tc.address, line.Options{})
		if (err == nil) != (openErr == nil) {
			t.Errorf("%q: Normal says %v, Open says %v", tc.address, err, openErr)
		}
		switch {
		case tc.hint == "" && err != nil:
			t.Errorf("%q: %v", tc.address, err)
		case tc.hint != "" && (err == nil || !strings.Contains(err.Error(), tc.hint)):
			t.Errorf("%q: got %v, want a hint at %q", tc.address, err, tc.hint)
		}
	}
}

// listen accepts and holds connections until the test ends.
func listen(t *testing.T) (address string, accepted *atomic.Int64) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	accepted = new(atomic.Int64)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var conns []net.Conn
	wg.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			accepted.Add(1)
			mu.Lock()
			conns = append(conns, conn)
			mu.Unlock()
		}
	})
	t.Cleanup(func() {
		_ = ln.Close()
		wg.Wait()
		for _, c := range conns {
			_ = c.Close()
		}
	})
	return "tcp://" + ln.Addr().String(), accepted
}

func open(t *testing.T, address string, opt line.Options) *line.Line {
	t.Helper()
	l, err := line.Open(address, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func TestOneConnectionIsSharedUntilItIsDropped(t *testing.T) {
	address, _ := listen(t)
	l := open(t, address, line.Options{})
	if l.Connected() {
		t.Fatal("connected before anybody asked")
	}
	first, err := l.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if again, err := l.Conn(t.Context()); err != nil || again != first {
		t.Fatalf("second Conn: got another connection or %v", err)
	}
	l.Drop()
	l.Drop()
	if l.Connected() {
		t.Error("connected after Drop")
	}
	next, err := l.Conn(t.Context())
	if err != nil || next == first {
		t.Fatalf("after Drop: got the old connection or %v", err)
	}
	if begun, failed := l.Dials(); begun != 2 || failed != 0 {
		t.Errorf("dials: got %d begun and %d failed, want 2 and 0", begun, failed)
	}
}

func TestRefusedLineHasNoRoute(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "tcp://" + ln.Addr().String()
	if err := ln.Close(); err != nil {
		t.Fatal(err)
	}
	l := open(t, address, line.Options{})
	_, err = l.Conn(t.Context())
	var de *line.DialError
	if !errors.As(err, &de) || de.Reason() != grid.NoRoute || !strings.Contains(err.Error(), address) {
		t.Fatalf("got %v, want a dial error that names %s", err, address)
	}
	if begun, failed := l.Dials(); begun != 1 || failed != 1 {
		t.Errorf("dials: got %d begun and %d failed, want 1 and 1", begun, failed)
	}
}

func TestClosedLineOpensNoMore(t *testing.T) {
	address, accepted := listen(t)
	l := open(t, address, line.Options{})
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Conn(t.Context()); !errors.Is(err, line.ErrClosed) {
		t.Errorf("got %v, want ErrClosed", err)
	}
	if n := accepted.Load(); n != 0 {
		t.Errorf("%d connections were made", n)
	}
}

func TestCallerCanGiveUpWaitingForItsTurn(t *testing.T) {
	address, _ := listen(t)
	limiter := line.NewLimiter(0, 0.001) // the second dial waits a quarter of an hour
	first := open(t, address, line.Options{Limiter: limiter})
	if _, err := first.Conn(t.Context()); err != nil {
		t.Fatal(err)
	}
	second := open(t, address, line.Options{Limiter: limiter})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := second.Conn(ctx)
		done <- err
	}()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	if begun, _ := second.Dials(); begun != 0 {
		t.Errorf("%d dials were begun", begun)
	}
}

func TestDialTimeoutCountsWaitingForTheLimiter(t *testing.T) {
	address, _ := listen(t)
	limiter := line.NewLimiter(0, 0.001)
	first := open(t, address, line.Options{Limiter: limiter})
	if _, err := first.Conn(t.Context()); err != nil {
		t.Fatal(err)
	}
	second := open(t, address, line.Options{Limiter: limiter, DialTimeout: time.Millisecond})
	if _, err := second.Conn(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the deadline", err)
	}
}

func TestLimiterLetsManyLinesThroughInTheEnd(t *testing.T) {
	address, _ := listen(t)
	limiter := line.NewLimiter(2, 10000)
	var wg sync.WaitGroup
	for range 20 {
		l := open(t, address, line.Options{Limiter: limiter})
		wg.Go(func() {
			if _, err := l.Conn(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestSpellingsOfOneAddressAreOne(t *testing.T) {
	for want, spellings := range map[string][]string{
		"tcp://gw.example:502":       {"tcp://gw.example:502", "TCP://GW.Example:0502"},
		"tcp://192.0.2.7:4059":       {"tcp://192.0.2.7:4059", "tcp://[::ffff:192.0.2.7]:4059"},
		"tcp://[2001:db8::1]:502":    {"tcp://[2001:DB8::1]:502", "tcp://[2001:0db8:0:0::1]:00502"},
		"tcp://[fe80::1%25eth0]:502": {"tcp://[fe80::1%25eth0]:502", "tcp://[FE80::1%25eth0]:502"},
	} {
		for _, s := range append(spellings, want) {
			if got, err := line.Normal(s); err != nil || got != want {
				t.Errorf("%s: got %q, %v, want %q", s, got, err, want)
			}
		}
	}
}
