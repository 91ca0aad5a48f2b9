package dlms

import (
	"context"
	"fmt"

	"phutai/grid"
	"phutai/meter/dlms/apdu"
	"phutai/meter/dlms/axdr"
	"phutai/meter/dlms/cosem"
)

// term is one attribute's share in a quantity, from an Object or a Column.
type term struct {
	attribute apdu.Attribute
	quantity  grid.Quantity
	factor    float64
	scale     *cosem.ScalerUnit // nil: the meter tells
}

func (o *Object) term() term {
	return term{apdu.Attribute{Class: o.Class, Code: o.Code, ID: o.Attr}, o.Quantity, o.Factor, o.Scale}
}

// figure gives what a raw value adds to the quantity, in its unit.
func (t *term) figure(v axdr.Value, s scale) (float64, error) {
	if s.err != nil {
		return 0, fmt.Errorf("scaler: %w", s.err)
	}
	if !s.Fits(t.quantity) {
		return 0, fmt.Errorf("unit %d cannot be that of %v", s.Unit, t.quantity)
	}
	raw, ok := v.Float()
	if !ok {
		return 0, fmt.Errorf("%v is no number", v.Tag())
	}
	return s.Scale(raw) * t.factor, nil
}

// sums adds terms up by quantity.
type sums struct {
	x             [grid.NumQuantities]float64
	seen, missing uint32
}

func (s *sums) add(q grid.Quantity, x float64) {
	s.x[q] += x
	s.seen |= 1 << q
}

func (s *sums) miss(q grid.Quantity) { s.missing |= 1 << q }

// values gives the quantities of which no term is missing.
func (s *sums) values() grid.Values {
	var v grid.Values
	for q := range grid.NumQuantities {
		if (s.seen&^s.missing)>>q&1 != 0 {
			v.Set(q, s.x[q])
		}
	}
	return v
}

// scales gives the scaler and unit of each term, and asks the meter for those
// that are not known yet.
func (d *Device) scales(ctx context.Context, terms []term) ([]scale, error) {
	scales := make([]scale, len(terms))
	var unknown []apdu.Attribute // of scalers
	var wanted []int             // the terms that they belong to
	for i, t := range terms {
		id := cosem.ScalerAttr(t.attribute.Class)
		known, ok := d.known.scales[t.attribute]
		switch {
		case t.scale != nil:
			scales[i].ScalerUnit = *t.scale
		case id == 0:
			scales[i].ScalerUnit = cosem.ScalerUnit{Unit: cosem.Count}
		case ok:
			scales[i] = known
		default:
			unknown = append(unknown, apdu.Attribute{Class: t.attribute.Class, Code: t.attribute.Code, ID: id})
			wanted = append(wanted, i)
		}
	}
	if len(unknown) == 0 {
		return scales, nil
	}
	answers, err := d.ask(ctx, "read scalers", unknown)
	if err != nil {
		return nil, err
	}
	for n, i := range wanted {
		scales[i] = scaleOf(answers[n])
		if !passing(answers[n].Result) {
			d.known.scales[terms[i].attribute] = scales[i]
		}
	}
	return scales, nil
}

func scaleOf(a apdu.Answer) scale {
	if a.Result != apdu.Success {
		return scale{err: a.Result}
	}
	s, err := cosem.ParseScalerUnit(a.Value)
	return scale{s, err}
}

// passing tells whether a refusal may be over by the next time.
func passing(r apdu.AccessResult) bool {
	return r == apdu.HardwareFault || r == apdu.TemporaryFailure || r == apdu.OtherAccessFailure
}

// ask reads what is read once of a meter, and its serial number with it.
func (d *Device) ask(ctx context.Context, op string, attributes []apdu.Attribute) ([]apdu.Answer, error) {
	n := len(attributes)
	if d.known.serial == "" {
		attributes = append(attributes[:n:n], serialAttribute)
	}
	answers, err := d.read(ctx, op, attributes)
	if err != nil {
		return nil, err
	}
	if len(answers) > n {
		d.known.serial = cosem.Text(answers[n].Value)
	}
	return answers[:n], nil
}
