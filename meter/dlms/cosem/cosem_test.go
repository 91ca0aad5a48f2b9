package cosem_test

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/grid"
	"phutai/meter/dlms/apdu"
	"phutai/meter/dlms/axdr"
	"phutai/meter/dlms/cosem"
	"phutai/meter/dlms/obis"
)

func decode(t testing.TB, s string) axdr.Value {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	v, rest, err := axdr.Decode(b)
	if err != nil || len(rest) > 0 {
		t.Fatalf("%s: %d octets left, %v", s, len(rest), err)
	}
	return v
}

func TestRawNumbersBecomeGridUnits(t *testing.T) {
	for _, c := range []struct {
		scale cosem.ScalerUnit
		raw   float64
		want  float64
	}{
		{cosem.ScalerUnit{Scaler: -1, Unit: cosem.Volt}, 2301, 230.1},
		{cosem.ScalerUnit{Scaler: -3, Unit: cosem.Ampere}, 4567, 4.567},
		{cosem.ScalerUnit{Scaler: 0, Unit: cosem.Watt}, 1234, 1.234},
		{cosem.ScalerUnit{Scaler: 3, Unit: cosem.WattHour}, 77, 77}, // kWh by its scaler
		{cosem.ScalerUnit{Scaler: 4, Unit: cosem.VarHour}, 7, 70},
		{cosem.ScalerUnit{Scaler: -3, Unit: cosem.Count}, -987, -0.987},
		{cosem.ScalerUnit{Scaler: -2, Unit: cosem.Hertz}, 4998, 49.98},
	} {
		if got := c.scale.Scale(c.raw); got != c.want {
			t.Errorf("%v of %+v = %v, want %v", c.raw, c.scale, got, c.want)
		}
		if got := c.scale.Raw(c.want); got != c.raw {
			t.Errorf("raw of %v in %+v = %v, want %v", c.want, c.scale, got, c.raw)
		}
	}
}

func TestUnitOfAnotherKindDoesNotFit(t *testing.T) {
	units := map[cosem.Unit][]grid.Quantity{
		cosem.Volt: {grid.Ua}, cosem.Ampere: {grid.In}, cosem.Watt: {grid.P, grid.Pc}, cosem.Var: {grid.Q},
		cosem.VoltAmpere: {grid.S}, cosem.VarHour: {grid.ErExp}, cosem.Hertz: {grid.F},
	}
	for unit, quantities := range units {
		for _, q := range quantities {
			if !(cosem.ScalerUnit{Unit: unit}).Fits(q) {
				t.Errorf("unit %d does not fit %v", unit, q)
			}
			if (cosem.ScalerUnit{Unit: 9}).Fits(q) { // degrees Celsius
				t.Errorf("°C fits %v", q)
			}
			if !(cosem.ScalerUnit{Unit: cosem.Count}).Fits(q) {
				t.Errorf("no unit does not fit %v", q)
			}
		}
	}
	if (cosem.ScalerUnit{Unit: cosem.WattHour}).Fits(grid.ErImp) || (cosem.ScalerUnit{Unit: cosem.Watt}).Fits(grid.EaImp) {
		t.Error("an energy took another unit")
	}
}

