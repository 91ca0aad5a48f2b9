package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"
)

// role is a part of the process that runs until its context ends.
type role struct {
	name string
	run  func(context.Context) error
}

// roles lists the parts in the order in which data flows through them.
func (a *App) roles() []role {
	var all []role
	if a.collect != nil {
		all = append(all, role{"collector", a.collect.Run})
	}
	if a.center != nil {
		all = append(all, role{"center", a.center.Run})
	}
	if a.broker != nil {
		all = append(all, role{"broker", a.broker.Run})
	}
	return all
}

// Run runs the roles until ctx ends, which is no error, or until one of them
// fails. It stops them in the order in which data flows, so that the center
// still takes what the collector has sent, over a broker that is still there.
func (a *App) Run(ctx context.Context) error {
	roles := a.roles()
	type ended struct {
		role string
		err  error
	}
	// Each role has a context of its own: ending ctx ends them one by one.
	base := context.WithoutCancel(ctx)
	ends := make(chan ended, len(roles))
	running := make([]runningRole, len(roles))
	for i, r := range roles {
		rctx, stop := context.WithCancel(base)
		running[i] = runningRole{role: r, stop: stop, done: make(chan struct{})}
		go func() {
			defer close(running[i].done)
			ends <- ended{r.name, r.run(rctx)}
		}()
	}
	var failed []error
	select {
	case <-ctx.Done():
	case first := <-ends:
		// A role never ends by itself without a reason.
		if first.err == nil {
			first.err = errors.New("ended by itself")
		}
		failed = append(failed, fmt.Errorf("%s: %w", first.role, first.err))
	}
	for _, r := range running {
		since := time.Now()
		r.stop()
		<-r.done
		a.log.Info("stopped", zap.String("role", r.name), zap.Duration("took", time.Since(since).Round(time.Millisecond)))
	}
	for range len(roles) - len(failed) {
		if e := <-ends; e.err != nil && !errors.Is(e.err, context.Canceled) {
			failed = append(failed, fmt.Errorf("%s: %w", e.role, e.err))
		}
	}
	return errors.Join(failed...)
}

type runningRole struct {
	role
	stop context.CancelFunc
	done chan struct{}
}
