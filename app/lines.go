package app

import (
	"fmt"

	"phutai/collector"
	"phutai/grid"
	"phutai/line"
	"phutai/meter"
)

// lines opens lines and their meters for the collector: addresses by package
// line, meters by their profiles, passwords from the secret folder.
type lines struct {
	limiter  *line.Limiter
	profiles *meter.Profiles
	secret   func(name string) ([]byte, error)
}

// A fleet that comes back after an outage of the mobile network is dialled at
// this pace: 10,000 meters in less than a minute, and no storm.
const (
	dialsInProgress = 64
	dialsPerSecond  = 200
)

func newLines(p *meter.Profiles, secret func(string) ([]byte, error)) *lines {
	return &lines{limiter: line.NewLimiter(dialsInProgress, dialsPerSecond), profiles: p, secret: secret}
}

// Line opens the line at an address; nothing is dialled yet.
func (l *lines) Line(address string) (collector.Line, error) {
	opened, err := line.Open(address, line.Options{Limiter: l.limiter})
	if err != nil {
		return nil, err
	}
	return &bus{Bus: meter.NewBus(opened), lines: l}, nil
}

// bus is one line as the collector wants it.
type bus struct {
	*meter.Bus
	lines *lines
}

// Open makes the device of a meter on the line.
func (b *bus) Open(m grid.Meter) (meter.Device, error) {
	profile, ok := b.lines.profiles.Get(m.Profile)
	if !ok {
		return nil, &undeclaredError{fmt.Errorf("meter %s: there is no meter profile %q", m.ID, m.Profile)}
	}
	password, err := b.lines.secret(m.Secret)
	if err != nil {
		return nil, &undeclaredError{fmt.Errorf("meter %s: %w", m.ID, err)}
	}
	return meter.Open(b.Bus, profile, m, password)
}

// undeclaredError says that the installation lacks what a meter needs.
type undeclaredError struct{ cause error }

func (e *undeclaredError) Error() string { return e.cause.Error() }
func (e *undeclaredError) Unwrap() error { return e.cause }

// Reason is NotDeclared.
func (e *undeclaredError) Reason() grid.Reason { return grid.NotDeclared }
