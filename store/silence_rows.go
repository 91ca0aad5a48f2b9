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

// series is the readings of one point and source.
type series struct {
	number int64
	source grid.Source
}

// asker is a connection or a transaction.
type asker interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// silencesIn gives the silences of a series of which a slot has a part of
// [from, to), by their last slots.
func silencesIn(ctx context.Context, q asker, s series, from, to time.Time) (out []silence, err error) {
	lo, hi := pack.Range(s.number, s.source, from.Add(-longestSilence), to.Add(longestSilence))
	rows, err := q.QueryContext(ctx, "SELECT key, every_ms, n, reason, detail FROM silence WHERE key >= ? AND key < ? ORDER BY key", lo, hi)
	if err != nil {
		return nil, fmt.Errorf("read gaps: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var key, every int64
		var n int
		var why grid.Reason
		var detail string
		if err := rows.Scan(&key, &every, &n, &why, &detail); err != nil {
			return nil, fmt.Errorf("read gaps: %w", err)
		}
		if x := silenceOf(key, every, n, why, detail); time.UnixMilli(x.end()).After(from) && time.UnixMilli(x.first).Before(to) {
			out = append(out, x)
		}
	}
	return out, rows.Err()
}

// explain writes silences, without the slots in which there is something or of
// which something is said already, and gives the number of the slots.
func (j *Journal) explain(ctx context.Context, all []silence) (slots int64, err error) {
	if len(all) == 0 {
		return 0, nil
	}
	j.writing.Lock()
	defer j.writing.Unlock()
	err = j.db.Tx(ctx, func(tx *sql.Tx) error {
		slots = 0
		for i := range all {
			n, err := explain(ctx, tx, &all[i])
			if err != nil {
				return err
			}
			slots += n
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("state gaps: %w", err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.silent += slots
	for i := range all {
		s := &all[i]
		key := series{s.number, s.source}
		j.silentUntil[key] = max(j.silentUntil[key], s.end())
	}
	return slots, nil
}

func explain(ctx context.Context, tx *sql.Tx, s *silence) (slots int64, err error) {
	from, to := time.UnixMilli(s.first), time.UnixMilli(s.end())
	times, err := timesIn(ctx, tx, series{s.number, s.source}, from, to)
	if err != nil {
		return 0, err
	}
	beside, err := silencesIn(ctx, tx, series{s.number, s.source}, from.Add(-time.Millisecond), to)
	if err != nil {
		return 0, err
	}
	for i := range beside {
		for k := range beside[i].n {
			times = append(times, beside[i].mark(s.source, k).UnixMilli())
		}
	}
	for _, part := range s.without(times) {
		slots += int64(part.n)
		for _, piece := range part.pieces() {
			if i := slices.IndexFunc(beside, func(b silence) bool { return piece.follows(&b) }); i >= 0 {
				if err := removeSilence(ctx, tx, &beside[i]); err != nil {
					return 0, err
				}
				piece.first, piece.n = beside[i].first, beside[i].n+piece.n
			}
			if err := insertSilence(ctx, tx, &piece); err != nil {
				return 0, err
			}
		}
	}
	return slots, nil
}

// timesIn gives the times of what there is of a series.
func timesIn(ctx context.Context, q asker, s series, from, to time.Time) (out []int64, err error) {
	lo, hi := pack.Range(s.number, s.source, from, to)
	rows, err := q.QueryContext(ctx, "SELECT key FROM reading WHERE key >= ?1 AND key < ?2 AND "+measured+` UNION ALL
		SELECT key FROM absence WHERE key >= ?1 AND key < ?2`, lo, hi)
	if err != nil {
		return nil, fmt.Errorf("look into a gap: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var key int64
		if err := rows.Scan(&key); err != nil {
			return nil, fmt.Errorf("look into a gap: %w", err)
		}
		out = append(out, millis(key))
	}
	return out, rows.Err()
}

func insertSilence(ctx context.Context, tx *sql.Tx, s *silence) error {
	key, err := s.key()
	if err == nil {
		_, err = tx.ExecContext(ctx, "INSERT INTO silence (key, every_ms, n, reason, detail) VALUES (?, ?, ?, ?, ?)", key, s.every, s.n, int64(s.why), s.detail)
	}
	return err
}

func removeSilence(ctx context.Context, tx *sql.Tx, s *silence) error {
	key, err := s.key()
	if err == nil {
		_, err = tx.ExecContext(ctx, "DELETE FROM silence WHERE key = ?", key)
	}
	return err
}

// replaceSilence puts parts of s in its place. What comes back after a gap comes
// by time as a rule: then the one part ends as s does, and keeps its row.
func replaceSilence(ctx context.Context, tx *sql.Tx, s *silence, parts []silence) error {
	if len(parts) == 1 && parts[0].end() == s.end() {
		key, err := s.key()
		if err == nil {
			_, err = tx.ExecContext(ctx, "UPDATE silence SET n = ? WHERE key = ?", parts[0].n, key)
		}
		return err
	}
	err := removeSilence(ctx, tx, s)
	for i := range parts {
		if err == nil {
			err = insertSilence(ctx, tx, &parts[i])
		}
	}
	return err
}

// heard notes that there is something of a series at a time, if a silence may
// have been stated of it. Live readings lie behind all of them.
func (w *work) heard(s series, at time.Time) {
	if ms := at.UnixMilli(); ms < w.j.silentUntil[s] {
		if w.spoken == nil {
			w.spoken = map[series][]int64{}
		}
		w.spoken[s] = append(w.spoken[s], ms)
	}
}

// breakSilences takes the slots of which something has come out of what the
// audit has said.
func (w *work) breakSilences(ctx context.Context) error {
	for s, times := range w.spoken {
		from, to := time.UnixMilli(slices.Min(times)), time.UnixMilli(slices.Max(times)+1)
		said, err := silencesIn(ctx, w.tx, s, from, to)
		if err != nil {
			return err
		}
		for i := range said {
			rest, slots := said[i].without(times), said[i].n
			if len(rest) == 1 && rest[0].n == slots {
				continue
			}
			if err := replaceSilence(ctx, w.tx, &said[i], rest); err != nil {
				return fmt.Errorf("break a silence: %w", err)
			}
			for k := range rest {
				slots -= rest[k].n
			}
			w.unsilent += int64(slots)
		}
	}
	return nil
}

// loadSilences reads how much has been stated, and until when.
func (j *Journal) loadSilences(ctx context.Context) error {
	return j.each(ctx, "SELECT key, every_ms, n FROM silence", func(r *sql.Rows) error {
		var key, every int64
		var n int
		err := r.Scan(&key, &every, &n)
		x := silenceOf(key, every, n, grid.NotPolled, "")
		s := series{x.number, x.source}
		j.silent, j.silentUntil[s] = j.silent+int64(n), max(j.silentUntil[s], x.end())
		return err
	})
}

// forgetSilences counts the slots of what is left after some have become too old.
func (j *Journal) forgetSilences(ctx context.Context, _ map[int64]bool, _ time.Time) error {
	var left int64
	if err := j.db.Read.QueryRowContext(ctx, "SELECT coalesce(sum(n), 0) FROM silence").Scan(&left); err != nil {
		return fmt.Errorf("count gaps: %w", err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.silent = left
	return nil
}
