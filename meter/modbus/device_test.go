package modbus_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/grid"
	"phutai/meter"
	"phutai/meter/modbus"
	"phutai/sim/modbusmeter"
)

var _ meter.Device = (*modbus.Device)(nil)

func asMap(v grid.Values) map[string]float64 {
	m := map[string]float64{}
	for q, x := range v.All() {
		m[q.String()] = x
	}
	return m
}

// wanted is what figures must give for a healthy unit.
func wanted(unit byte) map[string]float64 {
	shown := modbusmeter.Shown(grid.Values(shows(unit)))
	m := asMap(shown)
	return map[string]float64{"ua": m["ua"], "ub": m["ub"], "p": m["p"]}
}

const (
	long  = 20 * time.Second
	short = 150 * time.Millisecond
)

func TestUnitsBehindOneGatewayShareAConnection(t *testing.T) {
	units := map[byte]modbusmeter.Unit{}
	for id := byte(1); id <= 30; id++ {
		units[id] = modbusmeter.Unit{Source: shows(id)}
	}
	server, address := serve(t, modbusmeter.Config{Units: units})
	ch, _ := dial(t, address)
	for id := byte(1); id <= 30; id++ {
		s, err := modbus.New(ch, figures(id, long)).Poll(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(wanted(id), asMap(s.Values)); d != "" {
			t.Errorf("unit %d (-want +got):\n%s", id, d)
		}
	}
	if n := server.Connections(); n != 1 {
		t.Errorf("%d connections, want 1", n)
	}
	if n := server.Reads(); n != 30 {
		t.Errorf("%d requests, want one for each unit", n)
	}
}

func TestFaultOfOneUnitGivesNoWrongValueAndSparesTheNext(t *testing.T) {
	for _, tc := range []struct {
		name    string
		fault   modbusmeter.Fault
		timeout time.Duration
		reason  grid.Reason
		keeps   bool // the connection
	}{
		{"silent", modbusmeter.Silent, short, grid.NoAnswer, false},
		{"gateway says unreachable", modbusmeter.Unreachable, long, grid.NoAnswer, true},
		{"gateway says unavailable", modbusmeter.Unavailable, long, grid.NoAnswer, true},
		{"short answer", modbusmeter.Short, long, grid.MeterError, false},
		{"wrong byte count", modbusmeter.WrongCount, long, grid.MeterError, false},
		{"foreign function", modbusmeter.Foreign, long, grid.MeterError, false},
		{"other unit", modbusmeter.OtherUnit, long, grid.MeterError, false},
		{"garbage", modbusmeter.Garbage, long, grid.MeterError, false},
		{"hangup", modbusmeter.Hangup, long, grid.NoAnswer, false},
		{"half an answer", modbusmeter.HalfAnswer, long, grid.NoAnswer, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server, address := serve(t, modbusmeter.Config{Units: map[byte]modbusmeter.Unit{
				1: {Source: shows(1)}, 2: {Source: shows(2), Fault: tc.fault},
			}})
			ch, _ := dial(t, address)
			well := modbus.New(ch, figures(1, long))
			ill := modbus.New(ch, figures(2, tc.timeout))
			for range 3 {
				s, err := ill.Poll(t.Context())
				if got := meter.Reason(err); got != tc.reason {
					t.Errorf("reason: got %v (%v), want %v", got, err, tc.reason)
				}
				if s.Values.Len() != 0 {
					t.Errorf("values of a failing meter: %v", asMap(s.Values))
				}
				s, err = well.Poll(t.Context())
				if err != nil {
					t.Fatalf("the healthy unit: %v", err)
				}
				if d := cmp.Diff(wanted(1), asMap(s.Values)); d != "" {
					t.Errorf("the healthy unit (-want +got):\n%s", d)
				}
			}
			if kept := server.Connections() == 1; kept != tc.keeps {
				t.Errorf("%d connections were made", server.Connections())
			}
			server.Set(2, modbusmeter.Unit{Source: shows(2)})
			s, err := ill.Poll(t.Context())
			if err != nil || cmp.Diff(wanted(2), asMap(s.Values)) != "" {
				t.Errorf("after it is well again: got %v, %v", asMap(s.Values), err)
			}
		})
	}
}

