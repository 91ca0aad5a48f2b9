package dlms

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"phutai/grid"
	"phutai/meter/dlms/apdu"
	"phutai/meter/dlms/cosem"
)

// column is a term and where it stands in a row.
type column struct {
	term
	scale
	index int
}

// layout is what the rows of a load profile give.
type layout struct {
	columns []column
	lacking []grid.Quantity // of which a configured term is not captured
}

// layout reads, once, what the profile captures, and finds the configured
// columns in it.
func (d *Device) layout(ctx context.Context) (layout, error) {
	if err := d.learnProfile(ctx); err != nil {
		return layout{}, err
	}
	var l layout
	var terms []term
	var partial PartialError
	for _, c := range d.cfg.Profile.Columns {
		i := slices.IndexFunc(d.known.profile.Columns, func(o apdu.CaptureObject) bool {
			return o.Attribute.Code == c.Code && o.Attribute.ID == c.Attr && o.Index == 0
		})
		if i < 0 {
			partial.Missing = append(partial.Missing, Missing{apdu.Attribute{Code: c.Code, ID: c.Attr}, errors.New("not captured")})
			l.lacking = append(l.lacking, c.Quantity)
			continue
		}
		t := term{d.known.profile.Columns[i].Attribute, c.Quantity, c.Factor, c.Scale}
		l.columns = append(l.columns, column{term: t, index: i})
		terms = append(terms, t)
	}
	if len(l.columns) == 0 {
		return layout{}, &partial
	}
	scales, err := d.scales(ctx, terms)
	for i := range scales {
		l.columns[i].scale = scales[i]
	}
	return l, err
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
