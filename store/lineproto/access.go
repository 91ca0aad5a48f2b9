package lineproto

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"
)

// How a writer that was refused finds out that it is let in again, in real time:
// by one request in so long, and at once when the token changes.
const (
	probeEvery = 5 * time.Minute
	lookEvery  = 5 * time.Second
)

// token reads what gives access, anew for each request, so that a new token
// works without a restart. Empty where none is needed.
func (w *Writer) token() (string, error) {
	if w.tokenFile == "" {
		return "", nil
	}
	text, err := os.ReadFile(w.tokenFile)
	token := strings.TrimSpace(string(text))
	if err == nil && token == "" {
		err = fmt.Errorf("%s is empty", w.tokenFile)
	}
	if err != nil {
		return "", &StoppedError{Why: fmt.Sprintf("read token: %v; put a token with write access there", err)}
	}
	return token, nil
}

// mended waits until it is worth asking again after token was refused, and
// tells whether ctx goes on.
func (w *Writer) mended(ctx context.Context, token string) bool {
	probe, look := time.NewTimer(probeEvery), time.NewTicker(lookEvery)
	defer probe.Stop()
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-probe.C:
			return true
		case <-look.C:
			if now, err := w.token(); err == nil && now != token {
				return true
			}
		}
	}
}
