package mqtt_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"phutai/grid"
	"phutai/mqtt"
)

// exact compares values by what is in them.
var exact = cmp.Comparer(func(a, b grid.Values) bool { return a == b })

func reading() grid.Reading {
	r := grid.Reading{
		Point: "PD0600", Source: grid.Instant, At: time.UnixMilli(1_780_000_000_123).UTC(),
		PolledAt: time.UnixMilli(1_780_000_000_123).UTC(), ClockKnown: true, ClockOffset: -1500 * time.Millisecond,
	}
	for q := range grid.NumQuantities {
		r.Values.Set(q, float64(q)*10.25-30)
	}
	r.Quality = r.Quality.With(grid.Ua, grid.Suspect)
	return r
}

// goldenBatch has one of each sort.
func goldenBatch() grid.Batch {
	row := grid.Reading{Point: "471E11/2", Source: grid.Profile, At: time.UnixMilli(1_780_001_800_000).UTC(), Interval: 30 * time.Minute, Ratio: 120}
	row.Values.Set(grid.EaImp, 123456.789)
	row.Values.Set(grid.P, -0.5)
	return grid.Batch{Epoch: "9f3a6c1d2b4e5f60", FirstSeq: 41, Readings: []grid.Reading{
		reading(), row,
		{Point: "PD0601", Source: grid.Instant, At: time.UnixMilli(1_780_000_300_000).UTC(), Missing: grid.NoAnswer, Detail: "unit 7 is silent"},
	}}
}

func TestPayloadVersionOneNeverChanges(t *testing.T) {
	const golden = "testdata/payload_v1.json"
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	got, err := mqtt.DecodeBatch(want)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(goldenBatch(), got, exact); diff != "" {
		t.Errorf("decoded %s: (-want +got)\n%s", golden, diff)
	}
	raw, err := mqtt.EncodeBatch(goldenBatch())
	if err != nil {
		t.Fatal(err)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, raw, "", "\t"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), indented.String()+"\n"); diff != "" {
		t.Errorf("encoded: (-golden +got)\n%s", diff)
	}
}

