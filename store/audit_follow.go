package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"phutai/grid"
)

// followUp looks at what has become of the requests, those of the longest
// waiting first.
func (l *look) followUp(ctx context.Context) error {
	l.mu.Lock()
	all := make([]*request, 0, len(l.asked))
	for _, q := range l.asked {
		all = append(all, q)
	}
	l.mu.Unlock()
	slices.SortFunc(all, func(a, b *request) int {
		return cmp.Or(a.again.Compare(b.again), cmp.Compare(a.fill.Point, b.fill.Point))
	})
	for _, q := range all {
		over, err := l.follow(ctx, q)
		if err != nil {
			return err
		}
		if !over {
			continue
		}
		if err := l.recount(ctx, q); err != nil {
			return err
		}
		l.mu.Lock()
		delete(l.asked, q.fill.Point)
		l.mu.Unlock()
	}
	return nil
}

// recount brings the accounts of the days that a request was about up to date.
func (l *look) recount(ctx context.Context, q *request) error {
	if err := l.write(ctx); err != nil {
		return err
	}
	d := l.find(q.fill.Point)
	if d == nil {
		return nil
	}
	looked := map[time.Time]bool{}
	for _, s := range q.first {
		for day := l.midnight(s.From); day.Before(s.To); day = l.dayAfter(day) {
			if looked[day] {
				continue
			}
			looked[day] = true
			if err := l.cell(ctx, d, day, false); err != nil {
				return err
			}
		}
	}
	return nil
}

// follow looks at one request and tells whether it is over.
func (l *look) follow(ctx context.Context, q *request) (over bool, err error) {
	number, ok := l.j.points.number(q.fill.Point)
	if !ok || l.find(q.fill.Point) == nil {
		return true, nil
	}
	if _, silent := l.silent(q.fill.Point); silent {
		return true, nil // nothing comes of it, and rows get the reason of the silence
	}
	l.left--
	l.mu.Lock()
	outcome := q.outcome
	l.mu.Unlock()
	why, detail := q.excuse(outcome)
	pending := outcome == grid.Pending // no command in vain: the rows are on the collector's list
	giveUp := outcome == grid.NoMemory || !pending && !l.now.Before(q.again) && q.tries >= l.cfg.Tries
	var still []grid.Span
	for _, span := range q.fill.Spans {
		s := slots{first: span.From.UnixMilli(), every: q.fill.Every.Milliseconds(), n: span.Slots(q.fill.Every)}
		h, err := l.j.holds(ctx, number, grid.Profile, s)
		if err != nil {
			return false, err
		}
		v := s.judge(&h)
		still = append(still, s.spans(v.lacking)...)
		switch {
		case giveUp:
			l.state(q.fill.Point, grid.Profile, s, v.open, why, detail)
		case pending:
			l.state(q.fill.Point, grid.Profile, s, within(v.open, l.late(s)), grid.NotPolled,
				fmt.Sprintf("collector %s has this row on its list and has not come to read it", q.fill.Collector))
		}
	}
	if len(still) == 0 || giveUp {
		return true, nil
	}
	if !l.now.Before(q.again) && l.underWay(q.fill.Collector) < l.cfg.InFlight {
		q.fill.Spans = still[:min(len(still), mostSpans)]
		if pending {
			q.tries--
		}
		if !l.send(ctx, q) && pending {
			q.tries++
		}
	}
	return false, nil
}

// excuse gives the reason for rows that were asked for in vain.
func (q *request) excuse(outcome grid.Outcome) (grid.Reason, string) {
	c := q.fill.Collector
	switch outcome {
	case grid.NoMemory:
		return grid.GapInMeter, fmt.Sprintf("collector %s says that meter %s keeps no load profile", c, q.fill.Meter)
	case grid.UnknownMeter:
		return grid.NotDeclared, fmt.Sprintf("collector %s knows no meter %s at this point", c, q.fill.Meter)
	case grid.Accepted:
		return grid.MeterError, fmt.Sprintf("collector %s was asked for this row %d times and has neither brought it nor said why", c, q.tries)
	}
	return grid.NotPolled, fmt.Sprintf("collector %s was asked for this row %d times and has not answered", c, q.tries)
}
