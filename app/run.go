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
	name   string
	run    func(context.Context) error
	within time.Duration // it has to stop, in real time
}

// How long each role may take to stop. A collector ends the turns that are under
// way, the center commits what it has taken in. Together they are less than
// TimeoutStopSec of configs/systemd/phutai.service.
const (
	collectorStop = 30 * time.Second
	centerStop    = 20 * time.Second
	brokerStop    = 10 * time.Second
)

// roles lists the parts in the order in which data flows through them.
func (a *App) roles() []role {
	var all []role
	if a.collect != nil {
		all = append(all, role{"collector", a.collect.Run, collectorStop})
	}
	if a.center != nil {
		all = append(all, role{"center", a.center.Run, centerStop})
	}
	if a.broker != nil {
		all = append(all, role{"broker", a.broker.Run, brokerStop})
	}
	return all
}

// Run runs the roles until ctx ends, which is no error, or until one of them
// fails. It stops them in the order in which data flows, so that the center
// still takes what the collector has sent, over a broker that is still there. One
// that does not stop in its time is an error, and does not hold up the others.
func (a *App) Run(ctx context.Context) error { return runRoles(ctx, a.roles(), a.log) }

// runningRole is a role at work. err may be read once done is closed.
type runningRole struct {
	role
	stop context.CancelFunc
	done chan struct{}
	err  error
}

func runRoles(ctx context.Context, roles []role, log *zap.Logger) error {
	// Each role has a context of its own: ending ctx ends them one by one.
	base := context.WithoutCancel(ctx)
	ends := make(chan *runningRole, len(roles))
	var running []*runningRole
	for _, r := range roles {
		rctx, stop := context.WithCancel(base)
		at := &runningRole{role: r, stop: stop, done: make(chan struct{})}
		running = append(running, at)
		go func() {
			at.err = at.run(rctx)
			close(at.done)
			ends <- at
		}()
	}
	var first *runningRole
	select {
	case <-ctx.Done():
	case first = <-ends:
	}
	var failed []error
	for _, r := range running {
		since := time.Now()
		r.stop()
		switch err := r.ended(); {
		case err == nil && r == first:
			// A role never ends by itself without a reason.
			failed = append(failed, fmt.Errorf("%s: ended by itself", r.name))
		case err != nil && (r == first || !errors.Is(err, context.Canceled)):
			failed = append(failed, fmt.Errorf("%s: %w", r.name, err))
			log.Error("role failed", zap.String("role", r.name), zap.Error(err))
		}
		log.Info("stopped", zap.String("role", r.name), zap.Duration("took", time.Since(since).Round(time.Millisecond)))
	}
	return errors.Join(failed...)
}

// ended waits for the end of a role that has been told to stop, and gives its
// error, or that it has not come in time.
func (r *runningRole) ended() error {
	late := time.NewTimer(r.within)
	defer late.Stop()
	select {
	case <-r.done:
		return r.err
	case <-late.C:
		return fmt.Errorf("has not stopped within %s; the others stop without it, and what it had not committed is read or sent again", r.within)
	}
}
