package collector

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"phutai/grid"
)

// Stats is how a collector stands. Counts are since its start.
type Stats struct {
	Epoch       string
	PlanVersion int64
	Lines       int
	Meters      int
	LinesDown   int     // that could not be opened last time
	MetersDown  int     // that are asked less often because they do not answer
	Polled      uint64  // readings with values, from polls, committed
	Absent      uint64  // absences committed
	Rows        uint64  // rows of load profiles committed
	Missed      uint64  // slots that passed while the line was busy
	Refused     uint64  // rows of load profiles whose time cannot be true
	Shed        uint64  // readings given up because the spool took none, or for their age
	Spool       uint64  // readings that the center is not known to have
	SpoolBytes  int64   // of the spool's pages in use
	SpoolFill   float64 // how full the spool is, by the nearer of its bounds; 1 is full
	LastSeq     uint64  // newest sequence number
	Acked       uint64  // the watermark
	Resent      uint64  // how often sending began again from the watermark
	LastError   string  // newest failure of a turn, empty if there was none
	LastErrorAt time.Time
}

// counters are what the goroutines of a collector count.
type counters struct {
	polled, absent, rows, missed, refused, shed, resent, acked atomic.Uint64
	linesDown, metersDown                                      atomic.Int64

	mu        sync.Mutex // guards the fields below
	lastError string
	lastAt    time.Time
}

func (c *counters) committed(readings []grid.Reading) {
	for i := range readings {
		if readings[i].Absent() {
			c.absent.Add(1)
		} else {
			c.polled.Add(1)
		}
	}
}

func (c *counters) failed(at time.Time, m grid.MeterID, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lastError, c.lastAt = fmt.Sprintf("meter %s: %v", m, err), at
}

// Stats gives the figures of this moment.
func (c *Collector) Stats() Stats {
	c.mu.Lock()
	plan := c.plan
	c.mu.Unlock()
	n := &c.count
	s := Stats{
		PlanVersion: plan.Version, Meters: len(plan.Meters), Lines: len(byLine(plan)),
		LinesDown: int(n.linesDown.Load()), MetersDown: int(n.metersDown.Load()),
		Polled: n.polled.Load(), Absent: n.absent.Load(), Rows: n.rows.Load(), Missed: n.missed.Load(), Refused: n.refused.Load(),
		Shed: n.shed.Load(), Spool: c.spool.Depth(), SpoolBytes: c.spool.Bytes(), SpoolFill: c.spool.Fill(), Acked: n.acked.Load(), Resent: n.resent.Load(),
	}
	s.Epoch, s.LastSeq = c.spool.Position()
	n.mu.Lock()
	defer n.mu.Unlock()
	s.LastError, s.LastErrorAt = n.lastError, n.lastAt
	return s
}

// Health gives what keeps the collector from its work, in English; empty: all is
// well. A meter or a line that does not answer is no fault of the collector.
func (c *Collector) Health() []string {
	var out []string
	if err := c.intake.trouble(); err != nil {
		out = append(out, "spool: "+err.Error())
	} else if fill := c.spool.Fill(); fill >= warnAt {
		out = append(out, fmt.Sprintf("spool: %.0f %% full (%d readings, %d MB): from %.0f %% on only load profiles are kept; let the center take readings, or raise spool_mb and spool_max",
			fill*100, c.spool.Depth(), c.spool.Bytes()/1_000_000, rowsAt*100))
	}
	if !c.parts.Uplink.Connected() {
		out = append(out, fmt.Sprintf("no connection to the broker, %d readings wait in the spool", c.spool.Depth()))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.plan.Meters) == 0 {
		out = append(out, "no plan yet: no meters to poll")
	}
	return out
}