func TestAnswerToAnOlderRequestIsThrownAway(t *testing.T) {
	server, address := serve(t, modbusmeter.Config{Units: map[byte]modbusmeter.Unit{1: {Source: shows(1), Fault: modbusmeter.Stale}}})
	ch, _ := dial(t, address)
	d := modbus.New(ch, figures(1, long))
	for range 5 {
		s, err := d.Poll(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(wanted(1), asMap(s.Values)); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	}
	if n := server.Connections(); n != 1 {
		t.Errorf("%d connections, want 1", n)
	}
}

func TestBusyMeterIsAskedAgain(t *testing.T) {
	server, address := serve(t, modbusmeter.Config{Units: map[byte]modbusmeter.Unit{1: {Source: shows(1), Fault: modbusmeter.BusyOnce}}})
	ch, _ := dial(t, address)
	if _, err := modbus.New(ch, figures(1, long)).Poll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := server.Reads(); n != 2 {
		t.Errorf("%d requests, want 2", n)
	}
}

func TestMeterThatStaysBusyIsGivenUp(t *testing.T) {
	asked := 0
	address := script(t, func(n int, request []byte) []byte {
		asked = n
		return reply(request, 0x84, modbus.Busy)
	})
	ch, l := dial(t, address)
	_, err := modbus.New(ch, figures(1, long)).Poll(t.Context())
	var e *modbus.Exception
	if !errors.As(err, &e) || e.Code != modbus.Busy {
		t.Errorf("got %v, want the exception", err)
	}
	if asked != 3 || !l.Connected() {
		t.Errorf("asked %d times, want 3; connected %v, want true", asked, l.Connected())
	}
}

func TestHoleInTheMapCostsOnlyItsOwnRegister(t *testing.T) {
	server, address := serve(t, modbusmeter.Config{Units: map[byte]modbusmeter.Unit{1: {Source: shows(1), Fault: modbusmeter.Hole}}})
	ch, _ := dial(t, address)
	d := modbus.New(ch, figures(1, long))
	want := wanted(1)
	delete(want, "p")
	var requests []uint64
	for range 3 {
		before := server.Reads()
		s, err := d.Poll(t.Context())
		var refused *modbus.RefusedError
		if !errors.As(err, &refused) || refused.Register.Address != 52 || refused.Err.Code != modbus.IllegalAddress {
			t.Errorf("got %v, want register 52 refused", err)
		}
		if diff := cmp.Diff(want, asMap(s.Values)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		requests = append(requests, server.Reads()-before)
	}
	if requests[1] >= requests[0] || requests[2] != requests[1] {
		t.Errorf("requests of three polls: %v; the split should be remembered", requests)
	}
	server.Set(1, modbusmeter.Unit{Source: shows(1)})
	s, err := d.Poll(t.Context())
	if err != nil || cmp.Diff(wanted(1), asMap(s.Values)) != "" {
		t.Errorf("a register refused before is not asked again: %v, %v", asMap(s.Values), err)
	}
	if err := d.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := server.Reads()
	if _, err := d.Poll(t.Context()); err != nil || server.Reads()-before != 1 {
		t.Errorf("after Release: %d requests and %v, want 1", server.Reads()-before, err)
	}
}

func TestMeterWithoutLoadProfileSaysSo(t *testing.T) {
	ch, _ := dial(t, "tcp://127.0.0.1:1")
	err := modbus.New(ch, figures(1, long)).History(t.Context(), time.Time{}, time.Now(), nil)
	if !errors.Is(err, grid.ErrNoHistory) {
		t.Errorf("got %v", err)
	}
}

func TestStopDoesNotWaitForADeadMeter(t *testing.T) {
	server, address := serve(t, modbusmeter.Config{Units: map[byte]modbusmeter.Unit{1: {Fault: modbusmeter.Silent}}})
	ch, _ := dial(t, address)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := modbus.New(ch, figures(1, time.Hour)).Poll(ctx)
		done <- err
	}()
	for server.Reads() == 0 {
		if t.Context().Err() != nil {
			t.Fatal("the request never came")
		}
		time.Sleep(time.Millisecond)
	}
	stopped := time.Now()
	cancel()
	err := <-done
	t.Logf("stopped after %v", time.Since(stopped))
	if !errors.Is(err, context.Canceled) || meter.Reason(err) != grid.NoAnswer {
		t.Errorf("got %v", err)
	}
}
