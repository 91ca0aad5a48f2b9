package collector

import (
	"encoding/binary"
	"math"

	"phutai/grid"
)

func appendPlate(b []byte, p *grid.Plate) []byte {
	b = appendText(b, p.Serial)
	for _, x := range [...]float64{p.CTNum, p.CTDen, p.VTNum, p.VTDen} {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(x))
	}
	return b
}

func (c *cursor) plate() *grid.Plate {
	p := &grid.Plate{Serial: c.text()}
	for _, x := range [...]*float64{&p.CTNum, &p.CTDen, &p.VTNum, &p.VTDen} {
		*x = c.float()
	}
	return p
}
