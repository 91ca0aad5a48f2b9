package app

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"

	"phutai/collector"
	"phutai/fleet"
	"phutai/grid"
	"phutai/mqtt"
	"phutai/web"
)

func TestCollectorsThatSayNothingAreNamed(t *testing.T) {
	clock := &handClock{noon}
	r, _ := exampleAt(t, clock)
	set := exampleRegister()
	set.Meters[1].Body.Collector = "east"
	if _, err := r.Import(t.Context(), set, fleet.ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	p := newPlans(r, clock, "main", nil, func(grid.CollectorID) error { return nil }, zap.NewNop())
	h := newHealth(clock, nil, nil, nil, p.polling)
	step := func(after time.Duration, connected bool, want ...string) {
		t.Helper()
		clock.now = clock.now.Add(after)
		got := english(h.collectors(p.polling(), connected))
		if len(got) != len(want) || !slices.EqualFunc(got, want, strings.Contains) {
			t.Errorf("at %s got %q, want %q", clock.now.Format("15:04"), got, want)
		}
	}
	step(time.Hour, false) // without a broker nobody can be heard
	h.linked()
	step(time.Minute, true)
	h.heard(mqtt.Status{Collector: "main", Online: true})
	h.heard(mqtt.Status{Collector: "dismissed"}) // its last will is still retained
	step(90*time.Second, true, "east has said nothing since 2026-06-22T06:00:00Z")
	h.heard(mqtt.Status{Collector: "main", Online: true, Problem: "the disk is full"})
	h.heard(mqtt.Status{Collector: "east"}) // its last will
	step(0, true, "east has stopped", "main says: the disk is full")
	h.heard(mqtt.Status{Collector: "main", Online: true})
	h.heard(mqtt.Status{Collector: "east", Online: true})
	step(0, true)
	step(3*time.Minute, true, "east has said nothing", "main has said nothing")
	h.here, h.local = "main", func() []collector.Trouble { return nil }
	step(0, true, "east has said nothing") // the one in this process is asked itself
}

func english(found []web.Problem) []string {
	var out []string
	for _, p := range found {
		out = append(out, p.TextEn)
	}
	slices.Sort(out)
	return out
}

func TestCollectorsAreThoseThatHaveMeters(t *testing.T) {
	clock := &handClock{noon}
	r, _ := exampleAt(t, clock)
	p := newPlans(r, clock, "main", nil, func(grid.CollectorID) error { return nil }, zap.NewNop())
	for _, x := range []struct{ first, second, want string }{{"", "", "main"}, {"west", "", "main west"}, {"west", "east", "east west"}} {
		set := exampleRegister()
		set.Meters[0].Body.Collector, set.Meters[1].Body.Collector = grid.CollectorID(x.first), grid.CollectorID(x.second)
		if _, err := r.Import(t.Context(), set, fleet.ImportOptions{}); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, id := range p.polling() {
			got = append(got, string(id))
		}
		slices.Sort(got)
		if d := cmp.Diff(x.want, strings.Join(got, " ")); d != "" {
			t.Error(d)
		}
		clock.now = clock.now.Add(time.Hour)
	}
}
