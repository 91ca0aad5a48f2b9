package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"phutai/grid"
	"phutai/store/pack"
)

// daySchema1 has a row for each transformer, source and local day; its key is
// that of a derived row at the day's first moment.
const daySchema1 = `CREATE TABLE load_day (key INTEGER PRIMARY KEY, body BLOB NOT NULL);`

// dayComponent names the table's versions.
const dayComponent = "days"

// dayForm is of what the sums consist. Days under another form, or of another time
// zone, are worked out anew from all derived rows that are kept.
const dayForm = "days/1/"

// daySlice bounds how many days one transaction writes: a commit of readings
// waits for one at the most.
const daySlice = 500

// longestInterval is of a row of a load profile.
const longestInterval = 24 * time.Hour

// Days keeps the sums of derived rows by local day. It follows the journal as a
// consumer of its own: a row that is newer than all of its day and source is added to
// the sum, and any other has the day summed up again, so that late, repeated and
// corrected rows change nothing but what they should. Days of which derived
// rows have been removed already are left as they are.
type Days struct {
	j     *Journal
	zone  *time.Location
	keep  Keep
	clock grid.Clock

	summing sync.Mutex // held from reading a sum until it is written
}

// NewDays cuts days in zone. Keep says for how long derived rows are kept.
func NewDays(j *Journal, zone *time.Location, keep Keep, clock grid.Clock) *Days {
	return &Days{j: j, zone: zone, keep: keep, clock: clock}
}

// Run follows the journal until ctx ends. Report hears how each step went; nil is
// that it is done.
func (d *Days) Run(ctx context.Context, report func(error)) error {
	name := dayForm + d.zone.String()
	if err := d.forgetOthers(ctx, name); err != nil {
		d.j.log.Warn("places of earlier days hold up the feed's pruning until the next start", zap.Error(err))
	}
	return d.j.FollowLoading(ctx, name, func(ctx context.Context, rows []grid.Loading) error {
		err := d.Take(ctx, rows)
		report(err)
		return err
	})
}

// forgetOthers gives up the places of other forms and zones.
func (d *Days) forgetOthers(ctx context.Context, name string) error {
	_, err := d.j.db.Write.ExecContext(ctx, "DELETE FROM cursor WHERE name GLOB 'days/*' AND name <> ?", name)
	if err != nil {
		return fmt.Errorf("forget places of days: %w", err)
	}
	return nil
}

// of gives the first moment of the local day of t.
func (d *Days) of(t time.Time) time.Time {
	y, m, day := t.In(d.zone).Date()
	return time.Date(y, m, day, 0, 0, 0, 0, d.zone).UTC()
}

// next gives the first moment of the day after one.
func (d *Days) next(day time.Time) time.Time {
	y, m, n := day.In(d.zone).Date()
	return time.Date(y, m, n+1, 0, 0, 0, 0, d.zone).UTC()
}

// dayRow is one row of the table, and derived rows that are to be in it.
type dayRow struct {
	key    int64
	source grid.Source
	sum    grid.LoadDay
	fresh  []grid.Loading
}

// Take brings the days of changed rows up to date. It may be given the same again.
func (d *Days) Take(ctx context.Context, rows []grid.Loading) error {
	d.summing.Lock()
	defer d.summing.Unlock()
	touched, err := d.touched(rows)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(touched, daySlice) {
		for _, row := range part {
			if err := d.update(ctx, row); err != nil {
				return fmt.Errorf("day %s of %s: %w", row.sum.Day.In(d.zone).Format(time.DateOnly), row.sum.Transformer, err)
			}
		}
		if err := d.j.writeDays(ctx, part); err != nil {
			return err
		}
	}
	return nil
}

// touched groups rows by the day to which they belong, without the days of which
// rows may be gone.
func (d *Days) touched(rows []grid.Loading) ([]*dayRow, error) {
	kept := before(d.clock.Now(), d.keep.Loadings)
	byKey := map[int64]*dayRow{}
	var order []*dayRow
	for i := range rows {
		l := &rows[i]
		day := d.of(l.ValidAt())
		number, ok := d.j.transformers.number(l.Transformer)
		if !ok || day.Before(kept) {
			continue
		}
		key, err := pack.Key(number, l.Source, day)
		if err != nil {
			return nil, fmt.Errorf("day of a row of %s: %w", l.Transformer, err)
		}
		row := byKey[key]
		if row == nil {
			row = &dayRow{key: key, source: l.Source, sum: grid.LoadDay{Transformer: l.Transformer, Day: day}}
			byKey[key], order = row, append(order, row)
		}
		row.fresh = append(row.fresh, *l)
	}
	return order, nil
}

// update works the sum out: from what stands there where all rows are newer than
// that, and otherwise from all rows of the day.
func (d *Days) update(ctx context.Context, row *dayRow) error {
	var body []byte
	err := d.j.db.Read.QueryRowContext(ctx, "SELECT body FROM load_day WHERE key = ?", row.key).Scan(&body)
	switch {
	case errors.Is(err, sql.ErrNoRows):
	case err != nil:
		return err
	default:
		if err := pack.Day(body, row.source, &row.sum); err != nil {
			return err
		}
	}
	slices.SortFunc(row.fresh, func(a, b grid.Loading) int { return a.At.Compare(b.At) })
	last := row.sum.Last
	for i := range row.fresh {
		if !row.fresh[i].At.After(last) && !last.IsZero() {
			return d.sumUp(ctx, row)
		}
		last = row.fresh[i].At
	}
	for i := range row.fresh {
		row.sum.Add(&row.fresh[i])
	}
	return nil
}

// sumUp reads the whole day.
func (d *Days) sumUp(ctx context.Context, row *dayRow) error {
	row.sum = grid.LoadDay{Transformer: row.sum.Transformer, Day: row.sum.Day}
	number, _, _ := pack.Unkey(row.key)
	end := d.next(row.sum.Day)
	if row.source == grid.Profile {
		end = end.Add(longestInterval)
	}
	lo, hi := pack.Range(number, row.source, row.sum.Day, end)
	return loadingRows(d.j).walk(ctx, lo, hi, func(l grid.Loading) error {
		if d.of(l.ValidAt()).Equal(row.sum.Day) {
			row.sum.Add(&l)
		}
		return nil
	})
}

func (j *Journal) writeDays(ctx context.Context, part []*dayRow) error {
	j.writing.Lock()
	defer j.writing.Unlock()
	err := j.db.Tx(ctx, func(tx *sql.Tx) error {
		put, err := tx.PrepareContext(ctx, "INSERT INTO load_day (key, body) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET body = excluded.body")
		if err != nil {
			return err
		}
		defer put.Close()
		for _, row := range part {
			if row.sum.Last.IsZero() {
				if _, err := tx.ExecContext(ctx, "DELETE FROM load_day WHERE key = ?", row.key); err != nil {
					return err
				}
				continue
			}
			if _, err := put.ExecContext(ctx, row.key, pack.AppendDay(nil, row.source, &row.sum)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("save days: %w", err)
	}
	return nil
}

// byDay orders days by time.
func byDay(a, b grid.LoadDay) int { return cmp.Or(a.Day.Compare(b.Day), a.Last.Compare(b.Last)) }
