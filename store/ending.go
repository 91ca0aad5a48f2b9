package store

import (
	"context"
	"errors"
	"sync"
	"time"
)

// finishWithin bounds, in real time, how long the ingester goes on after its end
// was asked for.
const finishWithin = 5 * time.Second

// grace gives a context that lasts for d longer than ctx. end releases it.
func grace(ctx context.Context, d time.Duration) (late context.Context, end func()) {
	late, end = context.WithCancel(context.WithoutCancel(ctx))
	context.AfterFunc(ctx, func() {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			end()
		case <-late.Done():
		}
	})
	return late, end
}

// errClosing is Offer's answer once Run is coming to its end.
var errClosing = errors.New("the ingester is stopping: the message comes again")

// door lets messages into the queue until it is closed. Once close has returned,
// all that will ever be in the queue is there. The zero value is open.
type door struct {
	passing sync.RWMutex // held for reading by those who pass

	mu   sync.Mutex // guards shut
	shut chan struct{}
}

// sign is closed when the door is.
func (d *door) sign() chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.shut == nil {
		d.shut = make(chan struct{})
	}
	return d.shut
}

func (d *door) pass(ctx context.Context, queue chan<- Message, m Message) error {
	d.passing.RLock()
	defer d.passing.RUnlock()
	shut := d.sign()
	select {
	case <-shut:
		return errClosing
	default:
	}
	select {
	case queue <- m:
		return nil
	case <-shut:
		return errClosing
	case <-ctx.Done():
		return ctx.Err()
	}
}

// open undoes close.
func (d *door) open() {
	d.mu.Lock()
	defer d.mu.Unlock()
	select {
	case <-d.shut:
		d.shut = nil
	default:
	}
}

// close turns away those who wait, and waits for those who are through.
func (d *door) close() {
	shut := d.sign()
	select {
	case <-shut:
	default:
		close(shut)
	}
	d.passing.Lock()
	defer d.passing.Unlock()
}