func TestUnknownFieldsAndQuantitiesAreIgnored(t *testing.T) {
	b, err := mqtt.DecodeBatch([]byte(`{"epoch":"e","first_seq":1,"later":{"a":[1]},"readings":[
		{"p":"A","s":"instant","t":1780000000000,"v":{"ia":1.5,"thd_a":"high","ib":null},"colour":"red","why":"\\\"epoch\":"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	v := b.Readings[0].Values
	if x, ok := v.Get(grid.Ia); !ok || x != 1.5 || v.Len() != 1 {
		t.Errorf("values: ia %v %v, %d quantities", x, ok, v.Len())
	}
}

func TestBadPayloadsAreRefused(t *testing.T) {
	const good = `{"p":"A","s":"instant","t":1780000000000}`
	with := func(reading string) string {
		return `{"epoch":"e","first_seq":1,"readings":[` + good + `,` + reading + `]}`
	}
	for name, c := range map[string]struct {
		payload string
		reading int // -1: the whole
		held    int // readings that the batch holds all the same
	}{
		"empty":              {"", -1, 0},
		"no object":          {"[]", -1, 0},
		"cut":                {with(good)[:40], -1, 0},
		"too deep":           {strings.Repeat("[", 20_000), -1, 0},
		"too long":           {`{"epoch":"` + strings.Repeat("x", mqtt.MaxPayload), -1, 0},
		"no epoch":           {`{"first_seq":1,"readings":[` + good + `]}`, -1, 0},
		"sequence zero":      {`{"epoch":"e","first_seq":0,"readings":[` + good + `]}`, -1, 0},
		"sequence overflows": {`{"epoch":"e","first_seq":18446744073709551615,"readings":[` + good + `]}`, -1, 0},
		"no readings":        {`{"epoch":"e","first_seq":1,"readings":[]}`, -1, 0},
		"readings twice":     {`{"epoch":"e","first_seq":1,"readings":[` + good + `],"readings":[` + good + `]}`, -1, 0},
		"twice in disguise":  {`{"epoch":"e","first_seq":1,"readings":[` + good + `],"\u0052eadings" : [` + good + `]}`, -1, 0},
		"twice by a long s":  {`{"epoch":"e","first_seq":1,"readings":[` + good + `],"readingſ":[` + good + `]}`, -1, 0},
		"twice with a fault": {`{"epoch":"e","epoch":"f","first_seq":1,"readings":[{"p":5}]}`, -1, 0},
		"too many readings":  {`{"epoch":"e","first_seq":1,"readings":[` + strings.Repeat(good+",", mqtt.MaxReadings) + good + `]}`, -1, 0},
		"a figure too large": {with(`{"p":"A","s":"instant","t":1780000000000,"v":{"ia":1e999}}`), 1, 2},
		"a figure as text":   {with(`{"p":"A","s":"instant","t":1780000000000,"v":{"ia":"5"}}`), 1, 2},
		"no point":           {with(`{"s":"instant","t":1780000000000}`), 1, 2},
		"source":             {with(`{"p":"A","s":"rumour","t":1780000000000}`), 1, 2},
		"year 1970":          {with(`{"p":"A","s":"instant","t":0}`), 1, 2},
		"year 2100":          {with(`{"p":"A","s":"instant","t":4102444800000}`), 1, 2},
		"year out of range":  {with(`{"p":"A","s":"instant","t":9223372036854775807}`), 1, 2},
		"interval":           {with(`{"p":"A","s":"profile","t":1780000000000,"iv":-5}`), 1, 2},
		"offset":             {with(`{"p":"A","s":"profile","t":1780000000000,"off":9223372036854775807}`), 1, 2},
		"values and absence": {with(`{"p":"A","s":"instant","t":1780000000000,"v":{"ia":1},"miss":"no-answer"}`), 1, 2},
	} {
		b, err := mqtt.DecodeBatch([]byte(c.payload))
		var whole *mqtt.BadPayload
		var single *mqtt.BadReadings
		told := errors.As(err, &whole)
		if c.reading >= 0 {
			told = errors.As(err, &single) && single.Fault(c.reading) != "" && single.Fault(0) == ""
		}
		if !told || len(b.Readings) != c.held {
			t.Errorf("%s: error %v with %d readings, want reading %d at fault and %d held", name, err, len(b.Readings), c.reading, c.held)
		}
	}
}

func TestFiguresThatAreNoneAreLeftOut(t *testing.T) {
	r := reading()
	r.Values.Set(grid.Ia, math.NaN())
	r.Values.Set(grid.Ib, math.Inf(-1))
	r.Detail = strings.Repeat("điện", 200) + "\xff"
	raw, err := mqtt.EncodeBatch(batch(1, r))
	if err != nil {
		t.Fatal(err)
	}
	got, err := mqtt.DecodeBatch(raw)
	if err != nil {
		t.Fatal(err)
	}
	if v := got.Readings[0].Values; v.Has(grid.Ia) || v.Has(grid.Ib) || !v.Has(grid.Ic) {
		t.Errorf("got quantities %b", v.Mask())
	}
}

// anyReading draws what a collector may hold.
func anyReading(t *rapid.T) grid.Reading {
	ms := rapid.Int64Range(946_684_800_000, 4_102_444_799_999)
	r := grid.Reading{
		Point:    grid.PointID(rapid.StringN(1, 40, 100).Draw(t, "point")),
		Source:   rapid.SampledFrom([]grid.Source{grid.Instant, grid.Profile}).Draw(t, "source"),
		At:       time.UnixMilli(ms.Draw(t, "at")).UTC(),
		Interval: time.Duration(rapid.IntRange(0, 86_400).Draw(t, "interval")) * time.Second,
		Ratio:    rapid.Float64Range(0, 1e6).Draw(t, "ratio"),
	}
	if rapid.Bool().Draw(t, "polled") {
		r.PolledAt = time.UnixMilli(ms.Draw(t, "polled at")).UTC()
		r.ClockKnown, r.ClockOffset = true, time.Duration(rapid.Int32().Draw(t, "offset"))*time.Millisecond
	}
	if rapid.Bool().Draw(t, "plated") {
		r.Plate = &grid.Plate{
			Serial: rapid.StringN(0, 20, 64).Draw(t, "serial"), CTNum: rapid.Float64Range(0, 1e6).Draw(t, "ct"), CTDen: 5,
		}
	}
	if rapid.Bool().Draw(t, "absent") {
		r.Missing = grid.Reason(rapid.IntRange(1, int(grid.NotPolled)).Draw(t, "reason"))
		r.Detail = rapid.StringN(0, 60, 512).Draw(t, "detail")
		return r
	}
	for q := range grid.NumQuantities {
		if rapid.Bool().Draw(t, "has") {
			r.Values.Set(q, rapid.Float64Range(-math.MaxFloat64, math.MaxFloat64).Draw(t, "figure"))
			r.Quality = r.Quality.With(q, grid.Grade(rapid.IntRange(0, 3).Draw(t, "grade")))
		}
	}
	return r
}

func TestRoundTripKeepsEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := batch(rapid.Uint64Range(1, 1<<40).Draw(t, "first"), rapid.SliceOfN(rapid.Custom(anyReading), 1, 5).Draw(t, "readings")...)
		raw, err := mqtt.EncodeBatch(want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := mqtt.DecodeBatch(raw)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, exact); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestSplitKeepsOrderAndBothBounds(t *testing.T) {
	fat := reading()
	for q := range grid.NumQuantities {
		fat.Values.Set(q, -1.2345678901234567e-300)
	}
	fat.Point = grid.PointID(strings.Repeat("\x01", 300))
	for name, r := range map[string]grid.Reading{"thin": {Point: "A", Source: grid.Instant, At: reading().At}, "fat": fat} {
		whole := batch(100)
		for range 1234 {
			whole.Readings = append(whole.Readings, r)
		}
		next := uint64(100)
		for _, part := range mqtt.Split(whole) {
			if _, err := mqtt.EncodeBatch(part); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if part.FirstSeq != next || part.Epoch != "e1" {
				t.Fatalf("%s: part from %d, want %d", name, part.FirstSeq, next)
			}
			next += uint64(len(part.Readings))
		}
		if next != 1334 {
			t.Errorf("%s: parts end before %d, want 1334", name, next)
		}
	}
}

// BenchmarkDecode decodes messages of 500 readings of 12 values.
func BenchmarkDecode(b *testing.B) {
	many := batch(1)
	for i := range mqtt.MaxReadings {
		r := grid.Reading{Point: "PD0001", Source: grid.Instant, At: reading().At, PolledAt: reading().At, ClockKnown: true}
		for q := range grid.Quantity(12) {
			r.Values.Set(q, math.Round(1000*(200+30*math.Sin(float64(i)+float64(q))))/1000)
		}
		many.Readings = append(many.Readings, r)
	}
	payload, err := mqtt.EncodeBatch(many)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := mqtt.DecodeBatch(payload); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*mqtt.MaxReadings)/b.Elapsed().Seconds(), "readings/s")
}

