// Package app joins the stages into a running program: it reads the
// configuration, builds each role in the order in which data flows, runs them,
// and stops them in the same order. It also holds what the verbs of the command
// line do, so that tests run the program without a process of its own.
package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"go.uber.org/zap"

	"phutai/collector"
	"phutai/configs"
	"phutai/db"
	"phutai/fleet"
	"phutai/grid"
	"phutai/loading"
	"phutai/meter"
	"phutai/mqtt"
	"phutai/store"
	"phutai/weather"
)

// Parts replaces what an installation takes from the world around it: the demo
// and the tests bring a scaled clock, the air of a simulated province and its
// passwords. Zero fields mean the real thing.
type Parts struct {
	Clock  grid.Clock
	Air    loading.Air
	Secret func(name string) ([]byte, error)
	Log    *zap.Logger
	// Busy hears what New does to large files, as long as that may take.
	Busy func(what string)
	// WithoutCopy has tables changed without a copy of their file from before.
	WithoutCopy bool
}

// care says how files are looked after.
func (p *Parts) care(cfg *Config) db.Care {
	care := db.Care{Log: p.Log, Busy: p.Busy, Copies: db.Copies{Dir: cfg.Copies}}
	if p.WithoutCopy {
		care.Copies.Need = db.None
	}
	return care
}

// App is one process of phutai with the roles of its configuration.
type App struct {
	cfg     Config
	log     *zap.Logger
	broker  *mqtt.Broker // nil: not in this process
	center  *center      // nil: not in this process
	collect *collecting  // nil: not in this process
	weather *weather.Air // nil: the air comes from elsewhere
	closers []closer     // in the order of opening
}

type closer struct {
	name  string
	close func() error
}

// New opens files and sockets and builds the roles; nothing runs yet. On an
// error it closes what it has opened.
func New(ctx context.Context, cfg Config, parts Parts) (_ *App, err error) {
	if parts.Clock == nil {
		parts.Clock = grid.RealClock{}
	}
	if parts.Log == nil {
		parts.Log = zap.NewNop()
	}
	if parts.Secret == nil {
		parts.Secret = secretFolder(cfg.Secrets).Secret
	}
	a := &App{cfg: cfg, log: parts.Log}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	if err := os.MkdirAll(cfg.Data, 0o750); err != nil {
		return nil, fmt.Errorf("folder for readings: %w", err)
	}
	for _, r := range cfg.Roles {
		unlock, err := lockFolder(cfg.Data, r)
		if err != nil {
			return nil, err
		}
		a.keep(string(r)+" lock", unlock)
	}
	if err := finishedRestore(cfg.Data); err != nil {
		return nil, err
	}
	profiles, err := loadProfiles(&cfg)
	if err != nil {
		return nil, err
	}
	var passwords map[string]string
	if cfg.has(Broker) {
		if a.broker, passwords, err = startBroker(&cfg, a.log); err != nil {
			return nil, err
		}
		a.keep("broker", func() error { a.broker.Close(); return nil })
	}
	if cfg.has(Center) {
		air := parts.Air
		if air == nil {
			if a.weather, err = weather.New(cfg.Weather, parts.Clock, a.log); err != nil {
				return nil, err
			}
			air = a.weather
		}
		if a.center, err = newCenter(ctx, &cfg, profiles, air, passwords, parts.Clock, parts.care(&cfg), a.log, a.keep); err != nil {
			return nil, err
		}
		if a.broker != nil {
			a.center.health.broker = a.broker.Trouble
		}
	}
	if cfg.has(Collect) {
		if a.collect, err = newCollecting(ctx, &cfg, profiles, parts.Secret, passwords, parts.Clock, parts.care(&cfg), a.log); err != nil {
			return nil, err
		}
		a.keep("spool", a.collect.Close)
		if a.center != nil {
			a.center.health.here, a.center.health.local = cfg.Collector.ID, a.collect.Health
		}
	}
	return a, nil
}

func (a *App) keep(name string, close func() error) {
	a.closers = append(a.closers, closer{name, close})
}

// closeWithin is how long one file or socket may take to close, in real time.
const closeWithin = 10 * time.Second

// Close closes what New has opened, newest first. Call it after Run has ended. What
// does not close in time, because a role is stuck in it, is left to the end of the
// process: a commit that was not finished is then as if it had not begun.
func (a *App) Close() error {
	var failed []error
	for _, c := range slices.Backward(a.closers) {
		done := make(chan error, 1)
		go func() { done <- c.close() }()
		late := time.NewTimer(closeWithin)
		select {
		case err := <-done:
			if err != nil {
				failed = append(failed, fmt.Errorf("close %s: %w", c.name, err))
			}
		case <-late.C:
			failed = append(failed, fmt.Errorf("close %s: not done within %s", c.name, closeWithin))
		}
		late.Stop()
	}
	a.closers = nil
	return errors.Join(failed...)
}

// Register is the register of this process's center; nil where it has none.
func (a *App) Register() *fleet.Register {
	if a.center == nil {
		return nil
	}
	return a.center.register
}

// Journal is the journal of this process's center; nil where it has none.
func (a *App) Journal() *store.Journal {
	if a.center == nil {
		return nil
	}
	return a.center.journal
}

// Collector is the collector of this process; nil where it has none.
func (a *App) Collector() *collector.Collector {
	if a.collect == nil {
		return nil
	}
	return a.collect.Collector
}

// Alarms gives the alarms that stand; none where this process has no center.
func (a *App) Alarms(ctx context.Context) ([]grid.Alarm, error) {
	if a.center == nil {
		return nil, nil
	}
	return a.center.alarms.List(ctx)
}

// URL is where the pages are, once they listen; empty where this process has
// none.
func (a *App) URL() string {
	if a.center == nil {
		return ""
	}
	return a.center.web.URL()
}

// loadProfiles gives the built-in meter profiles and those of the folder that
// the configuration names.
func loadProfiles(cfg *Config) (*meter.Profiles, error) {
	from := []fs.FS{configs.Meters}
	if cfg.Meters != "" {
		from = append(from, os.DirFS(cfg.Meters))
	}
	return meter.LoadProfiles(from...)
}
