package dlms

import (
	"context"
	"errors"
	"time"

	"phutai/meter/dlms/apdu"
	"phutai/meter/dlms/axdr"
	"phutai/meter/dlms/cosem"
)

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
