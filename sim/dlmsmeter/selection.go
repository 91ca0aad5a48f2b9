package dlmsmeter

import (
	"slices"
	"time"

	"phutai/grid"
	"phutai/meter/dlms/apdu"
	"phutai/meter/dlms/axdr"
)

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