func FuzzPayload(f *testing.F) {
	golden, err := os.ReadFile("testdata/payload_v1.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(golden)
	f.Add([]byte(`{"epoch":"e","first_seq":1,"readings":[{"p":"A","s":"profile","t":1e12,"v":null,"off":0}]}`))
	f.Add([]byte(`{"epoch":"e","seq":9,"missing":[[1,2],[4,4]]}`))
	f.Add([]byte(`{"collector":"c","version":3,"meters":[{"id":"1","point":"p","line":"tcp://h:1","every_ms":5,"since_ms":1780000000000}]}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		_, _ = mqtt.DecodeWatermark(payload)
		_, _ = mqtt.DecodePlan(payload)
		_, _ = mqtt.DecodeStatus(payload)
		b, err := mqtt.DecodeBatch(payload)
		if err != nil {
			return
		}
		raw, err := mqtt.EncodeBatch(b)
		if err != nil {
			t.Skip("re-encoding may exceed the bound")
		}
		again, err := mqtt.DecodeBatch(raw)
		if err != nil {
			t.Fatalf("cannot read own payload: %v", err)
		}
		if diff := cmp.Diff(b, again, exact); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestPlatesCountForTheSizeOfAMessage(t *testing.T) {
	var rs []grid.Reading
	for range mqtt.MaxReadings {
		r := grid.Reading{Point: "PD0001", Source: grid.Instant, At: time.UnixMilli(1_780_000_000_000).UTC()}
		r.Values.Set(grid.Ia, 1.5)
		r.Plate = &grid.Plate{Serial: strings.Repeat("<", 64), CTNum: 1.0 / 3, CTDen: 2.0 / 3, VTNum: 1e5 / 3, VTDen: 1e6 / 3}
		rs = append(rs, r)
	}
	for _, part := range mqtt.Split(batch(1, rs...)) {
		if _, err := mqtt.EncodeBatch(part); err != nil {
			t.Fatal(err)
		}
	}
}

func TestPlateThatCannotBeMeantCostsNoReading(t *testing.T) {
	for _, plate := range []string{`{"ct_num":-1}`, `{"ct_num":1e300}`, `{"sn":"` + strings.Repeat("x", 65) + `"}`} {
		b, err := mqtt.DecodeBatch([]byte(`{"epoch":"e","first_seq":1,"readings":[{"p":"A","s":"instant","t":1780000000000,"v":{"ia":1.5},"plate":` + plate + `}]}`))
		if err != nil || b.Readings[0].Plate != nil || !b.Readings[0].Values.Has(grid.Ia) {
			t.Errorf("%s: got %+v, %v", plate, b.Readings, err)
		}
	}
}
