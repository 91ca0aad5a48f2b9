package dlmsmeter

import (
	"phutai/grid"
	"phutai/meter/dlms/apdu"
	"phutai/meter/dlms/axdr"
	"phutai/meter/dlms/cosem"
	"phutai/meter/dlms/obis"
)

func given(v axdr.Value) apdu.Answer               { return apdu.Answer{Value: v} }
func refused(result apdu.AccessResult) apdu.Answer { return apdu.Answer{Result: result} }

// attributes gives the attributes of one object beyond its name.
type attributes func(apdu.Item, *moment) apdu.Answer

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

// object finds an object; class 0 is none.
func (m *meter) object(code obis.Code) (class uint16, value attributes) {
	switch code {
	case cosem.ClockCode:
		return cosem.ClassClock, m.clock
	case cosem.LoadProfile1:
		return cosem.ClassProfileGeneric, m.profile
	case cosem.SerialCode:
		return cosem.ClassData, m.serial
	case cosem.DeviceName:
		return cosem.ClassData, data(axdr.Octets([]byte("PHT" + m.cfg.Serial)))
	case cosem.ProfileStatus:
		return cosem.ClassData, data(axdr.Uint8(0))
	case cosem.CTNumerator:
		return ratioObject(m.cfg.CTNum)
	case cosem.CTDenominator:
		return ratioObject(m.cfg.CTDen)
	case cosem.VTNumerator:
		return ratioObject(m.cfg.VTNum)
	case cosem.VTDenominator:
		return ratioObject(m.cfg.VTDen)
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

// ratioObject is one number of an instrument-transformer ratio; zero: there is
// no such object.
func ratioObject(x float64) (class uint16, value attributes) {
	if x <= 0 {
		return 0, nil
	}
	return cosem.ClassData, data(axdr.Uint32(uint32(x)))
}

func data(v axdr.Value) attributes {
	return func(item apdu.Item, _ *moment) apdu.Answer {
		if item.Attribute.ID != cosem.AttrValue {
			return refused(apdu.ReadWriteDenied)
		}
		return given(v)
	}
}

func (m *meter) serial(item apdu.Item, now *moment) apdu.Answer {
	serial := m.cfg.Serial
	if m.cfg.SerialAt != nil {
		serial = m.cfg.SerialAt(now.real)
	}
	return data(axdr.Octets([]byte(serial)))(item, now)
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
