package collector

import (
	"sync"

	"phutai/grid"
)

// mailbox holds the newest watermark for the publisher.
type mailbox struct {
	mu    sync.Mutex // guards the fields below
	mark  grid.Watermark
	fresh bool
	back  bool
	bell  chan struct{}
}

func newMailbox() mailbox { return mailbox{bell: make(chan struct{}, 1)} }

func (m *mailbox) put(w grid.Watermark) {
	m.mu.Lock()
	m.mark, m.fresh = w, true
	m.mu.Unlock()
	m.ring()
}

// reconnect says that the uplink is back.
func (m *mailbox) reconnect() {
	m.mu.Lock()
	m.back = true
	m.mu.Unlock()
	m.ring()
}

func (m *mailbox) ring() {
	select {
	case m.bell <- struct{}{}:
	default:
	}
}

func (m *mailbox) take() (w grid.Watermark, fresh, reconnect bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	w, fresh, reconnect = m.mark, m.fresh, m.back
	m.fresh, m.back = false, false
	return w, fresh, reconnect
}
