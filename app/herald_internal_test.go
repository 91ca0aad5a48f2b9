package app

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/zap"
)

// superior is a service manager: a socket, and what it has heard.
type superior struct {
	*testing.T
	conn *net.UnixConn
}

// newSuperior listens for this process, with a watchdog of the given interval.
func newSuperior(t *testing.T, watchdog time.Duration) *superior {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	t.Setenv("NOTIFY_SOCKET", path)
	t.Setenv("WATCHDOG_PID", strconv.Itoa(os.Getpid()))
	t.Setenv("WATCHDOG_USEC", strconv.Itoa(int(watchdog/time.Microsecond)))
	return &superior{t, conn}
}

// hear gives the next message.
func (s *superior) hear() string {
	s.Helper()
	if err := s.conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		s.Fatal(err)
	}
	buf := make([]byte, 4096)
	n, err := s.conn.Read(buf)
	if err != nil {
		s.Fatalf("nothing is heard: %v", err)
	}
	return string(buf[:n])
}

// until hears messages up to one that begins with word, and gives those before it.
func (s *superior) until(word string) (before []string) {
	s.Helper()
	for {
		said := s.hear()
		if strings.HasPrefix(said, word) {
			return before
		}
		before = append(before, said)
	}
}

func TestWatchdogIsFedOnlyWhileTheProgramIsAlive(t *testing.T) {
	s := newSuperior(t, 900*time.Millisecond)
	var state atomic.Int32 // 0: not ready, 1: alive, 2: stuck
	hung := make(chan struct{})
	alive := func(context.Context) error {
		switch state.Load() {
		case 0:
			return errors.New("not yet")
		case 2:
			<-hung
		}
		return nil
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); newHerald(alive, zap.NewNop()).run(ctx) }()
	s.until("STATUS=starting")
	state.Store(1)
	if early := s.until("READY=1"); len(early) != 0 {
		t.Errorf("before it is ready it says %q", early)
	}
	for range 3 {
		s.until("WATCHDOG=1")
	}
	state.Store(2)
	s.until("STATUS=stuck: no answer within 300ms")
	state.Store(1)
	close(hung)
	if meanwhile := s.until("WATCHDOG=1"); len(meanwhile) != 0 {
		t.Errorf("while it is stuck it says %q", meanwhile)
	}
	stop()
	s.until("STOPPING=1")
	<-done
}

func TestProgramWithoutAServiceManagerSaysNothing(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	newHerald(func(context.Context) error { t.Error("it was looked at"); return nil }, zap.NewNop()).run(t.Context())
}

func TestServiceManagerHearsOfStartLifeAndStop(t *testing.T) {
	s := newSuperior(t, 300*time.Millisecond)
	dir := filepath.Join(t.TempDir(), "house")
	if err := Init(dir, os.Stderr); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "phutai.yml")
	if err := os.WriteFile(config, []byte("web: {listen: \"127.0.0.1:0\"}\nbroker: {listen: \"127.0.0.1:0\"}\nlog: {level: error}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- RunFile(ctx, config, nil, os.Stderr) }()
	s.until("READY=1")
	s.until("WATCHDOG=1")
	s.until("WATCHDOG=1")
	stop()
	s.until("STOPPING=1")
	if err := <-done; err != nil {
		t.Error(err)
	}
}
