package modbusmeter_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"io"
	"math"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"phutai/grid"
	"phutai/sim/modbusmeter"
)

// dusk shows figures that depend on the time, so that the clock is seen.
type dusk struct{}

func (dusk) Instant(at time.Time) grid.Values {
	var v grid.Values
	v.Set(grid.Ua, 231.5)
	v.Set(grid.P, 0.1)
	v.Set(grid.F, 50)
	v.Set(grid.EaImp, float64(at.Unix()%1000))
	return v
}

func start(t *testing.T, cfg modbusmeter.Config) (*modbusmeter.Server, net.Conn) {
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
	conn, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		wg.Wait()
		_ = conn.Close()
	})
	return s, conn
}

func send(t *testing.T, conn net.Conn, request string) {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(request, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write(b); err != nil {
		t.Fatal(err)
	}
}

func receive(t *testing.T, conn net.Conn, n int) string {
	t.Helper()
	b := make([]byte, n)
	if _, err := io.ReadFull(conn, b); err != nil {
		t.Fatal(err)
	}
	return strings.ToUpper(hex.EncodeToString(b))
}

func TestRequestsGetTheAnswersOfTheManual(t *testing.T) {
	for _, tc := range []struct{ name, request, answer string }{
		{"voltage", "0001 0000 0006 07 04 0000 0002", "0001 0000 0007 07 04 04 43678000"},
		{"half a float", "0002 0000 0006 07 04 0001 0001", "0002 0000 0005 07 04 02 8000"},
		{"hole between floats is zero", "0003 0000 0006 07 04 0012 0001", "0003 0000 0005 07 04 02 0000"},
		{"figure that the source lacks is no number", "0004 0000 0006 07 04 0006 0002", "0004 0000 0007 07 04 04 7FC00000"},
		{"power in watts", "0005 0000 0006 07 04 0034 0002", "0005 0000 0007 07 04 04 42C80000"},
		{"behind the map", "0006 0000 0006 07 04 0050 0001", "0006 0000 0003 07 84 02"},
		{"more than the meter gives at once", "0007 0000 0006 07 04 0000 0051", "0007 0000 0003 07 84 03"},
		{"none", "0008 0000 0006 07 04 0000 0000", "0008 0000 0003 07 84 03"},
		{"request too short", "0009 0000 0004 07 04 0000", "0009 0000 0003 07 84 03"},
		{"holding registers", "000A 0000 0006 07 03 0000 0002", "000A 0000 0003 07 83 02"},
		{"coils", "000B 0000 0006 07 01 0000 0002", "000B 0000 0003 07 81 01"},
		{"write", "000C 0000 0006 07 06 0000 0001", "000C 0000 0003 07 86 01"},
		{"unit that does not exist", "000D 0000 0006 09 04 0000 0002", "000D 0000 0003 09 84 0A"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, conn := start(t, modbusmeter.Config{Units: map[byte]modbusmeter.Unit{7: {Source: dusk{}}}})
			send(t, conn, tc.request)
			want := strings.ReplaceAll(tc.answer, " ", "")
			if got := receive(t, conn, len(want)/2); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			writes := uint64(0)
			if tc.name == "write" {
				writes = 1
			}
			if s.Writes() != writes || s.Reads() != 1-writes || s.Connections() != 1 {
				t.Errorf("%d writes, %d reads, %d connections", s.Writes(), s.Reads(), s.Connections())
			}
		})
	}
}

func TestFaultsLookAsNamed(t *testing.T) {
	const request = "0102 0000 0006 07 04 0000 0002"
	for _, tc := range []struct {
		name   string
		fault  modbusmeter.Fault
		answer string
		closes bool
	}{
		{"unreachable", modbusmeter.Unreachable, "0102 0000 0003 07 84 0B", false},
		{"unavailable", modbusmeter.Unavailable, "0102 0000 0003 07 84 0A", false},
		{"busy", modbusmeter.BusyOnce, "0102 0000 0003 07 84 06", false},
		{"short", modbusmeter.Short, "0102 0000 0005 07 04 02 4367", false},
		{"wrong count", modbusmeter.WrongCount, "0102 0000 0007 07 04 05 43678000", false},
		{"foreign", modbusmeter.Foreign, "0102 0000 0007 07 03 04 43678000", false},
		{"other unit", modbusmeter.OtherUnit, "0102 0000 0007 08 04 04 43678000", false},
		{"stale", modbusmeter.Stale, "0101 0000 0007 07 04 04 42424242 0102 0000 0007 07 04 04 43678000", false},
		{"garbage", modbusmeter.Garbage, "0001" + hex.EncodeToString([]byte("not a modbus frame at all")), false},
		{"hangup", modbusmeter.Hangup, "", true},
		{"half", modbusmeter.HalfAnswer, "0102 0000 0007", true},
		{"hole elsewhere", modbusmeter.Hole, "0102 0000 0007 07 04 04 43678000", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, conn := start(t, modbusmeter.Config{Units: map[byte]modbusmeter.Unit{7: {Source: dusk{}, Fault: tc.fault}}})
			send(t, conn, request)
			want := strings.ToUpper(strings.ReplaceAll(tc.answer, " ", ""))
			if got := receive(t, conn, len(want)/2); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			if tc.closes {
				if n, err := conn.Read(make([]byte, 1)); err != io.EOF {
					t.Errorf("connection stays open: %d, %v", n, err)
				}
			}
		})
	}
}

func TestSilentUnitLeavesTheConnectionUsable(t *testing.T) {
	_, conn := start(t, modbusmeter.Config{Units: map[byte]modbusmeter.Unit{7: {Source: dusk{}}, 8: {Fault: modbusmeter.Silent}}})
	send(t, conn, "0001 0000 0006 08 04 0000 0002")
	send(t, conn, "0002 0000 0006 07 04 0000 0002")
	if got := receive(t, conn, 2); got != "0002" {
		t.Errorf("transaction %s was answered, want 0002", got)
	}
}

func TestMetersLiveOnTheirOwnClock(t *testing.T) {
	now := time.Unix(1_700_000_123, 0)
	_, conn := start(t, modbusmeter.Config{
		Units: map[byte]modbusmeter.Unit{1: {Source: dusk{}}},
		Now:   func() time.Time { return now },
	})
	send(t, conn, "0001 0000 0006 01 04 0048 0002")
	b, err := hex.DecodeString(receive(t, conn, 13))
	if err != nil {
		t.Fatal(err)
	}
	if got := math.Float32frombits(binary.BigEndian.Uint32(b[9:])); got != 123 {
		t.Errorf("counter %v, want 123", got)
	}
}

func TestNonsenseIsHungUpOn(t *testing.T) {
	_, conn := start(t, modbusmeter.Config{})
	if _, err := conn.Write(bytes.Repeat([]byte("GET / "), 3)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(conn); err != nil && !strings.Contains(err.Error(), "reset") {
		t.Error(err)
	}
}

func TestShownIsWhatAFloat32Holds(t *testing.T) {
	v := dusk{}.Instant(time.Unix(0, 0))
	v.Set(grid.EaImp, 1_048_576.2)
	v.Set(grid.In, 4) // the simulated map has no neutral current
	shown := modbusmeter.Shown(v)
	if x, _ := shown.Get(grid.EaImp); x != 1_048_576.25 {
		t.Errorf("counter %v", x)
	}
	if x, _ := shown.Get(grid.P); x != float64(float32(100))*0.001 {
		t.Errorf("power %v", x)
	}
	if shown.Has(grid.In) || shown.Len() != 4 {
		t.Errorf("%d figures", shown.Len())
	}
}
