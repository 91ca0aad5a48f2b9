package app

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"

	"phutai/grid"
)

func TestStandingAlarmsAreToldAfterEachConnect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []grid.AlarmID
		fails := false
		tell := newTeller(
			func(context.Context) ([]grid.Alarm, error) { return []grid.Alarm{{ID: "OLD1"}, {ID: "OLD2"}}, nil },
			func(_ context.Context, a grid.Alarm) error {
				told = append(told, a.ID)
				if fails {
					return errors.New("no answer")
				}
				return nil
			}, zap.NewNop())
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- tell.Run(ctx) }()
		expect := func(want ...grid.AlarmID) {
			t.Helper()
			synctest.Wait()
			if d := cmp.Diff(want, told); d != "" {
				t.Errorf("-want +got\n%s", d)
			}
			told = nil
		}
		tell.all()
		expect("OLD1", "OLD2")
		tell.tell(grid.Alarm{ID: "NEW"})
		expect("NEW")
		fails = true
		tell.all()
		expect("OLD1") // a broker that is gone is not asked for each of them
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
