package modbus_test

import (
	"context"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	peer "github.com/simonvetter/modbus"

	"phutai/configs"
	"phutai/grid"
	"phutai/line"
	"phutai/meter"
	"phutai/meter/modbus"
	"phutai/sim/modbusmeter"
)

type steady grid.Values

func (s steady) Instant(time.Time) grid.Values { return grid.Values(s) }

func evening() grid.Values {
	var v grid.Values
	for q, x := range map[grid.Quantity]float64{
		grid.Ua: 228.4, grid.Ub: 230.2, grid.Uc: 226.9, grid.Ia: 4.61, grid.Ib: 3.02, grid.Ic: 2.88,
		grid.Pa: 0.987, grid.Pb: 0.641, grid.Pc: -0.25, grid.Qa: 0.31, grid.Qb: 0.2, grid.Qc: 0.1,
		grid.P: 1.378, grid.Q: 0.61, grid.S: 1.95, grid.Pf: 0.91, grid.F: 49.97,
		grid.EaImp: 123456.789, grid.EaExp: 12.5, grid.ErImp: 4321.1, grid.ErExp: 0,
	} {
		v.Set(q, x)
	}
	return v
}

func address(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	return ln.Addr().String()
}

func TestSimonvetterClientReadsOurMeter(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := modbusmeter.New(modbusmeter.Config{Units: map[byte]modbusmeter.Unit{
		1: {Source: steady(evening())}, 2: {Fault: modbusmeter.Unreachable},
	}})
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { _ = server.Serve(ctx, ln) })
	defer wg.Wait()
	defer cancel()

	client, err := peer.NewClient(&peer.ClientConfiguration{URL: "tcp://" + ln.Addr().String(), Timeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Open(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	if err := client.SetUnitId(1); err != nil {
		t.Fatal(err)
	}
	got, err := client.ReadFloat32s(0, 40, peer.INPUT_REGISTER)
	if err != nil {
		t.Fatal(err)
	}
	shown := modbusmeter.Shown(evening())
	for _, r := range []struct {
		address  int
		quantity grid.Quantity
		factor   float64
	}{
		{0, grid.Ua, 1}, {2, grid.Ub, 1}, {4, grid.Uc, 1}, {6, grid.Ia, 1}, {8, grid.Ib, 1}, {10, grid.Ic, 1},
		{12, grid.Pa, 0.001}, {16, grid.Pc, 0.001}, {24, grid.Qa, 0.001}, {28, grid.Qc, 0.001},
		{52, grid.P, 0.001}, {56, grid.S, 0.001}, {60, grid.Q, 0.001}, {62, grid.Pf, 1}, {70, grid.F, 1},
		{72, grid.EaImp, 1}, {74, grid.EaExp, 1}, {76, grid.ErImp, 1}, {78, grid.ErExp, 1},
	} {
		want, _ := shown.Get(r.quantity)
		if x := float64(got[r.address/2]) * r.factor; x != want {
			t.Errorf("%s at %d: the client reads %v, the meter shows %v", r.quantity, r.address, x, want)
		}
	}
	if err := client.WriteRegister(0, 1); err != peer.ErrIllegalFunction || server.Writes() != 1 {
		t.Errorf("write: %v, %d counted", err, server.Writes())
	}
	if err := client.SetUnitId(2); err != nil {
		t.Fatal(err)
	}
	if _, err := client.ReadRegisters(0, 2, peer.INPUT_REGISTER); err != peer.ErrGWTargetFailedToRespond {
		t.Errorf("dead unit: %v", err)
	}
}

// table is a server of simonvetter with a register file; it counts writes.
type table struct {
	mu      sync.Mutex
	words   [200]uint16
	writes  int
	answers int
}

func (h *table) HandleCoils(*peer.CoilsRequest) ([]bool, error) { return nil, peer.ErrIllegalFunction }
func (h *table) HandleDiscreteInputs(*peer.DiscreteInputsRequest) ([]bool, error) {
	return nil, peer.ErrIllegalFunction
}

func (h *table) HandleHoldingRegisters(r *peer.HoldingRegistersRequest) ([]uint16, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r.IsWrite {
		h.writes++
	}
	return h.read(r.UnitId, r.Addr, r.Quantity)
}

func (h *table) HandleInputRegisters(r *peer.InputRegistersRequest) ([]uint16, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.read(r.UnitId, r.Addr, r.Quantity)
}

func (h *table) read(unit uint8, from, n uint16) ([]uint16, error) {
	h.answers++
	if unit != 5 {
		return nil, peer.ErrGWPathUnavailable
	}
	if int(from)+int(n) > len(h.words) {
		return nil, peer.ErrIllegalDataAddress
	}
	return append([]uint16(nil), h.words[from:from+n]...), nil
}

func serve(t *testing.T, h *table) string {
	t.Helper()
	at := "tcp://" + address(t)
	server, err := peer.NewServer(&peer.ServerConfiguration{URL: at, Timeout: 30 * time.Second, MaxClients: 10}, h)
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Stop() })
	return at
}

