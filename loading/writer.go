package loading

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"phutai/grid"
)

// Stations is the register: what stands behind a point at a time. False: it
// does not know the point.
type Stations interface {
	Station(p grid.PointID, at time.Time) (Station, bool)
}

// Air tells the air temperature, °C, always; known is false where it is a
// long-term mean and no measurement or forecast.
type Air interface {
	AirAt(at time.Time, s grid.SubstationID) (celsius float64, known bool)
}

// Store keeps the derived rows and small pieces of state.
type Store interface {
	// SaveLoading writes rows under transformer, source and time, over what is there.
	SaveLoading(ctx context.Context, rows []grid.Loading) error
	// LoadingSeries hands rows with from ≤ At < to to f in order of time,
	// instantaneous before profile.
	LoadingSeries(ctx context.Context, t grid.TransformerID, from, to time.Time, f func(grid.Loading) error) error
	SaveState(ctx context.Context, name string, body []byte) error
	// LoadState gives nil where nothing was saved.
	LoadState(ctx context.Context, name string) ([]byte, error)
}

// Watcher is told what transformers carry now.
type Watcher interface {
	Observe(ctx context.Context, ls []grid.Loading) error
}

// Deps is what the writer works with; a nil Log is silent.
type Deps struct {
	Stations Stations
	Air      Air
	Store    Store
	Watcher  Watcher
	Clock    grid.Clock
	Log      *zap.Logger
}

// Writer is the one writer of the derived series. Its methods may be called
// from any goroutine.
type Writer struct {
	cfg  Config
	deps Deps
	log  *zap.Logger
	wake chan struct{}

	mu      sync.Mutex // guards the fields below
	paths   map[grid.TransformerID]*path
	kept    map[grid.TransformerID]path // checkpoints of transformers not seen since the start
	dirty   map[grid.TransformerID]span // thermal paths to walk again
	touched map[grid.TransformerID]bool // since the last checkpoint
	saved   time.Time                   // the last checkpoint
}

// NewWriter takes up the state that an earlier run left.
func NewWriter(ctx context.Context, cfg Config, d Deps) (*Writer, error) {
	if d.Log == nil {
		d.Log = zap.NewNop()
	}
	w := &Writer{
		cfg: cfg, deps: d, log: d.Log, wake: make(chan struct{}, 1), saved: d.Clock.Now(),
		paths: map[grid.TransformerID]*path{}, touched: map[grid.TransformerID]bool{},
	}
	if err := w.load(ctx); err != nil {
		return nil, fmt.Errorf("take up thermal states: %w", err)
	}
	return w, nil
}

// Consume derives and saves the loading of changed readings and hands on what
// is fresh. Readings may come twice and in any order. An error means that the
// same readings are to be consumed again; nothing is lost or doubled by that.
func (w *Writer) Consume(ctx context.Context, rs []grid.Reading) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	b := batch{w: w, now: w.deps.Clock.Now(), paths: map[grid.TransformerID]*path{}, dirty: map[grid.TransformerID]span{}}
	for _, s := range w.steps(rs) {
		if err := b.take(ctx, s); err != nil {
			return fmt.Errorf("derive loading of %s: %w", s.l.Transformer, err)
		}
	}
	if len(b.rows) == 0 {
		return nil
	}
	if err := w.deps.Store.SaveLoading(ctx, b.rows); err != nil {
		return err
	}
	if err := w.note(ctx, b.dirty); err != nil {
		return err
	}
	if len(b.fresh) > 0 {
		if err := w.deps.Watcher.Observe(ctx, b.fresh); err != nil {
			return fmt.Errorf("watch loading: %w", err)
		}
	}
	for id, p := range b.paths {
		w.paths[id], w.touched[id] = p, true
		delete(w.kept, id)
	}
	if b.now.Sub(w.saved) >= w.cfg.CheckpointEvery {
		return w.checkpoint(ctx, b.now)
	}
	return nil
}

