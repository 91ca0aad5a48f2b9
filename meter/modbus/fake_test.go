package modbus_test

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"phutai/grid"
	"phutai/line"
	"phutai/meter/modbus"
	"phutai/sim/modbusmeter"
)

// steady is a meter that always shows the same.
type steady grid.Values

func (s steady) Instant(time.Time) grid.Values { return grid.Values(s) }

// shows makes a meter whose figures tell which unit they are of.
func shows(unit byte) steady {
	var v grid.Values
	for q := range grid.NumQuantities {
		v.Set(q, 200+float64(q)+float64(unit)/100)
	}
	return steady(v)
}

// serve runs a gateway until the test ends.
func serve(t testing.TB, cfg modbusmeter.Config) (*modbusmeter.Server, string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := modbusmeter.New(cfg)
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := s.Serve(ctx, ln); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() {
		cancel()
		wg.Wait()
	})
	return s, "tcp://" + ln.Addr().String()
}

func dial(t testing.TB, address string) (*modbus.Channel, *line.Line) {
	t.Helper()
	l, err := line.Open(address, line.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return modbus.NewChannel(l), l
}

// figures are three of the simulated meter's, in two places of its map.
func figures(unit byte, timeout time.Duration) modbus.Config {
	return modbus.Config{
		Unit: unit, MaxRegisters: 80, MaxGap: 60, Timeout: timeout,
		Registers: []modbus.Register{
			{Function: 4, Address: 0, Type: modbus.F32, Quantity: grid.Ua},
			{Function: 4, Address: 2, Type: modbus.F32, Quantity: grid.Ub},
			{Function: 4, Address: 52, Type: modbus.F32, Quantity: grid.P, Factor: 0.001},
		},
	}
}

// script is a peer that hands each request to answer, and closes the
// connection when that gives nil.
func script(t testing.TB, answer func(n int, request []byte) []byte) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for n := 0; ; {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			for {
				buf := make([]byte, 260)
				got, err := conn.Read(buf)
				if err != nil {
					break
				}
				n++
				b := answer(n, buf[:got])
				if b == nil {
					break
				}
				if _, err := conn.Write(b); err != nil {
					break
				}
			}
			_ = conn.Close()
		}
	})
	t.Cleanup(func() {
		_ = ln.Close()
		wg.Wait()
	})
	return "tcp://" + ln.Addr().String()
}

// reply frames an answer to request with the given PDU.
func reply(request []byte, pdu ...byte) []byte {
	b := []byte{request[0], request[1], 0, 0, 0, byte(1 + len(pdu)), request[6]}
	return append(b, pdu...)
}
