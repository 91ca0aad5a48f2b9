package notify

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"phutai/grid"
)

// Entry is one message for one channel in the outbox.
type Entry struct {
	ID      int64
	Channel string
	Tries   int
	Message Message
}

// Outbox is the durable list of what is still to be sent.
type Outbox interface {
	// Due gives at most limit entries whose next attempt is not after now,
	// oldest first, and when the next of the others is due (zero: none waits).
	// An entry is not due while an earlier one about the same alarm waits on the
	// same channel: nobody is to hear that it is over before that it began.
	Due(ctx context.Context, now time.Time, limit int) ([]Entry, time.Time, error)
	// Sent strikes an entry off.
	Sent(ctx context.Context, id int64, at time.Time) error
	// Failed notes an attempt without success. A zero next gives up.
	Failed(ctx context.Context, id int64, next time.Time, reason string) error
}

// Retry is how a failed message is tried again.
type Retry struct {
	Every time.Duration `yaml:"every"` // after the first failure; doubles
	Most  time.Duration `yaml:"most"`  // the longest wait
	Tries int           `yaml:"tries"` // after so many attempts it is given up
}

// Dispatcher empties an outbox into channels. The channels work side by side,
// and within one channel the messages about one alarm keep their order.
type Dispatcher struct {
	outbox   Outbox
	channels map[string]Channel
	retry    Retry
	clock    grid.Clock
	log      *zap.Logger
	wake     chan struct{}

	mu        sync.Mutex     // guards delivered
	delivered map[int64]bool // entries that went out and that the outbox could not strike off yet
}

// sendWithin is the longest that a channel may take for one message, in real
// time.
const sendWithin = 30 * time.Second

// batch is how many entries are taken from the outbox at once.
const batch = 100

// NewDispatcher joins an outbox and channels; a nil log is silent.
func NewDispatcher(o Outbox, channels []Channel, r Retry, clock grid.Clock, log *zap.Logger) *Dispatcher {
	if log == nil {
		log = zap.NewNop()
	}
	d := &Dispatcher{outbox: o, channels: map[string]Channel{}, retry: r, clock: clock, log: log, wake: make(chan struct{}, 1), delivered: map[int64]bool{}}
	for _, c := range channels {
		d.channels[c.Name()] = c
	}
	return d
}

// Wake tells that the outbox has something new. It never blocks.
func (d *Dispatcher) Wake() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// Run sends what is due until ctx ends. An outbox that cannot be read is tried
// again; it does not end the run.
func (d *Dispatcher) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		next, err := d.Flush(ctx)
		if err != nil && ctx.Err() == nil {
			d.log.Error("the outbox of pages cannot be read or written; trying again", zap.Error(err))
			next = d.clock.Now().Add(d.retry.Every)
		}
		d.rest(ctx, next)
	}
	return nil
}

// rest waits until next, or for ever where it is zero, or until woken.
func (d *Dispatcher) rest(ctx context.Context, next time.Time) {
	if next.IsZero() {
		select {
		case <-ctx.Done():
		case <-d.wake:
		}
		return
	}
	waiting, stop := context.WithCancel(ctx)
	defer stop()
	due := make(chan struct{})
	go func() {
		defer close(due)
		_ = d.clock.Wait(waiting, next)
	}()
	select {
	case <-due:
	case <-d.wake:
		stop()
		<-due
	}
}

// Flush tries all that is due once and tells when the next attempt is due;
// zero where nothing waits.
func (d *Dispatcher) Flush(ctx context.Context) (time.Time, error) {
	for {
		entries, next, err := d.outbox.Due(ctx, d.clock.Now(), batch)
		if err != nil {
			return time.Time{}, err
		}
		if len(entries) == 0 {
			return next, nil
		}
		byChannel := map[string][]Entry{}
		for _, e := range entries {
			byChannel[e.Channel] = append(byChannel[e.Channel], e)
		}
		var all errgroup.Group
		for _, some := range byChannel {
			all.Go(func() error { return d.attemptAll(ctx, some) })
		}
		if err := all.Wait(); err != nil {
			return time.Time{}, err
		}
	}
}

// attemptAll tries entries of one channel. An outbox that cannot note how one
// went keeps no other from going out.
func (d *Dispatcher) attemptAll(ctx context.Context, entries []Entry) error {
	var failed []error
	held := map[grid.AlarmID]bool{}
	for _, e := range entries {
		if ctx.Err() != nil {
			break
		}
		if held[e.Message.Alarm.ID] {
			continue
		}
		out, err := d.attempt(ctx, e)
		held[e.Message.Alarm.ID] = !out
		failed = append(failed, err)
	}
	return errors.Join(append(failed, ctx.Err())...)
}

// attempt sends one entry and notes how it went. Out is false while it is still
// to be sent; the error is the outbox's.
func (d *Dispatcher) attempt(ctx context.Context, e Entry) (out bool, err error) {
	if !d.wentOut(e.ID) {
		err = d.send(ctx, e)
		if ctx.Err() != nil {
			return false, ctx.Err() // stopped in the middle: it stays due
		}
	}
	if err == nil {
		return true, d.strike(ctx, e.ID)
	}
	note := []zap.Field{zap.String("channel", e.Channel), zap.String("page", e.Message.Key), zap.Int("tries", e.Tries+1), zap.Error(err)}
	if permanent(err) || e.Tries+1 >= d.retry.Tries {
		d.log.Error("gave up a page: tell the people by other means and check the channel's settings", note...)
		return true, d.outbox.Failed(ctx, e.ID, time.Time{}, err.Error())
	}
	d.log.Warn("page not delivered; trying again", note...)
	return false, d.outbox.Failed(ctx, e.ID, d.clock.Now().Add(d.backoff(e.Tries)), err.Error())
}

func (d *Dispatcher) wentOut(id int64) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.delivered[id]
}

// strike takes an entry that went out off the outbox. While the outbox cannot be
// written, as on a full disk, that it went out is remembered here, so that people
// are not paged again every few seconds.
func (d *Dispatcher) strike(ctx context.Context, id int64) error {
	err := d.outbox.Sent(ctx, id, d.clock.Now())
	d.mu.Lock()
	defer d.mu.Unlock()
	if err != nil {
		d.delivered[id] = true
		return err
	}
	delete(d.delivered, id)
	return nil
}

func (d *Dispatcher) send(ctx context.Context, e Entry) error {
	c, there := d.channels[e.Channel]
	if !there {
		return Permanent{fmt.Errorf("channel %q is not configured any more", e.Channel)}
	}
	within, stop := context.WithTimeout(ctx, sendWithin)
	defer stop()
	err := c.Send(within, e.Message)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return fmt.Errorf("no answer in time: %w", err)
	}
	return err
}

// backoff is the wait after the given number of earlier failures.
func (d *Dispatcher) backoff(tries int) time.Duration {
	wait := d.retry.Every
	for range tries {
		if wait >= d.retry.Most {
			break
		}
		wait *= 2
	}
	return min(wait, d.retry.Most)
}
