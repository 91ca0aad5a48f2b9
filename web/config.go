package web

import (
	"fmt"
	"net"
	"time"

	"phutai/grid"
)

// Config is the web section of the configuration file.
type Config struct {
	// Listen is host:port. Only a loopback host is taken as long as there is
	// no sign-in, unless InsecureLab says that this is a laboratory.
	Listen string `yaml:"listen"`
	// InsecureLab lets Listen be any address: whoever reaches it reads the
	// fleet and acknowledges alarms.
	InsecureLab bool `yaml:"insecure_lab"`
	// Hosts are further names under which a reverse proxy on this machine
	// serves the pages; loopback names are always taken.
	Hosts []string `yaml:"hosts"`
	// Lang is the language of a reader who has chosen none: "vi" or "en".
	Lang string `yaml:"lang"`
	// RefreshEvery is how often an open page asks for new figures.
	RefreshEvery time.Duration `yaml:"refresh_every"`
	// FrozenAfter is how long after its last answer a page calls itself frozen.
	FrozenAfter time.Duration `yaml:"frozen_after"`
	// StaleProfile is the age from which a load profile value is stale: two
	// intervals and what it takes to read them.
	StaleProfile time.Duration `yaml:"-"`
	// StaleInstant is the same for an instantaneous value of a meter that has
	// no polling interval of its own; others are stale after two of theirs.
	StaleInstant time.Duration `yaml:"-"`

	// WarnPct and CriticalPct are alerting's limits of the worst phase, in %.
	// They are passed in, so that pages and pages to people never differ.
	WarnPct     float64 `yaml:"-"`
	CriticalPct float64 `yaml:"-"`
	// HotSpotWarnC and HotSpotCriticalC are alerting's limits, in °C.
	HotSpotWarnC     float64 `yaml:"-"`
	HotSpotCriticalC float64 `yaml:"-"`
	// ClockOff is from where on a meter's clock is called off.
	ClockOff time.Duration `yaml:"-"`
	// CollectedOver is how far back the share of what has come is shown.
	CollectedOver time.Duration `yaml:"-"`
	// TimeZone is the program's time zone, in which days are cut.
	TimeZone string `yaml:"-"`
}

// DefaultConfig serves the machine itself, in Vietnamese.
func DefaultConfig() Config {
	return Config{
		Listen:           "127.0.0.1:8080",
		Lang:             "vi",
		RefreshEvery:     3 * time.Second,
		FrozenAfter:      15 * time.Second,
		StaleProfile:     65 * time.Minute,
		StaleInstant:     30 * time.Minute,
		WarnPct:          90,
		CriticalPct:      100,
		HotSpotWarnC:     120,
		HotSpotCriticalC: 140,
		ClockOff:         time.Minute,
		CollectedOver:    30 * 24 * time.Hour,
		TimeZone:         "Asia/Ho_Chi_Minh",
	}
}

// Validate lists everything that is wrong with the section.
func (c Config) Validate() []grid.Problem {
	var found []grid.Problem
	add := func(field, format string, args ...any) {
		found = append(found, grid.Problem{Field: field, Text: fmt.Sprintf(format, args...)})
	}
	if host, _, err := net.SplitHostPort(c.Listen); err != nil {
		add("listen", "%q is not host:port; write for example 127.0.0.1:8080", c.Listen)
	} else if !loopback(host) && !c.InsecureLab {
		add("listen", "%q is reachable from other machines and this version has no sign-in; "+
			"listen on 127.0.0.1 behind a proxy that signs people in, or set insecure_lab: true in a laboratory", c.Listen)
	}
	if c.Lang != "vi" && c.Lang != "en" {
		add("lang", "%q is not a language of the pages; use vi or en", c.Lang)
	}
	if c.RefreshEvery < 500*time.Millisecond || c.RefreshEvery > time.Minute {
		add("refresh_every", "%v is out of range; use 500ms to 1m", c.RefreshEvery)
	}
	if c.FrozenAfter < 2*c.RefreshEvery {
		add("frozen_after", "%v is less than two refreshes; use at least %v", c.FrozenAfter, 2*c.RefreshEvery)
	}
	if c.StaleProfile <= 0 {
		add("stale_profile", "must be positive; two intervals of the load profile, for example 65m")
	}
	if c.StaleInstant <= 0 {
		add("stale_instant", "must be positive; two polling intervals, for example 30m")
	}
	return found
}

// loopback tells whether only this machine can reach host.
func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
