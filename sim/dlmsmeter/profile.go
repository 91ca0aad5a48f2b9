package dlmsmeter

import (
	"bytes"
	"time"

	"phutai/grid"
	"phutai/meter/dlms/apdu"
	"phutai/meter/dlms/axdr"
	"phutai/meter/dlms/cosem"
)

const (
	clockColumn  = 0
	statusColumn = 1
	firstValue   = 2 // column of m.columns[0]

	statusDataNotValid = 0x04
	sortFIFO           = 1
)

func (m *meter) captured() []apdu.CaptureObject {
	columns := []apdu.CaptureObject{
		{Attribute: apdu.Attribute{Class: cosem.ClassClock, Code: cosem.ClockCode, ID: cosem.AttrTime}},
		{Attribute: apdu.Attribute{Class: cosem.ClassData, Code: cosem.ProfileStatus, ID: cosem.AttrValue}},
	}
	for _, r := range m.columns {
		columns = append(columns, apdu.CaptureObject{Attribute: apdu.Attribute{Class: cosem.ClassRegister, Code: r.Code, ID: cosem.AttrValue}})
	}
	return columns
}

func (m *meter) profile(item apdu.Item, now *moment) apdu.Answer {
	switch item.Attribute.ID {
	case cosem.AttrBuffer:
		return m.buffer(item.Access, now.at)
	case cosem.AttrCaptureObjects:
		var columns []axdr.Value
		for _, c := range m.captured() {
			columns = append(columns, c.Value())
		}
		return given(axdr.Array(columns...))
	case cosem.AttrCapturePeriod:
		return given(axdr.Uint32(uint32(m.cfg.Period / time.Second)))
	case cosem.AttrSortMethod:
		return given(axdr.Enum(sortFIFO))
	case cosem.AttrSortObject:
		return given(m.captured()[clockColumn].Value())
	case cosem.AttrEntriesInUse:
		return given(axdr.Uint32(uint32(len(m.rows(time.Time{}, now.at, now.at)))))
	case cosem.AttrProfileEntries:
		return given(axdr.Uint32(uint32(m.cfg.Depth / m.cfg.Period)))
	}
	return refused(apdu.ReadWriteDenied)
}

// rows gives what the profile still holds and already has, both bounds
// included.
func (m *meter) rows(from, to, now time.Time) []grid.Sample {
	if oldest := now.Add(-m.cfg.Depth); from.Before(oldest) {
		from = oldest
	}
	if to.After(now) {
		to = now
	}
	if to.Before(from) {
		return nil
	}
	return m.source.Rows(from.Add(-time.Nanosecond), to)
}

// lastRow gives the values of the newest row.
func (m *meter) lastRow(now *moment) grid.Values {
	rows := m.rows(now.at.Add(-m.cfg.Period), now.at, now.at)
	if len(rows) == 0 {
		return grid.Values{}
	}
	return rows[len(rows)-1].Values
}

func (m *meter) buffer(access *apdu.Access, now time.Time) apdu.Answer {
	rows, columns, result := m.selected(access, now)
	if result != apdu.Success {
		return refused(result)
	}
	lines := make([]axdr.Value, len(rows))
	var above []axdr.Value
	for i, row := range rows {
		cells := m.cells(row)
		picked := make([]axdr.Value, len(columns))
		for n, c := range columns {
			picked[n] = cells[c]
			if m.cfg.NullClock && above != nil && m.same(c, above, cells, rows[i-1].End, row.End) {
				picked[n] = axdr.Null()
			}
		}
		above = cells
		lines[i] = axdr.Structure(picked...)
	}
	return given(axdr.Array(lines...))
}

// same tells whether column c can be left out after the row above.
func (m *meter) same(c int, above, cells []axdr.Value, before, end time.Time) bool {
	if c == clockColumn {
		return end.Sub(before) == m.cfg.Period
	}
	return bytes.Equal(axdr.Append(nil, above[c]), axdr.Append(nil, cells[c]))
}

func (m *meter) cells(row grid.Sample) []axdr.Value {
	cells := make([]axdr.Value, firstValue+len(m.columns))
	cells[clockColumn] = axdr.At(row.End, m.cfg.Location).Value()
	var status uint8
	if row.Quality.Worst(&row.Values) != grid.Good {
		status = statusDataNotValid
	}
	cells[statusColumn] = axdr.Uint8(status)
	for i := range m.columns {
		cells[firstValue+i] = m.columns[i].value(row.Values)
	}
	return cells
}
