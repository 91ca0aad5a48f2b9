package loading

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"runtime"
	"slices"
	"time"

	"go.uber.org/zap"

	"phutai/grid"
)

// span is the time over which the rows of a transformer changed.
type span struct{ From, To time.Time }

func (s span) with(at time.Time) span {
	if s.From.IsZero() || at.Before(s.From) {
		s.From = at
	}
	if at.After(s.To) {
		s.To = at
	}
	return s
}

// Run walks thermal paths again where history came late, once the history has
// come in, and saves the states at the end. It returns when ctx ends.
func (w *Writer) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-w.wake:
			w.calm(ctx)
			if err := w.Settle(ctx); err != nil && ctx.Err() == nil {
				w.log.Error("walk thermal paths again; trying later", zap.Error(err))
				w.prod()
			}
		}
	}
	last, stop := context.WithTimeout(context.WithoutCancel(ctx), saveWithin)
	defer stop()
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.checkpoint(last, w.deps.Clock.Now()); err != nil {
		w.log.Error("save thermal states at the end: the next start walks back further", zap.Error(err))
	}
	return nil
}

const (
	saveWithin = 5 * time.Second
	// idle is how long no history must come before paths are walked again, and
	// patience how long at most to wait for that, both in real time.
	idle     = 300 * time.Millisecond
	patience = 5 * time.Second
)

// calm waits until history has stopped coming, so that a month of it is walked
// once and not once for each batch.
func (w *Writer) calm(ctx context.Context) {
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	for {
		timer := time.NewTimer(idle)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-w.wake:
			timer.Stop()
		case <-timer.C:
			return
		}
	}
}

// prod tells Run that there is something to do.
func (w *Writer) prod() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Settle walks all paths again that wait for it. Readings are consumed between
// two transformers.
func (w *Writer) Settle(ctx context.Context) error {
	w.mu.Lock()
	ids := slices.Sorted(maps.Keys(w.dirty))
	w.mu.Unlock()
	for _, id := range ids {
		if err := w.settle(ctx, id); err != nil {
			return fmt.Errorf("walk the thermal path of %s: %w", id, err)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.saveDirty(ctx)
}

func (w *Writer) settle(ctx context.Context, id grid.TransformerID) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, there := w.dirty[id]; there; _, there = w.dirty[id] {
		more, err := w.piece(ctx, id)
		if err != nil || !more {
			return err
		}
		w.mu.Unlock() // readings that come meanwhile have their turn
		runtime.Gosched()
		w.mu.Lock()
	}
	return nil
}

// piece walks a part of a path that waits for it, and tells whether more of it is
// left. The caller holds mu.
func (w *Writer) piece(ctx context.Context, id grid.TransformerID) (more bool, err error) {
	s := w.dirty[id]
	next, err := w.rewalk(ctx, id, s, rowsAtOnce)
	if err != nil {
		return false, err
	}
	if next.IsZero() {
		delete(w.dirty, id)
		return false, nil
	}
	w.dirty[id] = span{next, latest(s.To, next)}
	return true, w.saveDirty(ctx)
}

// Recompute walks the thermal path of a transformer again from a time on, as
// after a correction of its nameplate.
func (w *Writer) Recompute(ctx context.Context, id grid.TransformerID, from time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, err := w.rewalk(ctx, id, span{from, w.deps.Clock.Now()}, math.MaxInt)
	return err
}

// rowsAtOnce is how many rows are walked again before readings that come have
// their turn: some tens of milliseconds.
const rowsAtOnce = 4000

// spinUp is how far before a change a path is begun: five time constants of the
// oil and more, after which the start no longer matters.
const spinUp = 24 * time.Hour

// settled is the difference in K below which a row need not be written again.
const settled = 0.005

var (
	errSettled = errors.New("the path meets the stored one")
	errEnough  = errors.New("the rest is for the next time")
)

// rewalk walks from a day before the span; it stops where the path meets the
// stored one behind the span, and otherwise takes the place of the live path. Of
// more than most rows it gives the time from which it is to be gone on with.
func (w *Writer) rewalk(ctx context.Context, id grid.TransformerID, s span, most int) (next time.Time, err error) {
	p := &path{}
	var changed []grid.Loading
	err = w.deps.Store.LoadingSeries(ctx, id, s.From.Add(-spinUp), w.deps.Clock.Now().Add(time.Hour), func(l grid.Loading) error {
		st, ok := w.step(l)
		if !ok {
			return nil
		}
		if p.At.IsZero() && l.At.Before(s.From) && l.TopOilC.Known {
			p.seed(st, w.cfg)
			return nil
		}
		if len(changed) >= most {
			next = l.At
			return errEnough
		}
		st.l.TopOilC, st.l.HotSpotC, st.l.Ageing = grid.Float{}, grid.Float{}, grid.Float{} // a rating may have become unknown
		p.walk(&st, w.deps.Air, w.cfg)
		st.l.TrendPctPerHr = p.slope(l.At, w.cfg.TrendOver)
		same := near(l.TopOilC, st.l.TopOilC) && near(l.HotSpotC, st.l.HotSpotC)
		if same && l.At.After(s.To) && l.TopOilC.Known {
			return errSettled
		}
		if !l.At.Before(s.From) {
			changed = append(changed, st.l)
		}
		return nil
	})
	met := errors.Is(err, errSettled)
	if err != nil && !met && !errors.Is(err, errEnough) {
		return time.Time{}, err
	}
	for part := range slices.Chunk(changed, 500) {
		if err := w.deps.Store.SaveLoading(ctx, part); err != nil {
			return time.Time{}, err
		}
	}
	if !next.IsZero() {
		return next, nil
	}
	if live := w.paths[id]; !met && (live == nil || !p.At.Before(live.At)) {
		w.paths[id], w.touched[id] = p, true
		delete(w.kept, id)
	}
	return time.Time{}, nil
}

// step makes a stored row a step again, with the register as of
// when it was valid; false for one that no path rests on.
func (w *Writer) step(l grid.Loading) (step, bool) {
	if substitute(&l) {
		return step{}, false
	}
	st, ok := w.deps.Stations.Station(l.Point, l.ValidAt())
	if !ok {
		return step{}, false
	}
	i := slices.IndexFunc(st.Transformers, func(t grid.Transformer) bool { return t.ID == l.Transformer })
	if i < 0 {
		return step{}, false
	}
	return w.stepOf(l, st, st.Transformers[i]), true
}

func near(a, b grid.Float) bool {
	return a.Known == b.Known && math.Abs(a.X-b.X) < settled
}

// resume gives the path of a transformer that was not seen since the start: the
// checkpoint walked on over the rows that were saved after it, or a new path
// walked over the day before the first reading.
func (w *Writer) resume(ctx context.Context, id grid.TransformerID, first, now time.Time) (*path, error) {
	kept, there := w.kept[id]
	p := &path{At: kept.At, K: kept.K, State: kept.State, Doubt: kept.Doubt}
	from := first.Add(-spinUp)
	if there {
		from = kept.At.Add(-w.cfg.TrendOver - 2*w.cfg.ProfileEvery)
	}
	err := w.deps.Store.LoadingSeries(ctx, id, from, now.Add(time.Hour), func(l grid.Loading) error {
		st, ok := w.step(l)
		switch {
		case !ok:
		case there && !l.At.After(kept.At):
			p.remember(l, !p.covered(st), w.cfg)
		case p.At.IsZero() && l.TopOilC.Known:
			p.seed(st, w.cfg)
		default:
			p.walk(&st, w.deps.Air, w.cfg)
		}
		return nil
	})
	return p, err
}
