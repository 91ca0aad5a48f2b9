package app

import (
	"context"
	"fmt"
	"sync"
	"time"

	"phutai/collector"
	"phutai/grid"
	"phutai/mqtt"
	"phutai/store"
	"phutai/web"
)

// health gathers what is wrong with the running program, for the page and for
// /readyz. That a meter is silent is an alarm and not a fault of the program.
type health struct {
	clock    grid.Clock
	link     *mqtt.CenterLink
	ingester *store.Ingester
	writers  []storeWriter // into other databases
	// The collector of this process is asked itself, since what ails it may
	// keep its status from arriving.
	here  grid.CollectorID
	local func() []collector.Trouble // nil: it is in another process
	// The embedded broker likewise.
	broker func() error // nil: it is in another process

	plans func() []web.Problem // nil: they are not looked at

	// polling lists the collectors that the register has meters for.
	polling func() []grid.CollectorID

	mu        sync.Mutex // guards the fields below
	connected time.Time  // the last time; zero: never yet
	statuses  map[grid.CollectorID]heardStatus
	failing   map[string]failure // by part
}

type heardStatus struct {
	mqtt.Status
	at time.Time // by this program's clock
}

// silentAfter is how long a collector that is connected may say nothing; it
// speaks every statusEvery.
const silentAfter = 2 * time.Minute

type failure struct {
	since time.Time
	err   error
}

func newHealth(clock grid.Clock, link *mqtt.CenterLink, ingester *store.Ingester, writers []storeWriter, polling func() []grid.CollectorID) *health {
	return &health{
		clock: clock, link: link, ingester: ingester, writers: writers, polling: polling,
		statuses: map[grid.CollectorID]heardStatus{}, failing: map[string]failure{},
	}
}

// linked notes that the link to the broker stands: collectors can be heard from
// now on.
func (h *health) linked() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.connected = h.clock.Now()
}

// heard takes what a collector says of itself.
func (h *health) heard(s mqtt.Status) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.statuses[s.Collector] = heardStatus{s, h.clock.Now()}
}

// report notes how the last try of a part went; nil ends a failure.
func (h *health) report(part string, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err == nil {
		delete(h.failing, part)
		return
	}
	f, already := h.failing[part]
	if !already {
		f.since = h.clock.Now()
	}
	f.err = err
	h.failing[part] = f
}

// Health lists the problems of this moment.
func (h *health) Health(context.Context) []web.Problem {
	var found []web.Problem
	connected := h.link.Connected()
	if !connected {
		found = append(found, web.Problem{
			Part:   "broker",
			TextVi: "Mất kết nối tới MQTT broker: công tơ vẫn được đọc, số đo chờ trong spool. Kiểm tra broker và mạng.",
			TextEn: "No connection to the MQTT broker: meters are still polled, readings wait in the spool. Check the broker and the network.",
		})
	}
	if h.broker != nil {
		if err := h.broker(); err != nil {
			found = append(found, web.Problem{
				Part:   "broker",
				TextVi: fmt.Sprintf("MQTT broker đi kèm bị lỗi và tự khởi động lại; số đo chờ trong spool. Kiểm tra đĩa và thư mục của broker. (%v)", err),
				TextEn: fmt.Sprintf("The embedded MQTT broker has failed and starts anew by itself; readings wait in the spool. Check its disk and folder. (%v)", err),
			})
		}
	}
	for _, t := range h.ingester.Health() {
		found = append(found, web.Problem{Part: t.Part, TextVi: t.Vi, TextEn: t.En})
	}
	for _, w := range h.writers {
		for _, t := range w.Health() {
			found = append(found, web.Problem{Part: t.Part, TextVi: t.Vi, TextEn: t.En})
		}
	}
	if h.local != nil {
		for _, trouble := range h.local() {
			found = append(found, collectorSays(h.here, trouble))
		}
	}
	if h.plans != nil {
		found = append(found, h.plans()...)
	}
	polling := h.polling()
	h.mu.Lock()
	defer h.mu.Unlock()
	found = append(found, h.collectors(polling, connected)...)
	for part, f := range h.failing {
		found = append(found, web.Problem{
			Part:   part,
			TextVi: fmt.Sprintf("Phần %s gặp lỗi từ %s và tự thử lại; nếu kéo dài, xem nhật ký chương trình. (%v)", part, f.since.Format(time.RFC3339), f.err),
			TextEn: fmt.Sprintf("Part %s fails since %s and tries again by itself; if it lasts, see the program's log. (%v)", part, f.since.Format(time.RFC3339), f.err),
		})
	}
	return found
}

// collectors tells what is wrong with those in other processes: that one which
// has meters to poll has stopped, or says nothing although it could be heard;
// and what they say themselves. The caller holds mu.
func (h *health) collectors(polling []grid.CollectorID, connected bool) []web.Problem {
	var found []web.Problem
	now := h.clock.Now()
	for _, id := range polling {
		if h.local != nil && id == h.here {
			continue
		}
		s, heard := h.statuses[id]
		since := h.connected
		if s.at.After(since) {
			since = s.at
		}
		switch {
		case heard && !s.Online:
			found = append(found, web.Problem{
				Part:   "collector",
				TextVi: fmt.Sprintf("Bộ thu thập %s đã dừng hoặc mất kết nối: kiểm tra tiến trình và mạng của nó.", id),
				TextEn: fmt.Sprintf("Collector %s has stopped or lost its connection: check its process and network.", id),
			})
		case connected && !h.connected.IsZero() && now.Sub(since) > silentAfter:
			found = append(found, web.Problem{
				Part:   "collector",
				TextVi: fmt.Sprintf("Bộ thu thập %s không báo gì từ %s: kiểm tra nó có chạy, có đúng tên và mật khẩu MQTT không.", id, since.Format(time.RFC3339)),
				TextEn: fmt.Sprintf("Collector %s has said nothing since %s: check that it runs, and its id and MQTT password.", id, since.Format(time.RFC3339)),
			})
		}
	}
	for id, s := range h.statuses {
		if s.Online && s.Problem != "" && (h.local == nil || id != h.here) {
			vi := s.ProblemVi
			if vi == "" {
				vi = s.Problem
			}
			found = append(found, collectorSays(id, collector.Trouble{Vi: vi, En: s.Problem}))
		}
	}
	return found
}

func collectorSays(id grid.CollectorID, trouble collector.Trouble) web.Problem {
	return web.Problem{
		Part:   "collector",
		TextVi: fmt.Sprintf("Bộ thu thập %s báo: %s.", id, trouble.Vi),
		TextEn: fmt.Sprintf("Collector %s says: %s.", id, trouble.En),
	}
}
