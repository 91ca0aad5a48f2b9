package notify_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"phutai/alerting/notify"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// tray is an outbox in memory.
type tray struct {
	mu      sync.Mutex
	waiting map[int64]notify.Entry
	next    map[int64]time.Time
	sent    []int64
	given   []int64
}

func newTray(channels ...string) *tray {
	t := &tray{waiting: map[int64]notify.Entry{}, next: map[int64]time.Time{}}
	for i, c := range channels {
		id := int64(i + 1)
		t.waiting[id] = notify.Entry{ID: id, Channel: c, Message: message("k")}
		t.next[id] = at
	}
	return t
}

func (t *tray) Due(_ context.Context, now time.Time, limit int) ([]notify.Entry, time.Time, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var due []notify.Entry
	var next time.Time
	for id := int64(1); id < 100; id++ {
		e, ok := t.waiting[id]
		switch {
		case !ok:
		case !t.next[id].After(now) && len(due) < limit:
			due = append(due, e)
		case next.IsZero() || t.next[id].Before(next):
			next = t.next[id]
		}
	}
	return due, next, nil
}

func (t *tray) Sent(_ context.Context, id int64, _ time.Time) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.waiting, id)
	t.sent = append(t.sent, id)
	return nil
}

func (t *tray) Failed(_ context.Context, id int64, next time.Time, _ string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if next.IsZero() {
		delete(t.waiting, id)
		t.given = append(t.given, id)
		return nil
	}
	e := t.waiting[id]
	e.Tries++
	t.waiting[id], t.next[id] = e, next
	return nil
}

type channel struct {
	name string
	err  error
}

func (c channel) Name() string                               { return c.name }
func (c channel) Send(context.Context, notify.Message) error { return c.err }

type handClock struct{ now time.Time }

func (c *handClock) Now() time.Time { return c.now }
func (c *handClock) Wait(ctx context.Context, t time.Time) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestOneBrokenChannelDoesNotStopAnother(t *testing.T) {
	box := newTray("broken", "good", "gone", "refused", "good")
	clock := &handClock{at}
	channels := []notify.Channel{channel{"broken", errors.New("down")}, channel{"good", nil}, channel{"refused", notify.Permanent{Err: errors.New("no such person")}}}
	d := notify.NewDispatcher(box, channels, notify.Retry{Every: time.Minute, Most: 5 * time.Minute, Tries: 6}, clock, nil)
	var waits []time.Duration
	for range 6 {
		next, err := d.Flush(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if next.IsZero() {
			break
		}
		waits = append(waits, next.Sub(clock.now))
		clock.now = next
	}
	want := []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute, 5 * time.Minute, 5 * time.Minute}
	if len(waits) != len(want) {
		t.Fatalf("waited %v, want %v", waits, want)
	}
	for i := range want {
		if waits[i] != want[i] {
			t.Errorf("waited %v, want %v", waits, want)
		}
	}
	if len(box.sent) != 2 || len(box.given) != 3 || len(box.waiting) != 0 {
		t.Errorf("sent %v, given up %v, waiting %v", box.sent, box.given, box.waiting)
	}
}

func TestRunWakesForANewPageAndEndsWithItsContext(t *testing.T) {
	box := newTray()
	d := notify.NewDispatcher(box, []notify.Channel{channel{"good", nil}}, notify.DefaultConfig().Retry, &handClock{at}, nil)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	box.mu.Lock()
	box.waiting[7], box.next[7] = notify.Entry{ID: 7, Channel: "good", Message: message("k")}, at
	box.mu.Unlock()
	d.Wake()
	deadline := time.Now().Add(10 * time.Second)
	for sent := 0; sent == 0; {
		if time.Now().After(deadline) {
			t.Fatal("the page was not sent")
		}
		time.Sleep(time.Millisecond)
		box.mu.Lock()
		sent = len(box.sent)
		box.mu.Unlock()
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
