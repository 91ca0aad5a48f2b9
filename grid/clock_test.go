package grid_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"phutai/grid"
)

func TestScaledClockRunsFaster(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := grid.NewScaledClock(evening, 60)
		time.Sleep(10 * time.Second)
		if got := c.Now(); !got.Equal(evening.Add(10 * time.Minute)) {
			t.Errorf("after 10 real seconds it shows %v, want 10 minutes later", got)
		}
	})
}

func TestWaitTakesScaledTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := grid.NewScaledClock(evening, 60)
		before := time.Now()
		if err := c.Wait(t.Context(), evening.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if real := time.Since(before); real != time.Minute {
			t.Errorf("an hour at 60 times took %v, want a minute", real)
		}
	})
}

func TestWaitEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		for _, c := range []grid.Clock{grid.RealClock{}, grid.NewScaledClock(evening, 2)} {
			if err := c.Wait(ctx, c.Now().Add(time.Hour)); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%T: got %v, want the context's error", c, err)
			}
		}
	})
}

func TestPastMomentIsNotWaitedFor(t *testing.T) {
	c := grid.RealClock{}
	if err := c.Wait(t.Context(), c.Now().Add(-time.Hour)); err != nil {
		t.Error(err)
	}
}

func TestNonsenseSpeedCountsAsRealTime(t *testing.T) {
	for _, speed := range []float64{0, -3} {
		if got := grid.NewScaledClock(evening, speed).Speed(); got != 1 {
			t.Errorf("speed %v runs at %v, want 1", speed, got)
		}
	}
}
