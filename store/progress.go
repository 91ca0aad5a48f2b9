package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"phutai/grid"
)

// maxHoles bounds the missing ranges of a watermark. Beyond it the watermark
// stays at the first hole that no longer fits, and the rest is sent again.
const maxHoles = 500

// mostEpochs bounds the spools that are remembered of one collector. A new one comes
// with a new disk or an older copy; one that is forgotten and speaks again is told
// that all before is missing, and says what of that it does not have.
const mostEpochs = 64

// epochs is what has been committed of one collector, an entry a spool.
type epochs struct {
	marks map[string]grid.Watermark
	order []string // as they were heard of; the last one is the current
}

// advance gives the watermark after the numbers first to last were committed.
func advance(w grid.Watermark, first, last uint64) grid.Watermark {
	var holes [][2]uint64
	for _, h := range w.Missing {
		if last < h[0] || first > h[1] {
			holes = append(holes, h)
			continue
		}
		if h[0] < first {
			holes = append(holes, [2]uint64{h[0], first - 1})
		}
		if h[1] > last {
			holes = append(holes, [2]uint64{last + 1, h[1]})
		}
	}
	if first > w.Seq+1 {
		holes = append(holes, [2]uint64{w.Seq + 1, first - 1})
	}
	w.Seq = max(w.Seq, last)
	if len(holes) > maxHoles {
		w.Seq, holes = holes[maxHoles][0]-1, holes[:maxHoles]
	}
	w.Missing = holes
	return w
}

// run checks that an entry's sequence numbers can be noted, and gives the last.
func (e *Entry) run() (last uint64, err error) {
	if e.First == 0 || e.Count < 1 || e.First > math.MaxInt64-uint64(e.Count) {
		return 0, fmt.Errorf("sequence numbers %d, %d of them: they count from 1", e.First, e.Count)
	}
	return e.First + uint64(e.Count) - 1, nil
}

// advanceAll works out the new watermarks of the entries, and writes them.
func (j *Journal) advanceAll(ctx context.Context, tx *sql.Tx, entries []Entry) (map[Spool]grid.Watermark, error) {
	out := map[Spool]grid.Watermark{}
	for i := range entries {
		e := &entries[i]
		if e.Count == 0 {
			continue
		}
		last, err := e.run()
		if err != nil {
			return nil, err
		}
		key := Spool{e.Collector, e.Epoch}
		w, ok := out[key]
		if !ok {
			w = j.watermark(key)
		}
		w = advance(w, e.First, last)
		for _, v := range e.Void {
			w = advance(w, v[0], v[1])
		}
		out[key] = w
	}
	for key, w := range out {
		missing, err := json.Marshal(w.Missing)
		if err != nil {
			return nil, err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO progress (collector, epoch, seq, missing) VALUES (?, ?, ?, ?)
			ON CONFLICT (collector, epoch) DO UPDATE SET seq = excluded.seq, missing = excluded.missing`,
			string(key.Collector), key.Epoch, int64(w.Seq), string(missing))
		if err != nil {
			return nil, fmt.Errorf("note progress of collector %s: %w", key.Collector, err)
		}
		if j.heardOf(key) {
			continue
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM progress WHERE collector = ?1 AND born NOT IN
			(SELECT born FROM progress WHERE collector = ?1 ORDER BY born DESC LIMIT ?2)`, string(key.Collector), mostEpochs)
		if err != nil {
			return nil, fmt.Errorf("forget old spools of collector %s: %w", key.Collector, err)
		}
	}
	return out, nil
}

func (j *Journal) heardOf(key Spool) (known bool) {
	j.mu.RLock()
	defer j.mu.RUnlock()
	if e := j.progress[key.Collector]; e != nil {
		_, known = e.marks[key.Epoch]
	}
	return known
}

func (j *Journal) watermark(key Spool) grid.Watermark {
	j.mu.RLock()
	defer j.mu.RUnlock()
	if e := j.progress[key.Collector]; e != nil {
		if w, ok := e.marks[key.Epoch]; ok {
			return w
		}
	}
	return grid.Watermark{Epoch: key.Epoch}
}

// keepMark remembers a watermark; the caller holds mu.
func (j *Journal) keepMark(key Spool, w grid.Watermark) {
	e := j.progress[key.Collector]
	if e == nil {
		e = &epochs{marks: map[string]grid.Watermark{}}
		j.progress[key.Collector] = e
	}
	if _, ok := e.marks[key.Epoch]; !ok {
		e.order = append(e.order, key.Epoch)
	}
	e.marks[key.Epoch] = w
	if len(e.order) > mostEpochs {
		delete(e.marks, e.order[0])
		e.order = slices.Delete(e.order, 0, 1)
	}
}

// Uses notes which spool a collector works with, as it says itself, and tells
// whether another one counted as its current. The order in which spools were heard
// of says it too, except where the last message of an old one came after the first
// of the new one.
func (j *Journal) Uses(s Spool) (changed bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	e := j.progress[s.Collector]
	if e == nil || e.order[len(e.order)-1] == s.Epoch {
		return false
	}
	i := slices.Index(e.order, s.Epoch)
	if i < 0 {
		return false // nothing of it has come yet
	}
	e.order = append(slices.Delete(e.order, i, i+1), s.Epoch)
	return true
}

// Watermarks gives the watermark of every known collector's current spool.
func (j *Journal) Watermarks() map[grid.CollectorID]grid.Watermark {
	j.mu.RLock()
	defer j.mu.RUnlock()
	out := make(map[grid.CollectorID]grid.Watermark, len(j.progress))
	for id, e := range j.progress {
		w := e.marks[e.order[len(e.order)-1]]
		w.Missing = slices.Clone(w.Missing)
		out[id] = w
	}
	return out
}

func (j *Journal) loadProgress(ctx context.Context) error {
	return j.each(ctx, "SELECT collector, epoch, seq, missing FROM progress ORDER BY born", func(r *sql.Rows) error {
		var key Spool
		var w grid.Watermark
		var missing string
		if err := r.Scan(&key.Collector, &key.Epoch, &w.Seq, &missing); err != nil {
			return err
		}
		w.Epoch = key.Epoch
		if err := json.Unmarshal([]byte(missing), &w.Missing); err != nil {
			return fmt.Errorf("progress of collector %s: %w", key.Collector, err)
		}
		j.keepMark(key, w)
		return nil
	})
}
