package mqtt_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"phutai/grid"
	"phutai/mqtt"
)

// planOfSize makes a plan of so many octets and some.
func planOfSize(octets int, version int64) grid.Plan {
	m := grid.Meter{ID: "M", Point: "P", Line: "tcp://127.0.0.1:1", Collector: "south", Profile: strings.Repeat("x", 100_000)}
	p := grid.Plan{Collector: "south", Version: version}
	for n := 0; n <= octets; n += len(m.Profile) {
		p.Meters = append(p.Meters, m)
	}
	return p
}

// narrow listens before a broker and ends connections on which a packet of more
// than most octets comes, as a broker of such a limit does.
func narrow(t *testing.T, broker string, most int) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	t.Cleanup(func() { _ = l.Close(); all.Wait() })
	all.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", broker)
			if err != nil {
				_ = in.Close()
				continue
			}
			all.Go(func() { _, _ = io.Copy(in, out); _ = in.Close() })
			all.Go(func() { passPackets(out, bufio.NewReader(in), most); _ = out.Close(); _ = in.Close() })
		}
	})
	return l.Addr().String()
}

func passPackets(out io.Writer, in *bufio.Reader, most int) {
	for {
		kind, err := in.ReadByte()
		if err != nil {
			return
		}
		size, err := binary.ReadUvarint(in) // MQTT's remaining length is coded so
		if err != nil || size > uint64(most) {
			return
		}
		if _, err := out.Write(binary.AppendUvarint([]byte{kind}, size)); err != nil {
			return
		}
		if _, err := io.CopyN(out, in, int64(size)); err != nil {
			return
		}
	}
}

func TestPlanThatTheBrokerRefusesIsKnownUntilOneGoesOut(t *testing.T) {
	b := quietBroker(t, 10)
	center, south := centerLink(t, narrow(t, b.Addr(), 1<<20)), collectorLink(t, "south", "south", b.Addr())
	plans := make(chan int64, 10)
	south.OnPlan(func(p grid.Plan) { plans <- p.Version })
	start(t, center.Run)
	start(t, south.Run)
	eventually(t, "both connected", func() bool { return center.Connected() && south.Connected() })
	if err := center.PlanRefused("south"); err != nil {
		t.Errorf("a plan that was never sent is refused: %v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	if err := center.PublishPlan(ctx, planOfSize(1<<20, 1)); err != nil {
		t.Logf("at once: %v", err)
	}
	eventually(t, "the refusal is known", func() bool {
		large, ok := errors.AsType[*mqtt.TooLargeError](center.PlanRefused("south"))
		return ok && large.Bytes > 1<<20
	})
	eventually(t, "the center is back", center.Connected)
	if _, ok := errors.AsType[*mqtt.TooLargeError](center.PublishPlan(ctx, planOfSize(1<<20, 1))); !ok {
		t.Error("the same plan is sent at once again, and breaks the connection again")
	}
	if err := center.PublishPlan(ctx, planOfSize(1000, 2)); err != nil {
		t.Fatal(err)
	}
	if err := center.PlanRefused("south"); err != nil {
		t.Errorf("after one has gone out: %v", err)
	}
	if v := receive(t, "the plan", plans); v != 2 {
		t.Errorf("plan %d came, want 2", v)
	}
}
