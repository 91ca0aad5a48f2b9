package sim_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/grid"
	"phutai/meter/dlms"
	"phutai/sim"
	"phutai/sim/dlmsmeter"
)

// oneLine is a line to one address, dialled anew after a drop.
type oneLine struct {
	address string
	conn    net.Conn
}

func (l *oneLine) Conn(ctx context.Context) (net.Conn, error) {
	if l.conn != nil {
		return l.conn, nil
	}
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", l.address)
	l.conn = conn
	return conn, err
}

func (l *oneLine) Drop() {
	if l.conn != nil {
		_ = l.conn.Close()
		l.conn = nil
	}
}

// reader is the client of one simulated meter, set up to read all it has.
func reader(t *testing.T, p *sim.Province, m grid.Meter) *dlms.Device {
	t.Helper()
	cfg := dlms.Config{Profile: &dlms.LoadProfile{}, Timeout: 20 * time.Second}
	for _, r := range dlmsmeter.Registers() {
		cfg.Objects = append(cfg.Objects, dlms.Object{Code: r.Code, Quantity: r.Quantity, Factor: r.Factor})
	}
	for _, r := range dlmsmeter.Columns() {
		cfg.Profile.Columns = append(cfg.Profile.Columns, dlms.Column{Code: r.Code, Quantity: r.Quantity, Factor: r.Factor})
	}
	if m.Secret != "" {
		cfg.Password = p.Secrets()[m.Secret]
	}
	l := &oneLine{address: strings.TrimPrefix(m.Line, "tcp://")}
	t.Cleanup(l.Drop)
	return dlms.New(l, cfg)
}

func equal(t *testing.T, what string, got, want grid.Values) {
	t.Helper()
	near := cmp.Comparer(func(a, b float64) bool { return a == b || a-b < 1e-9 && b-a < 1e-9 })
	if diff := cmp.Diff(all(want), all(got), near); diff != "" {
		t.Errorf("%s (-truth +read):\n%s", what, diff)
	}
}

func TestADLMSMeterShowsTheTruthOnTheWire(t *testing.T) {
	p := running(t, sim.Config{Now: sim.Start})
	for i, m := range p.Fleet().Meters {
		fault := p.Faults()[m.Point]
		if m.Profile != sim.ProfileDLMS || i > 12 && fault != sim.OtherRatio || fault == sim.Silent || fault == sim.AnswerLate {
			continue
		}
		device := reader(t, p, m)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		got, err := device.Poll(ctx)
		if err != nil {
			t.Fatalf("%s: %v", m.Point, err)
		}
		want, err := p.Shown(m.Point, sim.Start())
		if err != nil {
			t.Fatal(err)
		}
		equal(t, string(m.Point), got.Values, want)
		if !got.Clock.Equal(sim.Start()) {
			t.Errorf("%s: its clock shows %s, want %s", m.Point, got.Clock, sim.Start())
		}
		said, err := device.Plate(ctx)
		if err != nil {
			t.Fatalf("%s: nameplate: %v", m.Point, err)
		}
		if plate, err := p.Plate(m.Point, sim.Start()); err != nil || said != plate {
			t.Errorf("%s: says that it is %+v, want %+v, %v", m.Point, said, plate, err)
		}
		if err := device.Release(ctx); err != nil {
			t.Errorf("%s: release: %v", m.Point, err)
		}
	}
}

func TestTheLateMeterAnswersAndLate(t *testing.T) {
	p := running(t, sim.Config{Now: sim.Start})
	for _, m := range p.Fleet().Meters {
		if p.Faults()[m.Point] != sim.AnswerLate {
			continue
		}
		current := dlmsmeter.Registers()[3]
		l := &oneLine{address: strings.TrimPrefix(m.Line, "tcp://")}
		defer l.Drop()
		device := dlms.New(l, dlms.Config{
			Password: p.Secrets()[m.Secret],
			Objects:  []dlms.Object{{Code: current.Code, Quantity: current.Quantity, Scale: &current.Scale}},
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		began := time.Now()
		got, err := device.Poll(ctx)
		if took := time.Since(began); err != nil || took < sim.LateBy || took > 20*sim.LateBy {
			t.Errorf("%s: got %v after %s, want an answer that is late", m.Point, err, took)
		}
		want, err := p.Shown(m.Point, sim.Start())
		if err != nil {
			t.Fatal(err)
		}
		if a, b := figure(t, got.Values, grid.Ia), figure(t, want, grid.Ia); !near(a, b, 1e-9) {
			t.Errorf("%s: got %v A, want %v A", m.Point, a, b)
		}
	}
}

func TestThirtyDaysOfHistoryLieInTheMeter(t *testing.T) {
	p := running(t, sim.Config{Now: sim.Start})
	m := p.Fleet().Meters[1]
	device := reader(t, p, m)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	from := sim.Start().AddDate(0, 0, -30)
	want, err := p.Rows(m.Point, from, sim.Start())
	if err != nil || len(want) != 30*48 {
		t.Fatalf("got %d rows and %v, want 30 days", len(want), err)
	}
	n := 0
	err = device.History(ctx, from, sim.Start(), func(row grid.Sample) error {
		if n < len(want) {
			if !row.End.Equal(want[n].End) || row.Interval != sim.Period {
				t.Fatalf("row %d: got the end %s after %s, want %s", n, row.End, row.Interval, want[n].End)
			}
			equal(t, row.End.String(), row.Values, want[n].Values)
		}
		n++
		return nil
	})
	if err != nil || n != len(want) {
		t.Errorf("got %d rows and %v, want %d", n, err, len(want))
	}
	if err := device.Release(ctx); err != nil {
		t.Errorf("release: %v", err)
	}
}
