package store

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"time"

	"phutai/grid"
	"phutai/store/pack"
)

// unpolled stands for a zero PolledAt: nobody asked, the audit says so.
const unpolled = math.MinInt64

// putAbsence notes an absence unless a meter's value or an absence is there already.
// Late only says that nothing is known yet, so any other reason replaces it; so
// does what a collector found when it asked, what the audit made of silence.
func (w *work) putAbsence(ctx context.Context, key int64, r *grid.Reading) error {
	polled := int64(unpolled)
	if !r.PolledAt.IsZero() {
		polled = r.PolledAt.UnixMilli()
	}
	res, err := w.tx.ExecContext(ctx, `INSERT INTO absence (key, reason, polled_at, detail)
		SELECT ?1, ?2, ?3, ?4 WHERE NOT EXISTS (SELECT 1 FROM reading WHERE key = ?1 AND `+measured+`)
		ON CONFLICT DO NOTHING`, key, int64(r.Missing), polled, r.Detail)
	if err != nil {
		return fmt.Errorf("insert absence of %s: %w", r.Point, err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return err
	}
	kept := *r
	kept.At = r.At.UTC().Truncate(time.Millisecond)
	if n > 0 {
		w.done.Absences++
		w.absences = append(w.absences, kept)
		return nil
	}
	if r.Missing == grid.Late {
		return nil
	}
	res, err = w.tx.ExecContext(ctx, `UPDATE absence SET reason = ?2, polled_at = ?3, detail = ?4
		WHERE key = ?1 AND (reason = ?5 OR polled_at = ?6 AND ?3 <> ?6)`,
		key, int64(r.Missing), polled, r.Detail, int64(grid.Late), int64(unpolled))
	if err != nil {
		return fmt.Errorf("replace absence of %s: %w", r.Point, err)
	}
	if n, err = res.RowsAffected(); n > 0 {
		w.absences = append(w.absences, kept)
	}
	return err
}

func (w *work) dropAbsence(ctx context.Context, key int64) error {
	if w.j.counts.Absences == 0 && w.done.Absences == 0 {
		return nil // saves a look-up for each reading of the first back-fill
	}
	if w.drop == nil {
		var err error
		if w.drop, err = w.tx.PrepareContext(ctx, "DELETE FROM absence WHERE key = ?"); err != nil {
			return fmt.Errorf("drop absence: %w", err)
		}
	}
	res, err := w.drop.ExecContext(ctx, key)
	if err != nil {
		return fmt.Errorf("drop absence: %w", err)
	}
	n, err := res.RowsAffected()
	w.gone += n
	return err
}

// Absences hands the stated absences of a point with from ≤ At < to to f,
// oldest first within each source, instantaneous ones first. What the audit has
// said of a run of slots comes as one absence for each. An error of f ends it.
func (j *Journal) Absences(ctx context.Context, point grid.PointID, from, to time.Time, f func(grid.Reading) error) error {
	number, ok := j.points.number(point)
	if !ok {
		return nil
	}
	for _, source := range []grid.Source{grid.Instant, grid.Profile} {
		said, err := silencesIn(ctx, j.db.Read, series{number, source}, from, to)
		if err != nil {
			return err
		}
		quiet := newHush(point, said)
		until := func(t time.Time) error {
			for r, ok := quiet.next(t); ok; r, ok = quiet.next(t) {
				if r.At.Before(from) {
					continue
				}
				if err := f(r); err != nil {
					return err
				}
			}
			return nil
		}
		err = j.eachAbsence(ctx, series{number, source}, from, to, func(r grid.Reading) error {
			if err := until(r.At); err != nil {
				return err
			}
			return f(r)
		})
		if err == nil {
			err = until(to)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// eachAbsence hands the absences that stand by themselves to f, by time.
func (j *Journal) eachAbsence(ctx context.Context, s series, from, to time.Time, f func(grid.Reading) error) error {
	lo, hi := pack.Range(s.number, s.source, from, to)
	for lo < hi {
		part, err := j.absences(ctx, "key >= ? AND key < ? ORDER BY key", lo, hi)
		if err != nil {
			return err
		}
		for i := range part {
			if err := f(part[i].Reading); err != nil {
				return err
			}
		}
		if len(part) < chunk {
			return nil
		}
		lo = part[len(part)-1].key + 1
	}
	return nil
}

type keyed struct {
	key int64
	grid.Reading
}

func (j *Journal) absences(ctx context.Context, where string, args ...any) ([]keyed, error) {
	var out []keyed
	query := fmt.Sprintf("SELECT key, reason, polled_at, detail FROM absence WHERE %s LIMIT %d", where, chunk)
	err := j.each(ctx, query, func(rows *sql.Rows) error {
		var k keyed
		var polled int64
		if err := rows.Scan(&k.key, &k.Missing, &polled, &k.Detail); err != nil {
			return err
		}
		number, source, at := pack.Unkey(k.key)
		k.Point, _ = known(j, j.points, number)
		k.Source, k.At = source, at
		if polled != unpolled {
			k.PolledAt = time.UnixMilli(polled).UTC()
		}
		out = append(out, k)
		return nil
	}, args...)
	return out, err
}
