package store

import (
	"time"

	"phutai/grid"
)

// AuditConfig says how the journal is looked through for gaps.
type AuditConfig struct {
	// Every is the time between two rounds.
	Every time.Duration `yaml:"every"`
	// Depth is how far back gaps are looked for; 0: there is no audit.
	Depth time.Duration `yaml:"depth"`
	// Again is how often the whole depth is looked through; the last two days
	// are all the time.
	Again time.Duration `yaml:"again"`
	// Cells bounds a round, in days of one point.
	Cells int `yaml:"cells"`
	// Grace is how much longer than planned a reading may take before it counts
	// as missing.
	Grace time.Duration `yaml:"grace"`
	// Wait is for how long a gap stays open because a collector that is away may
	// still bring what it holds.
	Wait time.Duration `yaml:"wait"`
	// InFlight bounds the back-fill commands under way to one collector.
	InFlight int `yaml:"in_flight"`
	// Expires is how long a command holds. Each time it comes to nothing, the
	// pause before the next is doubled.
	Expires time.Duration `yaml:"expires"`
	// Tries is how many commands in vain make a gap that is given a reason.
	Tries int `yaml:"tries"`
	// ClockOff is from where on a meter's clock is shown as off.
	ClockOff time.Duration `yaml:"clock_off"`
	// Substitutes are the rules by which figures are made for rows that stay
	// missing; the first that can make them counts. Empty: none are made.
	Substitutes []SubstituteRule `yaml:"substitutes"`
}

// deepest is as far back as gaps can be looked for.
const deepest = 400 * 24 * time.Hour

// DefaultAuditConfig looks thirty days back, as far as collectors do.
func DefaultAuditConfig() AuditConfig {
	return AuditConfig{
		Every: 5 * time.Minute, Depth: 30 * 24 * time.Hour, Again: 6 * time.Hour, Cells: 5000, Grace: 15 * time.Minute,
		Wait: 72 * time.Hour, InFlight: 20, Expires: 30 * time.Minute, Tries: 4, ClockOff: time.Minute,
	}
}

// Validate gives every problem of the configuration.
func (c AuditConfig) Validate() []grid.Problem {
	var out []grid.Problem
	add := func(bad bool, field, text string) {
		if bad {
			out = append(out, grid.Problem{Field: field, Text: text})
		}
	}
	within := func(d, least, most time.Duration) bool { return least <= d && d <= most }
	const day = 24 * time.Hour
	add(!within(c.Every, 10*time.Second, day), "every", "must be between 10s and 24h; 5m suits most")
	add(c.Depth != 0 && !within(c.Depth, day, deepest), "depth", "must be between 24h and 9600h, or 0 for no audit; 720h suits most")
	add(!within(c.Again, time.Hour, 31*day), "again", "must be between 1h and 744h; 6h suits most")
	add(c.Cells < 10 || c.Cells > 1_000_000, "cells", "must be between 10 and 1000000 days of a point; 5000 suits most")
	add(!within(c.Grace, time.Minute, day), "grace", "must be between 1m and 24h; 15m suits most")
	add(!within(c.Wait, time.Hour, 31*day), "wait", "must be between 1h and 744h; 72h suits most")
	add(c.InFlight < 1 || c.InFlight > 10_000, "in_flight", "must be between 1 and 10000 commands; 20 suits most")
	add(!within(c.Expires, time.Minute, day), "expires", "must be between 1m and 24h; 30m suits most")
	add(c.Tries < 1 || c.Tries > 10, "tries", "must be between 1 and 10; 4 suits most")
	add(!within(c.ClockOff, time.Second, time.Hour), "clock_off", "must be between 1s and 1h; 1m suits most")
	return append(out, validateRules(c.Substitutes)...)
}
