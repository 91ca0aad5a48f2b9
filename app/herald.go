package app

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
	"go.uber.org/zap"
)

// herald tells the service manager that started the program (systemd, or what
// speaks like it) how it is: at work, alive, stopping.
type herald struct {
	alive func(context.Context) error
	log   *zap.Logger
	every time.Duration // between two looks; real
	fed   bool          // the manager wants to hear at each of them
	doing atomic.Value  // string: what the program does while it is alive
}

// heraldLook is how often the program is looked at where no watchdog asks for it.
const heraldLook = 5 * time.Second

// atWork is what a program does that is well.
const atWork = "at work"

// busyFor is how much more time is asked for whenever work on a large file goes
// on, which it says every ten seconds.
const busyFor = time.Minute

func newHerald(alive func(context.Context) error, log *zap.Logger) *herald {
	h := &herald{alive: alive, log: log.Named("herald"), every: heraldLook}
	h.doing.Store(atWork)
	within, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		h.log.Warn("the watchdog's interval is not understood, it is not fed", zap.Error(err))
	}
	if within > 0 {
		h.every, h.fed = within/3, true
	}
	return h
}

// run speaks until ctx ends, which is when the program begins to stop. Without a
// service manager it returns at once.
func (h *herald) run(ctx context.Context) {
	if managed := h.tell("STATUS=starting"); !managed {
		return
	}
	tick := time.NewTicker(h.every)
	defer tick.Stop()
	ready, stuck, said := false, false, ""
	for ctx.Err() == nil {
		err := h.look(ctx)
		switch {
		case ctx.Err() != nil:
		case err == nil:
			doing, _ := h.doing.Load().(string)
			switch {
			case !ready:
				ready, said = h.tell(daemon.SdNotifyReady+"\nSTATUS="+doing), doing
			case doing != said:
				said = doing
				h.tell("STATUS=" + doing)
			}
			if h.fed {
				h.tell(daemon.SdNotifyWatchdog)
			}
		case ready && !stuck:
			h.log.Error("the program is stuck, its watchdog is not fed", zap.Error(err))
			h.tell("STATUS=stuck: " + err.Error())
		}
		stuck = err != nil
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
	h.tell(daemon.SdNotifyStopping + "\nSTATUS=stopping")
}

// busy has the manager wait longer for the start.
func (h *herald) busy(what string) {
	h.tell(fmt.Sprintf("EXTEND_TIMEOUT_USEC=%d\nSTATUS=%s", busyFor.Microseconds(), what))
}

// look asks whether the program is alive. No answer in time is one, too.
func (h *herald) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, h.every)
	defer cancel()
	answer := make(chan error, 1)
	go func() { answer <- h.alive(ctx) }()
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return fmt.Errorf("no answer within %s", h.every)
	}
}

func (h *herald) tell(state string) (heard bool) {
	heard, err := daemon.SdNotify(false, state)
	if err != nil {
		h.log.Warn("the service manager is not reached", zap.Error(err))
	}
	return heard || err != nil
}
