package loading

import (
	"context"
	"fmt"

	"phutai/grid"
)

// Rederive derives and saves the loading of readings again, as after a correction of
// the register, and gives how many rows that are. Their temperatures stay as they
// were until Settle walks the paths again. Nobody is told of anything, however fresh
// the readings are. They may come twice and in any order.
func (w *Writer) Rederive(ctx context.Context, rs []grid.Reading) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	byID := map[grid.TransformerID][]grid.Loading{}
	for _, s := range w.steps(rs) {
		byID[s.l.Transformer] = append(byID[s.l.Transformer], s.l)
	}
	written := 0
	for id, rows := range byID {
		if err := w.rederive(ctx, id, rows); err != nil {
			return written, fmt.Errorf("derive loading of %s again: %w", id, err)
		}
		written += len(rows)
	}
	return written, nil
}

// rowKey tells the rows of one transformer apart.
type rowKey struct {
	source grid.Source
	ms     int64
}

// rederive saves rows, which are ordered by time, with the temperatures of those that
// they take the place of.
func (w *Writer) rederive(ctx context.Context, id grid.TransformerID, rows []grid.Loading) error {
	first, last := rows[0].At, rows[len(rows)-1].At
	at := map[rowKey]*grid.Loading{}
	for i := range rows {
		at[rowKey{rows[i].Source, rows[i].At.UnixMilli()}] = &rows[i]
	}
	err := w.deps.Store.LoadingSeries(ctx, id, first, last.Add(1), func(old grid.Loading) error {
		if l := at[rowKey{old.Source, old.At.UnixMilli()}]; l != nil {
			l.TopOilC, l.HotSpotC, l.Ageing, l.AmbientC, l.ThermalGrade = old.TopOilC, old.HotSpotC, old.Ageing, old.AmbientC, old.ThermalGrade
			l.TrendPctPerHr = old.TrendPctPerHr
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := w.keepDirty(ctx, map[grid.TransformerID]span{id: {first, last}}); err != nil {
		return err
	}
	return w.deps.Store.SaveLoading(ctx, rows)
}

// Walk notes that the path of a transformer is to be walked again over the times of
// readings of which its rows are gone.
func (w *Writer) Walk(ctx context.Context, id grid.TransformerID, gone []grid.Reading) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	var s span
	for i := range gone {
		s = s.with(gone[i].At)
	}
	if s.From.IsZero() {
		return nil
	}
	return w.keepDirty(ctx, map[grid.TransformerID]span{id: s})
}
