package meter

import (
	"fmt"
	"math"

	"phutai/grid"
	"phutai/line"
	"phutai/meter/dlms"
	"phutai/meter/modbus"
)

// Bus is a line with the meters on it. All devices of a line are opened on one
// Bus, so that they share its connection and, with Modbus, its transaction
// ids. It belongs to one goroutine, except Close.
type Bus struct {
	line    *line.Line
	channel *modbus.Channel // made with the first Modbus meter
}

// NewBus makes the bus of a line and takes the line over.
func NewBus(l *line.Line) *Bus { return &Bus{line: l} }

// Line gives the bus's line, for its address and counters.
func (b *Bus) Line() *line.Line { return b.line }

// Drop closes the connection until a device needs it again, as between two
// polls half an hour apart.
func (b *Bus) Drop() { b.line.Drop() }

// Close closes the line for good. It may be called from any goroutine.
func (b *Bus) Close() error { return b.line.Close() }

// Open makes the device of a meter whose profile is p. It sends nothing yet.
// Password is nil where the meter has none.
func Open(b *Bus, p *Profile, m grid.Meter, password []byte) (Device, error) {
	switch p.Protocol {
	case Modbus:
		cfg := p.modbus
		if m.Address < 0 || m.Address > math.MaxUint8 {
			return nil, fmt.Errorf("meter %s: unit id %d does not exist; use 1 to 247", m.ID, m.Address)
		}
		if m.Address != 0 {
			cfg.Unit = byte(m.Address)
		}
		if b.channel == nil {
			b.channel = modbus.NewChannel(b.line)
		}
		return newPlausible(modbus.New(b.channel, cfg), p.Limits), nil
	case DLMS:
		cfg, err := p.dlmsConfig(m, password)
		if err != nil {
			return nil, err
		}
		return newPlausible(dlms.New(b.line, cfg), p.Limits), nil
	}
	return nil, fmt.Errorf("meter %s: profile %s has unknown protocol %q", m.ID, p.Name, p.Protocol)
}

func (p *Profile) dlmsConfig(m grid.Meter, password []byte) (dlms.Config, error) {
	cfg := p.dlms
	if m.Address < 0 || m.Address > math.MaxUint16 || m.Client < 0 || m.Client > math.MaxUint16 {
		return cfg, fmt.Errorf("meter %s: addresses %d (meter) and %d (client) must be wrapper ports from 1 to 65535", m.ID, m.Address, m.Client)
	}
	if m.Address != 0 {
		cfg.Server = uint16(m.Address)
	}
	if len(password) > 0 {
		cfg.Password = password
		if p.passwordClient != 0 {
			cfg.Client = p.passwordClient
		}
	}
	if m.Client != 0 {
		cfg.Client = uint16(m.Client)
	}
	return cfg, nil
}
