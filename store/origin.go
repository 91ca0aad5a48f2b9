package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"phutai/grid"
	"phutai/store/pack"
)

// originComponent names the versions of table origin.
const originComponent = "origins"

// originSchema1 keeps readings of which the primary values were made anew after
// a correction of their ratio: as they came into the journal, and the ratios of
// then. Every correction starts from here, so that rounding never adds up and one
// that is taken back leaves each digit as it was.
const originSchema1 = `CREATE TABLE origin (key INTEGER PRIMARY KEY, body BLOB NOT NULL, ct REAL NOT NULL, vt REAL NOT NULL, now_ct REAL NOT NULL, now_vt REAL NOT NULL);`

// Scaling tells the ratios of readings; false where nobody knows.
type Scaling struct {
	// Made are the ratios by which the values of a reading were made primary when
	// it came.
	Made func(*grid.Reading) (grid.Ratio, bool)
	// Due are those by which they should be.
	Due func(*grid.Reading) (grid.Ratio, bool)
}

// origin is a reading as it came, and how it stands in the journal.
type origin struct {
	reading grid.Reading
	made    grid.Ratio
	now     grid.Ratio
	kept    bool // in the table
}

// under gives the reading with values made by other ratios.
func (o *origin) under(due grid.Ratio) grid.Reading {
	if due == o.made {
		return o.reading
	}
	return grid.Rescale(o.reading, o.made, due)
}

// origins gives the rows of the table with lo ≤ key ≤ hi.
func (j *Journal) origins(ctx context.Context, lo, hi int64) (map[int64]origin, error) {
	var out map[int64]origin
	err := j.each(ctx, "SELECT key, body, ct, vt, now_ct, now_vt FROM origin WHERE key >= ? AND key <= ?", func(r *sql.Rows) error {
		var key int64
		var body sql.RawBytes
		o := origin{kept: true}
		if err := r.Scan(&key, &body, &o.made.CT, &o.made.VT, &o.now.CT, &o.now.VT); err != nil {
			return err
		}
		var err error
		o.reading, err = j.unpack(key, body)
		if out == nil {
			out = map[int64]origin{}
		}
		out[key] = o
		return err
	}, lo, hi)
	return out, err
}

// originPage gives the first readings with lo ≤ key < hi as they came, at most
// chunk, with their keys. A reading of which nobody knows how it was made has no ratios.
func (j *Journal) originPage(ctx context.Context, lo, hi int64, s Scaling) (keys []int64, part []origin, err error) {
	readings, last, err := readingRows(j).page(ctx, lo, hi)
	if err != nil || len(readings) == 0 {
		return nil, nil, err
	}
	kept, err := j.origins(ctx, lo, last)
	if err != nil {
		return nil, nil, err
	}
	number, _, _ := pack.Unkey(last)
	for i := range readings {
		r := &readings[i]
		key, err := pack.Key(number, r.Source, r.At)
		if err != nil {
			return nil, nil, err
		}
		o, ok := kept[key]
		if !ok {
			o = origin{reading: *r}
			if made, known := s.Made(r); known && made.Valid() {
				o.made, o.now = made, made
			}
		}
		keys, part = append(keys, key), append(part, o)
	}
	return keys, part, nil
}

// SeriesBy is Series with primary values made by other ratios than the journal's.
// Where nobody knows the ratios of a reading it is given as it came.
func (j *Journal) SeriesBy(ctx context.Context, point grid.PointID, source grid.Source, from, to time.Time, s Scaling, f func(grid.Reading) error) error {
	number, ok := j.points.number(point)
	if !ok {
		return nil
	}
	lo, hi := pack.Range(number, source, from, to)
	for lo < hi {
		keys, part, err := j.originPage(ctx, lo, hi, s)
		if err != nil {
			return fmt.Errorf("read series of %s: %w", point, err)
		}
		for i := range part {
			r := part[i].reading
			if due, known := s.Due(&r); known && due.Valid() && part[i].made.Valid() {
				r = part[i].under(due)
			}
			if err := f(r); err != nil {
				return err
			}
		}
		if len(part) < chunk {
			return nil
		}
		lo = keys[len(keys)-1] + 1
	}
	return nil
}
