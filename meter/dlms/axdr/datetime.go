package axdr

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// Wildcards of a DateTime: the field is not specified.
const (
	AnyYear         = 0xFFFF
	Any             = 0xFF
	AnyDeviation    = -0x8000
	ClockInvalid    = 0x01 // status: the value is not to be trusted
	ClockDoubtful   = 0x02 // status: running on after a power cut, may be off
	SummerTime      = 0x80 // status: summer time is active
	maxDeviationMin = 24 * 60
)

// DateTime is the COSEM date_time (IEC 62056-6-2, 4.1.6.1), wildcards kept.
//
// Deviation is in minutes from local time to UTC: UTC = local + Deviation, so
// that UTC+7 is -420 (FE5C). Weekday counts from Monday = 1.
type DateTime struct {
	Year                             uint16
	Month, Day, Weekday              uint8
	Hour, Minute, Second, Hundredths uint8
	Deviation                        int16
	Status                           uint8
}

// ErrNoTime says that a date or time has wildcards or values where a moment
// needs figures.
var ErrNoTime = errors.New("date-time names no moment")

// At gives the date-time of a moment in a zone, with its deviation and without
// weekday wildcards.
func At(t time.Time, zone *time.Location) DateTime {
	t = t.In(zone)
	_, offset := t.Zone()
	weekday := uint8(t.Weekday())
	if weekday == 0 {
		weekday = 7
	}
	return DateTime{
		Year: uint16(t.Year()), Month: uint8(t.Month()), Day: uint8(t.Day()), Weekday: weekday,
		Hour: uint8(t.Hour()), Minute: uint8(t.Minute()), Second: uint8(t.Second()),
		Hundredths: uint8(t.Nanosecond() / 10_000_000),
		Deviation:  int16(-offset / 60),
	}
}

// ParseDateTime reads the 12 octets.
func ParseDateTime(b []byte) (DateTime, error) {
	if len(b) != sizeOfDateTime {
		return DateTime{}, fmt.Errorf("date-time of %d octets, want %d", len(b), sizeOfDateTime)
	}
	return DateTime{
		Year: binary.BigEndian.Uint16(b), Month: b[2], Day: b[3], Weekday: b[4],
		Hour: b[5], Minute: b[6], Second: b[7], Hundredths: b[8],
		Deviation: int16(binary.BigEndian.Uint16(b[9:])), Status: b[11],
	}, nil
}

// Append appends the 12 octets.
func (d DateTime) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint16(b, d.Year)
	b = append(b, d.Month, d.Day, d.Weekday, d.Hour, d.Minute, d.Second, d.Hundredths)
	b = binary.BigEndian.AppendUint16(b, uint16(d.Deviation))
	return append(b, d.Status)
}

// Value gives the octet-string that meters carry date-times in.
func (d DateTime) Value() Value { return Octets(d.Append(make([]byte, 0, sizeOfDateTime))) }

// Time gives the moment in UTC. Without a deviation the fields are taken as
// local time of zone. An unspecified second or hundredth counts as zero; any
// other wildcard, and a field out of its range, is ErrNoTime.
func (d DateTime) Time(zone *time.Location) (time.Time, error) {
	second, hundredths := d.Second, d.Hundredths
	if second == Any {
		second = 0
	}
	if hundredths == Any {
		hundredths = 0
	}
	if d.Year == AnyYear || d.Month < 1 || d.Month > 12 || d.Day < 1 || d.Day > 31 ||
		d.Hour > 23 || d.Minute > 59 || second > 59 || hundredths > 99 {
		return time.Time{}, ErrNoTime
	}
	if d.Deviation != AnyDeviation {
		if d.Deviation < -maxDeviationMin || d.Deviation > maxDeviationMin {
			return time.Time{}, ErrNoTime
		}
		zone = time.UTC
	}
	t := time.Date(int(d.Year), time.Month(d.Month), int(d.Day), int(d.Hour), int(d.Minute),
		int(second), int(hundredths)*10_000_000, zone)
	if t.Day() != int(d.Day) { // 31 June
		return time.Time{}, ErrNoTime
	}
	if d.Deviation != AnyDeviation {
		t = t.Add(time.Duration(d.Deviation) * time.Minute)
	}
	return t.UTC(), nil
}

// DateTime reads a value that holds a date-time, as an octet-string or under
// its own tag.
func (v Value) DateTime() (DateTime, error) {
	if v.tag != TagOctetString && v.tag != TagDateTime {
		return DateTime{}, fmt.Errorf("%v is no date-time", v.tag)
	}
	return ParseDateTime(v.raw)
}
