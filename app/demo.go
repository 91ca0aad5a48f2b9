package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"phutai/fleet"
	"phutai/grid"
	"phutai/sim"
)

// DemoOptions are the flags of the demo verb.
type DemoOptions struct {
	Data     string        // folder to keep; empty: a temporary one
	Listen   string        // of the pages
	Speed    float64       // of the clock
	For      time.Duration // real time; zero: until ctx ends
	Lang     string
	LogLevel string
}

// Demo runs everything against a simulated province over real sockets, and
// prints how it went. It gives nil when it was stopped by time or by ctx, and
// an error when a reading was lost.
func Demo(ctx context.Context, opt DemoOptions, out, logs io.Writer) (err error) {
	cfg, remove, err := demoConfig(opt)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	log, err := newLogger(cfg.Log, logs)
	if err != nil {
		return err
	}
	note := filepath.Join(cfg.Data, "demo-clock.json")
	origin, err := resume(note, sim.Start().UTC(), opt.Speed, time.Now())
	if err != nil {
		return err
	}
	clock := grid.NewScaledClock(origin, opt.Speed)
	province, err := listenAsBefore(filepath.Join(cfg.Data, "demo-ports"), clock.Now)
	if err != nil {
		return err
	}
	a, err := newDemo(ctx, cfg, province, clock, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := a.center.web.Listen(ctx); err != nil {
		return fmt.Errorf("%w; in the demo: --listen 127.0.0.1:0 takes a free port", err)
	}
	fmt.Fprintf(out, "phutai demo: a simulated province, %s of a hot day, %g times real time\n", origin.In(sim.Zone()).Format("15:04"), clock.Speed())
	fmt.Fprintf(out, "pages: %s   (Ctrl-C ends it)\n", a.URL())
	return runDemo(ctx, a, province, opt.For, out, func(ctx context.Context) error { return keepClock(ctx, note, clock) })
}

// demoConfig is the default installation, in a folder of its own.
func demoConfig(opt DemoOptions) (Config, func() error, error) {
	cfg := DefaultConfig()
	remove := func() error { return nil }
	if opt.Data == "" {
		dir, err := os.MkdirTemp("", "phutai-demo-")
		if err != nil {
			return cfg, remove, fmt.Errorf("folder for the demo: %w", err)
		}
		opt.Data, remove = dir, func() error { return os.RemoveAll(dir) }
	}
	cfg.Data = opt.Data
	cfg.Web.Listen, cfg.Web.Lang = opt.Listen, opt.Lang
	cfg.Log.Level = opt.LogLevel
	cfg.Broker.Listen = "127.0.0.1:0"
	cfg.Collector.Ledger = true
	cfg.Collector.TurnTimeout = 10 * time.Second // of real time, which is ten minutes of the evening
	cfg.Alerting.Notify.Lang = opt.Lang
	cfg.Alerting.Notify.File.Path = "pages.jsonl"
	cfg.resolve(cfg.Data)
	if err := allProblems(cfg.Validate()); err != nil {
		return cfg, remove, errors.Join(err, remove())
	}
	return cfg, remove, nil
}

// newDemo joins an installation with a province that listens already, and puts
// the province into the register.
func newDemo(ctx context.Context, cfg Config, province *sim.Province, clock grid.Clock, log *zap.Logger) (*App, error) {
	if err := province.Listen(); err != nil {
		return nil, err
	}
	secrets := province.Secrets()
	a, err := New(ctx, cfg, Parts{
		Clock: clock, Air: simulatedAir{province}, Log: log,
		Secret: func(name string) ([]byte, error) { return secrets[name], nil },
	})
	if err != nil {
		return nil, errors.Join(err, province.Close())
	}
	if _, err := a.Register().Import(ctx, registerOf(province.Fleet()), fleet.ImportOptions{}); err != nil {
		return nil, errors.Join(fmt.Errorf("register of the province: %w", err), a.Close(), province.Close())
	}
	return a, nil
}

// simulatedAir is the province's weather.
type simulatedAir struct{ *sim.Province }

// AirAt gives the temperature, which a simulated province always knows.
func (a simulatedAir) AirAt(t time.Time, _ grid.SubstationID) (float64, bool) {
	return a.Air(t), true
}

func registerOf(f sim.Fleet) *fleet.Set {
	return &fleet.Set{
		Units: fleet.Of(f.Units...), Feeders: fleet.Of(f.Feeders...), Substations: fleet.Of(f.Substations...),
		Transformers: fleet.Of(f.Transformers...), Points: fleet.Of(f.Points...), Meters: fleet.Of(f.Meters...),
	}
}

// runDemo runs province and program until ctx or the time is over, then stops
// polling, waits until what was polled has arrived, and counts.
func runDemo(ctx context.Context, a *App, province *sim.Province, limit time.Duration, out io.Writer, background func(context.Context) error) error {
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	g, running := errgroup.WithContext(running)
	g.Go(func() error { return province.Run(running) })
	g.Go(func() error { return a.Run(running) })
	g.Go(func() error { return background(running) })

	var sum Summary
	g.Go(func() error {
		defer stop()
		watch(ctx, running, a, limit, out)
		if running.Err() != nil {
			return nil // a part has failed, and says so itself
		}
		var err error
		sum, err = a.Settle(running)
		return err
	})
	if err := g.Wait(); err != nil {
		return err
	}
	fmt.Fprint(out, sum)
	if sum.Lost > 0 {
		return fmt.Errorf("%d readings were lost", sum.Lost)
	}
	return nil
}

// reportEvery is how often a running demo says how it goes.
const reportEvery = 10 * time.Second

// watch waits for the end and says now and then how it goes.
func watch(ctx, running context.Context, a *App, limit time.Duration, out io.Writer) {
	tick := time.NewTicker(reportEvery)
	defer tick.Stop()
	var over <-chan time.Time
	if limit > 0 {
		timer := time.NewTimer(limit)
		defer timer.Stop()
		over = timer.C
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-running.Done():
			return
		case <-over:
			return
		case <-tick.C:
			s := a.Collector().Stats()
			stored, _ := a.Journal().Brought(running)
			alarms, _ := a.Alarms(running)
			fmt.Fprintf(out, "%s  meters %d  polled %d  stored %d  on the way %d  alarms standing %d\n",
				a.center.clock.Now().In(sim.Zone()).Format("15:04"), s.Meters, s.LastSeq, stored, s.Spool, len(alarms))
		}
	}
}
