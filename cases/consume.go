package cases

import (
	"context"
	"time"

	"go.uber.org/zap"

	"phutai/grid"
	"phutai/plausibility"
)

const (
	// freshFor is how old a reading may be that opens a case, in intervals of half an
	// hour at most: two. What is older is history that was caught up with, and the
	// next fresh reading says whether it still holds.
	freshFor = time.Hour
	// forgetAfter is how old a reading is that teaches nothing any more: under a new
	// name all that the journal holds comes first.
	forgetAfter = 40 * 24 * time.Hour
	// saveEvery is how often what is remembered of the points goes to the disk. What
	// a crash loses of it makes the evidence of that time a little thinner.
	saveEvery = time.Hour
)

// work collects what one look changes, so that all of it holds or nothing.
type work struct {
	b      *Book
	now    time.Time
	points map[grid.PointID]*plausibility.Point
	cases  map[subject]*change
	seen   map[subject]bool
	looked map[grid.PointID]time.Time // the plates that were looked at, by their time
	past   []*change                  // that ended, and whose subject has a newer case
}

// change is a case as it stands after the work. A case that is only seen again is
// no change for the disk.
type change struct {
	c     grid.Case
	muted bool
	quiet bool // nothing to commit
}

func (b *Book) work() *work {
	return &work{b: b, now: b.deps.Clock.Now(), points: map[grid.PointID]*plausibility.Point{}, cases: map[subject]*change{}, seen: map[subject]bool{}, looked: map[grid.PointID]time.Time{}}
}

// Consume looks at readings with primary values, in their order. Readings may come
// twice. An error means that nothing was changed and that the same readings are to
// be consumed again.
func (b *Book) Consume(ctx context.Context, rs []grid.Reading) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	w := b.work()
	for i := range rs {
		r := &rs[i]
		if r.Source != grid.Instant || r.Absent() || w.now.Sub(r.At) > forgetAfter {
			continue
		}
		facts, ok := b.deps.Register.Facts(r.Point, r.At)
		if !ok {
			continue
		}
		w.take(r.Point, facts, r)
	}
	if err := w.commit(ctx); err != nil {
		return err
	}
	if w.now.Sub(b.saved) >= saveEvery || w.now.Before(b.saved) {
		return b.checkpoint(ctx, w.now)
	}
	return nil
}

func (w *work) take(id grid.PointID, facts plausibility.Facts, r *grid.Reading) {
	p := w.point(id)
	for _, v := range p.Take(facts, r) {
		w.judge(id, &facts, v)
	}
	said, ok := w.b.hears(id, r.At)
	if _, again := w.looked[id]; !ok || again {
		return
	}
	w.looked[id] = said.at
	if at, ok := w.b.deps.Register.Facts(id, said.at); ok {
		for _, v := range p.Plate(at, said.Plate, said.at) {
			w.judge(id, &at, v)
		}
	}
}

// point gives the work's own copy of what is remembered of a point.
func (w *work) point(id grid.PointID) *plausibility.Point {
	p, ok := w.points[id]
	if !ok {
		p = &plausibility.Point{}
		if old, known := w.b.points[id]; known {
			*p = *old
		}
		w.points[id] = p
	}
	return p
}

// known gives the newest version of a subject's case within this work.
func (w *work) known(s subject) (c grid.Case, muted, ok bool) {
	if ch, changed := w.cases[s]; changed {
		return ch.c, ch.muted, ch.c.Open() || ch.muted
	}
	if c, open := w.b.open[s]; open {
		return copyOf(c), false, true
	}
	if c, muted := w.b.muted[s]; muted {
		return copyOf(c), true, true
	}
	return grid.Case{}, false, false
}

func (w *work) judge(id grid.PointID, f *plausibility.Facts, v plausibility.Verdict) {
	switch v.Outcome {
	case plausibility.Found:
		w.found(subject{id, v.Check}, f, v)
	case plausibility.Gone:
		w.end(subject{id, v.Check}, grid.EvidenceGone)
	case plausibility.Changed:
		for _, check := range grid.Checks() {
			w.end(subject{id, check}, grid.RegisterChanged)
		}
	}
}

func (w *work) found(s subject, f *plausibility.Facts, v plausibility.Verdict) {
	if w.now.Sub(v.At) > freshFor {
		return
	}
	c, muted, ok := w.known(s)
	switch {
	case ok && muted && mark(s.check, c.Evidence) == mark(s.check, v.Evidence):
		return
	case ok && !muted:
		c.LastSeen, c.Evidence = v.At, v.Evidence
		quiet := true
		if ch, changed := w.cases[s]; changed {
			quiet = ch.quiet
		}
		w.cases[s], w.seen[s] = &change{c: c, quiet: quiet}, true
		return
	}
	if old, changed := w.cases[s]; changed {
		w.past = append(w.past, old)
	}
	w.cases[s] = &change{c: grid.Case{
		Point: s.point, Check: s.check, Transformers: f.Point.Transformers, Evidence: v.Evidence,
		Since: v.Since, OpenedAt: w.now, LastSeen: v.At,
	}}
}

// mark is what makes evidence the same for a person who has explained it: what the
// meter and the register say, or which phase it is about.
func mark(c grid.Check, evidence []grid.Figure) string {
	var out string
	for _, f := range evidence {
		switch c {
		case grid.MeterRatio, grid.MeterSerial, grid.CTRange:
			out += f.Name + "=" + f.Text + ";"
		default:
			if f.Name == "phase" {
				out = f.Text
			}
		}
	}
	return out
}

func (w *work) end(s subject, how grid.Closing) {
	c, muted, ok := w.known(s)
	if !ok {
		return
	}
	if !muted {
		c.Closing, c.ClosedAt = how, w.now
	}
	w.cases[s] = &change{c: c}
}

// commit writes what changed, and only then lets it hold.
func (w *work) commit(ctx context.Context) error {
	if err := w.write(ctx); err != nil {
		return err
	}
	b := w.b
	for id, p := range w.points {
		b.points[id], b.touched[id] = p, true
	}
	b.heard(w.looked)
	for s, ch := range w.cases {
		b.settle(s, ch)
	}
	for s := range w.seen {
		b.seen[s] = true
	}
	b.hold()
	return nil
}

// settle puts a case where it belongs, and logs what became of it.
func (b *Book) settle(s subject, ch *change) {
	_, was := b.open[s]
	delete(b.open, s)
	delete(b.muted, s)
	fields := []zap.Field{
		zap.Int64("case", ch.c.ID), zap.String("point", string(s.point)), zap.String("check", string(s.check)),
		zap.Time("since", ch.c.Since), zap.Any("evidence", ch.c.Evidence),
	}
	switch {
	case ch.c.Open():
		b.open[s] = &ch.c
		if !was {
			b.log.Warn("data case opened", fields...)
		}
	case ch.muted:
		b.muted[s] = &ch.c
		fallthrough
	default:
		if was {
			b.log.Info("data case closed", append(fields, zap.String("how", string(ch.c.Closing)), zap.String("who", ch.c.ClosedBy), zap.String("why", ch.c.Why))...)
		}
	}
}
