package dlms_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/grid"
	"phutai/meter/dlms"
	"phutai/meter/dlms/apdu"
	"phutai/meter/dlms/obis"
	"phutai/sim/dlmsmeter"
)

// figures makes values comparable.
func figures(v grid.Values) map[string]float64 {
	m := map[string]float64{}
	for q, x := range v.All() {
		m[q.String()] = x
	}
	return m
}

func TestPollReadsWhatTheMeterShows(t *testing.T) {
	want := dlmsmeter.AsRead(wave{}.Instant(hot))
	for name, c := range map[string]struct {
		meter  dlmsmeter.Config
		adjust func(*dlms.Config)
	}{
		"by one list":           {},
		"by lists of seven":     {adjust: func(c *dlms.Config) { c.ListMax = 7 }},
		"by plain GETs":         {adjust: func(c *dlms.Config) { c.ListMax = 1 }},
		"lists refused":         {meter: dlmsmeter.Config{ListMax: 1}},
		"long lists refused":    {meter: dlmsmeter.Config{ListMax: 10}},
		"answer in blocks":      {meter: dlmsmeter.Config{MaxPDU: 128}},
		"smallest messages":     {meter: dlmsmeter.Config{MaxPDU: 1}},
		"with password":         {meter: dlmsmeter.Config{Password: "12345678"}, adjust: func(c *dlms.Config) { c.Password = []byte("12345678") }},
		"other wrapper ports":   {adjust: func(c *dlms.Config) { c.Client, c.Server = 2, 17 }},
		"late but not too late": {meter: dlmsmeter.Config{Delay: 20 * time.Millisecond}},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := objects()
			if c.adjust != nil {
				c.adjust(&cfg)
			}
			device, line := dialled(t, start(t, c.meter, wave{}), cfg)
			for round := range 2 {
				got, err := device.Poll(t.Context())
				if err != nil {
					t.Fatalf("poll %d: %v", round, err)
				}
				if diff := cmp.Diff(figures(want), figures(got.Values)); diff != "" {
					t.Errorf("poll %d (-want +got):\n%s", round, diff)
				}
				if !got.Clock.Equal(hot) {
					t.Errorf("clock %v, want %v", got.Clock, hot)
				}
			}
			if line.dials != 1 {
				t.Errorf("%d connections for two polls, want 1", line.dials)
			}
			if err := device.Release(t.Context()); err != nil || line.drops != 0 {
				t.Errorf("Release: %v, connection dropped %d times", err, line.drops)
			}
		})
	}
}

func TestPollOfAnOpenAssociationTakesOneRoundTrip(t *testing.T) {
	cfg := objects()
	cfg.Objects = cfg.Objects[:20]
	device, line := dialled(t, start(t, dlmsmeter.Config{}, wave{}), cfg)
	if _, err := device.Poll(t.Context()); err != nil {
		t.Fatal(err)
	}
	line.count()
	if _, err := device.Poll(t.Context()); err != nil {
		t.Fatal(err)
	}
	requests, sent, received := line.count()
	t.Logf("poll of 20 registers and the clock: %d round trip, %d octets out, %d in", requests, sent, received)
	if requests != 1 || sent+received > 400 {
		t.Errorf("%d requests, %d octets; want 1 and at most 400", requests, sent+received)
	}
}

func TestSourceOfExportMakesPowerNegative(t *testing.T) {
	night := hot.Add(-8 * time.Hour)
	device, _ := dialled(t, start(t, dlmsmeter.Config{Now: func() time.Time { return night }}, wave{}), objects())
	got, err := device.Poll(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p, ok := got.Values.Get(grid.P)
	flows := wave{}.Instant(night)
	truth, _ := flows.Get(grid.P)
	if !ok || p >= 0 || math.Abs(p-truth) > 0.00005 {
		t.Errorf("P = %v, %v; want %v", p, ok, truth)
	}
}

func TestWhatTheMeterLacksIsNamedAndTheRestIsGood(t *testing.T) {
	cfg := dlms.Config{Objects: []dlms.Object{
		{Code: obis.Code{1, 0, 32, 7, 0, 255}, Quantity: grid.Ua},
		{Code: obis.Code{1, 0, 99, 7, 0, 255}, Quantity: grid.Ub},           // no such object
		{Code: obis.Code{1, 0, 1, 7, 0, 255}, Quantity: grid.P},             // half of a sum
		{Code: obis.Code{1, 0, 98, 7, 0, 255}, Quantity: grid.P, Factor: 1}, // the missing half
		{Code: obis.Code{1, 0, 31, 7, 0, 255}, Quantity: grid.S},            // amperes are no kVA
		{Code: obis.Code{0, 0, 96, 1, 0, 255}, Class: 1, Quantity: grid.Pf}, // text is no number
	}}
	device, line := dialled(t, start(t, dlmsmeter.Config{Serial: "A1"}, wave{}), cfg)
	for range 2 {
		got, err := device.Poll(t.Context())
		var partial *dlms.PartialError
		if !errors.As(err, &partial) || len(partial.Missing) != 4 {
			t.Fatalf("err = %v, want four missing attributes", err)
		}
		if !errors.Is(partial.Missing[0].Err, apdu.ObjectUndefined) {
			t.Errorf("the unknown object is missing for %v", partial.Missing[0].Err)
		}
		if partial.Reason() != grid.MeterError {
			t.Errorf("reason %v", partial.Reason())
		}
		if got.Values.Len() != 1 || !got.Values.Has(grid.Ua) {
			t.Errorf("values %v, want only ua", figures(got.Values))
		}
	}
	if line.drops != 0 {
		t.Error("a partial answer cost the connection")
	}
}

func TestIdentityTellsSerialAndRatios(t *testing.T) {
	address := start(t, dlmsmeter.Config{Serial: "26123456", CTNum: 600, CTDen: 5}, wave{})
	device, _ := dialled(t, address, dlms.Config{})
	got, err := device.Identity(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := (dlms.Identity{Serial: "26123456", CTNum: 600, CTDen: 5}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestExchangedMeterIsAskedForItsScalersAgain(t *testing.T) {
	first := start(t, dlmsmeter.Config{Serial: "1"}, wave{})
	second := start(t, dlmsmeter.Config{Serial: "2"}, wave{})
	device, line := dialled(t, first, objects())
	poll := func() int {
		t.Helper()
		line.count()
		if _, err := device.Poll(t.Context()); err != nil {
			t.Fatal(err)
		}
		requests, _, _ := line.count()
		return requests
	}
	if n := poll(); n != 3 {
		t.Errorf("first poll took %d requests, want association, scalers, values", n)
	}
	line.Drop()
	if n := poll(); n != 3 {
		t.Errorf("same meter on a new connection took %d requests, want association, serial, values", n)
	}
	line.Drop()
	line.address = second
	if n := poll(); n != 4 {
		t.Errorf("another meter took %d requests, want association, serial, scalers, values", n)
	}
}

func TestReleaseOnAClosedLineIsNoError(t *testing.T) {
	device, line := dialled(t, start(t, dlmsmeter.Config{}, wave{}), objects())
	if err := device.Release(context.Background()); err != nil {
		t.Errorf("before any call: %v", err)
	}
	if _, err := device.Poll(t.Context()); err != nil {
		t.Fatal(err)
	}
	line.Drop()
	if err := device.Release(t.Context()); err != nil {
		t.Errorf("after a drop: %v", err)
	}
}
