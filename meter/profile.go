package meter

import (
	"math/bits"
	"time"

	"phutai/grid"
	"phutai/meter/dlms"
	"phutai/meter/modbus"
)

// Protocol is what a meter speaks.
type Protocol string

// The protocols.
const (
	Modbus Protocol = "modbus"
	DLMS   Protocol = "dlms"
)

// Profile says how one kind of meter is read. It never changes once loaded.
type Profile struct {
	Name         string // of the file, without its ending
	Maker, Model string
	Source       string // manual, address or clause that the map was taken from
	Protocol     Protocol
	Limits       Limits

	modbus         modbus.Config
	dlms           dlms.Config
	passwordClient uint16 // DLMS client to use where the meter has a password
}

// HasHistory tells whether such a meter keeps a load profile that we read.
func (p *Profile) HasHistory() bool { return p.Protocol == DLMS && p.dlms.Profile != nil }

// RowEvery is the interval of such a load profile; zero: it is the meter's to say.
func (p *Profile) RowEvery() time.Duration {
	if !p.HasHistory() {
		return 0
	}
	return p.dlms.Profile.Period
}

// Quantities has bit q set for each quantity that a poll asks for.
func (p *Profile) Quantities() uint32 {
	var mask uint32
	for _, r := range p.modbus.Registers {
		mask |= 1 << r.Quantity
	}
	for _, o := range p.dlms.Objects {
		mask |= 1 << o.Quantity
	}
	return mask
}

// Measures counts the quantities that a poll asks for.
func (p *Profile) Measures() int { return bits.OnesCount32(p.Quantities()) }

// Limits are what a figure on the secondary side cannot pass. What does is no
// measurement. A zero figure counts as the default.
type Limits struct {
	VoltageMax   float64 `yaml:"voltage_max"` // V
	CurrentMax   float64 `yaml:"current_max"` // A
	FrequencyMin float64 `yaml:"frequency_min"`
	FrequencyMax float64 `yaml:"frequency_max"`
}

// DefaultLimits hold for any meter on a 0.4 kV side or behind 100 V voltage
// transformers: 1.5 times the line voltage, and a little over what the largest
// directly connected meters carry.
func DefaultLimits() Limits {
	return Limits{VoltageMax: 600, CurrentMax: 150, FrequencyMin: 40, FrequencyMax: 60}
}

func (l Limits) withDefaults() Limits {
	d := DefaultLimits()
	for _, f := range []struct{ have, def *float64 }{
		{&l.VoltageMax, &d.VoltageMax}, {&l.CurrentMax, &d.CurrentMax},
		{&l.FrequencyMin, &d.FrequencyMin}, {&l.FrequencyMax, &d.FrequencyMax},
	} {
		if *f.have == 0 {
			*f.have = *f.def
		}
	}
	return l
}

// powerMax is the most that three phases can carry within the limits, kVA.
func (l Limits) powerMax() float64 { return 3 * l.VoltageMax * l.CurrentMax / 1000 }

// unitFactor turns a figure in unit into the quantity's own unit. An empty
// unit is the quantity's own.
func unitFactor(q grid.Quantity, unit string) (float64, bool) {
	own := q.Unit()
	if unit == "" || unit == own {
		return 1, true
	}
	if own == "" {
		return 0.01, unit == "%"
	}
	base, size := own, 1.0
	if own[0] == 'k' {
		base, size = own[1:], 1000
	}
	for prefix, x := range map[string]float64{"": 1, "k": 1e3, "M": 1e6, "m": 1e-3} {
		if unit == prefix+base {
			return x / size, true
		}
	}
	return 0, false
}
