package dlmsmeter

import (
	"time"

	"phutai/grid"
)

// patience is how long an association is waited for.
const patience = 500 * time.Millisecond

// meter is what all connections share.
type meter struct {
	cfg       Config
	source    Source
	registers []Register // of a moment
	columns   []Register // of the load profile

	free chan struct{} // holds a token while nobody has the association
}

func newMeter(cfg Config, source Source) *meter {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Location == nil {
		cfg.Location = time.FixedZone("+07", 7*60*60)
	}
	if cfg.Period <= 0 {
		cfg.Period = DefaultPeriod
	}
	if cfg.Depth <= 0 {
		cfg.Depth = DefaultDepth
	}
	if cfg.MaxPDU == 0 {
		cfg.MaxPDU = DefaultMaxPDU
	}
	cfg.MaxPDU = max(cfg.MaxPDU, smallestPDU)
	if cfg.IdleTime <= 0 {
		cfg.IdleTime = DefaultIdleTime
	}
	m := &meter{cfg: cfg, source: source, registers: Registers(), columns: Columns(), free: make(chan struct{}, 1)}
	m.yield()
	return m
}

// now begins a request.
func (m *meter) now() *moment {
	real := m.cfg.Now()
	off := m.cfg.ClockOffset
	if m.cfg.OffsetAt != nil {
		off += m.cfg.OffsetAt(real)
	}
	return &moment{real: real, at: real.Add(off)}
}

// claim takes the one association, and tells whether it could be had. It waits
// a moment for it, because a client that dials anew may be faster than the
// news that its old connection is closed.
func (m *meter) claim() bool {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-m.free:
		return true
	case <-timer.C:
		return false
	}
}

// yield gives the association back.
func (m *meter) yield() { m.free <- struct{}{} }

// moment is the state of the registers during one request, so that a list is
// of one piece.
type moment struct {
	at     time.Time // by the meter's clock
	real   time.Time // what flows does not depend on that clock
	taken  bool
	values grid.Values
}

func (m *meter) instant(now *moment) grid.Values {
	if !now.taken {
		now.taken, now.values = true, m.source.Instant(now.real)
	}
	return now.values
}
