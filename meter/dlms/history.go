package dlms

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"phutai/grid"
	"phutai/meter/dlms/apdu"
	"phutai/meter/dlms/axdr"
	"phutai/meter/dlms/cosem"
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
// Columns that are configured and not captured are absent from every row; a
// *PartialError says that none of the configured ones is captured. Rows whose
// time the meter does not know are left out.
func (d *Device) History(ctx context.Context, from, to time.Time, row func(grid.Sample) error) error {
	if d.cfg.Profile == nil {
		return grid.ErrNoHistory
	}
	if earliest := to.Add(-furthest); from.Before(earliest) {
		from = earliest
	}
	return d.converse(ctx, func() error {
		columns, err := d.columns(ctx)
		if err != nil {
			return err
		}
		for from.Before(to) { // survives a second run of this function
			end := from.Add(stretch)
			if end.After(to) {
				end = to
			}
			samples, err := d.slice(ctx, columns, from, end)
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

// column is a term and where it stands in a row.
type column struct {
	term
	scale
	index int
}

// columns reads, once, what the profile captures, and finds the configured
// columns in it.
func (d *Device) columns(ctx context.Context) ([]column, error) {
	if err := d.learnProfile(ctx); err != nil {
		return nil, err
	}
	var columns []column
	var terms []term
	var partial PartialError
	for _, c := range d.cfg.Profile.Columns {
		i := slices.IndexFunc(d.known.profile.Columns, func(o apdu.CaptureObject) bool {
			return o.Attribute.Code == c.Code && o.Attribute.ID == c.Attr && o.Index == 0
		})
		if i < 0 {
			partial.Missing = append(partial.Missing, Missing{apdu.Attribute{Code: c.Code, ID: c.Attr}, errors.New("not captured")})
			continue
		}
		t := term{d.known.profile.Columns[i].Attribute, c.Quantity, c.Factor, c.Scale}
		columns = append(columns, column{term: t, index: i})
		terms = append(terms, t)
	}
	if len(columns) == 0 {
		return nil, &partial
	}
	scales, err := d.scales(ctx, terms)
	for i := range scales {
		columns[i].scale = scales[i]
	}
	return columns, err
}

func (d *Device) learnProfile(ctx context.Context) error {
	if d.known.profile != nil {
		return nil
	}
	const op = "read what the load profile captures"
	code := d.cfg.Profile.Code
	answers, err := d.ask(ctx, op, []apdu.Attribute{
		{Class: cosem.ClassProfileGeneric, Code: code, ID: cosem.AttrCaptureObjects},
		{Class: cosem.ClassProfileGeneric, Code: code, ID: cosem.AttrCapturePeriod},
	})
	if err != nil {
		return err
	}
	switch r := answers[0].Result; r {
	case apdu.Success:
	case apdu.ObjectUndefined, apdu.ObjectUnavailable:
		return fmt.Errorf("%v: %w: %w", code.Long(), grid.ErrNoHistory, r)
	default:
		return &Error{AccessDenied, op, r}
	}
	captured, err := cosem.ParseCaptureObjects(answers[0].Value)
	if err != nil {
		return malformed(op, err)
	}
	p := &cosem.Profile{Columns: captured, Period: d.cfg.Profile.Period, Zone: d.cfg.Location}
	if seconds, ok := answers[1].Value.Int(); ok && p.Period == 0 && seconds > 0 && seconds < 1<<31 {
		p.Period = time.Duration(seconds) * time.Second
	}
	if _, _, err := p.Clock(); err != nil {
		return malformed(op, err)
	}
	d.known.profile = p
	return nil
}

// slice reads the rows that end after from and not after to.
func (d *Device) slice(ctx context.Context, columns []column, from, to time.Time) ([]grid.Sample, error) {
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
		for i := range columns {
			c := &columns[i]
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

// buffer reads a part of the profile by range. Some meters refuse bounds that
// state a deviation and others those that do not, so a refusal is followed by
// one try of the other kind, and what worked is remembered.
func (d *Device) buffer(ctx context.Context, from, to time.Time) (axdr.Value, error) {
	const op = "read the load profile by range"
	for again := false; ; again = true {
		answer, err := d.get(ctx, op, apdu.Item{
			Attribute: apdu.Attribute{Class: cosem.ClassProfileGeneric, Code: d.cfg.Profile.Code, ID: cosem.AttrBuffer},
			Access:    d.bounds(from, to),
		})
		var exception *apdu.Exception
		if err != nil && !errors.As(err, &exception) {
			return axdr.Value{}, err
		}
		if err == nil && answer.Result == apdu.Success {
			d.known.boundsWork = true
			return answer.Value, nil
		}
		if err == nil {
			err = &Error{AccessDenied, op, answer.Result}
		}
		if d.known.boundsWork || again {
			return axdr.Value{}, err
		}
		d.known.statesZone = !d.known.statesZone
	}
}

func (d *Device) bounds(from, to time.Time) *apdu.Access {
	_, clock, _ := d.known.profile.Clock() // checked when the profile was learnt
	bound := func(t time.Time) axdr.Value {
		stamp := axdr.At(t, d.cfg.Location)
		if !d.known.statesZone {
			stamp.Deviation = axdr.AnyDeviation
		}
		return stamp.Value()
	}
	return apdu.Range{By: clock, From: bound(from), To: bound(to)}.Access()
}
