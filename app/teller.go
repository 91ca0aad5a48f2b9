package app

import (
	"context"
	"time"

	"go.uber.org/zap"

	"phutai/grid"
)

// teller lets other systems see the states of alarms, retained at the broker.
type teller struct {
	list    func(context.Context) ([]grid.Alarm, error) // those that stand
	publish func(context.Context, grid.Alarm) error
	log     *zap.Logger

	changed chan grid.Alarm
	asked   chan struct{} // for all that stand
}

const (
	alarmPublishTimeout = 5 * time.Second
	toldAtOnce          = 1024 // alarm states that may wait to be published
)

func newTeller(list func(context.Context) ([]grid.Alarm, error), publish func(context.Context, grid.Alarm) error, log *zap.Logger) *teller {
	return &teller{list: list, publish: publish, log: log, changed: make(chan grid.Alarm, toldAtOnce), asked: make(chan struct{}, 1)}
}

// tell hands over a state that has changed. It never blocks.
func (t *teller) tell(a grid.Alarm) {
	select {
	case t.changed <- a:
	default: // all that stand follow at the latest with the next connect; the pages never depend on it
		t.log.Debug("alarm state not published: too many wait", zap.String("alarm", string(a.ID)))
	}
}

// all asks for everything that stands to be published, as after a connect:
// what was raised before this program started may not stand at the broker any
// more. It never blocks.
func (t *teller) all() {
	select {
	case t.asked <- struct{}{}:
	default: // asked for already
	}
}

// Run publishes until ctx ends.
func (t *teller) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case a := <-t.changed:
			t.send(ctx, a)
		case <-t.asked:
			standing, err := t.list(ctx)
			if err != nil && ctx.Err() == nil {
				t.log.Warn("alarms not published again", zap.Error(err))
			}
			for _, a := range standing {
				if !t.send(ctx, a) {
					break // the next connect asks again
				}
			}
		}
	}
}

func (t *teller) send(ctx context.Context, a grid.Alarm) bool {
	within, cancel := context.WithTimeout(ctx, alarmPublishTimeout)
	defer cancel()
	err := t.publish(within, a)
	if err != nil && ctx.Err() == nil {
		t.log.Debug("alarm state not published", zap.String("alarm", string(a.ID)), zap.Error(err))
	}
	return err == nil
}
