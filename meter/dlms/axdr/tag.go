package axdr

import "strconv"

// Tag names the type of a Data (IEC 62056-6-2, table of common data types).
type Tag uint8

// The tags. CompactArray is known by name and not decoded.
const (
	TagNull          Tag = 0
	TagArray         Tag = 1
	TagStructure     Tag = 2
	TagBool          Tag = 3
	TagBitString     Tag = 4
	TagInt32         Tag = 5
	TagUint32        Tag = 6
	TagOctetString   Tag = 9
	TagVisibleString Tag = 10
	TagUTF8String    Tag = 12
	TagBCD           Tag = 13
	TagInt8          Tag = 15
	TagInt16         Tag = 16
	TagUint8         Tag = 17
	TagUint16        Tag = 18
	TagCompactArray  Tag = 19
	TagInt64         Tag = 20
	TagUint64        Tag = 21
	TagEnum          Tag = 22
	TagFloat32       Tag = 23
	TagFloat64       Tag = 24
	TagDateTime      Tag = 25
	TagDate          Tag = 26
	TagTime          Tag = 27
	sizeOfDateTime       = 12
	sizeOfDate           = 5
	sizeOfTime           = 4
)

var tagNames = map[Tag]string{
	TagNull: "null-data", TagArray: "array", TagStructure: "structure", TagBool: "boolean",
	TagBitString: "bit-string", TagInt32: "double-long", TagUint32: "double-long-unsigned",
	TagOctetString: "octet-string", TagVisibleString: "visible-string", TagUTF8String: "utf8-string",
	TagBCD: "bcd", TagInt8: "integer", TagInt16: "long", TagUint8: "unsigned", TagUint16: "long-unsigned",
	TagCompactArray: "compact-array", TagInt64: "long64", TagUint64: "long64-unsigned", TagEnum: "enum",
	TagFloat32: "float32", TagFloat64: "float64", TagDateTime: "date-time", TagDate: "date", TagTime: "time",
}

// String gives the name that the standard uses, or "tag N".
func (t Tag) String() string {
	if name, ok := tagNames[t]; ok {
		return name
	}
	return "tag " + strconv.Itoa(int(t))
}