func TestScalerUnitIsReadStrictly(t *testing.T) {
	got, err := cosem.ParseScalerUnit(decode(t, "0202 0FFD 161B"))
	if want := (cosem.ScalerUnit{Scaler: -3, Unit: cosem.Watt}); err != nil || got != want {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	for _, s := range []string{"00", "0201 0FFD", "0202 0F7F 161B", "0202 0A00 161B", "0202 0FFD 0900"} {
		if got, err := cosem.ParseScalerUnit(decode(t, s)); err == nil {
			t.Errorf("%s was read as %+v", s, got)
		}
	}
}

// fourColumns captures clock, status, imported and exported energy.
var fourColumns = []apdu.CaptureObject{
	{Attribute: apdu.Attribute{Class: 8, Code: cosem.ClockCode, ID: 2}},
	{Attribute: apdu.Attribute{Class: 1, Code: cosem.ProfileStatus, ID: 2}},
	{Attribute: apdu.Attribute{Class: 3, Code: obis.Code{1, 0, 1, 8, 0, 255}, ID: 2}},
	{Attribute: apdu.Attribute{Class: 3, Code: obis.Code{1, 0, 2, 8, 0, 255}, ID: 2}},
}

// A buffer of hourly rows at UTC+1, as it goes round between the test suites of
// DLMS implementations: only the first row states its time.
const hourlyBuffer = "0104 0204 090C07E30C1F0217000000FFC400 1106 06000005ED 0600000654" +
	"0204 00 1106 06000005ED 0600000654 0204 00 1106 06000005ED 0600000654 0204 00 1106 06000005ED 0600000654"

func TestNullClockIsOnePeriodAfterTheRowAbove(t *testing.T) {
	p := cosem.Profile{Columns: fourColumns, Period: time.Hour, Zone: time.UTC}
	rows, skipped, err := p.Rows(decode(t, hourlyBuffer))
	if err != nil || skipped != 0 || len(rows) != 4 {
		t.Fatalf("%d rows, %d skipped, %v", len(rows), skipped, err)
	}
	for i, row := range rows {
		if want := time.Date(2019, 12, 31, 22+i, 0, 0, 0, time.UTC); !row.End.Equal(want) {
			t.Errorf("row %d ends %v, want %v", i, row.End, want)
		}
		if x, _ := row.Values[3].Int(); x != 0x654 {
			t.Errorf("row %d exports %d", i, x)
		}
	}
}

func TestNullValueIsThatOfTheRowAbove(t *testing.T) {
	p := cosem.Profile{Columns: fourColumns, Period: time.Hour, Zone: time.UTC}
	rows, _, err := p.Rows(decode(t, "0103 0204 090C07EA060F010C000000800000 1100 00 0600000001"+
		"0204 00 00 0600000005 0600000002  0204 00 00 00 00"))
	if err != nil || len(rows) != 3 {
		t.Fatal(len(rows), err)
	}
	var got [][]int64
	for _, r := range rows {
		var line []int64
		for _, v := range r.Values[1:] {
			x, ok := v.Int()
			if !ok {
				x = -1
			}
			line = append(line, x)
		}
		got = append(got, line)
	}
	if want := [][]int64{{0, -1, 1}, {0, 5, 2}, {0, 5, 2}}; !cmp.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestRowsWithoutATimeAreLeftOut(t *testing.T) {
	p := cosem.Profile{Columns: fourColumns[:1], Zone: time.UTC}
	rows, skipped, err := p.Rows(decode(t, "0104 0201 00  0201 090C07EA060F010C000000800000"+
		"0201 00 0201 090CFFFF060F010C000000800000"))
	if err != nil || len(rows) != 1 || skipped != 3 {
		t.Errorf("%d rows, %d skipped, %v; want 1 and 3", len(rows), skipped, err)
	}
}

func TestClockThatTheMeterDoubtsMakesTheRowDoubtful(t *testing.T) {
	p := cosem.Profile{Columns: fourColumns[:1], Period: time.Hour, Zone: time.UTC}
	for status, want := range map[string]bool{"00": false, "01": true, "02": true, "80": false, "FF": false} {
		rows, _, err := p.Rows(decode(t, "0102 0201 090C07EA060F010C0000008000"+status+" 0201 00"))
		if err != nil || len(rows) != 2 || rows[0].Doubtful != want || rows[1].Doubtful != want {
			t.Errorf("status %s: %+v, %v; want doubtful %v", status, rows, err, want)
		}
	}
}

func TestProfilesThatCannotBeReadAreRefused(t *testing.T) {
	p := cosem.Profile{Columns: fourColumns, Period: time.Hour, Zone: time.UTC}
	for _, buffer := range []string{"06 00000000", "0101 0203 00 00 00", "0101 00"} {
		if rows, _, err := p.Rows(decode(t, buffer)); err == nil {
			t.Errorf("%s gave %d rows", buffer, len(rows))
		}
	}
	p.Columns = fourColumns[1:]
	if _, _, err := p.Rows(decode(t, "0100")); !errors.Is(err, cosem.ErrNoClock) {
		t.Errorf("without clock: %v", err)
	}
}

func TestCaptureObjectsComeBack(t *testing.T) {
	// As a Java server of others wrote them.
	got, err := cosem.ParseCaptureObjects(decode(t, "0102 0204 120008 09060000010000FF 0F02 120000 0204 120003 09060101151900FF 0F02 120000"))
	want := []apdu.CaptureObject{fourColumns[0], {Attribute: apdu.Attribute{Class: 3, Code: obis.Code{1, 1, 21, 25, 0, 255}, ID: 2}}}
	if err != nil || !cmp.Equal(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
	for _, s := range []string{"00", "0101 00", "0101 0203 120008 0900 0F02", "0101 0204 120008 0903000001 0F02 120000"} {
		if got, err := cosem.ParseCaptureObjects(decode(t, s)); err == nil {
			t.Errorf("%s was read as %v", s, got)
		}
	}
}

func TestSerialNumbersAreTextHoweverTheyAreHeld(t *testing.T) {
	for wire, want := range map[string]string{
		"0908 3236313233343536": "26123456", "0A03 413120": "A1", "0904 41420000": "AB",
		"0903 0102FF": "0102FF", "06 00012345": "74565", "00": "", "0100": "",
	} {
		if got := cosem.Text(decode(t, wire)); got != want {
			t.Errorf("%s is %q, want %q", wire, got, want)
		}
	}
}
