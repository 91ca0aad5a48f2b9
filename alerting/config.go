package alerting

import (
	"fmt"
	"time"

	"phutai/alerting/notify"
	"phutai/grid"
)

// Config is when alarms are raised and how people are told.
type Config struct {
	Overload LevelConfig   `yaml:"overload"` // % of the governing limit, worst phase
	HotSpot  LevelConfig   `yaml:"hot_spot"` // °C
	Comms    CommsConfig   `yaml:"comms"`
	Notify   notify.Config `yaml:"notify"`
	// Every is the time between instantaneous polls and ProfileEvery that
	// between profile rows, for values that do not carry their own interval.
	// What is older than two intervals is stale.
	Every        time.Duration `yaml:"-"`
	ProfileEvery time.Duration `yaml:"-"`
	// TickEvery is the time between two looks at the delays.
	TickEvery time.Duration `yaml:"tick_every"`
	// PageCleared tells people as well when an alarm that they were paged for
	// is over.
	PageCleared bool `yaml:"page_cleared"`
}

// LevelConfig is one kind of alarm with two levels.
type LevelConfig struct {
	Warn     float64       `yaml:"warn"`
	Critical float64       `yaml:"critical"`
	Deadband float64       `yaml:"deadband"` // an alarm ends below its level less this
	OnDelay  time.Duration `yaml:"on_delay"`
	OffDelay time.Duration `yaml:"off_delay"`
	// Confirm is how many fresh values must agree before a change, so that one
	// wrong value never pages.
	Confirm int `yaml:"confirm"`
}

// CommsConfig is when a meter counts as silent: both must hold.
type CommsConfig struct {
	Misses int           `yaml:"misses"` // attempts without an answer
	After  time.Duration `yaml:"after"`  // since the last good reading
	RollUp int           `yaml:"roll_up"`
}

// DefaultConfig warns at 90 % and calls 100 % an overload, the levels that
// Thông tư 28/2014/TT-BCT wants reported, with the delays that suit a load that
// is read each quarter of an hour.
func DefaultConfig() Config {
	return Config{
		Overload: LevelConfig{Warn: 90, Critical: 100, Deadband: 5, OnDelay: 10 * time.Minute, OffDelay: 30 * time.Minute, Confirm: 2},
		HotSpot:  LevelConfig{Warn: 120, Critical: 140, Deadband: 3, OnDelay: 10 * time.Minute, OffDelay: 30 * time.Minute, Confirm: 2},
		Comms:    CommsConfig{Misses: 3, After: 30 * time.Minute, RollUp: 3},
		Notify:   notify.DefaultConfig(),
		Every:    15 * time.Minute, ProfileEvery: 30 * time.Minute, TickEvery: 15 * time.Second,
		PageCleared: true,
	}
}

// Validate gives all that is wrong.
func (c Config) Validate() []grid.Problem {
	ps := append(c.Overload.validate("overload", 20, 300), c.HotSpot.validate("hot_spot", 60, 200)...)
	add := func(field, format string, args ...any) {
		ps = append(ps, grid.Problem{Field: field, Text: fmt.Sprintf(format, args...)})
	}
	if c.Comms.Misses < 1 {
		add("comms.misses", "%d: must be 1 at least", c.Comms.Misses)
	}
	if c.Comms.RollUp < 2 {
		add("comms.roll_up", "%d: must be 2 at least", c.Comms.RollUp)
	}
	for _, f := range []struct {
		name   string
		d, low time.Duration
	}{
		{"comms.after", c.Comms.After, time.Minute}, {"every", c.Every, time.Second},
		{"profile_every", c.ProfileEvery, time.Minute}, {"tick_every", c.TickEvery, time.Second},
	} {
		if f.d < f.low || f.d > 24*time.Hour {
			add(f.name, "%v: must be from %v to 24h", f.d, f.low)
		}
	}
	for _, p := range c.Notify.Validate() {
		add("notify."+p.Field, "%s", p.Text)
	}
	return ps
}

func (l LevelConfig) validate(field string, low, high float64) []grid.Problem {
	var ps []grid.Problem
	add := func(name, format string, args ...any) {
		ps = append(ps, grid.Problem{Field: field + "." + name, Text: fmt.Sprintf(format, args...)})
	}
	if !(l.Warn >= low && l.Warn <= high) {
		add("warn", "%v: must be from %v to %v", l.Warn, low, high)
	}
	if !(l.Critical > l.Warn && l.Critical <= high) {
		add("critical", "%v: must be over warn (%v) and at most %v", l.Critical, l.Warn, high)
	}
	if !(l.Deadband >= 0 && l.Deadband < l.Warn) {
		add("deadband", "%v: must be from 0 to below warn", l.Deadband)
	}
	if l.OnDelay < 0 || l.OnDelay > 24*time.Hour {
		add("on_delay", "%v: must be from 0 to 24h", l.OnDelay)
	}
	if l.OffDelay < 0 || l.OffDelay > 24*time.Hour {
		add("off_delay", "%v: must be from 0 to 24h", l.OffDelay)
	}
	if l.Confirm < 1 || l.Confirm > 10 {
		add("confirm", "%d: must be from 1 to 10", l.Confirm)
	}
	return ps
}