// steps gives the loadings of readings in order of time.
func (w *Writer) steps(rs []grid.Reading) []step {
	var out []step
	for _, r := range rs {
		if r.Absent() {
			continue
		}
		st, ok := w.deps.Stations.Station(r.Point, r.ValidAt())
		if !ok {
			continue
		}
		for i, l := range Derive(r, st, w.cfg.Every) {
			out = append(out, w.stepOf(l, st, st.Transformers[i]))
		}
	}
	slices.SortStableFunc(out, func(a, b step) int {
		if c := a.l.At.Compare(b.l.At); c != 0 {
			return c
		}
		return int(a.l.Source) - int(b.l.Source)
	})
	return out
}

// every is the time between instantaneous polls of a station.
func (w *Writer) every(st Station) time.Duration { return cmp.Or(max(st.Every, 0), w.cfg.Every) }

func (w *Writer) stepOf(l grid.Loading, st Station, t grid.Transformer) step {
	interval := l.Interval
	if interval <= 0 {
		interval = w.cfg.ProfileEvery
	}
	return step{l, interval, st, t}
}

// batch is one Consume on its way; nothing of it holds before all is saved.
type batch struct {
	w     *Writer
	now   time.Time
	paths map[grid.TransformerID]*path
	dirty map[grid.TransformerID]span
	rows  []grid.Loading
	fresh []grid.Loading
}

func (b *batch) take(ctx context.Context, s step) error {
	if substitute(&s.l) {
		b.rows = append(b.rows, s.l)
		return nil
	}
	p, err := b.path(ctx, s)
	if err != nil {
		return err
	}
	cfg := b.w.cfg
	before, again := p.find(s.l)
	switch {
	case again && before.pct == s.l.PhaseMaxPct:
		s.l.TopOilC, s.l.HotSpotC, s.l.Ageing, s.l.AmbientC, s.l.ThermalGrade = before.topOilC, before.hotC, before.ageing, before.airC, before.grade
	case again || !s.l.At.After(p.At):
		b.late(p, &s)
	default:
		p.walk(&s, b.w.deps.Air, cfg)
	}
	s.l.TrendPctPerHr = p.slope(s.l.At, cfg.TrendOver)
	if b.isFresh(p, s) {
		s.l.MinutesToHit = p.minutes(s, b.w.deps.Air, cfg)
		b.fresh = append(b.fresh, s.l)
	}
	b.rows = append(b.rows, s.l)
	return nil
}

// substitute tells whether a row was made from a substitute for a missing row of
// the load profile. It is kept for curves; no temperature, trend or alarm rests on
// it: the path bridges the gap as any other.
func substitute(l *grid.Loading) bool {
	return l.Source == grid.Profile && l.PhaseGrade >= grid.Estimated
}

// late marks the thermal path to be walked again from the row on, unless the
// row does not belong on the path.
func (b *batch) late(p *path, s *step) {
	if p.covered(*s) {
		i := slices.IndexFunc(p.Recent, func(m mark) bool { return !m.at.Before(s.l.At) && m.onPath })
		if i >= 0 && p.Recent[i].at.Sub(s.l.At) <= b.w.cfg.Every {
			m := p.Recent[i] // the next row of the path stands for it
			s.l.TopOilC, s.l.HotSpotC, s.l.Ageing, s.l.AmbientC, s.l.ThermalGrade = m.topOilC, m.hotC, m.ageing, m.airC, m.grade
			return
		}
	}
	id := s.l.Transformer
	b.dirty[id] = b.dirty[id].with(s.l.At)
}

// path gives the batch's own copy of a transformer's path.
func (b *batch) path(ctx context.Context, s step) (*path, error) {
	id := s.l.Transformer
	if p, ok := b.paths[id]; ok {
		return p, nil
	}
	p, ok := b.w.paths[id]
	if !ok {
		var err error
		if p, err = b.w.resume(ctx, id, s.l.At, b.now); err != nil {
			return nil, err
		}
	}
	p = p.clone()
	b.paths[id] = p
	return p, nil
}

// isFresh tells whether the row may page: not older than two intervals, and a
// profile row only where no instantaneous one is fresh, because its mean lags.
func (b *batch) isFresh(p *path, s step) bool {
	if b.now.Sub(s.l.At) > 2*s.interval {
		return false
	}
	return s.l.Source != grid.Profile || !slices.ContainsFunc(p.Recent, func(m mark) bool {
		return m.source == grid.Instant && b.now.Sub(m.at) <= 2*b.w.every(s.station)
	})
}
