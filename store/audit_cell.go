package store

import (
	"context"
	"fmt"
	"time"

	"phutai/grid"
	"phutai/store/pack"
)

// keysPerCell is how many keys are about as much work as a cell itself.
const keysPerCell = 1000

// cell looks at one day of one point. thorough: what only the audit has given a
// reason is asked for once more.
func (l *look) cell(ctx context.Context, d *Duty, day time.Time, thorough bool) error {
	l.left--
	number, ok := l.j.points.number(d.Point)
	if !ok {
		return nil // never heard of
	}
	f, err := l.frame(ctx, number, day, l.dayAfter(day))
	if err != nil {
		return err
	}
	for _, source := range []grid.Source{grid.Instant, grid.Profile} {
		sum := account{number: number, source: source, day: day}
		for i := range d.Stays {
			found, err := l.stay(ctx, d, &d.Stays[i], number, source, f, thorough)
			if err != nil {
				return err
			}
			sum.Collection = sum.Plus(found)
		}
		if err := l.note(ctx, sum); err != nil {
			return err
		}
	}
	return nil
}

// frame gives what is looked at of a point from and to two moments.
func (l *look) frame(ctx context.Context, number int64, from, to time.Time) (*frame, error) {
	return l.j.frame(ctx, number, &frame{from: from, to: to, now: l.now, grace: l.cfg.Grace})
}

// frame adds to f since when a point was heard of.
func (j *Journal) frame(ctx context.Context, number int64, f *frame) (_ *frame, err error) {
	if f.polled, err = j.firstOf(ctx, number, grid.Instant); err == nil {
		f.row, err = j.firstOf(ctx, number, grid.Profile)
	}
	return f, err
}

// interval gives the time between two readings of a stay that is looked at: of the
// rows as the meter writes them, zero where it keeps none.
func (j *Journal) interval(ctx context.Context, d *Duty, s *Stay, number int64, source grid.Source, f *frame) (time.Duration, error) {
	switch {
	case source != grid.Profile:
		return s.Poll, nil
	case s.Row <= 0:
		return 0, nil
	}
	return j.rowInterval(ctx, d.Point, number, f.to, s.Row)
}

// stay looks at what was due of one meter and does what can be done about gaps.
func (l *look) stay(ctx context.Context, d *Duty, s *Stay, number int64, source grid.Source, f *frame, thorough bool) (grid.Collection, error) {
	every, err := l.j.interval(ctx, d, s, number, source, f)
	if err != nil {
		return grid.Collection{}, err
	}
	due := s.due(source, every, f)
	if due.n == 0 {
		return grid.Collection{}, nil
	}
	h, err := l.j.holds(ctx, number, source, due)
	if err != nil {
		return grid.Collection{}, err
	}
	l.left -= (len(h.values) + len(h.absences)) / keysPerCell
	v := due.judge(&h)
	for _, at := range v.undone {
		if err := l.undo(number, source, at); err != nil {
			return grid.Collection{}, err
		}
	}
	if source == grid.Instant {
		err = l.unpolled(ctx, d.Point, s, due, &v)
	} else if len(v.open) > 0 || thorough && len(v.lacking) > 0 {
		err = l.unread(ctx, d, s, due, &v)
	}
	if err == nil && source == grid.Profile && thorough && len(l.rules) > 0 && v.Received < v.Due {
		err = l.substitute(ctx, d, s, number, every, f)
	}
	return v.Collection, err
}

// unpolled states why there is nothing in the slots of polls that have passed:
// once the collector has handed over all that it read until then, or has been
// away for too long.
func (l *look) unpolled(ctx context.Context, point grid.PointID, s *Stay, due slots, v *verdict) error {
	ripe := l.parts.Collectors.Handed(s.Collector).Add(-l.cfg.Grace)
	detail := fmt.Sprintf("collector %s has brought nothing of this poll: it did not run, or what it read was lost", s.Collector)
	if late := l.now.Add(-l.cfg.Wait); late.After(ripe) {
		ripe = late
	}
	passed := run{}
	for passed.n < due.n && due.start(passed.n+1) <= ripe.UnixMilli() {
		passed.n++
	}
	v.Explained += l.state(point, grid.Instant, due, within(v.open, passed), grid.NotPolled, detail)
	return l.writeSome(ctx)
}

// state puts on its way into the journal why there is nothing in runs of slots,
// and gives the number of the slots.
func (l *look) state(point grid.PointID, source grid.Source, due slots, runs []run, why grid.Reason, detail string) (n int) {
	number, ok := l.j.points.number(point)
	if !ok {
		return 0
	}
	all := silence{number, source, due, why, detail}
	for _, s := range all.parts(runs) {
		n += s.n
		l.stated = append(l.stated, s)
	}
	return n
}

// undo puts an absence that a value has come for on its way out.
func (l *look) undo(number int64, source grid.Source, at int64) error {
	key, err := pack.Key(number, source, time.UnixMilli(at))
	l.undone = append(l.undone, key)
	return err
}

// statedAtOnce bounds a commit of runs, or of removals, so that readings do not
// wait for it.
const statedAtOnce = 200

func (a *Audit) writeSome(ctx context.Context) error {
	for len(a.stated) >= statedAtOnce {
		if err := a.commit(ctx, a.stated[:statedAtOnce]); err != nil {
			return err
		}
		a.stated = a.stated[statedAtOnce:]
	}
	return nil
}

// write commits what is stated or undone.
func (a *Audit) write(ctx context.Context) error {
	if err := a.writeSome(ctx); err != nil {
		return err
	}
	if err := a.commit(ctx, a.stated); err != nil {
		return err
	}
	a.stated = a.stated[:0]
	for len(a.undone) > 0 {
		part := a.undone[:min(len(a.undone), statedAtOnce)]
		if err := a.j.withdraw(ctx, part); err != nil {
			return err
		}
		a.undone = a.undone[len(part):]
	}
	return nil
}

func (a *Audit) commit(ctx context.Context, runs []silence) error {
	n, err := a.j.explain(ctx, runs)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.counts.Explained += n
	return err
}
