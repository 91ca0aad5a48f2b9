package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"phutai/grid"
	"phutai/store/pack"
)

// SumUp works the days of a transformer from that of one moment to that of
// another out from all their rows, as after rows were removed. Days of which rows
// may be gone by age stay as they are.
func (d *Days) SumUp(ctx context.Context, id grid.TransformerID, from, to time.Time) error {
	number, ok := d.j.transformers.number(id)
	if !ok {
		return nil
	}
	d.summing.Lock()
	defer d.summing.Unlock()
	kept := before(d.clock.Now(), d.keep.Loadings)
	var all []*dayRow
	for day := d.of(from); !day.After(to); day = d.next(day) {
		if day.Before(kept) {
			continue
		}
		for _, source := range []grid.Source{grid.Instant, grid.Profile} {
			key, err := pack.Key(number, source, day)
			if err != nil {
				return fmt.Errorf("day of %s: %w", id, err)
			}
			row := &dayRow{key: key, source: source, sum: grid.LoadDay{Transformer: id, Day: day}}
			if err := d.sumUp(ctx, row); err != nil {
				return fmt.Errorf("day %s of %s: %w", day.In(d.zone).Format(time.DateOnly), id, err)
			}
			all = append(all, row)
		}
	}
	for part := range slices.Chunk(all, daySlice) {
		if err := d.j.writeDays(ctx, part); err != nil {
			return err
		}
	}
	return nil
}
