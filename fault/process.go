package fault

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"phutai/app"
)

// process is one role of an installation, started and ended again and again.
type process struct {
	name   string
	orders func() *exec.Cmd // what to start
	log    string           // file
	cmd    *exec.Cmd
	ended  chan struct{} // closed when the one running has ended
	Starts int
	Peak   int64 // bytes of resident memory, the most that any run had
}

// role makes the process of a role, by starting this binary once more.
func role(dir string, r app.Role, config string, clock Clock) (*process, error) {
	text, err := json.Marshal(orders{Config: config, Role: r, Clock: clock})
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &process{name: string(r), log: filepath.Join(dir, string(r)+".log")}
	p.orders = func() *exec.Cmd {
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), roleVariable+"="+string(text))
		return cmd
	}
	return p, nil
}

// Start starts it; one that runs already stays.
func (p *process) Start() error {
	if p.Running() {
		return nil
	}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := p.orders()
	cmd.Stdout, cmd.Stderr = log, log
	// A process of ours ends when this pipe does: it must not outlive a test that
	// was killed itself.
	if _, err := cmd.StdinPipe(); err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", p.name, err)
	}
	p.cmd, p.ended = cmd, make(chan struct{})
	p.Starts++
	go func(cmd *exec.Cmd, ended chan struct{}) {
		_ = cmd.Wait()
		close(ended)
	}(cmd, p.ended)
	return nil
}

// Running tells whether it runs.
func (p *process) Running() bool {
	if p.cmd == nil {
		return false
	}
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// Kill ends it by SIGKILL. One that has ended by itself is an error: no fault of
// the suite may end a process that nobody killed.
func (p *process) Kill() error { return p.end(syscall.SIGKILL, time.Minute) }

// Stop ends it by SIGTERM, as systemd does.
func (p *process) Stop() error {
	if err := p.end(syscall.SIGTERM, time.Minute); err != nil {
		return err
	}
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		return fmt.Errorf("%s ended with %d: see %s", p.name, code, p.log)
	}
	return nil
}

// errEnded says that a process ended by itself.
var errEnded = errors.New("ended by itself")

func (p *process) end(signal syscall.Signal, within time.Duration) error {
	if p.cmd == nil {
		return nil
	}
	if !p.Running() {
		return fmt.Errorf("%s %w (%s): see %s", p.name, errEnded, p.cmd.ProcessState, p.log)
	}
	p.Weigh()
	if err := p.cmd.Process.Signal(signal); err != nil {
		return fmt.Errorf("end %s: %w", p.name, err)
	}
	select {
	case <-p.ended:
		return nil
	case <-time.After(within):
		return fmt.Errorf("%s has not ended within %s of %s", p.name, within, signal)
	}
}

// Pause holds the process still, as a machine that swaps does; the function that
// it gives lets it go on.
func (p *process) Pause() (goOn func() error, err error) {
	if err := p.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		return nil, err
	}
	return func() error { return p.cmd.Process.Signal(syscall.SIGCONT) }, nil
}

// Weigh notes the most memory that the running process has had.
func (p *process) Weigh() {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return // not on Linux, or gone
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			p.Peak = max(p.Peak, kb<<10)
		}
	}
}

// tail gives the last lines of its log.
func (p *process) tail(n int) string {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
