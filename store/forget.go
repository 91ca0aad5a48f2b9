package store

import (
	"context"
	"time"

	"phutai/grid"
)

// forgetReadings takes from memory the newest readings that are gone: those of
// points that have been silent for longer than readings are kept.
func (j *Journal) forgetReadings(ctx context.Context, numbers map[int64]bool, cut time.Time) error {
	var silent []grid.PointID
	j.mu.Lock()
	for n := range numbers {
		point, _ := j.points.thing(n)
		for _, source := range []grid.Source{grid.Instant, grid.Profile} {
			key := pointSource{point, source}
			if r, ok := j.latest[key]; ok && r.At.Before(cut) {
				delete(j.latest, key)
				silent = append(silent, point)
			}
		}
	}
	j.mu.Unlock()
	return j.countMisses(ctx, silent)
}

// forgetAbsences counts the misses anew of points that have not answered since
// before the removed ones.
func (j *Journal) forgetAbsences(ctx context.Context, numbers map[int64]bool, cut time.Time) error {
	var silent []grid.PointID
	j.mu.RLock()
	for n := range numbers {
		point, _ := j.points.thing(n)
		if c := j.contacts[point]; c != nil && c.Misses > 0 && c.LastGood.Before(cut) {
			silent = append(silent, point)
		}
	}
	j.mu.RUnlock()
	return j.countMisses(ctx, silent)
}

// countMisses works the contacts of points out from the tables; the caller
// holds writing.
func (j *Journal) countMisses(ctx context.Context, points []grid.PointID) error {
	for _, point := range points {
		c, err := j.contactOf(ctx, point)
		if err != nil {
			return err
		}
		j.mu.Lock()
		j.contacts[point] = c
		j.mu.Unlock()
	}
	return nil
}

// forgetLoadings takes the newest rows that are gone from memory.
func (j *Journal) forgetLoadings(_ context.Context, numbers map[int64]bool, cut time.Time) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	for n := range numbers {
		id, _ := j.transformers.thing(n)
		for _, source := range []grid.Source{grid.Instant, grid.Profile} {
			key := loadingSource{id, source}
			i, ok := j.loadedAt[key]
			if !ok || !j.loadings[i].At.Before(cut) {
				continue
			}
			last := len(j.loadings) - 1
			moved := j.loadings[last]
			j.loadings[i] = moved
			j.loadedAt[loadingSource{moved.Transformer, moved.Source}] = i
			j.loadings = j.loadings[:last]
			delete(j.loadedAt, key)
		}
	}
	return nil
}
