package meter_test

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/grid"
	"phutai/line"
	"phutai/meter"
	"phutai/meter/dlms/apdu"
	"phutai/meter/dlms/wrapper"
	"phutai/sim/modbusmeter"
)

type steady grid.Values

func (s steady) Instant(time.Time) grid.Values { return grid.Values(s) }

// load is a meter that shows sound figures, ia telling which it is.
func load(ia float64) steady {
	var v grid.Values
	for q, x := range map[grid.Quantity]float64{
		grid.Ua: 230.1, grid.Ub: 229.7, grid.Uc: 231.3, grid.Ia: ia, grid.Ib: 2, grid.Ic: 3,
		grid.F: 50.01, grid.EaImp: 98765.432, grid.EaExp: 0, grid.ErImp: 1234.5, grid.ErExp: 0,
	} {
		v.Set(q, x)
	}
	return steady(v)
}

func TestMetersOnOneBusShareItsConnection(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := modbusmeter.New(modbusmeter.Config{Units: map[byte]modbusmeter.Unit{
		1: {Source: load(1.5)}, 2: {Source: load(2.5)}, 3: {Fault: modbusmeter.Unreachable},
	}})
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { _ = server.Serve(ctx, ln) })
	defer wg.Wait()
	defer cancel()

	l, err := line.Open("tcp://"+ln.Addr().String(), line.Options{})
	if err != nil {
		t.Fatal(err)
	}
	bus := meter.NewBus(l)
	defer func() { _ = bus.Close() }()
	p, _ := shipped(t).Get("eastron-sdm630")
	for unit, ia := range map[int]float64{1: 1.5, 2: 2.5} {
		d, err := meter.Open(bus, p, grid.Meter{ID: "7", Address: unit}, nil)
		if err != nil {
			t.Fatal(err)
		}
		s, err := d.Poll(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		want := asMap(modbusmeter.Shown(grid.Values(load(ia))))
		if diff := cmp.Diff(want, asMap(s.Values)); diff != "" {
			t.Errorf("unit %d (-want +got):\n%s", unit, diff)
		}
	}
	d, err := meter.Open(bus, p, grid.Meter{ID: "9", Address: 3}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Poll(t.Context()); meter.Reason(err) != grid.NoAnswer {
		t.Errorf("dead unit: %v", err)
	}
	if server.Connections() != 1 || server.Writes() != 0 || bus.Line() != l {
		t.Errorf("%d connections, %d writes", server.Connections(), server.Writes())
	}
	if err := bus.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Poll(t.Context()); !errors.Is(err, line.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

func TestAddressThatCannotBeIsRefused(t *testing.T) {
	for _, tc := range []struct {
		profile string
		meter   grid.Meter
	}{
		{"eastron-sdm630", grid.Meter{Address: 256}},
		{"eastron-sdm630", grid.Meter{Address: -1}},
		{"generic-dlms", grid.Meter{Address: 65536}},
		{"generic-dlms", grid.Meter{Client: -1}},
	} {
		l, err := line.Open("tcp://127.0.0.1:1", line.Options{})
		if err != nil {
			t.Fatal(err)
		}
		p, _ := shipped(t).Get(tc.profile)
		if _, err := meter.Open(meter.NewBus(l), p, tc.meter, nil); err == nil {
			t.Errorf("%s took %+v", tc.profile, tc.meter)
		}
	}
}

func TestLineThatIsDownIsNoRoute(t *testing.T) {
	for _, name := range shipped(t).Names() {
		p, _ := shipped(t).Get(name)
		d := openAt(t, "tcp://127.0.0.1:1", p, grid.Meter{ID: "1"}, "")
		if _, err := d.Poll(t.Context()); meter.Reason(err) != grid.NoRoute {
			t.Errorf("%s: reason %v of %v, want no-route", name, meter.Reason(err), err)
		}
	}
}

func TestClientAddressFollowsPasswordAndRegister(t *testing.T) {
	p, _ := shipped(t).Get("generic-dlms")
	for _, tc := range []struct {
		name           string
		meter          grid.Meter
		password       string
		client, server uint16
	}{
		{"public", grid.Meter{}, "", 16, 1},
		{"with a password", grid.Meter{}, "secret", 1, 1},
		{"as the register says", grid.Meter{Client: 32, Address: 17}, "secret", 32, 17},
	} {
		t.Run(tc.name, func(t *testing.T) {
			asked := make(chan wrapper.Frame, 1)
			address := accept(t, func(conn net.Conn) {
				if f, err := wrapper.NewReader(conn, 4096).Next(); err == nil {
					select {
					case asked <- f:
					default:
					}
				}
			})
			if _, err := openAt(t, address, p, tc.meter, tc.password).Poll(t.Context()); err == nil {
				t.Error("a meter that hangs up was read")
			}
			f := <-asked
			if f.Source != tc.client || f.Destination != tc.server {
				t.Errorf("asked from %d to %d, want %d to %d", f.Source, f.Destination, tc.client, tc.server)
			}
			request, err := apdu.DecodeRequest(f.Payload)
			if err != nil {
				t.Fatal(err)
			}
			if got := string(request.(*apdu.AARQ).Password); got != tc.password {
				t.Errorf("password %q, want %q", got, tc.password)
			}
		})
	}
}
