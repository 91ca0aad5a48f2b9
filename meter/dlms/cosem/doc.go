// Package cosem says what the objects of a DLMS meter mean (IEC 62056-6-2):
// classes, attributes, scaler and unit, the rows of a profile generic object.
// It does no I/O and knows nothing of associations.
package cosem

import "phutai/meter/dlms/obis"

// The interface classes that a totalizing meter's objects have.
const (
	ClassData             uint16 = 1
	ClassRegister         uint16 = 3
	ClassExtendedRegister uint16 = 4
	ClassDemandRegister   uint16 = 5
	ClassProfileGeneric   uint16 = 7
	ClassClock            uint16 = 8
)

// Attributes by their number within the class.
const (
	AttrLogicalName int8 = 1
	AttrValue       int8 = 2 // data and registers
	AttrScalerUnit  int8 = 3 // register and extended register

	AttrDemandScalerUnit int8 = 4 // demand register
	AttrTime             int8 = 2 // clock

	AttrBuffer         int8 = 2 // profile generic
	AttrCaptureObjects int8 = 3
	AttrCapturePeriod  int8 = 4 // s
	AttrSortMethod     int8 = 5
	AttrSortObject     int8 = 6
	AttrEntriesInUse   int8 = 7
	AttrProfileEntries int8 = 8
)

// Codes that every totalizing meter is expected to have (IEC 62056-6-1).
var (
	ClockCode     = obis.Code{0, 0, 1, 0, 0, 255}
	SerialCode    = obis.Code{0, 0, 96, 1, 0, 255}
	DeviceName    = obis.Code{0, 0, 42, 0, 0, 255} // logical device name
	LoadProfile1  = obis.Code{1, 0, 99, 1, 0, 255}
	ProfileStatus = obis.Code{0, 0, 96, 10, 1, 255}
	CTNumerator   = obis.Code{1, 0, 0, 4, 2, 255}
	VTNumerator   = obis.Code{1, 0, 0, 4, 3, 255}
	CTDenominator = obis.Code{1, 0, 0, 4, 5, 255}
	VTDenominator = obis.Code{1, 0, 0, 4, 6, 255}
)

// ScalerAttr gives the attribute that holds scaler and unit of a class, 0 for
// a class that has none.
func ScalerAttr(class uint16) int8 {
	switch class {
	case ClassRegister, ClassExtendedRegister:
		return AttrScalerUnit
	case ClassDemandRegister:
		return AttrDemandScalerUnit
	}
	return 0
}
