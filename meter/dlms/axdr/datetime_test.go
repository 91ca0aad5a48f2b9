package axdr_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"phutai/meter/dlms/axdr"
)

var hanoi = time.FixedZone("+07", 7*3600)

func TestDeviationCountsFromLocalTimeToUTC(t *testing.T) {
	noon := time.Date(2026, 6, 15, 5, 0, 0, 0, time.UTC) // 12:00 in Hanoi
	wire := axdr.At(noon, hanoi).Append(nil)
	if want := unhex(t, "07EA060F 01 0C000000 FE5C 00"); !bytes.Equal(wire, want) {
		t.Errorf("noon in Hanoi is %X, want %X", wire, want)
	}
	for _, c := range []struct {
		name, wire string
		want       time.Time
	}{
		{"UTC+7 stated", "07EA060F010C000000FE5C00", noon},
		{"deviation open", "07EA060F010C000000800000", noon},
		{"UTC stated", "07EA060F0105000000000000", noon},
		{"hundredths open", "07EA060FFF0C0000FFFE5C00", noon},
		{"second open", "07EA060FFF0C00FFFFFE5C00", noon},
		{"summer time bit", "07EA060FFF0C000000FE5C80", noon},
		{"UTC-4", "07E40618FF0C0333FF00F000", time.Date(2020, 6, 24, 16, 3, 51, 0, time.UTC)},
	} {
		d, err := axdr.ParseDateTime(unhex(t, c.wire))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := d.Time(hanoi); err != nil || !got.Equal(c.want) {
			t.Errorf("%s: %v, %v; want %v", c.name, got, err, c.want)
		}
		if again := d.Append(nil); !bytes.Equal(again, unhex(t, c.wire)) {
			t.Errorf("%s: came back as %X", c.name, again)
		}
	}
}

func TestWildcardsAndNonsenseNameNoMoment(t *testing.T) {
	for _, wire := range []string{
		"FFFF060F010C000000FE5C00", "07EAFF0F010C000000FE5C00", "07EA06FF010C000000FE5C00",
		"07EA060F01FF000000FE5C00", "07EA060F010CFF0000FE5C00", "07EA060F0118000000FE5C00",
		"07EA061F010C000000FE5C00" /* 31 June */, "07EA06FE010C000000FE5C00", /* last day */
		"07EA060F010C003C00FE5C00", "07EA060F010C0000007FFF00",
	} {
		d, err := axdr.ParseDateTime(unhex(t, wire))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := d.Time(hanoi); !errors.Is(err, axdr.ErrNoTime) {
			t.Errorf("%s named %v, %v", wire, got, err)
		}
	}
	if _, err := axdr.ParseDateTime(make([]byte, 11)); err == nil {
		t.Error("eleven octets passed for a date-time")
	}
	if _, err := axdr.Uint8(1).DateTime(); err == nil {
		t.Error("a number passed for a date-time")
	}
}

func TestSundayIsTheSeventhDay(t *testing.T) {
	if d := axdr.At(time.Date(2026, 6, 14, 5, 0, 0, 0, time.UTC), hanoi); d.Weekday != 7 {
		t.Errorf("weekday %d, want 7", d.Weekday)
	}
}
