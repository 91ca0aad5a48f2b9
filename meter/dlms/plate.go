package dlms

import (
	"context"

	"phutai/grid"
	"phutai/meter/dlms/apdu"
	"phutai/meter/dlms/cosem"
	"phutai/meter/dlms/obis"
)

// plateList is what a meter tells about itself, in the order in which Plate takes it.
func plateList() []apdu.Attribute {
	out := []apdu.Attribute{serialAttribute}
	for _, code := range []obis.Code{cosem.CTNumerator, cosem.CTDenominator, cosem.VTNumerator, cosem.VTDenominator} {
		out = append(out, apdu.Attribute{Class: cosem.ClassData, Code: code, ID: cosem.AttrValue})
	}
	return out
}

// Plate reads the serial number and the ratios that are set in the meter. What it
// has no object for, or does not give to this client, stays empty.
func (d *Device) Plate(ctx context.Context) (grid.Plate, error) {
	var p grid.Plate
	err := d.converse(ctx, func() error {
		answers, err := d.read(ctx, "read the nameplate", plateList())
		if err != nil {
			return err
		}
		p.Serial = cosem.Text(answers[0].Value)
		for i, x := range []*float64{&p.CTNum, &p.CTDen, &p.VTNum, &p.VTDen} {
			*x, _ = answers[i+1].Value.Float()
		}
		return nil
	})
	return p, err
}
