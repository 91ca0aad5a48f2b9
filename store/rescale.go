package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"phutai/grid"
	"phutai/store/pack"
)

// Rescaled counts what Rescale has done.
type Rescaled struct {
	Changed int
	Unknown int // left alone: nobody knows their ratios, or a figure would be beyond what can be stored
}

// Rescale makes the primary values of readings of a point with from ≤ At < to
// anew where their ratio was corrected. Those to whom valid says no are left
// alone. Followers are handed what has changed, but for those of FollowMeasured.
// Doing it again changes nothing.
func (j *Journal) Rescale(ctx context.Context, point grid.PointID, from, to time.Time, s Scaling, valid func(*grid.Reading) bool) (all Rescaled, err error) {
	number, ok := j.points.number(point)
	if !ok {
		return all, nil
	}
	for _, source := range []grid.Source{grid.Instant, grid.Profile} {
		lo, hi := pack.Range(number, source, from, to)
		for lo < hi {
			last, n, err := j.rescalePage(ctx, lo, hi, s, valid, &all)
			if err != nil {
				return all, fmt.Errorf("make primary values of %s anew: %w", point, err)
			}
			if n < chunk {
				break
			}
			lo = last + 1
		}
	}
	return all, nil
}

// rescalePage makes one page anew in one transaction, and gives its last key and
// how many readings are in it.
func (j *Journal) rescalePage(ctx context.Context, lo, hi int64, s Scaling, valid func(*grid.Reading) bool, all *Rescaled) (last int64, n int, err error) {
	j.writing.Lock()
	defer j.writing.Unlock()
	keys, part, err := j.originPage(ctx, lo, hi, s)
	if err != nil || len(part) == 0 {
		return 0, 0, err
	}
	w := &work{j: j, points: j.points.draft(), shapes: j.shapes.draft()}
	due := make([]grid.Ratio, len(part)) // zero: it stays as it is
	changed := 0
	for i := range part {
		o := &part[i]
		if !valid(&o.reading) {
			continue
		}
		want, known := s.Due(&o.reading)
		switch {
		case !known || !want.Valid() || !o.made.Valid():
			if known && o.reading.Ratio == want.Product() {
				continue
			}
			all.Unknown++
		case want != o.now:
			r := o.under(want)
			if Check(&r) != nil { // a ratio beyond all reason; it comes out right once that is mended
				all.Unknown++
				continue
			}
			due[i] = want
			changed++
		}
	}
	if changed > 0 {
		if err := w.rescale(ctx, keys, part, due); err != nil {
			return 0, 0, err
		}
		j.pruneSometimes(ctx, w.seq)
	}
	all.Changed += changed
	return keys[len(keys)-1], len(part), nil
}

// rescale is the transaction, and what makes it visible.
func (w *work) rescale(ctx context.Context, keys []int64, part []origin, due []grid.Ratio) error {
	w.j.unseen.Lock()
	defer w.j.unseen.Unlock()
	err := w.j.db.Tx(ctx, func(tx *sql.Tx) error {
		w.tx = tx
		for i := range part {
			if due[i] == (grid.Ratio{}) {
				continue
			}
			if err := w.scale(ctx, keys[i], &part[i], due[i]); err != nil {
				return err
			}
		}
		var err error
		w.seq, err = logKeys(ctx, tx, kindScaled, w.keys)
		return err
	})
	if err != nil {
		return err
	}
	w.publish(nil)
	return nil
}

func (w *work) scale(ctx context.Context, key int64, o *origin, due grid.Ratio) error {
	r := o.under(due)
	var err error
	switch {
	case due == o.made:
		_, err = w.tx.ExecContext(ctx, "DELETE FROM origin WHERE key = ?", key)
	case o.kept:
		_, err = w.tx.ExecContext(ctx, "UPDATE origin SET now_ct = ?, now_vt = ? WHERE key = ?", due.CT, due.VT, key)
	default:
		_, err = w.tx.ExecContext(ctx, `INSERT INTO origin (key, body, ct, vt, now_ct, now_vt) SELECT key, body, ?, ?, ?, ? FROM reading WHERE key = ?`,
			o.made.CT, o.made.VT, due.CT, due.VT, key)
	}
	if err != nil {
		return fmt.Errorf("keep a reading of %s as it came: %w", r.Point, err)
	}
	shape, err := w.shapes.number(ctx, w.tx, pack.ShapeOf(&r))
	if err != nil {
		return err
	}
	if w.body, err = pack.AppendReading(w.body[:0], shape, &r); err != nil {
		return err
	}
	if _, err := w.tx.ExecContext(ctx, "UPDATE reading SET body = ? WHERE key = ?", w.body, key); err != nil {
		return fmt.Errorf("write a reading of %s: %w", r.Point, err)
	}
	w.changed(key, &r)
	return nil
}
