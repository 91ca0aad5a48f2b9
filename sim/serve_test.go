package sim_test

import (
	"context"
	"encoding/binary"
	"io"
	"math"
	"net"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"phutai/grid"
	"phutai/sim"
)

// running serves a province until the test ends.
func running(t *testing.T, cfg sim.Config) *sim.Province {
	t.Helper()
	p := sim.New(cfg)
	if err := p.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
		goleak.VerifyNone(t)
	})
	return p
}

func dial(t *testing.T, m grid.Meter) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(m.Line, "tcp://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return conn
}

func TestEveryMeterHasALineAndGatewaysAreShared(t *testing.T) {
	p := sim.New(sim.Config{})
	if err := p.Listen(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}()
	type place struct {
		line    string
		address int
	}
	places, gateways := map[place]bool{}, map[string]int{}
	for _, m := range p.Fleet().Meters {
		if !strings.HasPrefix(m.Line, "tcp://127.0.0.1:") {
			t.Errorf("%s: line %q", m.ID, m.Line)
		}
		if at := (place{m.Line, m.Address}); places[at] {
			t.Errorf("%s: there are two meters at %v", m.ID, at)
		} else {
			places[at] = true
		}
		if m.Profile == sim.ProfileModbus {
			gateways[m.Line]++
			if m.Address < 1 || m.Address > 247 {
				t.Errorf("%s: unit id %d", m.ID, m.Address)
			}
		}
	}
	if len(gateways) != 2 {
		t.Errorf("got %d gateways, want 2", len(gateways))
	}
}

func TestAModbusMeterShowsTheTruthOnTheWire(t *testing.T) {
	p := running(t, sim.Config{Now: sim.Start})
	faults := p.Faults()
	for _, m := range p.Fleet().Meters {
		if m.Profile != sim.ProfileModbus {
			continue
		}
		conn := dial(t, m)
		// Function 4, registers 6 and 7: the current of phase A, IEEE 754.
		if _, err := conn.Write([]byte{0, 1, 0, 0, 0, 6, byte(m.Address), 4, 0, 6, 0, 2}); err != nil {
			t.Fatal(err)
		}
		answer := make([]byte, 9)
		if _, err := io.ReadFull(conn, answer); err != nil {
			t.Fatal(err)
		}
		if faults[m.Point] == sim.DeadUnit {
			if answer[7] != 0x84 || answer[8] != 0x0B {
				t.Errorf("dead unit %d: got % x, want exception 0x0B", m.Address, answer)
			}
			continue
		}
		figures := make([]byte, 4)
		if _, err := io.ReadFull(conn, figures); err != nil {
			t.Fatal(err)
		}
		shown, err := p.Shown(m.Point, sim.Start())
		if err != nil {
			t.Fatal(err)
		}
		got := float64(math.Float32frombits(binary.BigEndian.Uint32(figures)))
		if want := figure(t, shown, grid.Ia); got != want {
			t.Errorf("%s: the wire says %v A, the truth file %v A", m.Point, got, want)
		}
	}
}

func TestTheSilentMeterTakesTheCallAndSaysNothing(t *testing.T) {
	p := running(t, sim.Config{})
	for _, m := range p.Fleet().Meters {
		if p.Faults()[m.Point] != sim.Silent {
			continue
		}
		conn := dial(t, m)
		if _, err := conn.Write([]byte("is anybody there")); err != nil {
			t.Fatal(err)
		}
		if err := conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		var timeout net.Error
		n, err := conn.Read(make([]byte, 1))
		if timeout, _ = err.(net.Error); n != 0 || timeout == nil || !timeout.Timeout() {
			t.Errorf("got %d bytes and %v, want none and a timeout", n, err)
		}
	}
}

func TestATakenPortIsSaid(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	p := sim.New(sim.Config{Transformers: 1, BasePort: taken.Addr().(*net.TCPAddr).Port})
	if err := p.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "base port") {
		t.Errorf("got %v, want an error that says what to do", err)
	}
}
