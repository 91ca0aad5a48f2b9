package app

import (
	"context"
	"fmt"
	"sync"
	"time"

	"phutai/grid"
	"phutai/mqtt"
	"phutai/store"
	"phutai/store/influx"
	"phutai/web"
)

// health gathers what is wrong with the running program, for the page and for
// /readyz. That a meter is silent is an alarm and not a fault of the program.
type health struct {
	clock    grid.Clock
	link     *mqtt.CenterLink
	ingester *store.Ingester
	influx   *influx.Writer // nil: not configured
	// The collector of this process is asked itself, since what ails it may
	// keep its status from arriving.
	here  grid.CollectorID
	local func() []string // nil: it is in another process

	mu       sync.Mutex // guards the fields below
	statuses map[grid.CollectorID]mqtt.Status
	failing  map[string]failure // by part
}

type failure struct {
	since time.Time
	err   error
}

func newHealth(clock grid.Clock, link *mqtt.CenterLink, ingester *store.Ingester, writer *influx.Writer) *health {
	return &health{
		clock: clock, link: link, ingester: ingester, influx: writer,
		statuses: map[grid.CollectorID]mqtt.Status{}, failing: map[string]failure{},
	}
}

// heard takes what a collector says of itself.
func (h *health) heard(s mqtt.Status) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.statuses[s.Collector] = s
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
	if !h.link.Connected() {
		found = append(found, web.Problem{
			Part:   "broker",
			TextVi: "Mất kết nối tới MQTT broker: công tơ vẫn được đọc, số đo chờ trong spool. Kiểm tra broker và mạng.",
			TextEn: "No connection to the MQTT broker: meters are still polled, readings wait in the spool. Check the broker and the network.",
		})
	}
	for _, t := range h.ingester.Health() {
		found = append(found, web.Problem{Part: t.Part, TextVi: t.Vi, TextEn: t.En})
	}
	if h.influx != nil {
		for _, t := range h.influx.Health() {
			found = append(found, web.Problem{Part: t.Part, TextVi: t.Vi, TextEn: t.En})
		}
	}
	if h.local != nil {
		for _, trouble := range h.local() {
			found = append(found, collectorSays(h.here, trouble))
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for id, s := range h.statuses {
		switch {
		case h.local != nil && id == h.here:
		case !s.Online:
			found = append(found, web.Problem{
				Part:   "collector",
				TextVi: fmt.Sprintf("Bộ thu thập %s đã dừng hoặc mất kết nối: kiểm tra tiến trình và mạng của nó.", id),
				TextEn: fmt.Sprintf("Collector %s has stopped or lost its connection: check its process and network.", id),
			})
		case s.Problem != "":
			found = append(found, collectorSays(id, s.Problem))
		}
	}
	for part, f := range h.failing {
		found = append(found, web.Problem{
			Part:   part,
			TextVi: fmt.Sprintf("Phần %s gặp lỗi từ %s: %v", part, f.since.Format(time.RFC3339), f.err),
			TextEn: fmt.Sprintf("Part %s fails since %s: %v", part, f.since.Format(time.RFC3339), f.err),
		})
	}
	return found
}

func collectorSays(id grid.CollectorID, trouble string) web.Problem {
	return web.Problem{
		Part:   "collector",
		TextVi: fmt.Sprintf("Bộ thu thập %s báo: %s", id, trouble),
		TextEn: fmt.Sprintf("Collector %s says: %s", id, trouble),
	}
}
