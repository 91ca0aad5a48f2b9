package app

import (
	"cmp"
	"context"
	"slices"
	"time"

	"phutai/fleet"
	"phutai/grid"
	"phutai/loading"
	"phutai/store"
)

// asKnown derives loadings from readings by the register as it was known at a moment,
// which may be another than the one that derived rows in the journal stand by. It
// gives no temperatures.
type asKnown struct {
	known   *fleet.Known
	history ratios
	journal *store.Journal
	every   time.Duration // between polls of a meter that has none of its own
}

func newAsKnown(ctx context.Context, r *fleet.Register, j *store.Journal, at time.Time, every time.Duration) (*asKnown, error) {
	known, err := r.KnownAt(ctx, at)
	if err != nil {
		return nil, err
	}
	history, err := r.PointHistory(ctx)
	if err != nil {
		return nil, err
	}
	return &asKnown{known, history, j, every}, nil
}

// LoadingSeries hands the rows of a transformer with from ≤ At < to to f, by time; a
// day at a time is in memory.
func (a *asKnown) LoadingSeries(ctx context.Context, id grid.TransformerID, from, to time.Time, f func(grid.Loading) error) error {
	points := a.known.PointsBehind(id, from, to)
	for ; from.Before(to); from = from.Add(24 * time.Hour) {
		var rows []grid.Loading
		end := from.Add(24 * time.Hour)
		if end.After(to) {
			end = to
		}
		for _, p := range points {
			for _, source := range []grid.Source{grid.Instant, grid.Profile} {
				err := a.journal.SeriesBy(ctx, p, source, from, end, a.history.scalingAs(a.known), func(r grid.Reading) error {
					if st, ok := stationOf(a.known, p, r.ValidAt()); ok {
						for _, l := range loading.Derive(r, st, a.every) {
							if l.Transformer == id {
								rows = append(rows, store.AsStored(l))
							}
						}
					}
					return nil
				})
				if err != nil {
					return err
				}
			}
		}
		slices.SortStableFunc(rows, func(a, b grid.Loading) int { return cmp.Or(a.At.Compare(b.At), int(a.Source)-int(b.Source)) })
		for i := range rows {
			if err := f(rows[i]); err != nil {
				return err
			}
		}
	}
	return nil
}
