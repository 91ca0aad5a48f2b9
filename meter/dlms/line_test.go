package dlms_test

import (
	"context"
	"math"
	"net"
	"sync"
	"testing"
	"time"

	"phutai/grid"
	"phutai/meter/dlms"
	"phutai/meter/dlms/cosem"
	"phutai/sim/dlmsmeter"
)

// hot is a moment of a hot afternoon, the time of most tests: 14:35 in Hanoi.
var hot = time.Date(2026, 6, 15, 7, 35, 20, 0, time.UTC)

// wave is a source whose figures depend on nothing but time.
type wave struct{}

func (wave) Instant(at time.Time) grid.Values {
	x := math.Sin(float64(at.Unix()%86400) / 86400 * math.Pi)
	hours := float64(at.Unix()-1_700_000_000) / 3600
	var v grid.Values
	for i, q := range []grid.Quantity{grid.Ua, grid.Ub, grid.Uc} {
		v.Set(q, 228.123+float64(i)-3*x)
	}
	for i, q := range []grid.Quantity{grid.Ia, grid.Ib, grid.Ic, grid.In} {
		v.Set(q, 3.14159*x+0.1*float64(i))
	}
	p := 2.71828*x - 0.4 // at night, the neighbours' roof batteries push back
	v.Set(grid.P, p)
	v.Set(grid.Q, 0.6*x)
	v.Set(grid.S, math.Hypot(p, 0.6*x))
	v.Set(grid.Pf, -0.98765)
	for i, q := range []grid.Quantity{grid.Pa, grid.Pb, grid.Pc, grid.Qa, grid.Qb, grid.Qc} {
		v.Set(q, p/3-0.05*float64(i))
	}
	v.Set(grid.F, 49.987)
	v.Set(grid.EaImp, 2.1*hours)
	v.Set(grid.EaExp, 0.01*hours)
	v.Set(grid.ErImp, 0.5*hours)
	v.Set(grid.ErExp, 0.02*hours)
	return v
}

func (w wave) Rows(from, to time.Time) []grid.Sample {
	var rows []grid.Sample
	const period = 30 * time.Minute
	for end := from.Truncate(period).Add(period); !end.After(to); end = end.Add(period) {
		rows = append(rows, grid.Sample{End: end, Interval: period, Values: w.Instant(end)})
	}
	return rows
}

// start serves a simulated meter until the test ends and gives its address.
func start(t testing.TB, cfg dlmsmeter.Config, source dlmsmeter.Source) string {
	t.Helper()
	if cfg.Now == nil {
		cfg.Now = func() time.Time { return hot }
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- dlmsmeter.Serve(ctx, ln, cfg, source) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return ln.Addr().String()
}

// wire dials an address and keeps everything that the client sends.
type wire struct {
	t       testing.TB
	address string

	mu           sync.Mutex
	conn         net.Conn
	dials, drops int
	sent         [][]byte
	received     int
}

func (w *wire) Conn(ctx context.Context) (net.Conn, error) {
	if w.conn != nil {
		return w.conn, nil
	}
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", w.address)
	if err != nil {
		return nil, err
	}
	w.dials++
	w.conn = tap{conn, w}
	return w.conn, nil
}

func (w *wire) Drop() {
	if w.conn != nil {
		_ = w.conn.Close()
		w.conn = nil
		w.drops++
	}
}

// tap is a connection that tells its wire what passes.
type tap struct {
	net.Conn
	wire *wire
}

func (c tap) Write(b []byte) (int, error) {
	if len(b) < 9 || !allowed[b[8]] {
		c.wire.t.Errorf("a message that is neither AARQ, RLRQ nor GET leaves: %X", b)
	}
	c.wire.mu.Lock()
	c.wire.sent = append(c.wire.sent, append([]byte(nil), b...))
	c.wire.mu.Unlock()
	return c.Conn.Write(b)
}

func (c tap) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.wire.mu.Lock()
	c.wire.received += n
	c.wire.mu.Unlock()
	return n, err
}

// count gives the requests and the octets that were sent and received since
// the last count.
func (w *wire) count() (requests, sent, received int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, b := range w.sent {
		requests++
		sent += len(b)
	}
	received = w.received
	w.sent, w.received = nil, 0
	return requests, sent, received
}

// allowed lists the first octets that may leave us: AARQ, RLRQ, GET.
var allowed = map[byte]bool{0x60: true, 0x62: true, 0xC0: true}

// dialled gives a device on a recorded line. Every message that leaves on it is
// held against the allow-list.
func dialled(t testing.TB, address string, cfg dlms.Config) (*dlms.Device, *wire) {
	t.Helper()
	w := &wire{t: t, address: address}
	t.Cleanup(w.Drop)
	return dlms.New(w, cfg), w
}

// objects gives the configuration that reads all that the simulated meter has.
func objects() dlms.Config {
	cfg := dlms.Config{ListMax: 40, Profile: &dlms.LoadProfile{StatusCode: [6]byte{0, 0, 96, 10, 1, 255}}}
	for _, r := range dlmsmeter.Registers() {
		cfg.Objects = append(cfg.Objects, dlms.Object{Code: r.Code, Quantity: r.Quantity, Factor: r.Factor})
	}
	for _, r := range dlmsmeter.Columns() {
		cfg.Profile.Columns = append(cfg.Profile.Columns, dlms.Column{Code: r.Code, Quantity: r.Quantity, Factor: r.Factor})
	}
	return cfg
}

// noScale is the scaler of a meter that has none: the raw number, no unit.
func noScale() *cosem.ScalerUnit { return &cosem.ScalerUnit{Unit: cosem.Count} }