func TestOurClientReadsSimonvetterServer(t *testing.T) {
	h := &table{}
	copy(h.words[:], []uint16{0x4364, 0x6666, 0xFF38, 0, 0x8000, 0x4366, 0, 0, 1, 0x86A0})
	at := serve(t, h)
	l, err := line.Open(at, line.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	ch := modbus.NewChannel(l)
	for _, function := range []byte{3, 4} {
		d := modbus.New(ch, modbus.Config{Unit: 5, MaxGap: 10, Timeout: 10 * time.Second, Registers: []modbus.Register{
			{Function: function, Address: 0, Type: modbus.F32, Quantity: grid.Ua},
			{Function: function, Address: 2, Type: modbus.S16, Quantity: grid.Pa, Factor: 0.01},
			{Function: function, Address: 4, Type: modbus.F32, Order: modbus.CDAB, Quantity: grid.Ub},
			{Function: function, Address: 6, Type: modbus.U64, Quantity: grid.EaImp, Factor: 0.001},
		}})
		s, err := d.Poll(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for q, x := range s.Values.All() {
			got[q.String()] = fmt.Sprintf("%.3f", x)
		}
		want := map[string]string{"ua": "228.400", "pa": "-2.000", "ub": "230.500", "ea_imp": "100.000"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("function %d (-want +got):\n%s", function, diff)
		}
	}
	other := modbus.New(ch, modbus.Config{Unit: 6, Timeout: 10 * time.Second, Registers: []modbus.Register{{Function: 4, Type: modbus.U16}}})
	if _, err := other.Poll(t.Context()); meter.Reason(err) != grid.NoAnswer {
		t.Errorf("unit behind no gateway path: %v", err)
	}
	if begun, _ := l.Dials(); begun != 1 || h.writes != 0 {
		t.Errorf("%d dials, %d writes", begun, h.writes)
	}
}

func TestShippedProfileReadsSimonvetterServer(t *testing.T) {
	h := &table{}
	h.words[0], h.words[1] = 0x4366, 0x8000   // 230.5 V
	h.words[52], h.words[53] = 0x44DA, 0xC000 // 1750 W
	h.words[56], h.words[57] = 0x44DA, 0xC000 // 1750 VA
	l, err := line.Open(serve(t, h), line.Options{})
	if err != nil {
		t.Fatal(err)
	}
	bus := meter.NewBus(l)
	defer func() { _ = bus.Close() }()
	profiles, err := meter.LoadProfiles(configs.Meters)
	if err != nil {
		t.Fatal(err)
	}
	p, _ := profiles.Get("eastron-sdm630")
	d, err := meter.Open(bus, p, grid.Meter{ID: "5", Address: 5}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := d.Poll(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	u, _ := s.Values.Get(grid.Ua)
	w, _ := s.Values.Get(grid.P)
	if u != 230.5 || w != 1.75 || h.answers != 1 {
		t.Errorf("got %v V and %v kW in %d requests, want 230.5, 1.75 and 1", u, w, h.answers)
	}
}
