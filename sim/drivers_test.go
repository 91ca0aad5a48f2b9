package sim_test

import (
	"context"
	"io/fs"
	"testing"
	"time"

	"phutai/configs"
	"phutai/grid"
	"phutai/line"
	"phutai/meter"
	"phutai/sim"
)

// profiles are those that phutai ships.
func profiles(t *testing.T) *meter.Profiles {
	t.Helper()
	folder, err := fs.Sub(configs.Meters, "meters")
	if err != nil {
		t.Fatal(err)
	}
	p, err := meter.LoadProfiles(folder)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Each meter is read as phutai reads it, with the profile that the register
// names: what comes is the truth, and the faults have the right names.
func TestPhutaiReadsTheTruthFromEveryMeter(t *testing.T) {
	known := profiles(t)
	for name, now := range map[string]time.Time{
		"at noon":    sim.HotDay().Add(12 * time.Hour).UTC(),
		"at 21:00":   sim.HotDay().Add(21 * time.Hour).UTC(),
		"on Sunday":  sim.HotDay().AddDate(0, 0, -4).Add(6 * time.Hour).UTC(),
		"a week on":  sim.HotDay().AddDate(0, 0, 7).Add(15 * time.Hour).UTC(),
		"from start": sim.Start(),
	} {
		t.Run(name, func(t *testing.T) {
			p := running(t, sim.Config{Now: func() time.Time { return now }})
			buses := map[string]*meter.Bus{}
			for _, m := range p.Fleet().Meters {
				if p.Faults()[m.Point] == sim.AnswerLate && name != "from start" {
					continue // it takes a while, once is enough
				}
				bus := buses[m.Line]
				if bus == nil {
					l, err := line.Open(m.Line, line.Options{})
					if err != nil {
						t.Fatal(err)
					}
					bus = meter.NewBus(l)
					buses[m.Line] = bus
					t.Cleanup(func() { _ = bus.Close() })
				}
				profile, ok := known.Get(m.Profile)
				if !ok {
					t.Fatalf("%s: there is no profile %q", m.ID, m.Profile)
				}
				device, err := meter.Open(bus, profile, m, p.Secrets()[m.Secret])
				if err != nil {
					t.Fatal(err)
				}
				poll(t, p, m, device, now)
			}
		})
	}
}

func poll(t *testing.T, p *sim.Province, m grid.Meter, device meter.Device, now time.Time) {
	t.Helper()
	fault := p.Faults()[m.Point]
	patience := 30 * time.Second
	if fault == sim.Silent {
		patience = 100 * time.Millisecond
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	got, err := device.Poll(ctx)
	if fault == sim.Silent || fault == sim.DeadUnit {
		if reason := meter.Reason(err); err == nil || reason != grid.NoAnswer || got.Values.Len() > 0 {
			t.Errorf("%s is %s: got %d values, %v, reason %q", m.Point, fault, got.Values.Len(), err, reason)
		}
		return
	}
	if err != nil {
		t.Errorf("%s: %v", m.Point, err)
		return
	}
	want, err := p.Shown(m.Point, now)
	if err != nil {
		t.Fatal(err)
	}
	if got.Values.Len() < 17 || got.Quality != 0 {
		t.Errorf("%s: got %d values of quality %b, want all of them, and good", m.Point, got.Values.Len(), got.Quality)
	}
	for q, x := range got.Values.All() {
		if y := figure(t, want, q); !near(x, y, 1e-9*(1+y*y)) {
			t.Errorf("%s %s: read %v, truth %v", m.Point, q, x, y)
		}
	}
	if err := device.Release(ctx); err != nil {
		t.Errorf("%s: release: %v", m.Point, err)
	}
}
