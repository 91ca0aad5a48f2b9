package collector_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"phutai/grid"
	"phutai/meter"
)

// deafMeter hears no deadline: its turn never ends.
type deafMeter struct {
	readyMeter
	free chan struct{}
}

func (m *deafMeter) Poll(context.Context) (grid.Sample, error) {
	<-m.free
	return sample(), nil
}

// deafUplink hears no deadline either.
type deafUplink struct {
	*center
	free chan struct{}
}

func (u *deafUplink) PublishBatch(ctx context.Context, b grid.Batch) error {
	<-u.free
	return u.center.PublishBatch(ctx, b)
}

func TestOnlyACollectorThatIsStuckIsNotAlive(t *testing.T) {
	for _, tc := range []struct {
		name string
		make func(w *works, free chan struct{})
		want string // empty: alive
	}{
		{"all is well", func(*works, chan struct{}) {}, ""},
		{"a silent meter", func(w *works, _ chan struct{}) { w.field.meters["A"] = &stuckMeter{} }, ""},
		{"no broker", func(w *works, _ chan struct{}) { w.center.down = true }, ""},
		{"a center that is away", func(w *works, _ chan struct{}) { w.center.mute = true }, ""},
		{"a turn without end", func(w *works, free chan struct{}) { w.field.meters["A"] = &deafMeter{free: free} }, "line l has lasted"},
		{"an uplink without end", func(w *works, free chan struct{}) { w.uplink = &deafUplink{w.center, free} }, "publisher has not come round"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, free := build(t, map[grid.MeterID]meter.Device{"A": &readyMeter{}}), make(chan struct{})
				tc.make(w, free)
				w.start(on("l", "A"))
				for range 30 {
					time.Sleep(time.Minute)
					ctx, cancel := context.WithTimeout(t.Context(), time.Second)
					err := w.c.Alive(ctx)
					cancel()
					if tc.want == "" && err != nil {
						t.Fatal(err)
					}
					if tc.want != "" && err != nil {
						if !strings.Contains(err.Error(), tc.want) {
							t.Errorf("got %v, want it to tell of %q", err, tc.want)
						}
						close(free)
						return
					}
				}
				if close(free); tc.want != "" {
					t.Errorf("never told: %q", tc.want)
				}
			})
		})
	}
}
