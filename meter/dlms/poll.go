package dlms

import (
	"context"
	"time"

	"phutai/grid"
	"phutai/meter/dlms/apdu"
	"phutai/meter/dlms/cosem"
)

var clockAttribute = apdu.Attribute{Class: cosem.ClassClock, Code: cosem.ClockCode, ID: cosem.AttrTime}

// Poll reads the configured objects and the clock. Objects that the meter
// refuses are listed in a *PartialError beside the sample with the others. A
// conversation that failed is an *Error.
func (d *Device) Poll(ctx context.Context) (grid.Sample, error) {
	var sample grid.Sample
	err := d.converse(ctx, func() (err error) {
		sample, err = d.poll(ctx)
		return err
	})
	return sample, err
}

func (d *Device) poll(ctx context.Context) (grid.Sample, error) {
	scales, err := d.scales(ctx, d.terms)
	if err != nil {
		return grid.Sample{}, err
	}
	answers, err := d.read(ctx, "read registers", d.pollList)
	if err != nil {
		return grid.Sample{}, err
	}
	var total sums
	var partial PartialError
	for i := range d.terms {
		t, a := &d.terms[i], answers[i]
		var x float64
		var err error = a.Result
		if a.Result == apdu.Success {
			x, err = t.figure(a.Value, scales[i])
		}
		if err != nil {
			total.miss(t.quantity)
			partial.Missing = append(partial.Missing, Missing{t.attribute, err})
			continue
		}
		total.add(t.quantity, x)
	}
	sample := grid.Sample{Values: total.values(), Clock: d.clock(answers[len(d.terms)])}
	if len(partial.Missing) > 0 {
		return sample, &partial
	}
	return sample, nil
}

// clock gives the meter's time; zero where the meter does not give one.
func (d *Device) clock(a apdu.Answer) time.Time {
	if a.Result != apdu.Success {
		return time.Time{}
	}
	stamp, err := a.Value.DateTime()
	if err != nil {
		return time.Time{}
	}
	t, err := stamp.Time(d.cfg.Location)
	if err != nil {
		return time.Time{}
	}
	return t
}
