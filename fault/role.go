package fault

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"go.uber.org/zap"

	"phutai/app"
	"phutai/grid"
)

// roleVariable holds the orders of a test binary that is started once more, to
// be one process of an installation.
const roleVariable = "PHUTAI_FAULT_ROLE"

// orders is what such a process is to be.
type orders struct {
	Config string // file
	Role   app.Role
	Clock  Clock
}

// Clock is the one clock of an installation, whose processes come and go: they
// all count from the same moment of the machine's time.
type Clock struct {
	Origin time.Time // what it showed
	Real   time.Time // at this moment of the machine's clock
	Speed  float64
}

// Start gives the clock as it stands now.
func (c Clock) Start() *grid.ScaledClock {
	return grid.NewScaledClock(c.Now(), c.Speed)
}

// Now is what the clock shows.
func (c Clock) Now() time.Time {
	return c.Origin.Add(time.Duration(float64(time.Since(c.Real)) * c.Speed)).UTC()
}

// RunRole is the main function of a test binary: where it was started to be a
// process of an installation, it is that, and ends with it. Call it first.
func RunRole() {
	text := os.Getenv(roleVariable)
	if text == "" {
		return
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(3) // the test is gone
	}()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if err := runRole(ctx, text); err != nil {
		fmt.Fprintln(os.Stderr, err)
		stop()
		os.Exit(1)
	}
	os.Exit(0)
}

func runRole(ctx context.Context, text string) (err error) {
	var o orders
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return fmt.Errorf("orders of a process: %w", err)
	}
	cfg, err := app.Load(o.Config)
	if err != nil {
		return err
	}
	cfg.Roles = []app.Role{o.Role}
	logs := zap.NewProductionConfig()
	logs.Sampling = nil
	log, err := logs.Build()
	if err != nil {
		return err
	}
	a, err := app.New(ctx, cfg, app.Parts{Clock: o.Clock.Start(), Log: log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	return a.Run(ctx)
}
