package dlms

import (
	"context"

	"phutai/meter/dlms/apdu"
	"phutai/meter/dlms/cosem"
	"phutai/meter/dlms/obis"
)

// Identity is what a meter says about itself: its serial number, and the
// ratios of the instrument transformers that were set in it. A ratio is zero
// where the meter does not hold it.
type Identity struct {
	Serial       string
	CTNum, CTDen float64
	VTNum, VTDen float64
}

// Identity reads serial number and ratios. What the meter refuses stays empty
// and is no error.
func (d *Device) Identity(ctx context.Context) (Identity, error) {
	var id Identity
	codes := []obis.Code{cosem.SerialCode, cosem.CTNumerator, cosem.CTDenominator, cosem.VTNumerator, cosem.VTDenominator}
	attributes := make([]apdu.Attribute, len(codes))
	for i, code := range codes {
		attributes[i] = apdu.Attribute{Class: cosem.ClassData, Code: code, ID: cosem.AttrValue}
	}
	err := d.converse(ctx, func() error {
		answers, err := d.read(ctx, "read the identity", attributes)
		if err != nil {
			return err
		}
		id = Identity{Serial: cosem.Text(answers[0].Value)}
		for i, ratio := range []*float64{&id.CTNum, &id.CTDen, &id.VTNum, &id.VTDen} {
			*ratio, _ = answers[i+1].Value.Float()
		}
		return nil
	})
	return id, err
}
