package apdu

import (
	"fmt"

	"phutai/meter/dlms/axdr"
	"phutai/meter/dlms/obis"
)

// Access selects a part of an attribute. Range and Entry make and read the two
// selectors of a profile's buffer (IEC 62056-6-2, class 7).
type Access struct {
	Selector   uint8
	Parameters axdr.Value
}

// The selectors of a profile's buffer.
const (
	ByRange = 1
	ByEntry = 2
)

// CaptureObject names a column of a profile. Index 0 is the whole attribute.
type CaptureObject struct {
	Attribute Attribute
	Index     uint16
}

// Value gives the structure that captures are written as.
func (c CaptureObject) Value() axdr.Value {
	code := c.Attribute.Code
	return axdr.Structure(axdr.Uint16(c.Attribute.Class), axdr.Octets(code[:]), axdr.Int8(c.Attribute.ID), axdr.Uint16(c.Index))
}

// ParseCaptureObject reads what Value writes.
func ParseCaptureObject(v axdr.Value) (CaptureObject, error) {
	items := v.Items()
	if len(items) != 4 {
		return CaptureObject{}, fmt.Errorf("capture object has %d elements, want 4", len(items))
	}
	class, okClass := items[0].Int()
	code := items[1].Bytes()
	id, okID := items[2].Int()
	index, okIndex := items[3].Int()
	if !okClass || !okID || !okIndex || len(code) != len(obis.Code{}) ||
		class < 0 || class > 0xFFFF || id < -128 || id > 127 || index < 0 || index > 0xFFFF {
		return CaptureObject{}, fmt.Errorf("capture object is not class, code, attribute, index")
	}
	return CaptureObject{Attribute{uint16(class), obis.Code(code), int8(id)}, uint16(index)}, nil
}

// Range selects the rows whose column By is from From to To, both included.
// No Columns means all.
type Range struct {
	By       CaptureObject
	From, To axdr.Value
	Columns  []CaptureObject
}

// Access gives the selector.
func (r Range) Access() *Access {
	columns := make([]axdr.Value, len(r.Columns))
	for i, c := range r.Columns {
		columns[i] = c.Value()
	}
	return &Access{ByRange, axdr.Structure(r.By.Value(), r.From, r.To, axdr.Array(columns...))}
}

// Range reads a selector by range.
func (a *Access) Range() (Range, error) {
	items := a.Parameters.Items()
	if a.Selector != ByRange || len(items) != 4 {
		return Range{}, fmt.Errorf("selector %d with %d elements is no range", a.Selector, len(items))
	}
	by, err := ParseCaptureObject(items[0])
	if err != nil {
		return Range{}, err
	}
	r := Range{By: by, From: items[1], To: items[2]}
	for _, item := range items[3].Items() {
		column, err := ParseCaptureObject(item)
		if err != nil {
			return Range{}, err
		}
		r.Columns = append(r.Columns, column)
	}
	return r, nil
}

// Entry selects rows and columns by their position, counted from 1. To and
// ToColumn may be 0, which is the last.
type Entry struct {
	From, To             uint32
	FromColumn, ToColumn uint16
}

// Access gives the selector.
func (e Entry) Access() *Access {
	return &Access{ByEntry, axdr.Structure(axdr.Uint32(e.From), axdr.Uint32(e.To), axdr.Uint16(e.FromColumn), axdr.Uint16(e.ToColumn))}
}

// Entry reads a selector by entry.
func (a *Access) Entry() (Entry, error) {
	items := a.Parameters.Items()
	if a.Selector != ByEntry || len(items) != 4 {
		return Entry{}, fmt.Errorf("selector %d with %d elements is no entry", a.Selector, len(items))
	}
	var x [4]int64
	for i, item := range items {
		n, ok := item.Int()
		if !ok || n < 0 || n > 0xFFFFFFFF || i >= 2 && n > 0xFFFF {
			return Entry{}, fmt.Errorf("element %d of the entry selector is %v out of range", i, item.Tag())
		}
		x[i] = n
	}
	return Entry{uint32(x[0]), uint32(x[1]), uint16(x[2]), uint16(x[3])}, nil
}
