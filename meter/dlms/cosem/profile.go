package cosem

import (
	"errors"
	"fmt"
	"time"

	"phutai/meter/dlms/apdu"
	"phutai/meter/dlms/axdr"
)

// Profile is what must be known of a profile generic object to read its rows.
type Profile struct {
	Columns []apdu.CaptureObject
	Period  time.Duration  // between rows; zero: rows come when something happens
	Zone    *time.Location // of clock values without deviation
}

// ErrNoClock says that a profile does not capture the clock, so that its rows
// have no time.
var ErrNoClock = errors.New("profile has no clock column")

// Row is one row, in the order of the profile's columns.
type Row struct {
	End      time.Time // UTC, the end of the interval
	Doubtful bool      // the meter marks its clock as not to be trusted
	Values   []axdr.Value
}

// ParseCaptureObjects reads the attribute that lists the columns.
func ParseCaptureObjects(v axdr.Value) ([]apdu.CaptureObject, error) {
	if v.Tag() != axdr.TagArray {
		return nil, fmt.Errorf("capture objects are %v, want an array", v.Tag())
	}
	columns := make([]apdu.CaptureObject, len(v.Items()))
	for i, item := range v.Items() {
		var err error
		if columns[i], err = apdu.ParseCaptureObject(item); err != nil {
			return nil, fmt.Errorf("column %d: %w", i+1, err)
		}
	}
	return columns, nil
}

// Clock gives the column that holds the time of a row.
func (p *Profile) Clock() (index int, column apdu.CaptureObject, err error) {
	for i, c := range p.Columns {
		if c.Attribute.Class == ClassClock && c.Attribute.ID == AttrTime {
			return i, c, nil
		}
	}
	return 0, apdu.CaptureObject{}, ErrNoClock
}

// Rows reads a buffer. Null-data stands for "as in the row before" and, in the
// clock column, for one period later. Rows whose time cannot be known are left
// out and counted.
func (p *Profile) Rows(buffer axdr.Value) (rows []Row, skipped int, err error) {
	if buffer.Tag() != axdr.TagArray {
		return nil, 0, fmt.Errorf("profile buffer is %v, want an array", buffer.Tag())
	}
	clock, _, err := p.Clock()
	if err != nil {
		return nil, 0, err
	}
	rows = make([]Row, 0, len(buffer.Items()))
	var above Row // its End is zero while it is not known
	for i, item := range buffer.Items() {
		cells := item.Items()
		if len(cells) != len(p.Columns) {
			return nil, 0, fmt.Errorf("row %d has %d values for %d columns", i+1, len(cells), len(p.Columns))
		}
		row := p.row(cells, clock, above)
		above = row
		if row.End.IsZero() {
			skipped++
			continue
		}
		rows = append(rows, row)
	}
	return rows, skipped, nil
}

func (p *Profile) row(cells []axdr.Value, clock int, above Row) Row {
	row := Row{Values: cells}
	copied := false
	for i, cell := range cells {
		if !cell.IsNull() || i == clock || above.Values == nil {
			continue
		}
		if !copied { // the decoded buffer stays as it is
			row.Values, copied = append([]axdr.Value(nil), cells...), true
		}
		row.Values[i] = above.Values[i]
	}
	if cells[clock].IsNull() {
		if !above.End.IsZero() && p.Period > 0 {
			row.End, row.Doubtful = above.End.Add(p.Period), above.Doubtful
		}
		return row
	}
	if d, err := cells[clock].DateTime(); err == nil {
		if end, err := d.Time(p.Zone); err == nil {
			row.End = end
			row.Doubtful = d.Status != axdr.Any && d.Status&(axdr.ClockInvalid|axdr.ClockDoubtful) != 0
		}
	}
	return row
}
