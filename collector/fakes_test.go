package collector_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"

	"phutai/collector"
	"phutai/grid"
	"phutai/meter"
)

// reasoned is an error with a reason, as protocols give it.
type reasoned struct {
	reason grid.Reason
	text   string
}

func (e reasoned) Error() string       { return e.text }
func (e reasoned) Reason() grid.Reason { return e.reason }

var errSilent = reasoned{grid.NoAnswer, "the unit is silent"}

func sample() grid.Sample {
	var s grid.Sample
	s.Values.Set(grid.Ia, 3.5)
	return s
}

// readyMeter answers at once, after delay if there is one, and has a load
// profile with a row each half an hour since the epoch, if history is set.
type readyMeter struct {
	delay    time.Duration
	history  bool
	mu       sync.Mutex
	polls    int
	released int
	asked    []window // stretches of the load profile
	fail     func(from, to time.Time) error
}

type window struct{ from, to time.Time }

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (m *readyMeter) Poll(ctx context.Context) (grid.Sample, error) {
	m.mu.Lock()
	m.polls++
	m.mu.Unlock()
	if err := pause(ctx, m.delay); err != nil {
		return grid.Sample{}, err
	}
	return sample(), nil
}

const half = 30 * time.Minute

func (m *readyMeter) History(ctx context.Context, from, to time.Time, row func(grid.Sample) error) error {
	if !m.history {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.asked = append(m.asked, window{from, to})
		return grid.ErrNoHistory
	}
	m.mu.Lock()
	m.asked = append(m.asked, window{from, to})
	fail := m.fail
	m.mu.Unlock()
	now := time.Now()
	for end := from.Truncate(half).Add(half); !end.After(to) && !end.After(now); end = end.Add(half) {
		if err := pause(ctx, time.Millisecond); err != nil {
			return err
		}
		s := sample()
		s.End, s.Interval = end.UTC(), half
		if err := row(s); err != nil {
			return err
		}
		if fail != nil {
			if err := fail(from, end); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *readyMeter) Release(context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.released++
	return nil
}

func (m *readyMeter) windows() []window {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.asked)
}

// stuckMeter never answers: it takes all the time it is given.
type stuckMeter struct{ readyMeter }

func (m *stuckMeter) Poll(ctx context.Context) (grid.Sample, error) {
	m.mu.Lock()
	m.polls++
	m.mu.Unlock()
	<-ctx.Done()
	return grid.Sample{}, errors.Join(errSilent, ctx.Err())
}

// recoveringMeter fails a number of times and then answers.
type recoveringMeter struct {
	readyMeter
	failures int
}

func (m *recoveringMeter) Poll(ctx context.Context) (grid.Sample, error) {
	if m.failures > 0 {
		m.failures--
		return grid.Sample{}, errSilent
	}
	return m.readyMeter.Poll(ctx)
}

// unreachableMeter stands on a line that cannot be opened.
type unreachableMeter struct{ readyMeter }

func (m *unreachableMeter) Poll(context.Context) (grid.Sample, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.polls++
	return grid.Sample{}, reasoned{grid.NoRoute, "open line: connection refused"}
}

// dreamingMeter has a load profile with times of its own.
type dreamingMeter struct{ readyMeter }

func (m *dreamingMeter) History(_ context.Context, _, _ time.Time, row func(grid.Sample) error) error {
	for _, end := range []time.Time{time.UnixMilli(0), time.Now().Add(time.Hour), time.Date(2190, 1, 1, 0, 0, 0, 0, time.UTC)} {
		s := sample()
		s.End, s.Interval = end, half
		if err := row(s); err != nil {
			return err
		}
	}
	return nil
}

// field is what stands out there.
type field struct {
	mu     sync.Mutex
	meters map[grid.MeterID]meter.Device
	opened map[string]int
	closed map[string]int
}

func (f *field) Line(address string) (collector.Line, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if address == "nonsense" {
		return nil, errors.New("unknown scheme")
	}
	f.opened[address]++
	return &fieldLine{f, address}, nil
}

type fieldLine struct {
	field   *field
	address string
}

func (l *fieldLine) Open(m grid.Meter) (meter.Device, error) {
	if d, ok := l.field.meters[m.ID]; ok {
		return d, nil
	}
	return nil, errors.New("no such profile")
}
func (l *fieldLine) Drop() {}
func (l *fieldLine) Close() error {
	l.field.mu.Lock()
	defer l.field.mu.Unlock()
	l.field.closed[l.address]++
	return nil
}

// center is an uplink and what stands behind it: it keeps what arrives and
// says so. lose decides which messages never arrive.
type center struct {
	mu     sync.Mutex
	down   bool
	mute   bool // takes readings and sends no watermark
	lose   func(grid.Batch) bool
	got    map[grid.Key]grid.Reading
	seen   map[uint64]bool
	sent   int
	tell   func(grid.Watermark)
	epochs []string
}

func newCenter() *center {
	return &center{got: map[grid.Key]grid.Reading{}, seen: map[uint64]bool{}, tell: func(grid.Watermark) {}}
}

func (c *center) Connected() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.down
}

