package dlms

import (
	"cmp"
	"context"
	"slices"
	"time"

	"phutai/grid"
	"phutai/meter/dlms/apdu"
	"phutai/meter/dlms/axdr"
)

const (
	// stretch is how much of a profile one request asks for, so that a deadline
	// or a broken line costs little of what was read before.
	stretch = 24 * time.Hour
	// furthest is how far back a history is asked for at all. Meters keep less.
	furthest = 2 * 365 * 24 * time.Hour
)

// History hands the rows of the load profile whose interval ends after from
// and not after to, oldest first, to row. An error of row ends the reading and
// is given back as it is. grid.ErrNoHistory says that there is no profile.
//
// A quantity of which a configured column is not captured is absent from every
// row; a *PartialError says that none of the configured ones is captured. Rows whose
// time the meter does not know are left out.
func (d *Device) History(ctx context.Context, from, to time.Time, row func(grid.Sample) error) error {
	if d.cfg.Profile == nil {
		return grid.ErrNoHistory
	}
	if earliest := to.Add(-furthest); from.Before(earliest) {
		from = earliest
	}
	return d.converse(ctx, func() error {
		rows, err := d.layout(ctx)
		if err != nil {
			return err
		}
		for from.Before(to) { // survives a second run of this function
			end := from.Add(stretch)
			if end.After(to) {
				end = to
			}
			samples, err := d.slice(ctx, rows, from, end)
			if err != nil {
				return err
			}
			for _, s := range samples {
				if err := row(s); err != nil {
					return err
				}
			}
			from = end
		}
		return nil
	})
}

// slice reads the rows that end after from and not after to.
func (d *Device) slice(ctx context.Context, l layout, from, to time.Time) ([]grid.Sample, error) {
	buffer, err := d.buffer(ctx, from, to)
	if err != nil || buffer.IsNull() { // some meters give null-data for no rows
		return nil, err
	}
	rows, _, err := d.known.profile.Rows(buffer)
	if err != nil {
		return nil, malformed("read the load profile", err)
	}
	status := slices.IndexFunc(d.known.profile.Columns, func(o apdu.CaptureObject) bool {
		return !d.cfg.Profile.StatusCode.IsZero() && o.Attribute.Code == d.cfg.Profile.StatusCode
	})
	samples := make([]grid.Sample, 0, len(rows))
	for _, row := range rows {
		if !row.End.After(from) || row.End.After(to) {
			continue
		}
		var total sums
		for _, q := range l.lacking {
			total.miss(q)
		}
		for i := range l.columns {
			c := &l.columns[i]
			if x, err := c.figure(row.Values[c.index], c.scale); err == nil {
				total.add(c.quantity, x)
			} else {
				total.miss(c.quantity)
			}
		}
		s := grid.Sample{End: row.End, Interval: d.known.profile.Period, Values: total.values()}
		if row.Doubtful || status >= 0 && d.suspect(row.Values[status]) {
			for q := range s.Values.All() {
				s.Quality = s.Quality.With(q, grid.Suspect)
			}
		}
		samples = append(samples, s)
	}
	slices.SortStableFunc(samples, func(a, b grid.Sample) int { return cmp.Compare(a.End.UnixNano(), b.End.UnixNano()) })
	return samples, nil
}

func (d *Device) suspect(status axdr.Value) bool {
	word, ok := status.Word()
	return ok && word&d.cfg.Profile.StatusSuspect != 0
}
