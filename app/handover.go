package app

import (
	"context"
	"errors"
	"sync"
	"time"

	"phutai/grid"
	"phutai/mqtt"
)

// handover knows up to when each collector has handed over all that it has read,
// and sends commands to those that can hear them.
type handover struct {
	marks   watermarks
	publish func(context.Context, grid.BackFill) error

	mu     sync.Mutex // guards the fields below
	online map[grid.CollectorID]bool
	newest map[grid.CollectorID]mqtt.Status // what they have said last
	due    map[grid.CollectorID]mqtt.Status // what is waited for
	handed map[grid.CollectorID]time.Time
}

// watermarks tells what has been committed of each collector's newest spool.
type watermarks interface {
	Watermarks() map[grid.CollectorID]grid.Watermark
}

func newHandover(marks watermarks, publish func(context.Context, grid.BackFill) error) *handover {
	return &handover{
		marks: marks, publish: publish, online: map[grid.CollectorID]bool{},
		newest: map[grid.CollectorID]mqtt.Status{}, due: map[grid.CollectorID]mqtt.Status{}, handed: map[grid.CollectorID]time.Time{},
	}
}

// heard takes what a collector says of itself.
func (h *handover) heard(s mqtt.Status) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.online[s.Collector] = s.Online
	if !s.Online || s.At.IsZero() {
		return
	}
	h.newest[s.Collector] = s
	h.look(s.Collector)
}

// Handed gives the moment up to which a collector has handed over all that it
// has read; zero: not known.
func (h *handover) Handed(id grid.CollectorID) time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.look(id)
	return h.handed[id]
}

// look waits for one word of a collector to come true and then for its newest,
// so that it gets on also where readings never stop coming. The caller holds mu.
func (h *handover) look(id grid.CollectorID) {
	if due := h.due[id]; due.At.IsZero() || due.Epoch != h.newest[id].Epoch {
		h.due[id] = h.newest[id]
	}
	mark := h.marks.Watermarks()[id]
	for _, s := range []mqtt.Status{h.due[id], h.newest[id]} {
		if handedOver(&s, &mark) {
			h.handed[id], h.due[id] = s.At, h.newest[id]
		}
	}
}

// handedOver tells whether the center has all that a collector had when it spoke.
func handedOver(s *mqtt.Status, mark *grid.Watermark) bool {
	if s.LastSeq == 0 { // it has never read anything, or is of a version that does not say
		return s.Spool == 0 && !s.At.IsZero()
	}
	return mark.Epoch == s.Epoch && mark.Seq >= s.LastSeq && (len(mark.Missing) == 0 || mark.Missing[0][0] > s.LastSeq)
}

// errAway says that a collector does not listen now.
var errAway = errors.New("the collector is not connected")

// BackFill sends a command to a collector that is there.
func (h *handover) BackFill(ctx context.Context, b grid.BackFill) error {
	h.mu.Lock()
	there := h.online[b.Collector]
	h.mu.Unlock()
	if !there {
		return errAway
	}
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	return h.publish(ctx, b)
}

// commandTimeout bounds the sending of one command, in real time.
const commandTimeout = 5 * time.Second
