package store

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"

	"phutai/grid"
)

// mostSpans bounds the stretches of one command (mqtt.MaxSpans); the newest come
// first, and the rest is found again when those are closed.
const mostSpans = 32

// silentAfter is how many polls in a row without an answer make a meter that
// need not be asked for its load profile: the collector reads it itself as soon
// as the meter is back.
const silentAfter = 3

// request is a load profile that is asked for.
type request struct {
	fill    grid.BackFill // the command that was sent last
	first   []grid.Span   // of the first command
	tries   int           // commands sent
	under   time.Time     // until then the command counts as under way
	again   time.Time     // then it is looked at once more
	outcome grid.Outcome  // of the command; empty: no reply yet
}

// Answer takes a collector's answer to a command. It may be called from any
// goroutine.
func (a *Audit) Answer(r grid.BackFillReply) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, q := range a.asked {
		if q.fill.ID == r.ID && q.fill.Collector == r.Collector {
			q.outcome = r.Outcome
			if r.Outcome != grid.Accepted {
				q.under = time.Time{} // nothing comes of it: another may be sent
			}
		}
	}
}

// unread does what can be done about rows of a load profile that are not there:
// it asks for them, or says why they cannot be had now.
func (l *look) unread(ctx context.Context, d *Duty, s *Stay, due slots, v *verdict) error {
	if l.request(d.Point) != nil {
		return nil // followUp sees to it
	}
	if c, silent := l.silent(d.Point); silent {
		v.Explained += l.state(d.Point, grid.Profile, due, v.open, c.Missing, "polls bring nothing that can be stored; the load profile is read when they do: "+c.Detail)
		return l.writeSome(ctx)
	}
	sent, err := l.ask(ctx, d, s, time.Duration(due.every)*time.Millisecond)
	if sent || err != nil {
		return err
	}
	// It could not be asked for. What has waited for too long gets a reason; as
	// long as it is only the audit's, it is asked for again.
	v.Explained += l.state(d.Point, grid.Profile, due, within(v.open, l.late(due)), grid.NotPolled,
		fmt.Sprintf("collector %s is away and cannot be asked for this row", s.Collector))
	return l.writeSome(ctx)
}

// silent tells whether the meter at a point has not answered for some polls, and
// how it stands with it. One whose answers are refused for their figures or their
// clock does answer: its load profile may be sound.
func (l *look) silent(p grid.PointID) (grid.Contact, bool) {
	c := l.j.contactNow(p)
	answers := c.Missing == grid.NoReason || c.Missing == grid.OutOfRange || c.Missing == grid.ClockOff
	return c, c.Misses >= silentAfter && !answers
}

// late gives the slots of a load profile that have waited for too long.
func (l *look) late(due slots) (out run) {
	for out.n < due.n && due.mark(grid.Profile, out.n).Before(l.now.Add(-l.cfg.Wait)) {
		out.n++
	}
	return out
}

// within gives the parts of runs that lie in limit.
func within(runs []run, limit run) []run {
	var out []run
	for _, r := range runs {
		from, end := max(r.from, limit.from), min(r.from+r.n, limit.from+limit.n)
		if from < end {
			out = append(out, run{from, end - from})
		}
	}
	return out
}

// ask sends a command for all rows of an interval that are lacking of a stay, as
// far as they fit into one. It gives false where there is no way to send it now.
func (l *look) ask(ctx context.Context, d *Duty, s *Stay, every time.Duration) (sent bool, err error) {
	if l.away[s.Collector] || l.underWay(s.Collector) >= l.cfg.InFlight {
		return false, nil
	}
	spans, err := l.lacking(ctx, d, s, every)
	if err != nil || len(spans) == 0 {
		return false, err
	}
	q := &request{first: spans, fill: grid.BackFill{Collector: s.Collector, Meter: s.Meter, Point: d.Point, Every: every, Spans: spans}}
	if !l.send(ctx, q) {
		return false, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked[d.Point] = q
	return true, nil
}

// lacking gives the times of the rows of an interval that are lacking of a stay,
// the newest first. Days on which the meter kept another interval are left out:
// they are asked for by themselves.
func (l *look) lacking(ctx context.Context, d *Duty, s *Stay, every time.Duration) ([]grid.Span, error) {
	number, _ := l.j.points.number(d.Point)
	f, err := l.frame(ctx, number, time.Time{}, time.Time{})
	if err != nil {
		return nil, err
	}
	var out []grid.Span
	horizon := l.horizon(l.now)
	for day := l.midnight(l.now); !day.Before(horizon) && len(out) < mostSpans; day = l.dayBefore(day) {
		f.from, f.to = day, l.dayAfter(day)
		if kept, err := l.j.rowInterval(ctx, d.Point, number, f.to, s.Row); err != nil {
			return nil, err
		} else if kept != every {
			continue
		}
		due := s.due(grid.Profile, every, f)
		h, err := l.j.holds(ctx, number, grid.Profile, due)
		if err != nil {
			return nil, err
		}
		v := due.judge(&h)
		for _, span := range due.spans(v.lacking) {
			if n := len(out); n > 0 && out[n-1].From.Equal(span.To) {
				out[n-1].From = span.From
			} else {
				out = append(out, span)
			}
		}
	}
	return out[:min(len(out), mostSpans)], nil
}

// spans gives the times of runs of slots, the newest first.
func (s slots) spans(runs []run) []grid.Span {
	var out []grid.Span
	for _, r := range slices.Backward(runs) {
		out = append(out, grid.Span{From: time.UnixMilli(s.start(r.from)).UTC(), To: time.UnixMilli(s.start(r.from + r.n)).UTC()})
	}
	return out
}

// send sends the command of q under a new id.
func (l *look) send(ctx context.Context, q *request) bool {
	q.fill.ID, q.fill.Expires = rand.Text(), l.now.Add(l.cfg.Expires)
	if err := l.parts.Collectors.BackFill(ctx, q.fill); err != nil {
		l.away[q.fill.Collector] = true
		l.log.Debug("command not sent, it follows later", zap.String("collector", string(q.fill.Collector)), zap.Error(err))
		return false
	}
	l.log.Info("rows of a load profile are asked for once more", zap.String("point", string(q.fill.Point)),
		zap.String("collector", string(q.fill.Collector)), zap.Int("stretches", len(q.fill.Spans)), zap.Int("try", q.tries+1))
	l.mu.Lock()
	defer l.mu.Unlock()
	q.outcome, q.under = "", q.fill.Expires
	q.again = l.now.Add(l.cfg.Expires << q.tries)
	q.tries++
	l.counts.Commands++
	return true
}

func (l *look) underWay(c grid.CollectorID) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, q := range l.asked {
		if q.fill.Collector == c && l.now.Before(q.under) {
			n++
		}
	}
	return n
}

func (l *look) request(p grid.PointID) *request {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.asked[p]
}
