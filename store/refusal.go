package store

import (
	"context"
	"fmt"
	"time"

	"phutai/grid"
	"phutai/store/pack"
)

// refuse keeps a reading that cannot be taken in as a dead letter and, where it
// is known of which moment it spoke, states an absence under its key in the same
// commit: the gap has its true reason then, and nobody asks for it once more. A
// retry that succeeds puts the value in its place.
func (g *Ingester) refuse(e *Entry, kind LetterKind, r *grid.Reading, now time.Time, reason, detail string) {
	e.Dead = append(e.Dead, g.dead(e.Collector, kind, r, now, reason, detail))
	if why, ok := g.refusal(r, now, reason, detail); ok {
		e.Refused = append(e.Refused, why)
	}
}

// refusal gives the absence in the place of a refused reading. There is none of
// a time that cannot be true, since it would stand in the wrong place, nor of a
// point that neither the journal nor the register has heard of: names from
// outside would fill the journal.
func (g *Ingester) refusal(r *grid.Reading, now time.Time, reason, detail string) (grid.Reading, bool) {
	at := r.At.UTC().Truncate(time.Millisecond)
	if _, err := pack.Key(1, r.Source, at); err != nil || at.Sub(now) > g.cfg.Ahead || now.Sub(at) > deepest {
		return grid.Reading{}, false
	}
	if _, heard := g.parts.Journal.points.number(r.Point); !heard {
		if _, ok := g.parts.Ratios.Ratio(r.Point, r.ValidAt()); !ok {
			return grid.Reading{}, false
		}
	}
	out := grid.Reading{Point: r.Point, Source: r.Source, At: at, PolledAt: r.PolledAt, Interval: r.Interval, Missing: r.Missing, Detail: r.Detail}
	if out.PolledAt.IsZero() {
		out.PolledAt = at // it was asked for: without a time it would be the audit's word
	}
	if !out.Absent() {
		out.Missing = refusedAs(reason)
		out.Detail = fmt.Sprintf("it came and was refused as %s, see phutai store deadletters: %s", reason, detail)
	}
	return out, true
}

// refusedAs gives the reason of an absence for that of a dead letter.
func refusedAs(reason string) grid.Reason {
	switch reason {
	case "no-ratio":
		return grid.NotDeclared
	case "out-of-range":
		return grid.OutOfRange
	}
	return grid.MeterError // nonsense
}

// layAside keeps the dead letters of an entry, and states the absences in their
// places. Where there was no room for all letters, rows of a load profile count as
// explained by the audit alone: nobody has them here, so that the meter is asked for
// them once more.
func (w *work) layAside(ctx context.Context, e *Entry) error {
	shed := w.shed
	for i := range e.Dead {
		if err := w.bury(ctx, &e.Dead[i]); err != nil {
			return err
		}
	}
	for _, r := range e.Refused {
		if w.shed > shed {
			r.Detail += "; there may have been no room for it among the dead letters"
			if r.Source == grid.Profile {
				r.PolledAt = time.Time{}
			}
		}
		if err := w.put(ctx, &r); err != nil {
			return err
		}
	}
	return nil
}
