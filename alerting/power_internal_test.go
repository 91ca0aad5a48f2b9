package alerting

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/zap"

	"phutai/alerting/notify"
	"phutai/db"
	"phutai/grid"
	"phutai/internal/lossy"
)

// named is a channel that is only asked for its name.
type named string

func (n named) Name() string                             { return string(n) }
func (named) Send(context.Context, notify.Message) error { return errors.New("nobody sends here") }

// duty is what state.db was asked to keep, and at which moments of its disk.
type duty struct {
	*Engine
	raised []int         // when the commit of each alarm's transition with its pages ended
	sent   map[int64]int // when a page was struck off
}

func (d *duty) raise(disk *lossy.Disk) error {
	n := int64(len(d.raised) + 1)
	s := subject{grid.Overload, fmt.Sprint("T", n)}
	alarm := grid.Alarm{ID: grid.AlarmID(fmt.Sprintf("A%04d", n)), Kind: s.kind, Transformer: grid.TransformerID(s.id), State: grid.Unacked}
	err := d.apply(context.Background(), dutyTime, func(w *work) {
		w.events = append(w.events, event{s, "raised", "", alarm, n, 1, State{}, time.Hour})
		w.pages = append(w.pages, notify.Message{Key: string(alarm.ID) + "/1", Change: notify.Raised, Alarm: alarm})
	})
	d.raised = append(d.raised, disk.Now())
	return err
}

var dutyTime = time.Date(2026, 6, 25, 10, 0, 0, 0, time.UTC)

func onDuty(d *db.DB) (*Engine, error) {
	return Open(context.Background(), DefaultConfig(), Deps{DB: d, Channels: []notify.Channel{named("log"), named("sms")}, Clock: grid.RealClock{}, Log: zap.NewNop()})
}

// judge opens the state of an image: each alarm that was raised stands, with its
// pages, and what was struck off stays so.
func (d *duty) judge(dir string, moment int) (err error) {
	f, err := db.Open(filepath.Join(dir, "state.db"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	e, err := onDuty(f)
	if err != nil {
		return err
	}
	s, err := e.Stats(context.Background())
	if err != nil {
		return err
	}
	events, err := e.History(context.Background(), 10_000)
	if err != nil {
		return err
	}
	// A transition is there with its event and its pages, or not at all.
	if s.Paged != s.Raised || s.Standing != s.Raised || int64(len(events)) != s.Raised || s.GivenUp > 0 {
		return fmt.Errorf("halves of transitions: %+v, %d events", s, len(events))
	}
	for i, done := range d.raised {
		if done <= moment && s.Raised <= int64(i) {
			return fmt.Errorf("alarm %d, raised at %d, is lost", i+1, done)
		}
	}
	entries, _, err := outbox{db: f}.Due(context.Background(), dutyTime, 10_000)
	if err != nil {
		return err
	}
	struck := 0
	for _, p := range entries {
		if at, ok := d.sent[p.ID]; ok && at <= moment {
			return fmt.Errorf("page %d, sent at %d, would be sent again", p.ID, at)
		}
	}
	for _, at := range d.sent {
		if at <= moment {
			struck++
		}
	}
	if most := 2*int(s.Raised) - struck; len(entries) > most || len(entries) < most-1 { // one may be just going
		return fmt.Errorf("%d pages are due of %d alarms, %d were struck off", len(entries), s.Raised, struck)
	}
	return nil
}

func live(t *testing.T, prepare func(*lossy.Disk)) (*duty, *lossy.Disk, int) {
	disk := lossy.Mount(t)
	f, err := db.Open(disk.Path("state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	e, err := onDuty(f)
	if err != nil {
		t.Fatal(err)
	}
	d, begun, luck := &duty{Engine: e, sent: map[int64]int{}}, disk.Now(), rand.New(rand.NewPCG(1, 13))
	prepare(disk)
	for range 200 {
		switch luck.IntN(10) {
		case 0:
			_, err = f.Write.Exec("PRAGMA wal_checkpoint(PASSIVE)")
		case 1, 2, 3, 4:
			var entries []notify.Entry
			entries, _, err = outbox{db: f}.Due(t.Context(), dutyTime, 1)
			for _, p := range entries {
				err = errors.Join(err, outbox{db: f}.Sent(t.Context(), p.ID, dutyTime))
				d.sent[p.ID] = disk.Now()
			}
		default:
			err = d.raise(disk)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return d, disk, begun
}

func TestNoAlarmAndNoPageIsLostWithThePower(t *testing.T) {
	seed, cuts := lossy.Seed(t), lossy.Cuts(t, 150)
	d, disk, begun := live(t, func(*lossy.Disk) {})
	if err := disk.Cut(begun, cuts, seed, d.judge); err != nil {
		t.Error(err)
	}
	t.Logf("%d cuts of the power over %d operations: %d alarms, %d pages struck off", cuts, disk.Now(), len(d.raised), len(d.sent))
}

// The test of the test: on a disk that does not sync, alarms are lost.
func TestAlarmsOnADiskThatLiesAreLost(t *testing.T) {
	d, disk, begun := live(t, (*lossy.Disk).Lie)
	err := disk.Cut(begun, 100, 1, d.judge)
	if _, ok := errors.AsType[*lossy.CutError](err); !ok {
		t.Errorf("got %v, want that something is lost", err)
	}
}
