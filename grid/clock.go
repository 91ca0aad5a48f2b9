package grid

import (
	"context"
	"time"
)

// Clock is the time that a loop lives in: real in service, scaled in the demo
// and in end-to-end tests over real sockets. Deadlines of sockets and files
// stay real; they do not come from here.
type Clock interface {
	// Now gives the time of this clock, in UTC.
	Now() time.Time
	// Wait blocks until the clock shows t or ctx ends, and gives ctx's error
	// in the latter case. A t that has passed returns at once.
	Wait(ctx context.Context, t time.Time) error
}

// RealClock is the machine's clock.
type RealClock struct{}

// Now gives the machine's time.
func (RealClock) Now() time.Time { return time.Now().UTC() }

// Wait sleeps until t.
func (c RealClock) Wait(ctx context.Context, t time.Time) error {
	return sleep(ctx, time.Until(t))
}

// ScaledClock runs Speed times as fast as the machine's clock, from Origin.
type ScaledClock struct {
	origin time.Time
	start  time.Time // carries the monotonic reading
	speed  float64
}

// NewScaledClock starts a clock that shows origin now and then runs speed
// times as fast as real time. A speed that is not positive counts as 1.
func NewScaledClock(origin time.Time, speed float64) *ScaledClock {
	if !(speed > 0) {
		speed = 1
	}
	return &ScaledClock{origin: origin.UTC(), start: time.Now(), speed: speed}
}

// Now gives the scaled time.
func (c *ScaledClock) Now() time.Time {
	return c.origin.Add(time.Duration(float64(time.Since(c.start)) * c.speed))
}

// Speed tells how many seconds pass in one real second.
func (c *ScaledClock) Speed() float64 { return c.speed }

// Wait sleeps until the scaled clock shows t.
func (c *ScaledClock) Wait(ctx context.Context, t time.Time) error {
	return sleep(ctx, time.Duration(float64(t.Sub(c.Now()))/c.speed))
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
