package dlmsmeter

import (
	"time"

	"phutai/grid"
	"phutai/meter/dlms/apdu"
	"phutai/meter/dlms/axdr"
	"phutai/meter/dlms/cosem"
	"phutai/meter/dlms/obis"
)

// patience is how long an association is waited for.
const patience = 250 * time.Millisecond

// meter is what all connections share.
type meter struct {
	cfg       Config
	source    Source
	registers []Register // of a moment
	columns   []Register // of the load profile

	free chan struct{} // holds a token while nobody has the association
}

func newMeter(cfg Config, source Source) *meter {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Location == nil {
		cfg.Location = time.FixedZone("+07", 7*60*60)
	}
	if cfg.Period <= 0 {
		cfg.Period = DefaultPeriod
	}
	if cfg.Depth <= 0 {
		cfg.Depth = DefaultDepth
	}
	if cfg.MaxPDU == 0 {
		cfg.MaxPDU = DefaultMaxPDU
	}
	cfg.MaxPDU = max(cfg.MaxPDU, smallestPDU)
	if cfg.IdleTime <= 0 {
		cfg.IdleTime = DefaultIdleTime
	}
	m := &meter{cfg: cfg, source: source, registers: Registers(), columns: Columns(), free: make(chan struct{}, 1)}
	m.yield()
	return m
}

// now begins a request.
func (m *meter) now() *moment {
	real := m.cfg.Now()
	return &moment{real: real, at: real.Add(m.cfg.ClockOffset)}
}

// claim takes the one association, and tells whether it could be had. It waits
// a moment for it, because a client that dials anew may be faster than the
// news that its old connection is closed.
func (m *meter) claim() bool {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-m.free:
		return true
	case <-timer.C:
		return false
	}
}

// yield gives the association back.
func (m *meter) yield() { m.free <- struct{}{} }

// moment is the state of the registers during one request, so that a list is
// of one piece.
type moment struct {
	at     time.Time // by the meter's clock
	real   time.Time // what flows does not depend on that clock
	taken  bool
	values grid.Values
}

func (m *meter) instant(now *moment) grid.Values {
	if !now.taken {
		now.taken, now.values = true, m.source.Instant(now.real)
	}
	return now.values
}

func given(v axdr.Value) apdu.Answer               { return apdu.Answer{Value: v} }
func refused(result apdu.AccessResult) apdu.Answer { return apdu.Answer{Result: result} }

// answer gives one attribute.
func (m *meter) answer(item apdu.Item, now *moment) apdu.Answer {
	a := item.Attribute
	class, value := m.object(a.Code)
	switch {
	case class == 0:
		return refused(apdu.ObjectUndefined)
	case class != a.Class:
		return refused(apdu.ClassInconsistent)
	case item.Access != nil && (class != cosem.ClassProfileGeneric || a.ID != cosem.AttrBuffer):
		return refused(apdu.TypeUnmatched)
	case a.ID == cosem.AttrLogicalName:
		return given(axdr.Octets(a.Code[:]))
	}
	return value(item, now)
}

// attributes gives the attributes of one object beyond its name.
type attributes func(apdu.Item, *moment) apdu.Answer

// object finds an object; class 0 is none.
func (m *meter) object(code obis.Code) (class uint16, value attributes) {
	switch code {
	case cosem.ClockCode:
		return cosem.ClassClock, m.clock
	case cosem.LoadProfile1:
		return cosem.ClassProfileGeneric, m.profile
	case cosem.SerialCode:
		return cosem.ClassData, data(axdr.Octets([]byte(m.cfg.Serial)))
	case cosem.DeviceName:
		return cosem.ClassData, data(axdr.Octets([]byte("PHT" + m.cfg.Serial)))
	case cosem.ProfileStatus:
		return cosem.ClassData, data(axdr.Uint8(0))
	}
	if x, ok := m.ratios()[code]; ok && x > 0 {
		return cosem.ClassData, data(axdr.Uint32(uint32(x)))
	}
	for i := range m.registers {
		if r := &m.registers[i]; r.Code == code {
			return cosem.ClassRegister, r.attributes(m.instant)
		}
	}
	for i := range m.columns {
		if r := &m.columns[i]; r.Code == code {
			return cosem.ClassRegister, r.attributes(m.lastRow)
		}
	}
	return 0, nil
}

func (m *meter) ratios() map[obis.Code]float64 {
	return map[obis.Code]float64{
		cosem.CTNumerator: m.cfg.CTNum, cosem.CTDenominator: m.cfg.CTDen,
		cosem.VTNumerator: m.cfg.VTNum, cosem.VTDenominator: m.cfg.VTDen,
	}
}

func data(v axdr.Value) attributes {
	return func(item apdu.Item, _ *moment) apdu.Answer {
		if item.Attribute.ID != cosem.AttrValue {
			return refused(apdu.ReadWriteDenied)
		}
		return given(v)
	}
}

func (r *Register) attributes(values func(*moment) grid.Values) attributes {
	return func(item apdu.Item, now *moment) apdu.Answer {
		switch item.Attribute.ID {
		case cosem.AttrValue:
			return given(r.value(values(now)))
		case cosem.AttrScalerUnit:
			return given(r.Scale.Value())
		}
		return refused(apdu.ReadWriteDenied)
	}
}

func (m *meter) clock(item apdu.Item, now *moment) apdu.Answer {
	const attrZone, attrStatus = 3, 4
	stamp := axdr.At(now.at, m.cfg.Location)
	switch item.Attribute.ID {
	case cosem.AttrTime:
		return given(stamp.Value())
	case attrZone:
		return given(axdr.Int16(stamp.Deviation))
	case attrStatus:
		return given(axdr.Uint8(stamp.Status))
	}
	return refused(apdu.ReadWriteDenied)
}
