package store

import (
	"context"
	"fmt"
	"time"

	"phutai/grid"
)

// Missing is a run of readings that were due and have not come, all for one reason.
type Missing struct {
	Source   grid.Source
	From, To time.Time // from the start of the first interval to the end of the last
	Readings int
	Reason   grid.Reason // NoReason: nobody has said why yet
	Detail   string      // for an engineer, of the first of them
}

// Span is what is looked at: readings whose interval begins in [From, To) and that
// should be there at Now, with Grace on top of all that they may take.
type Span struct {
	From, To, Now time.Time
	Grace         time.Duration
}

// Account compares what was due of a point with what has come, as the audit does, and
// gives what is missing by time within each source. It changes nothing. Of a point
// that was never heard of nothing was due.
func (j *Journal) Account(ctx context.Context, d *Duty, s Span) (sums map[grid.Source]grid.Collection, gaps []Missing, err error) {
	number, ok := j.points.number(d.Point)
	if !ok {
		return nil, nil, nil
	}
	f, err := j.frame(ctx, number, &frame{from: s.From, to: s.To, now: s.Now, grace: s.Grace})
	if err != nil {
		return nil, nil, err
	}
	sums = map[grid.Source]grid.Collection{}
	for _, source := range []grid.Source{grid.Instant, grid.Profile} {
		for i := range d.Stays {
			c, some, err := j.account(ctx, d, &d.Stays[i], number, source, f)
			if err != nil {
				return nil, nil, fmt.Errorf("account of %s: %w", d.Point, err)
			}
			if c.Due > 0 {
				sums[source] = sums[source].Plus(c)
			}
			gaps = append(gaps, some...)
		}
	}
	return sums, gaps, nil
}

func (j *Journal) account(ctx context.Context, d *Duty, s *Stay, number int64, source grid.Source, f *frame) (c grid.Collection, gaps []Missing, err error) {
	every, err := j.interval(ctx, d, s, number, source, f)
	if err != nil {
		return c, nil, err
	}
	due := s.due(source, every, f)
	if due.n == 0 {
		return c, nil, nil
	}
	h, err := j.holds(ctx, number, source, due)
	if err != nil {
		return c, nil, err
	}
	v, missing := due.compare(&h)
	words, err := j.words(ctx, d.Point, source, due)
	if err != nil {
		return c, nil, err
	}
	for _, r := range missing {
		for i := r.from; i < r.from+r.n; i++ {
			why := words[i]
			end := due.mark(source, i)
			if source != grid.Profile {
				end = end.Add(every)
			}
			if n := len(gaps); n > 0 && i > r.from && gaps[n-1].Reason == why.Missing {
				gaps[n-1].To = end
				gaps[n-1].Readings++
				continue
			}
			gaps = append(gaps, Missing{Source: source, From: end.Add(-every), To: end, Readings: 1, Reason: why.Missing, Detail: why.Detail})
		}
	}
	return v.Collection, gaps, nil
}

// words gives by slot why there is nothing, the word of a collector before the audit's.
func (j *Journal) words(ctx context.Context, point grid.PointID, source grid.Source, due slots) (map[int]grid.Reading, error) {
	out := map[int]grid.Reading{}
	err := j.Absences(ctx, point, time.UnixMilli(due.start(0)), time.UnixMilli(due.start(due.n)), func(r grid.Reading) error {
		i := due.slot(r.At.UnixMilli())
		old, said := out[i]
		if r.Source == source && (!said || old.PolledAt.IsZero() || !r.PolledAt.IsZero()) {
			out[i] = r
		}
		return nil
	})
	return out, err
}
