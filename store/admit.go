package store

import (
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"phutai/grid"
)

// admit decodes a message and sorts its readings into those that can be stored
// and dead letters, with absences in their places. Its sequence numbers count as
// done either way: sending the same again would not help.
func (g *Ingester) admit(m Message) Entry {
	now := g.parts.Clock.Now()
	b, err := g.parts.Decode(m.Payload)
	var partly faulty
	if err != nil && !errors.As(err, &partly) {
		return g.poison(m, now, fmt.Sprintf("payload cannot be decoded: %v; update the collector or this program so that both speak the same payload version", err))
	}
	e := Entry{
		Spool: Spool{Collector: m.Collector, Epoch: b.Epoch},
		First: b.FirstSeq, Count: len(b.Readings), Void: b.Void,
		Readings: make([]grid.Reading, 0, len(b.Readings)),
	}
	if e.Count == 0 {
		return e
	}
	if _, err := e.run(); err != nil {
		return g.poison(m, now, err.Error())
	}
	for i := range b.Readings {
		if partly != nil {
			if fault := partly.Fault(i); fault != "" {
				g.refuse(&e, LetterGarbled, &b.Readings[i], now, "poison", fault)
				continue
			}
		}
		r, reason, detail := g.primary(b.Readings[i], now)
		if reason == "" {
			e.Readings = append(e.Readings, r)
			continue
		}
		g.refuse(&e, LetterReading, &b.Readings[i], now, reason, detail)
	}
	return e
}

// faulty is the error of a payload of which only single readings cannot be
// decoded: the batch that comes with it holds the others.
type faulty interface {
	error
	Fault(reading int) string // empty: the reading is sound
}

// mostKept is how many bytes of a message a dead letter keeps: more than a sound
// one has, and little enough for all letters to fit on a disk.
const mostKept = 256 << 10

func (g *Ingester) poison(m Message, now time.Time, detail string) Entry {
	if n := len(m.Payload); n > mostKept {
		m.Payload = m.Payload[:mostKept]
		detail = fmt.Sprintf("%s (its first %d bytes of %d are kept)", detail, mostKept, n)
	}
	g.log.Warn("message put with the dead letters", zap.String("collector", string(m.Collector)), zap.String("why", detail))
	return Entry{Dead: []DeadLetter{{Kind: LetterMessage, FirstSeen: now, Collector: m.Collector, Reason: "poison", Detail: detail, Payload: m.Payload}}}
}

func (g *Ingester) dead(from grid.CollectorID, kind LetterKind, r *grid.Reading, now time.Time, reason, detail string) DeadLetter {
	g.log.Warn("reading put with the dead letters", zap.String("collector", string(from)),
		zap.String("point", string(r.Point)), zap.String("reason", reason), zap.String("why", detail))
	return DeadLetter{Kind: kind, FirstSeen: now, Collector: from, Reason: reason, Detail: detail, Payload: letter(r)}
}

// primary gives the reading as it is stored, or a reason why it cannot be.
func (g *Ingester) primary(r grid.Reading, now time.Time) (_ grid.Reading, reason, detail string) {
	r.At = r.At.UTC().Truncate(time.Millisecond)
	if ahead := r.At.Sub(now); ahead > g.cfg.Ahead {
		return r, "clock-off", fmt.Sprintf("reading is %s in the future: set the clock of the meter or of the collector", ahead.Round(time.Second))
	}
	valid := r.ValidAt()
	ratio, ok := g.parts.Ratios.Ratio(r.Point, valid)
	if !ok || !ratio.Valid() {
		return r, "no-ratio", fmt.Sprintf("the register holds no ratio for point %q at %s: add the point, or its CT and VT ratio for that time, to the register", r.Point, valid.Format(time.RFC3339))
	}
	if r.Absent() {
		r.Values, r.Quality = grid.Values{}, 0
	} else {
		r = ratio.Apply(r)
	}
	if err := Check(&r); err != nil {
		return r, "out-of-range", err.Error() + ": check the meter's profile and its register map"
	}
	return r, "", ""
}
