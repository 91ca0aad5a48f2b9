package mqtt

import (
	"strings"

	"phutai/grid"
)

// maxSerial bounds a serial number, in bytes.
const maxSerial = 64

// wirePlate is what a meter says about itself; what it does not say is left out.
type wirePlate struct {
	Serial string  `json:"sn,omitempty"`
	CTNum  float64 `json:"ct_num,omitempty"`
	CTDen  float64 `json:"ct_den,omitempty"`
	VTNum  float64 `json:"vt_num,omitempty"`
	VTDen  float64 `json:"vt_den,omitempty"`
}

// newWirePlate gives nil for a plate that a payload cannot carry: it is a remark
// beside a reading, and not worth the reading.
func newWirePlate(p *grid.Plate) *wirePlate {
	if p == nil || !sound(p) {
		return nil
	}
	return &wirePlate{strings.ToValidUTF8(p.Serial, "?"), p.CTNum, p.CTDen, p.VTNum, p.VTDen}
}

// plate gives nil where the figures cannot be meant.
func (w *wirePlate) plate() *grid.Plate {
	if w == nil {
		return nil
	}
	p := &grid.Plate{Serial: w.Serial, CTNum: w.CTNum, CTDen: w.CTDen, VTNum: w.VTNum, VTDen: w.VTDen}
	if !sound(p) {
		return nil
	}
	return p
}

func sound(p *grid.Plate) bool {
	for _, x := range [...]float64{p.CTNum, p.CTDen, p.VTNum, p.VTDen} {
		if !(x >= 0 && x <= 1e9) {
			return false
		}
	}
	return len(p.Serial) <= maxSerial
}
