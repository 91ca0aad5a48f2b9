package mqtt

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"go.uber.org/zap"
)

// brokerLog hands the broker's lines to zap. What the broker calls a notice is
// detail here; what it calls fatal ends only the broker.
type brokerLog struct {
	log  *zap.Logger
	over atomic.Bool // the server has shut down

	mu   sync.Mutex // guards the fields below
	last string
	dead bool
}

// end silences the log: parts of a server that wait for its store when it shuts
// down go on to complain for a while afterwards.
func (l *brokerLog) end() { l.over.Store(true) }

func (l *brokerLog) Noticef(format string, v ...any) {
	if !l.over.Load() {
		l.log.Debug(line(format, v))
	}
}
func (l *brokerLog) Debugf(string, ...any)          {}
func (l *brokerLog) Tracef(string, ...any)          {}
func (l *brokerLog) Errorf(format string, v ...any) { l.fail(line(format, v)) }

// Fatalf ends the broker, never this process.
func (l *brokerLog) Fatalf(format string, v ...any) {
	l.fail(line(format, v))
	l.mu.Lock()
	l.dead = true
	l.mu.Unlock()
}

func (l *brokerLog) fatal() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.dead
}

// Warnf passes over the advice to hash passwords: they are not in a file here,
// they are handed over in memory.
func (l *brokerLog) Warnf(format string, v ...any) {
	if !l.over.Load() && !strings.HasPrefix(format, "Plaintext passwords detected") {
		l.log.Warn(line(format, v))
	}
}

func (l *brokerLog) fail(text string) {
	if l.over.Load() {
		return
	}
	l.mu.Lock()
	l.last = text
	l.mu.Unlock()
	l.log.Error(text)
}

// lastError is the newest error line, for the one who cannot start.
func (l *brokerLog) lastError() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.last == "" {
		return "it took too long"
	}
	return l.last
}

// line makes the text of a log line. The broker puts client ids into its formats,
// so that a percent sign in one has an argument printed as another kind of thing than
// it is: one that can tell its own text does so first, instead of being looked
// through while others write to it, which may end the process.
func line(format string, v []any) string {
	told := make([]any, len(v))
	for i, x := range v {
		told[i] = x
		switch x.(type) {
		case error, fmt.Stringer:
			told[i] = fmt.Sprint(x) // which bears a nil
		}
	}
	return fmt.Sprintf(format, told...)
}
