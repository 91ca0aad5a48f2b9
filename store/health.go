package store

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Trouble is something that keeps readings from being stored. Vi and En say
// what it is and what to do, for the page and for /readyz.
type Trouble struct {
	Part   string // "journal" or "dead letters"
	Vi, En string
	Since  time.Time // zero where it is not known
	Err    error     // nil where none is behind it
}

// trouble holds the current one, if any.
type trouble struct {
	mu  sync.Mutex // guards now
	now *Trouble
}

func (t *trouble) set(full bool, err error, at time.Time) {
	next := Trouble{
		Part: "journal", Since: at, Err: err,
		Vi: "Không ghi được nhật ký số liệu; bộ thu thập đang giữ số liệu. Kiểm tra đĩa và tệp journal.db.",
		En: "The journal cannot be written; collectors keep their readings. Check the disk and the file journal.db.",
	}
	if full {
		next.Vi = "Đĩa của kho số liệu đã đầy; bộ thu thập đang giữ số liệu. Hãy giải phóng dung lượng đĩa."
		next.En = "The disk of the store is full; collectors keep their readings. Make room on the disk."
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.now != nil {
		next.Since = t.now.Since
	}
	t.now = &next
}

func (t *trouble) clear() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.now = nil
}

// Health gives what is wrong now; nothing when all is well.
func (g *Ingester) Health() []Trouble {
	var out []Trouble
	g.trouble.mu.Lock()
	if g.trouble.now != nil {
		out = append(out, *g.trouble.now)
	}
	g.trouble.mu.Unlock()
	if j := g.parts.Journal; j.Count().DeadLetters >= j.mostLetters {
		out = append(out, Trouble{
			Part: "dead letters",
			Vi: fmt.Sprintf("Hộp số liệu bị từ chối đã đầy (%d), %d mục mới không giữ được: xem bằng phutai store deadletters list, sửa nguyên nhân rồi nhập lại (retry) hoặc bỏ (drop).",
				j.mostLetters, j.Count().Shed),
			En: fmt.Sprintf("There is no room for more dead letters (%d), %d new ones were not kept: look at them with phutai store deadletters list, mend the cause, then retry or drop them.",
				j.mostLetters, j.Count().Shed),
		})
	}
	return out
}

// Stats counts what the ingester has done since it was made.
type Stats struct {
	Messages int64 // acknowledged
	Readings int64 // received, without dead letters; repeated ones count each time
	Stored   int64 // new or better ones, without absences
	Absences int64 // new ones
	Dead     int64 // dead letters, repeated ones count each time
	Commits  int64
}

type tallies struct {
	messages, readings, stored, absences, dead, commits atomic.Int64
}

func (t *tallies) add(messages int, entries []Entry, done Committed) {
	t.messages.Add(int64(messages))
	for i := range entries {
		t.readings.Add(int64(len(entries[i].Readings)))
		t.dead.Add(int64(len(entries[i].Dead)))
	}
	t.stored.Add(int64(done.New + done.Replaced))
	t.absences.Add(int64(done.Absences))
	t.commits.Add(1)
}

// Stats gives the counts so far.
func (g *Ingester) Stats() Stats {
	t := &g.stats
	return Stats{
		Messages: t.messages.Load(), Readings: t.readings.Load(), Stored: t.stored.Load(),
		Absences: t.absences.Load(), Dead: t.dead.Load(), Commits: t.commits.Load(),
	}
}
