package store

import (
	"context"
	"time"

	"go.uber.org/zap"

	"phutai/grid"
)

// settled gives the runs of slots without a value, with a value before and
// behind, of which it is said of each slot why, and is not going to change: a
// collector says it, or the audit does and its slot ended before a moment.
func (s slots) settled(h *held, before int64) []run {
	values, stated := s.count(h.values), s.stated(h)
	var out []run
	for i := 0; i < s.n; {
		r, final := run{from: i}, true
		for ; i < s.n && values[i+1] == 0; i++ {
			r.n++
			final = final && (stated[i] == byCollector || stated[i] == byAudit && s.start(i+1) < before)
		}
		if r.n > 0 && final && r.from > 0 && i < s.n {
			out = append(out, r)
		}
		i++
	}
	return out
}

// substitute makes what the rules allow for the gaps of a load profile that
// begin on the day of f and are not going to be closed.
func (l *look) substitute(ctx context.Context, d *Duty, s *Stay, number int64, every time.Duration, f *frame) error {
	wide := *f
	wide.from, wide.to = f.from.Add(-2*every), f.to.Add(longestGap+2*every)
	due := s.due(grid.Profile, every, &wide)
	h, err := l.j.holds(ctx, number, grid.Profile, due)
	if err != nil {
		return err
	}
	for _, g := range due.settled(&h, l.now.Add(-l.cfg.Wait).UnixMilli()) {
		start := due.mark(grid.Profile, g.from).Add(-every)
		if start.Before(f.from) || !start.Before(f.to) {
			continue
		}
		if err := l.close(ctx, d.Point, due, g, every); err != nil {
			return err
		}
	}
	return nil
}

// close fills one gap by the first rule that can.
func (l *look) close(ctx context.Context, point grid.PointID, due slots, g run, every time.Duration) error {
	h := hole{every: every}
	for i := g.from; i < g.from+g.n; i++ {
		h.times = append(h.times, due.mark(grid.Profile, i))
	}
	first, last := due.mark(grid.Profile, g.from-1), due.mark(grid.Profile, g.from+g.n)
	rows, err := l.rows(ctx, point, first, last)
	if err != nil || len(rows) == g.n+2 {
		return err // it is closed already
	}
	// Rows that are stamped beside their slots' marks would come to stand beside
	// what is made for them.
	if len(rows) < 2 || !rows[0].At.Equal(first) || !rows[len(rows)-1].At.Equal(last) {
		return nil
	}
	h.before, h.after = &rows[0], &rows[len(rows)-1]
	if !h.comparable() {
		return nil
	}
	for i := range l.rules {
		r := &l.rules[i]
		if h.times[0].Add(-every).Before(r.from) || time.Duration(g.n)*every > r.most {
			continue
		}
		values, err := l.made(ctx, point, r, &h)
		if err != nil {
			return err
		}
		if len(values) > 0 && values[0].Len() > 0 {
			return l.keepMade(ctx, point, r, &h, values)
		}
	}
	return nil
}

// made gives the figures that a rule makes; none where it cannot.
func (l *look) made(ctx context.Context, point grid.PointID, r *rule, h *hole) ([]grid.Values, error) {
	if r.method == methodLinear {
		return h.linear(r.makes), nil
	}
	zone := l.parts.Zone
	weekend := func(t time.Time) bool { d := t.In(zone).Weekday(); return d == time.Saturday || d == time.Sunday }
	start := h.times[0].Add(-h.every)
	for back := 1; back <= 7; back++ {
		earlier := func(t time.Time) time.Time { return t.In(zone).AddDate(0, 0, -back).UTC() }
		if weekend(earlier(start)) != weekend(start) {
			continue
		}
		day, err := l.rows(ctx, point, earlier(h.before.At), earlier(h.after.At))
		if err != nil {
			return nil, err
		}
		if values := h.likeDay(day, r.makes); values != nil {
			return values, nil
		}
	}
	return nil, nil
}

// rows gives the rows of a load profile from one time to another, both included.
func (l *look) rows(ctx context.Context, point grid.PointID, from, to time.Time) (out []grid.Reading, err error) {
	err = l.j.Series(ctx, point, grid.Profile, from, to.Add(time.Millisecond), func(r grid.Reading) error {
		out = append(out, r)
		return nil
	})
	return out, err
}

func (l *look) keepMade(ctx context.Context, point grid.PointID, r *rule, h *hole, values []grid.Values) error {
	var e Entry
	for i := range values {
		s := Substitute{Rule: r.name, Method: r.method, MadeAt: l.now, Reading: grid.Reading{
			Point: point, Source: grid.Profile, At: h.times[i], Interval: h.every, Ratio: h.before.Ratio, Values: values[i],
		}}
		for q := range s.Values.All() {
			s.Quality = s.Quality.With(q, grid.Estimated)
		}
		e.Substitutes = append(e.Substitutes, s)
	}
	done, err := l.j.Commit(ctx, e)
	if err != nil {
		return err
	}
	l.log.Info("rows that stay missing are made by a rule", zap.String("point", string(point)), zap.String("rule", r.name),
		zap.Time("first", h.times[0]), zap.Int("rows", done.Substitutes))
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts.Substitutes += int64(done.Substitutes)
	return nil
}
