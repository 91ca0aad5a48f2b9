package line

import (
	"context"
	"sync"
	"time"
)

// Limiter keeps a process from dialling too much at once, as after an outage
// of the mobile network. One Limiter is shared by all lines.
type Limiter struct {
	slots chan struct{}
	gap   time.Duration // between two dials

	mu   sync.Mutex // guards next
	next time.Time  // when the next dial may begin
}

// NewLimiter allows inProgress dials at once and perSecond new ones a second;
// a figure that is not positive does not limit.
func NewLimiter(inProgress int, perSecond float64) *Limiter {
	l := &Limiter{}
	if inProgress > 0 {
		l.slots = make(chan struct{}, inProgress)
	}
	if perSecond > 0 {
		l.gap = time.Duration(float64(time.Second) / perSecond)
	}
	return l
}

// acquire waits for leave to dial. The caller calls release when the dial has
// ended. A nil Limiter gives leave at once.
func (l *Limiter) acquire(ctx context.Context) (release func(), err error) {
	if l == nil {
		return func() {}, ctx.Err()
	}
	if l.slots != nil {
		select {
		case l.slots <- struct{}{}:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	release = func() {
		if l.slots != nil {
			<-l.slots
		}
	}
	if err := l.turn(ctx); err != nil {
		release()
		return nil, err
	}
	return release, nil
}

// turn waits for the next moment at which a dial may begin. The moment is
// taken before waiting, so that dials are let through in a steady row.
func (l *Limiter) turn(ctx context.Context) error {
	if l.gap <= 0 {
		return ctx.Err()
	}
	l.mu.Lock()
	now := time.Now()
	at := l.next
	if at.Before(now) {
		at = now
	}
	l.next = at.Add(l.gap)
	l.mu.Unlock()
	wait := at.Sub(now)
	if wait <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
