package dlmsmeter

import (
	"bytes"
	"slices"
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

// selected gives the rows and the columns that an access selects.
func (m *meter) selected(access *apdu.Access, now time.Time) ([]grid.Sample, []int, apdu.AccessResult) {
	captured := m.captured()
	all := make([]int, len(captured))
	for i := range all {
		all[i] = i
	}
	if access == nil {
		return m.rows(time.Time{}, now, now), all, apdu.Success
	}
	if r, err := access.Range(); err == nil {
		return m.byRange(r, captured, all, now)
	}
	e, err := access.Entry()
	if err != nil || e.From == 0 || e.FromColumn == 0 {
		return nil, nil, apdu.TypeUnmatched
	}
	rows := m.rows(time.Time{}, now, now)
	return part(rows, int(e.From), int(e.To)), part(all, int(e.FromColumn), int(e.ToColumn)), apdu.Success
}

// part cuts out the elements first to last, counted from 1; last 0 is the end.
func part[T any](s []T, first, last int) []T {
	if last == 0 || last > len(s) {
		last = len(s)
	}
	if first > last {
		return nil
	}
	return s[first-1 : last]
}

func (m *meter) byRange(r apdu.Range, captured []apdu.CaptureObject, all []int, now time.Time) ([]grid.Sample, []int, apdu.AccessResult) {
	if r.By != captured[clockColumn] {
		return nil, nil, apdu.TypeUnmatched
	}
	from, okFrom := m.bound(r.From)
	to, okTo := m.bound(r.To)
	if !okFrom || !okTo {
		return nil, nil, apdu.TypeUnmatched
	}
	columns := all
	if len(r.Columns) > 0 {
		columns = nil
		for _, c := range r.Columns {
			i := slices.Index(captured, c)
			if i < 0 {
				return nil, nil, apdu.TypeUnmatched
			}
			columns = append(columns, i)
		}
	}
	return m.rows(from, to, now), columns, apdu.Success
}

// bound reads one end of a range.
func (m *meter) bound(v axdr.Value) (time.Time, bool) {
	stamp, err := v.DateTime()
	if err != nil {
		return time.Time{}, false
	}
	open := stamp.Deviation == axdr.AnyDeviation
	if open && m.cfg.RefuseNoDeviation || !open && m.cfg.RefuseDeviation {
		return time.Time{}, false
	}
	t, err := stamp.Time(m.cfg.Location)
	return t, err == nil
}
