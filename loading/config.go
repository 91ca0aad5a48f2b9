package loading

import (
	"fmt"
	"time"

	"phutai/grid"
)

// Config is how loading is derived.
type Config struct {
	// Every is the time between instantaneous polls of a station that has none
	// of its own, and ProfileEvery that between profile rows that do not tell
	// theirs. A reading older than two intervals is history: it updates the
	// series and never pages.
	Every        time.Duration `yaml:"-"`
	ProfileEvery time.Duration `yaml:"-"`
	// TrendOver is how far back the trend looks.
	TrendOver time.Duration `yaml:"trend_over"`
	// Horizon is how far ahead a limit is looked for.
	Horizon time.Duration `yaml:"horizon"`
	// HotSpotLimitC is the hot-spot temperature that counts as a limit.
	HotSpotLimitC float64 `yaml:"hot_spot_limit_c"`
	// CheckpointEvery is the time between two savings of the thermal states.
	CheckpointEvery time.Duration `yaml:"checkpoint_every"`
}

// DefaultConfig polls each quarter of an hour and looks half a day ahead.
func DefaultConfig() Config {
	return Config{
		Every: 15 * time.Minute, ProfileEvery: 30 * time.Minute, TrendOver: 45 * time.Minute,
		Horizon: 12 * time.Hour, HotSpotLimitC: 120, CheckpointEvery: 5 * time.Minute,
	}
}

// Validate gives all that is wrong.
func (c Config) Validate() []grid.Problem {
	var ps []grid.Problem
	for _, f := range []struct {
		name      string
		d         time.Duration
		low, high time.Duration
	}{
		{"every", c.Every, time.Second, 24 * time.Hour},
		{"profile_every", c.ProfileEvery, time.Minute, 24 * time.Hour},
		{"trend_over", c.TrendOver, leastSpan, 6 * time.Hour},
		{"horizon", c.Horizon, time.Hour, 72 * time.Hour},
		{"checkpoint_every", c.CheckpointEvery, time.Second, 24 * time.Hour},
	} {
		if f.d < f.low || f.d > f.high {
			ps = append(ps, grid.Problem{Field: f.name, Text: fmt.Sprintf("%v: must be from %v to %v", f.d, f.low, f.high)})
		}
	}
	if c.HotSpotLimitC < 80 || c.HotSpotLimitC > 180 {
		ps = append(ps, grid.Problem{Field: "hot_spot_limit_c", Text: fmt.Sprintf("%v: must be from 80 to 180 °C; IEC 60076-7 gives 120 for normal cyclic loading", c.HotSpotLimitC)})
	}
	return ps
}
