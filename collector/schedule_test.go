package collector_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"phutai/grid"
	"phutai/meter"
)

func TestMetersAreAskedOncePerSlotAndAtTheSameTimeAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := build(t, map[grid.MeterID]meter.Device{"A": &readyMeter{}, "B": &readyMeter{}})
		w.start(on("l1", "A"), on("l2", "B"))
		time.Sleep(time.Hour)
		w.stop()
		w.start() // with the plan that the spool keeps
		time.Sleep(time.Hour)
		w.stop()
		offsets := map[grid.PointID]time.Duration{}
		for _, p := range []grid.PointID{"A", "B"} {
			rs := w.center.of(p, grid.Instant)
			if len(rs) != 24 {
				t.Errorf("%s: %d readings in two hours, want 24", p, len(rs))
			}
			for i := range rs {
				off := rs[i].At.Sub(rs[i].At.Truncate(5 * time.Minute))
				if i > 0 && off != offsets[p] {
					t.Errorf("%s: reading %d lies %s behind the slot, the one before %s", p, i, off, offsets[p])
				}
				offsets[p] = off
			}
		}
		if offsets["A"] == offsets["B"] {
			t.Errorf("both meters are asked at %s: not spread", offsets["A"])
		}
	})
}

func TestStuckMeterOfAGatewayDoesNotHoldUpTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stuck := &stuckMeter{}
		devices := map[grid.MeterID]meter.Device{"stuck": stuck}
		meters := []grid.Meter{on("gateway", "stuck")}
		for i := range 9 {
			id := grid.MeterID(fmt.Sprintf("m%02d", i))
			devices[id] = &readyMeter{delay: 30 * time.Millisecond}
			meters = append(meters, on("gateway", id))
		}
		for i := range meters {
			meters[i].Every = 10 * time.Second
		}
		w := build(t, devices)
		w.cfg.TurnTimeout = 5 * time.Second
		w.start(meters...)
		time.Sleep(20*time.Minute + time.Second)
		w.stop()
		for id := range devices {
			if id == "stuck" {
				continue
			}
			rs := w.center.of(grid.PointID(id), grid.Instant)
			good, slow := 0, 0
			for i := range rs {
				if rs[i].Absent() {
					continue
				}
				if good++; i > 0 && rs[i].At.Sub(rs[i-1].At) > 11*time.Second {
					slow++
				}
			}
			// The stuck one is asked three times and then by its breaker: after
			// 1, 2, 4 and 8 minutes. Each may delay others by its time-out.
			if good < 119 || slow > 8 {
				t.Errorf("%s: %d readings of 120, %d gaps above 11 s", id, good, slow)
			}
		}
		if stuck.polls > 8 {
			t.Errorf("the stuck meter was asked %d times in 20 minutes", stuck.polls)
		}
		rs := w.center.of("stuck", grid.Instant)
		if len(rs) != 120 {
			t.Errorf("%d slots of the stuck meter are explained, want 120", len(rs))
		}
		for _, r := range rs {
			if r.Missing != grid.NoAnswer && r.Missing != grid.Late {
				t.Fatalf("slot %s: %s (%s), want no-answer", r.At, r.Missing, r.Detail)
			}
		}
		if s := w.c.Stats(); s.MetersDown != 0 || s.LinesDown != 0 {
			t.Errorf("after the end: %+v", s)
		}
	})
}

func TestMeterThatComesBackIsSeenAtItsNextProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &recoveringMeter{failures: 6}
		w := build(t, map[grid.MeterID]meter.Device{"A": m})
		w.start(on("l", "A"))
		time.Sleep(29 * time.Minute)
		if s := w.c.Stats(); s.MetersDown != 1 || s.LastError == "" {
			t.Errorf("with the breaker open: %+v", s)
		}
		time.Sleep(31 * time.Minute)
		if s := w.c.Stats(); s.MetersDown != 0 || s.Polled == 0 {
			t.Errorf("after it came back: %+v", s)
		}
		w.stop()
		if n := len(w.center.of("A", grid.Instant)); n != 12 {
			t.Errorf("%d slots explained, want 12", n)
		}
	})
}

func TestLineThatCannotBeOpenedFailsItsMetersAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		devices, dials := map[grid.MeterID]meter.Device{}, 0
		var meters []grid.Meter
		for i := range 30 {
			id := grid.MeterID(fmt.Sprintf("m%02d", i))
			devices[id] = &unreachableMeter{}
			m := on("modem", id)
			m.Every = 10 * time.Second
			meters = append(meters, m)
		}
		w := build(t, devices)
		w.start(meters...)
		time.Sleep(10 * time.Minute)
		if s := w.c.Stats(); s.LinesDown != 1 || s.MetersDown != 0 {
			t.Errorf("%d lines and %d meters are down, want one line and no meter", s.LinesDown, s.MetersDown)
		}
		w.stop()
		for id, d := range devices {
			dials += d.(*unreachableMeter).polls
			rs := w.center.of(grid.PointID(id), grid.Instant)
			if len(rs) != 60 || rs[0].Missing != grid.NoRoute || rs[59].Missing != grid.NoRoute {
				t.Errorf("%s: %d absences, want 60 by no-route", id, len(rs))
			}
		}
		if dials > 15 {
			t.Errorf("%d dials in ten minutes", dials)
		}
	})
}

