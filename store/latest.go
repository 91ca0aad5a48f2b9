package store

import (
	"context"
	"fmt"
	"time"

	"phutai/grid"
	"phutai/store/pack"
)

// farFuture is after every time that a key can hold.
var farFuture = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)

// Latest gives the newest reading with values of each point and source, in no
// order.
func (j *Journal) Latest(context.Context) []grid.Reading {
	j.mu.RLock()
	defer j.mu.RUnlock()
	out := make([]grid.Reading, 0, len(j.latest))
	for _, r := range j.latest {
		out = append(out, r)
	}
	return out
}

// LatestOf gives the newest reading of one point and source, if there is one.
func (j *Journal) LatestOf(point grid.PointID, source grid.Source) (grid.Reading, bool) {
	j.mu.RLock()
	defer j.mu.RUnlock()
	r, ok := j.latest[pointSource{point, source}]
	return r, ok
}

// keepLatest notes a changed reading; the caller holds mu.
func (j *Journal) keepLatest(r *grid.Reading) {
	key := pointSource{r.Point, r.Source}
	if old, ok := j.latest[key]; !ok || !r.At.Before(old.At) {
		j.latest[key] = *r
	}
}

func (j *Journal) loadLatest(ctx context.Context) error {
	for number := range j.points.all() {
		for _, source := range []grid.Source{grid.Instant, grid.Profile} {
			lo, hi := pack.Range(number, source, time.Time{}, farFuture)
			r, ok, err := readingRows(j).newest(ctx, lo, hi)
			if err != nil {
				return err
			}
			if ok {
				j.keepLatest(&r)
			}
		}
	}
	return nil
}

// unpack turns a row of table reading into the reading.
func (j *Journal) unpack(key int64, body []byte) (grid.Reading, error) {
	number, source, at := pack.Unkey(key)
	point, ok := known(j, j.points, number)
	if !ok {
		return grid.Reading{}, fmt.Errorf("reading %d: point %d: %w", key, number, pack.ErrDamaged)
	}
	n, err := pack.ReadingShape(body)
	if err != nil {
		return grid.Reading{}, fmt.Errorf("reading of %s at %s: %w", point, at, err)
	}
	shape, ok := known(j, j.shapes, n)
	if !ok {
		return grid.Reading{}, fmt.Errorf("reading of %s at %s: shape %d: %w", point, at, n, pack.ErrDamaged)
	}
	r, err := pack.Reading(body, shape, grid.Key{Point: point, Source: source, At: at})
	if err != nil {
		return r, fmt.Errorf("reading of %s at %s: %w", point, at, err)
	}
	return r, nil
}
