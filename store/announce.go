package store

import (
	"context"
	"maps"
	"sync"
	"time"

	"go.uber.org/zap"

	"phutai/grid"
)

// announcer publishes watermarks beside the commits, so that a broker that is
// down does not hold them up. Of several for one collector only the newest is
// published, and a failed one is tried again.
type announcer struct {
	to   Watermarks
	log  *zap.Logger
	wake chan struct{}

	mu   sync.Mutex // guards owed
	owed map[grid.CollectorID]grid.Watermark
}

// Deadline of one publication and pause after a failed one, in real time.
const (
	publishWithin = 5 * time.Second
	publishPause  = time.Second
)

func newAnnouncer(to Watermarks, log *zap.Logger) *announcer {
	return &announcer{to: to, log: log, wake: make(chan struct{}, 1), owed: map[grid.CollectorID]grid.Watermark{}}
}

func (a *announcer) owe(marks map[grid.CollectorID]grid.Watermark) {
	a.mu.Lock()
	maps.Copy(a.owed, marks)
	a.mu.Unlock()
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

func (a *announcer) take() map[grid.CollectorID]grid.Watermark {
	a.mu.Lock()
	defer a.mu.Unlock()
	owed := a.owed
	a.owed = map[grid.CollectorID]grid.Watermark{}
	return owed
}

// giveBack owes again what could not be published, unless a newer one is owed.
func (a *announcer) giveBack(failed map[grid.CollectorID]grid.Watermark) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for id, w := range failed {
		if _, newer := a.owed[id]; !newer {
			a.owed[id] = w
		}
	}
}

func (a *announcer) run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-a.wake:
		}
		for {
			failed := a.publish(ctx, a.take())
			if len(failed) == 0 {
				break
			}
			a.giveBack(failed)
			if !sleep(ctx, publishPause) {
				return nil
			}
		}
	}
}

// flush publishes what is still owed, once, as far as ctx lasts.
func (a *announcer) flush(ctx context.Context) {
	if failed := a.publish(ctx, a.take()); len(failed) > 0 {
		a.log.Warn("watermarks are published at the next start", zap.Int("collectors", len(failed)))
	}
}

func (a *announcer) publish(ctx context.Context, marks map[grid.CollectorID]grid.Watermark) map[grid.CollectorID]grid.Watermark {
	failed := map[grid.CollectorID]grid.Watermark{}
	for id, w := range marks {
		ctx, cancel := context.WithTimeout(ctx, publishWithin)
		err := a.to.PublishWatermark(ctx, id, w)
		cancel()
		if err != nil {
			failed[id] = w
			a.log.Debug("watermark is published later", zap.String("collector", string(id)), zap.Error(err))
		}
	}
	return failed
}
