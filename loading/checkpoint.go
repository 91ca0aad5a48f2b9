package loading

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"maps"
	"time"

	"phutai/grid"
)

// shards is the number of pieces in which the states are saved, so that a
// checkpoint of few transformers does not write those of all.
const shards = 32

const dirtyName = "loading/dirty"

func shardName(n uint32) string { return fmt.Sprintf("loading/%02d", n) }

func shardOf(id grid.TransformerID) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id)) // a hash never fails
	return h.Sum32() % shards
}

// load reads what an earlier run left.
func (w *Writer) load(ctx context.Context) error {
	w.kept, w.dirty = map[grid.TransformerID]path{}, map[grid.TransformerID]span{}
	for n := range uint32(shards) {
		part := map[grid.TransformerID]path{}
		if err := w.loadState(ctx, shardName(n), &part); err != nil {
			return err
		}
		maps.Copy(w.kept, part)
	}
	if err := w.loadState(ctx, dirtyName, &w.dirty); err != nil {
		return err
	}
	if len(w.dirty) > 0 {
		w.prod()
	}
	return nil
}

func (w *Writer) loadState(ctx context.Context, name string, into any) error {
	b, err := w.deps.Store.LoadState(ctx, name)
	if err != nil || b == nil {
		return err
	}
	if err := json.Unmarshal(b, into); err != nil {
		return fmt.Errorf("state %s: %w", name, err)
	}
	return nil
}

// note keeps which paths are to be walked again, on the disk before the
// readings that caused it count as consumed.
func (w *Writer) note(ctx context.Context, dirty map[grid.TransformerID]span) error {
	if len(dirty) == 0 {
		return nil
	}
	w.prod()
	return w.keepDirty(ctx, dirty)
}

func (w *Writer) keepDirty(ctx context.Context, dirty map[grid.TransformerID]span) error {
	grown := false
	for id, s := range dirty {
		old := w.dirty[id]
		both := old.with(s.From).with(s.To)
		grown = grown || both != old
		w.dirty[id] = both
	}
	if !grown {
		return nil
	}
	return w.saveDirty(ctx)
}

func (w *Writer) saveDirty(ctx context.Context) error {
	return w.saveState(ctx, dirtyName, w.dirty)
}

// checkpoint saves the shards of the paths that moved.
func (w *Writer) checkpoint(ctx context.Context, now time.Time) error {
	parts := map[uint32]map[grid.TransformerID]path{}
	for id := range w.touched {
		parts[shardOf(id)] = map[grid.TransformerID]path{}
	}
	for id, p := range w.kept {
		if part, ok := parts[shardOf(id)]; ok {
			part[id] = p
		}
	}
	for id, p := range w.paths {
		if part, ok := parts[shardOf(id)]; ok && !p.At.IsZero() {
			part[id] = *p
		}
	}
	for n, part := range parts {
		if err := w.saveState(ctx, shardName(n), part); err != nil {
			return err
		}
	}
	clear(w.touched)
	w.saved = now
	return nil
}

func (w *Writer) saveState(ctx context.Context, name string, state any) error {
	b, err := json.Marshal(state)
	if err != nil {
		return fmt.Errorf("save state %s: %w", name, err)
	}
	return w.deps.Store.SaveState(ctx, name, b)
}
