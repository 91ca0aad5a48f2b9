package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"phutai/db"
	"phutai/grid"
	"phutai/store/pack"
)

// LoadDays gives the days of a transformer that begin in [from, to), by time. A
// day without any row is not among them.
func (d *Days) LoadDays(ctx context.Context, id grid.TransformerID, from, to time.Time) ([]grid.LoadDay, error) {
	number, ok := d.j.transformers.number(id)
	if !ok {
		return nil, nil
	}
	var all []grid.LoadDay
	for _, source := range []grid.Source{grid.Instant, grid.Profile} {
		lo, hi := pack.Range(number, source, from, to)
		for lo < hi {
			n := 0
			err := d.j.each(ctx, "SELECT key, body FROM load_day WHERE key >= ? AND key < ? ORDER BY key LIMIT ?", func(r *sql.Rows) error {
				day, err := d.unpack(r, &lo)
				n++
				all = append(all, day)
				return err
			}, lo, hi, chunk)
			if err != nil {
				return nil, err
			}
			if n < chunk {
				break
			}
			lo++
		}
	}
	slices.SortFunc(all, byDay)
	return d.joined(all), nil
}

// FleetDay gives the local day of a moment of all transformers that have rows
// of it, in no order.
func (d *Days) FleetDay(ctx context.Context, at time.Time) ([]grid.LoadDay, error) {
	day := d.of(at)
	step, _ := pack.Range(1, grid.Instant, time.Time{}, day)
	instant, _ := pack.Range(0, grid.Instant, day, day)
	profile, _ := pack.Range(0, grid.Profile, day, day)
	var all []grid.LoadDay
	err := d.j.each(ctx, `SELECT d.key, d.body FROM transformer t JOIN load_day d ON d.key IN (t.id * ?1 + ?2, t.id * ?1 + ?3)`, func(r *sql.Rows) error {
		var key int64
		x, err := d.unpack(r, &key)
		all = append(all, x)
		return err
	}, step, instant, profile)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b grid.LoadDay) int {
		if a.Transformer != b.Transformer {
			if a.Transformer < b.Transformer {
				return -1
			}
			return 1
		}
		return byDay(a, b)
	})
	return d.joined(all), nil
}

func (d *Days) unpack(r *sql.Rows, key *int64) (day grid.LoadDay, err error) {
	var body sql.RawBytes
	if err := r.Scan(key, &body); err != nil {
		return day, err
	}
	number, source, at := pack.Unkey(*key)
	day.Day = at
	var ok bool
	if day.Transformer, ok = known(d.j, d.j.transformers, number); !ok {
		return day, fmt.Errorf("day %d: transformer %d: %w", *key, number, pack.ErrDamaged)
	}
	if err := pack.Day(body, source, &day); err != nil {
		return day, fmt.Errorf("day %s of %s: %w", at.In(d.zone).Format(time.DateOnly), day.Transformer, err)
	}
	return day, nil
}

// joined makes one of what the sources say of a day, without days that were cut
// in another zone.
func (d *Days) joined(all []grid.LoadDay) []grid.LoadDay {
	out := all[:0]
	for _, x := range all {
		last := len(out) - 1
		switch {
		case !d.of(x.Day).Equal(x.Day):
		case last >= 0 && out[last].Transformer == x.Transformer && out[last].Day.Equal(x.Day):
			out[last] = out[last].And(x)
		default:
			out = append(out, x)
		}
	}
	return out
}

// RecomputeDays has all days worked out again that derived rows are kept of, by the
// journal's owner: at once if it runs, which notices with its next row, or at its
// next start. d is the journal's file.
func RecomputeDays(ctx context.Context, d *db.DB) error {
	if _, err := d.Write.ExecContext(ctx, "DELETE FROM cursor WHERE name GLOB 'days/*'"); err != nil {
		return fmt.Errorf("have days worked out again: %w", err)
	}
	return nil
}
