package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"phutai/grid"
	"phutai/store/pack"
)

// substitutesSchema1 says of rows of table reading that they were made by a rule.
const substitutesSchema1 = `
CREATE TABLE substitute (key INTEGER PRIMARY KEY, rule TEXT NOT NULL, method TEXT NOT NULL, made_at INTEGER NOT NULL);
`

// substitutesComponent names the table's versions.
const substitutesComponent = "substitutes"

// measured is a condition on table reading: the row came from a meter.
const measured = "NOT EXISTS (SELECT 1 FROM substitute WHERE substitute.key = reading.key)"

// Substitute is a row of a load profile that a rule has made because there is
// none. Its figures are graded Estimated and it has no time of polling; the
// reason why the row is missing stays beside it.
type Substitute struct {
	grid.Reading
	Rule   string
	Method string
	MadeAt time.Time
}

// putSubstitute writes s where nothing stands under its key.
func (w *work) putSubstitute(ctx context.Context, s *Substitute) error {
	number, err := w.points.number(ctx, w.tx, s.Point)
	if err != nil {
		return err
	}
	key, err := pack.Key(number, s.Source, s.At)
	if err != nil {
		return fmt.Errorf("key of a substitute of %s: %w", s.Point, err)
	}
	shape, err := w.shapes.number(ctx, w.tx, pack.ShapeOf(&s.Reading))
	if err != nil {
		return err
	}
	if w.body, err = pack.AppendReading(w.body[:0], shape, &s.Reading); err != nil {
		return err
	}
	res, err := w.tx.ExecContext(ctx, "INSERT INTO reading (key, body) VALUES (?, ?) ON CONFLICT DO NOTHING", key, w.body)
	if err != nil {
		return fmt.Errorf("insert substitute of %s: %w", s.Point, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	_, err = w.tx.ExecContext(ctx, "INSERT OR REPLACE INTO substitute (key, rule, method, made_at) VALUES (?, ?, ?, ?)", key, s.Rule, s.Method, s.MadeAt.UnixMilli())
	if err != nil {
		return fmt.Errorf("note the rule of a substitute of %s: %w", s.Point, err)
	}
	w.done.Substitutes++
	w.made++
	w.changed(key, &s.Reading)
	return nil
}

// cameAfterAll removes the note of a substitute that a meter's row has replaced,
// and the reason why that was missing.
func (w *work) cameAfterAll(ctx context.Context, key int64) error {
	if w.j.counts.Substitutes+w.made == 0 {
		return nil
	}
	res, err := w.tx.ExecContext(ctx, "DELETE FROM substitute WHERE key = ?", key)
	if err != nil {
		return fmt.Errorf("remove the note of a substitute: %w", err)
	}
	n, err := res.RowsAffected()
	if err != nil || n == 0 {
		return err
	}
	w.made -= n
	return w.dropAbsence(ctx, key)
}

// Substitutes hands the substitutes of a point with from ≤ At < to to f, by time.
// An error of f ends it.
func (j *Journal) Substitutes(ctx context.Context, point grid.PointID, from, to time.Time, f func(Substitute) error) error {
	number, ok := j.points.number(point)
	if !ok {
		return nil
	}
	lo, hi := pack.Range(number, grid.Profile, from, to)
	query := fmt.Sprintf(`SELECT reading.key, body, rule, method, made_at FROM substitute JOIN reading USING (key)
		WHERE substitute.key >= ? AND substitute.key < ? ORDER BY substitute.key LIMIT %d`, chunk)
	for lo < hi {
		var part []Substitute
		err := j.each(ctx, query, func(r *sql.Rows) error {
			var s Substitute
			var body sql.RawBytes
			var made int64
			err := r.Scan(&lo, &body, &s.Rule, &s.Method, &made)
			if err == nil {
				s.Reading, err = j.unpack(lo, body)
			}
			s.MadeAt = time.UnixMilli(made).UTC()
			part = append(part, s)
			return err
		}, lo, hi)
		if err != nil {
			return err
		}
		for i := range part {
			if err := f(part[i]); err != nil {
				return err
			}
		}
		if len(part) < chunk {
			return nil
		}
		lo++
	}
	return nil
}

// MadeBy gives how many rows of a point with from ≤ At < to are substitutes, by
// the names of the rules; nil where there are none.
func (j *Journal) MadeBy(ctx context.Context, point grid.PointID, from, to time.Time) (map[string]int, error) {
	number, ok := j.points.number(point)
	if !ok {
		return nil, nil
	}
	var out map[string]int
	lo, hi := pack.Range(number, grid.Profile, from, to)
	err := j.each(ctx, "SELECT rule, count(*) FROM substitute WHERE key >= ? AND key < ? GROUP BY rule", func(r *sql.Rows) error {
		var rule string
		var n int
		err := r.Scan(&rule, &n)
		if out == nil {
			out = map[string]int{}
		}
		out[rule] = n
		return err
	}, lo, hi)
	return out, err
}

// forgetSubstitutes counts what is left after readings have become too old.
func (j *Journal) forgetSubstitutes(ctx context.Context, _ map[int64]bool, _ time.Time) error {
	return j.loadSubstitutes(ctx)
}

func (j *Journal) loadSubstitutes(ctx context.Context) error {
	var n int64
	if err := j.db.Read.QueryRowContext(ctx, "SELECT count(*) FROM substitute").Scan(&n); err != nil {
		return fmt.Errorf("count substitutes: %w", err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.counts.Substitutes = n
	return nil
}
