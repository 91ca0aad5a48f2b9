package collector

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"phutai/db"
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

// Trouble is something that keeps a collector from its work, in words for people.
type Trouble struct{ Vi, En string }

// Health gives what keeps the collector from its work; nothing: all is well. A
// meter or a line that does not answer is no fault of the collector.
func (c *Collector) Health() []Trouble {
	var out []Trouble
	if err := c.intake.trouble(); err != nil {
		out = append(out, spoolTrouble(err, c.cfg.ReserveMB))
	} else if fill := c.spool.Fill(); fill >= warnAt {
		n, mb := c.spool.Depth(), c.spool.Bytes()/1_000_000
		out = append(out, Trouble{
			Vi: fmt.Sprintf("spool đã đầy %.0f %% (%d số đo, %d MB): từ %.0f %% trở đi chỉ giữ biểu đồ phụ tải; kiểm tra kết nối và trung tâm, hoặc tăng spool_mb và spool_max",
				fill*100, n, mb, rowsAt*100),
			En: fmt.Sprintf("the spool is %.0f %% full (%d readings, %d MB): from %.0f %% on only load profiles are kept; let the center take readings, or raise spool_mb and spool_max",
				fill*100, n, mb, rowsAt*100),
		})
	}
	if !c.parts.Uplink.Connected() {
		n := c.spool.Depth()
		out = append(out, Trouble{
			Vi: fmt.Sprintf("mất kết nối tới broker, %d số đo chờ trong spool", n),
			En: fmt.Sprintf("no connection to the broker, %d readings wait in the spool", n),
		})
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.plan.Meters) == 0 {
		out = append(out, Trouble{Vi: "chưa có danh sách công tơ để đọc", En: "no plan yet: no meters to poll"})
	}
	return out
}

// spoolTrouble words why the spool takes no readings; reserve is how much of a
// full disk it needs back, in megabytes.
func spoolTrouble(err error, reserve int64) Trouble {
	switch {
	case errors.Is(err, ErrSpoolFull):
		return Trouble{
			Vi: "spool đã đầy vì trung tâm lâu không nhận số đo: kiểm tra kết nối và trung tâm",
			En: "the spool is full, because the center has not taken readings for long: check the connection and the center",
		}
	case diskIsFull(err):
		return Trouble{
			Vi: fmt.Sprintf("đĩa chứa spool đã đầy, không giữ được số đo mới: hãy giải phóng ít nhất %d MB; có chỗ thì tự giữ tiếp", max(reserve, 1)),
			En: fmt.Sprintf("the disk of the spool is full, new readings are not kept: free at least %d MB of it; it goes on by itself then", max(reserve, 1)),
		}
	}
	return Trouble{
		Vi: fmt.Sprintf("spool không ghi được số đo: kiểm tra đĩa (%v)", err),
		En: fmt.Sprintf("the spool cannot keep readings: check the disk (%v)", err),
	}
}

// diskIsFull tells whether the disk is what takes no more: it says so itself, or
// the spool keeps what is left of it.
func diskIsFull(err error) bool { return db.Full(err) || errors.Is(err, ErrDiskFull) }
