package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"phutai/grid"
	"phutai/store/pack"
)

// SaveLoading writes derived rows, each under its transformer, source and time;
// a row that is there already is overwritten, since it can be worked out anew.
func (j *Journal) SaveLoading(ctx context.Context, rows []grid.Loading) error {
	if len(rows) == 0 {
		return nil
	}
	j.writing.Lock()
	defer j.writing.Unlock()
	seq, err := j.writeLoading(ctx, rows)
	if err != nil {
		return fmt.Errorf("save loading: %w", err)
	}
	j.pruneSometimes(ctx, seq)
	return nil
}

// AsStored gives a row as it would come back from the journal, so that rows which were
// never there are rounded like those that were.
func AsStored(l grid.Loading) grid.Loading {
	if _, err := pack.Loading(pack.AppendLoading(nil, 1, &l), &l); err != nil {
		panic(err) // what was written is read
	}
	return l
}

// writeLoading is the transaction, and what makes it visible.
func (j *Journal) writeLoading(ctx context.Context, rows []grid.Loading) (seq int64, err error) {
	j.unseen.Lock()
	defer j.unseen.Unlock()
	points, transformers := j.points.draft(), j.transformers.draft()
	err = j.db.Tx(ctx, func(tx *sql.Tx) error {
		put, err := tx.PrepareContext(ctx, "INSERT INTO loading (key, body) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET body = excluded.body")
		if err != nil {
			return err
		}
		defer put.Close()
		var keys []int64
		var body []byte
		for i := range rows {
			l := &rows[i]
			point, err := points.number(ctx, tx, l.Point)
			if err != nil {
				return err
			}
			number, err := transformers.number(ctx, tx, l.Transformer)
			if err != nil {
				return err
			}
			key, err := pack.Key(number, l.Source, l.At)
			if err != nil {
				return fmt.Errorf("transformer %s: %w", l.Transformer, err)
			}
			body = pack.AppendLoading(body[:0], point, l)
			if _, err := put.ExecContext(ctx, key, body); err != nil {
				return fmt.Errorf("transformer %s: %w", l.Transformer, err)
			}
			keys = append(keys, key)
		}
		seq, err = logKeys(ctx, tx, kindLoading, keys)
		return err
	})
	if err != nil {
		return 0, err
	}
	points.keep()
	transformers.keep()
	j.mu.Lock()
	defer j.mu.Unlock()
	for i := range rows {
		l := rows[i]
		l.At = l.At.UTC().Truncate(time.Millisecond)
		j.keepLoading(l)
	}
	j.grown(seq)
	return seq, nil
}

// keepLoading notes a row; the caller holds mu.
func (j *Journal) keepLoading(l grid.Loading) {
	key := loadingSource{l.Transformer, l.Source}
	i, ok := j.loadedAt[key]
	switch {
	case !ok:
		j.loadedAt[key] = len(j.loadings)
		j.loadings = append(j.loadings, l)
	case !l.At.Before(j.loadings[i].At):
		j.loadings[i] = l
	}
}

// LatestLoading gives the newest derived row of each transformer and source,
// in no order: which of two sources tells more is for the reader to judge.
func (j *Journal) LatestLoading(context.Context) ([]grid.Loading, error) {
	j.mu.RLock()
	defer j.mu.RUnlock()
	return slices.Clone(j.loadings), nil
}

// LoadingSeries hands the derived rows of a transformer with from ≤ At < to to
// f, by time; of two at the same time the instantaneous one comes first.
func (j *Journal) LoadingSeries(ctx context.Context, id grid.TransformerID, from, to time.Time, f func(grid.Loading) error) error {
	number, ok := j.transformers.number(id)
	if !ok {
		return nil
	}
	instant := j.loadingPages(number, grid.Instant, from, to)
	profile := j.loadingPages(number, grid.Profile, from, to)
	for {
		a, okA, err := instant.peek(ctx)
		if err != nil {
			return err
		}
		b, okB, err := profile.peek(ctx)
		if err != nil {
			return err
		}
		next := instant
		switch {
		case !okA && !okB:
			return nil
		case !okA, okB && b.At.Before(a.At):
			next, a = profile, b
		}
		next.part = next.part[1:]
		if err := f(*a); err != nil {
			return err
		}
	}
}

// pages reads the rows of one source a page at a time.
type pages struct {
	rows   rows[grid.Loading]
	lo, hi int64
	part   []grid.Loading
}

func (j *Journal) loadingPages(number int64, source grid.Source, from, to time.Time) *pages {
	lo, hi := pack.Range(number, source, from, to)
	return &pages{rows: loadingRows(j), lo: lo, hi: hi}
}

func (p *pages) peek(ctx context.Context) (*grid.Loading, bool, error) {
	if len(p.part) == 0 && p.lo < p.hi {
		part, last, err := p.rows.page(ctx, p.lo, p.hi)
		if err != nil {
			return nil, false, err
		}
		p.part, p.lo = part, last+1
		if len(part) < chunk {
			p.lo = p.hi
		}
	}
	if len(p.part) == 0 {
		return nil, false, nil
	}
	return &p.part[0], true, nil
}

func (j *Journal) unpackLoading(key int64, body []byte) (grid.Loading, error) {
	number, source, at := pack.Unkey(key)
	l := grid.Loading{Source: source, At: at}
	var ok bool
	if l.Transformer, ok = known(j, j.transformers, number); !ok {
		return l, fmt.Errorf("loading %d: transformer %d: %w", key, number, pack.ErrDamaged)
	}
	point, err := pack.Loading(body, &l)
	if err != nil {
		return l, fmt.Errorf("loading of %s at %s: %w", l.Transformer, at, err)
	}
	if l.Point, ok = known(j, j.points, point); !ok {
		return l, fmt.Errorf("loading of %s at %s: point %d: %w", l.Transformer, at, point, pack.ErrDamaged)
	}
	return l, nil
}

func (j *Journal) loadLoadings(ctx context.Context) error {
	for number := range j.transformers.all() {
		for _, source := range []grid.Source{grid.Profile, grid.Instant} {
			lo, hi := pack.Range(number, source, time.Time{}, farFuture)
			l, ok, err := loadingRows(j).newest(ctx, lo, hi)
			if err != nil {
				return err
			}
			if ok {
				j.keepLoading(l)
			}
		}
	}
	return nil
}