func TestMeterThatCannotBeOpenedIsNotDeclared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := build(t, nil)
		w.start(on("nonsense", "A"), on("l", "B"))
		time.Sleep(10 * time.Minute)
		w.stop()
		for _, p := range []grid.PointID{"A", "B"} {
			rs := w.center.of(p, grid.Instant)
			if len(rs) != 2 || rs[0].Missing != grid.NotDeclared {
				t.Errorf("%s: %+v, want two absences by not-declared", p, rs)
			}
		}
	})
}

func TestPlanChangeLeavesOtherLinesAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := build(t, map[grid.MeterID]meter.Device{"A": &readyMeter{}, "B": &readyMeter{}, "C": &readyMeter{}})
		w.start(on("l1", "A"), on("l2", "B"))
		time.Sleep(time.Hour)
		w.c.HandlePlan(w.plan(2, on("l1", "A"), on("l3", "C")))
		time.Sleep(time.Hour)
		if s := w.c.Stats(); s.Lines != 2 || s.PlanVersion != 2 {
			t.Errorf("stats: %+v", s)
		}
		w.stop()
		for p, want := range map[grid.PointID]int{"A": 24, "B": 12, "C": 12} {
			if n := len(w.center.of(p, grid.Instant)); n != want {
				t.Errorf("%s: %d readings, want %d", p, n, want)
			}
		}
		if w.field.opened["l1"] != 1 || w.field.closed["l2"] != 1 || w.field.closed["l1"] != 1 {
			t.Errorf("opened %v, closed %v", w.field.opened, w.field.closed)
		}
	})
}

// The meters of a gateway share its line: those that stay keep their slots and
// devices while one goes, one is another now and one is new.
func TestPlanChangeOfAGatewayKeepsItsOtherMeters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b, c, d := &readyMeter{}, &readyMeter{}, &readyMeter{}, &readyMeter{}
		w := build(t, map[grid.MeterID]meter.Device{"A": a, "B": b, "C": c, "D": d})
		w.cfg.KeepOpen = time.Hour // no good-byes between two polls
		w.start(on("gateway", "A"), on("gateway", "B"), on("gateway", "C"))
		time.Sleep(time.Hour)
		changed := on("gateway", "C")
		changed.Address = 7
		w.c.HandlePlan(w.plan(2, on("gateway", "A"), changed, on("gateway", "D")))
		time.Sleep(time.Hour)
		w.c.HandlePlan(w.plan(3, on("gateway", "A"), changed, on("gateway", "D"), on("gateway", "B")))
		time.Sleep(time.Hour)
		w.stop()
		for p, want := range map[grid.PointID]int{"A": 36, "B": 24, "C": 36, "D": 24} {
			if n := len(w.center.of(p, grid.Instant)); n != want {
				t.Errorf("%s: %d readings, want %d", p, n, want)
			}
		}
		// Who leaves, or becomes another, is parted from; so are all at the end.
		for id, m := range map[string]struct {
			*readyMeter
			want int
		}{"A": {a, 1}, "B": {b, 2}, "C": {c, 2}, "D": {d, 1}} {
			if m.released != m.want {
				t.Errorf("%s was released %d times, want %d", id, m.released, m.want)
			}
		}
		if w.field.opened["gateway"] != 1 {
			t.Errorf("the line was made %d times", w.field.opened["gateway"])
		}
	})
}

func TestStopIsQuickWithStuckMeters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		devices := map[grid.MeterID]meter.Device{}
		var meters []grid.Meter
		for i := range 50 {
			id := grid.MeterID(fmt.Sprintf("m%02d", i))
			devices[id] = &stuckMeter{}
			m := on(fmt.Sprintf("line%d", i), id)
			m.Every = 10 * time.Second
			meters = append(meters, m)
		}
		w := build(t, devices)
		w.start(meters...)
		time.Sleep(12 * time.Second)
		began := time.Now()
		w.stop()
		if took := time.Since(began); took >= time.Second {
			t.Errorf("stopping took %s", took)
		}
	})
}

func TestWrongConfigurationIsToldWhole(t *testing.T) {
	w := build(t, nil)
	w.cfg.ID, w.cfg.Spool, w.cfg.Every, w.cfg.Turns, w.cfg.SpoolMax, w.cfg.InFlight, w.cfg.HistoryPause = "", "", 0, 0, 0, 0, 0
	if got := w.cfg.Validate(); len(got) != 7 {
		t.Errorf("%d problems, want 7: %v", len(got), got)
	}
}