func (c *center) set(f func(*center)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(c)
}

func (c *center) PublishBatch(_ context.Context, b grid.Batch) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.down {
		return errors.New("not connected")
	}
	c.sent++
	if c.lose != nil && c.lose(b) {
		return nil
	}
	c.take(b)
	if !c.mute {
		c.tell(c.mark())
	}
	return nil
}

// take keeps a batch. The caller holds mu.
func (c *center) take(b grid.Batch) {
	if !slices.Contains(c.epochs, b.Epoch) {
		c.epochs = append(c.epochs, b.Epoch)
		clear(c.seen)
	}
	for i, r := range b.Readings {
		c.got[r.Key()] = r
		c.seen[b.FirstSeq+uint64(i)] = true
	}
	for _, v := range b.Void {
		for seq := v[0]; seq <= v[1]; seq++ {
			c.seen[seq] = true
		}
	}
}

// mark is the watermark: the highest number, and what is missing below it.
func (c *center) mark() grid.Watermark {
	w := grid.Watermark{Epoch: c.epochs[len(c.epochs)-1]}
	for seq := range c.seen {
		w.Seq = max(w.Seq, seq)
	}
	for seq := uint64(1); seq <= w.Seq; seq++ {
		if c.seen[seq] {
			continue
		}
		if n := len(w.Missing); n > 0 && w.Missing[n-1][1] == seq-1 {
			w.Missing[n-1][1] = seq
		} else {
			w.Missing = append(w.Missing, [2]uint64{seq, seq})
		}
	}
	return w
}

// of gives what came of a point, in the order of time.
func (c *center) of(p grid.PointID, s grid.Source) []grid.Reading {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []grid.Reading
	for _, r := range c.got {
		if r.Point == p && r.Source == s {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b grid.Reading) int { return a.At.Compare(b.At) })
	return out
}

// works is a collector with its surroundings.
type works struct {
	t      *testing.T
	cfg    collector.Config
	field  *field
	center *center
	clock  grid.Clock
	uplink collector.Uplink // the center's, unless a test puts something between
	log    *zap.Logger
	c      *collector.Collector
	cancel context.CancelFunc
	done   chan error
}

func build(t *testing.T, meters map[grid.MeterID]meter.Device) *works {
	cfg := collector.DefaultConfig()
	cfg.Spool = filepath.Join(t.TempDir(), "spool.db")
	cfg.Ledger = true
	cfg.HistoryDepth = 0
	c := newCenter()
	return &works{t: t, cfg: cfg, center: c, clock: grid.RealClock{}, uplink: c,
		field: &field{meters: meters, opened: map[string]int{}, closed: map[string]int{}}}
}

func (w *works) open() {
	w.t.Helper()
	c, err := collector.Open(context.Background(), w.cfg, collector.Parts{Clock: w.clock, Lines: w.field, Uplink: w.uplink, Log: w.log})
	if err != nil {
		w.t.Fatal(err)
	}
	w.c = c
	w.center.set(func(k *center) { k.tell = c.HandleWatermark })
}

func (w *works) start(meters ...grid.Meter) {
	w.t.Helper()
	w.open()
	if len(meters) > 0 {
		w.c.HandlePlan(w.plan(1, meters...))
	}
	ctx, cancel := context.WithCancel(context.Background())
	w.cancel, w.done = cancel, make(chan error, 1)
	go func() { w.done <- w.c.Run(ctx) }()
	w.t.Cleanup(w.stop) // a failed test must not leave it running
}

func (w *works) plan(version int64, meters ...grid.Meter) grid.Plan {
	return grid.Plan{Collector: w.cfg.ID, Version: version, Meters: meters}
}

func (w *works) stop() {
	w.t.Helper()
	if w.cancel == nil {
		return
	}
	w.cancel()
	w.cancel = nil
	if err := <-w.done; err != nil {
		w.t.Errorf("run ended with %v", err)
	}
	if err := w.c.Close(); err != nil {
		w.t.Error(err)
	}
}

// on makes a meter whose point has the same name.
func on(line string, id grid.MeterID) grid.Meter {
	return grid.Meter{ID: id, Point: grid.PointID(id), Line: line}
}

// tellingMeter answers polls with what it was given, and holds one row of a load
// profile of which nothing was left.
type tellingMeter struct {
	readyMeter
	answer grid.Sample
	err    error
}

func (m *tellingMeter) Poll(context.Context) (grid.Sample, error) { return m.answer, m.err }

func (m *tellingMeter) History(_ context.Context, from, to time.Time, row func(grid.Sample) error) error {
	end := time.Now().Truncate(half).UTC()
	if !end.After(from) || end.After(to) {
		return nil
	}
	return row(grid.Sample{End: end, Interval: half, Missing: grid.OutOfRange, Detail: "left out: ia=1e+09"})
}
