package app

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/fleet"
	"phutai/grid"
	"phutai/mqtt"
	"phutai/store"
)

// marks is what has been committed of each collector.
type marks map[grid.CollectorID]grid.Watermark

func (m marks) Watermarks() map[grid.CollectorID]grid.Watermark { return m }

func TestCollectorHasHandedOverWhatTheCenterHasCommitted(t *testing.T) {
	committed := marks{}
	h := newHandover(committed, nil)
	at := func(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }
	for i, c := range []struct {
		says mqtt.Status
		mark grid.Watermark
		want time.Time
	}{
		{mqtt.Status{}, grid.Watermark{}, time.Time{}}, // its last will
		{mqtt.Status{Online: true, At: at(1), Epoch: "e", LastSeq: 100}, grid.Watermark{}, time.Time{}},
		{mqtt.Status{Online: true, At: at(2), Epoch: "e", LastSeq: 200}, grid.Watermark{Epoch: "e", Seq: 99}, time.Time{}},
		{mqtt.Status{Online: true, At: at(3), Epoch: "e", LastSeq: 300}, grid.Watermark{Epoch: "e", Seq: 150}, at(1)}, // always behind the newest
		{mqtt.Status{Online: true, At: at(4), Epoch: "e", LastSeq: 400}, grid.Watermark{Epoch: "e", Seq: 350}, at(3)},
		{mqtt.Status{Online: true, At: at(5), Epoch: "e", LastSeq: 400}, grid.Watermark{Epoch: "e", Seq: 450, Missing: [][2]uint64{{390, 400}}}, at(3)},
		{mqtt.Status{Online: true, At: at(6), Epoch: "e", LastSeq: 400}, grid.Watermark{Epoch: "e", Seq: 450, Missing: [][2]uint64{{401, 440}}}, at(6)},
		{mqtt.Status{}, grid.Watermark{Epoch: "e", Seq: 450}, at(6)},
		{mqtt.Status{Online: true, At: at(9), Epoch: "f", LastSeq: 20}, grid.Watermark{Epoch: "e", Seq: 450}, at(6)}, // a new disk
		{mqtt.Status{Online: true, At: at(10), Epoch: "f", LastSeq: 30}, grid.Watermark{Epoch: "f", Seq: 30}, at(10)},
		{mqtt.Status{Online: true, At: at(11), Epoch: "f", Spool: 7}, grid.Watermark{Epoch: "f", Seq: 90}, at(10)}, // of a version that does not say
		{mqtt.Status{Online: true, At: at(12), Epoch: "f"}, grid.Watermark{Epoch: "f", Seq: 90}, at(12)},
	} {
		c.says.Collector = "east"
		committed["east"] = c.mark
		h.heard(c.says)
		if got := h.Handed("east"); !got.Equal(c.want) {
			t.Errorf("step %d: %s, want %s", i, got, c.want)
		}
	}
	if got := h.Handed("west"); !got.IsZero() {
		t.Errorf("one that was never heard: %s", got)
	}
}

func TestCommandsGoToCollectorsThatAreThere(t *testing.T) {
	sent := 0
	h := newHandover(marks{}, func(context.Context, grid.BackFill) error { sent++; return nil })
	ask := func(want error) {
		t.Helper()
		if err := h.BackFill(t.Context(), grid.BackFill{Collector: "east"}); !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
	}
	ask(errAway)
	h.heard(mqtt.Status{Collector: "east", Online: true})
	ask(nil)
	h.heard(mqtt.Status{Collector: "east"})
	ask(errAway)
	if sent != 1 {
		t.Errorf("%d went out", sent)
	}
}

func TestDutiesFollowTheRegister(t *testing.T) {
	clock := &handClock{noon}
	r, _ := exampleAt(t, clock)
	cfg := DefaultConfig()
	profiles, err := loadProfiles(&cfg)
	if err != nil {
		t.Fatal(err)
	}
	d := &duties{register: r, profiles: profiles, cfg: &cfg.Collector}
	of := func() map[grid.PointID][]store.Stay {
		t.Helper()
		all, err := d.Duties(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		out := map[grid.PointID][]store.Stay{}
		for i, x := range all {
			if out[x.Point] = x.Stays; i > 0 && all[i-1].Point >= x.Point {
				t.Errorf("%s is out of order", x.Point)
			}
			for k := range x.Stays {
				if p := &x.Stays[k]; p.Phase < 0 || p.Phase >= cfg.Collector.Spread {
					t.Errorf("%+v begins outside the spread", *p)
				} else {
					p.Phase = 0
				}
			}
		}
		return out
	}
	dlms := store.Stay{Meter: "24001234", Collector: "main", Poll: 5 * time.Minute, Row: 30 * time.Minute, RowLag: 33 * time.Minute}
	modbus := store.Stay{Meter: "24005678", Collector: "main", Poll: 5 * time.Minute}
	if diff := cmp.Diff(map[grid.PointID][]store.Stay{point1: {dlms}, point2: {modbus}}, of()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	// The meter of the first point is exchanged for another.
	set := exampleRegister()
	set.Meters[0].Body.ID, set.Meters[0].Body.Collector, set.Meters[0].Body.Every = "25000001", "east", time.Minute
	set.Meters = append(set.Meters, fleet.Fact[grid.Meter]{Body: exampleRegister().Meters[0].Body, To: noon})
	set.Meters[0].From = noon
	if _, err := r.Import(t.Context(), set, fleet.ImportOptions{Removal: true}); err != nil {
		t.Fatal(err)
	}
	old, newer := dlms, dlms
	old.To, newer.From = noon, noon
	newer.Meter, newer.Collector, newer.Poll = "25000001", "east", time.Minute
	if diff := cmp.Diff([]store.Stay{old, newer}, of()[point1]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
