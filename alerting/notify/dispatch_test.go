package notify_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"phutai/alerting/notify"
	"phutai/grid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// tray is an outbox in memory.
type tray struct {
	mu      sync.Mutex
	stuck   bool // nothing can be struck off
	waiting map[int64]notify.Entry
	next    map[int64]time.Time
	sent    []int64
	given   []int64
}

func newTray(channels ...string) *tray {
	t := &tray{waiting: map[int64]notify.Entry{}, next: map[int64]time.Time{}}
	for i, c := range channels {
		id := int64(i + 1)
		t.put(id, c, grid.AlarmID(fmt.Sprint("A", id)))
		t.next[id] = at
	}
	return t
}

// put adds an entry about an alarm.
func (t *tray) put(id int64, channel string, about grid.AlarmID) {
	m := message(fmt.Sprint(about, "/", id))
	m.Alarm.ID = about
	t.waiting[id], t.next[id] = notify.Entry{ID: id, Channel: channel, Message: m}, at
}

// held tells whether an earlier entry about the same alarm waits.
func (t *tray) held(e notify.Entry, now time.Time) bool {
	for id, o := range t.waiting {
		if id < e.ID && o.Channel == e.Channel && o.Message.Alarm.ID == e.Message.Alarm.ID && t.next[id].After(now) {
			return true
		}
	}
	return false
}

func (t *tray) Due(_ context.Context, now time.Time, limit int) ([]notify.Entry, time.Time, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var due []notify.Entry
	var next time.Time
	for id := int64(1); id < 100; id++ {
		e, ok := t.waiting[id]
		switch {
		case !ok || t.held(e, now):
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
	if t.stuck {
		return errors.New("disk full")
	}
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

// flaky fails a number of times and then keeps what it is given.
type flaky struct {
	failures int
	keys     []string
}

func (*flaky) Name() string { return "flaky" }

func (c *flaky) Send(_ context.Context, m notify.Message) error {
	if c.failures > 0 {
		c.failures--
		return errors.New("down")
	}
	c.keys = append(c.keys, m.Key)
	return nil
}

func TestPagesOfOneAlarmKeepTheirOrderAndHoldUpNoOther(t *testing.T) {
	box, clock, c := newTray(), &handClock{at}, &flaky{failures: 1}
	box.put(1, "flaky", "A")
	box.put(2, "flaky", "A") // it is over
	box.put(3, "flaky", "B")
	d := notify.NewDispatcher(box, []notify.Channel{c}, notify.Retry{Every: time.Minute, Most: time.Minute, Tries: 6}, clock, nil)
	next, err := d.Flush(t.Context())
	if err != nil || !slices.Equal(c.keys, []string{"B/3"}) || !next.Equal(at.Add(time.Minute)) {
		t.Fatalf("delivered %v, next %v (%v)", c.keys, next, err)
	}
	clock.now = next
	if _, err := d.Flush(t.Context()); err != nil || !slices.Equal(c.keys, []string{"B/3", "A/1", "A/2"}) {
		t.Errorf("delivered %v (%v)", c.keys, err)
	}
}

func TestPageThatCannotBeStruckOffGoesOutOnce(t *testing.T) {
	box, c := newTray(), &flaky{}
	box.stuck = true
	box.put(1, "flaky", "A")
	box.put(2, "flaky", "B")
	d := notify.NewDispatcher(box, []notify.Channel{c}, notify.DefaultConfig().Retry, &handClock{at}, nil)
	for range 3 {
		if _, err := d.Flush(t.Context()); err == nil {
			t.Error("the outbox's trouble was not told")
		}
	}
	box.stuck = false
	if _, err := d.Flush(t.Context()); err != nil {
		t.Error(err)
	}
	if !slices.Equal(c.keys, []string{"A/1", "B/2"}) || !slices.Equal(box.sent, []int64{1, 2}) {
		t.Errorf("delivered %v, struck off %v", c.keys, box.sent)
	}
}

func TestRunWakesForANewPageAndEndsWithItsContext(t *testing.T) {
	box := newTray()
	d := notify.NewDispatcher(box, []notify.Channel{channel{"good", nil}}, notify.DefaultConfig().Retry, &handClock{at}, nil)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	box.mu.Lock()
	box.put(7, "good", "A")
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
