package fault

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"phutai/app"
)

// Broker is the one between collector and center.
type Broker interface {
	// prepare is told where it is to listen, before it is started first.
	prepare(in *Installation, addr string) error
	// Start starts it, and waits until it listens.
	Start() error
	// Wipe makes it forget all that it holds, while it does not run.
	Wipe() error
	process() *process
}

// Embedded is our own role broker, in a process of its own.
type Embedded struct {
	*listening
}

// listening is a broker's process, with where it listens and what it keeps.
type listening struct {
	proc *process
	addr string
	kept string // folder
}

func (l *listening) process() *process { return l.proc }

// Wipe removes what it keeps.
func (l *listening) Wipe() error { return os.RemoveAll(l.kept) }

// Start starts it, and waits until it takes connections.
func (l *listening) Start() error {
	if err := os.MkdirAll(l.kept, 0o700); err != nil {
		return err
	}
	if err := l.proc.Start(); err != nil {
		return err
	}
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		c, err := net.Dial("tcp", l.addr)
		if err == nil {
			return c.Close()
		}
		if time.Now().After(end) || !l.proc.Running() {
			return fmt.Errorf("%s does not listen on %s: %w\n%s", l.proc.name, l.addr, err, l.proc.tail(20))
		}
	}
}

func (e *Embedded) prepare(in *Installation, addr string) error {
	data := filepath.Join(in.Dir, "middle")
	p, err := in.member("broker", app.Broker, in.Setting, data, addr)
	e.listening = &listening{proc: p, addr: addr, kept: filepath.Join(data, "broker")}
	return err
}
