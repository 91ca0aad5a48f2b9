package sim

import (
	"slices"

	"phutai/grid"
)

// The names of the meter profiles that the province's meters answer to.
const (
	ProfileDLMS   = "generic-dlms"
	ProfileModbus = "eastron-sdm630"
)

// Fleet is what the company's register holds about the province.
type Fleet struct {
	Units        []grid.Unit
	Feeders      []grid.Feeder
	Substations  []grid.Substation
	Transformers []grid.Transformer
	Points       []grid.MeteringPoint
	Meters       []grid.Meter
}

// Fleet gives the register's contents, in stable order. Meters have a line
// once the province listens; the caller may change what it gets.
func (p *Province) Fleet() Fleet {
	f := Fleet{
		Units: []grid.Unit{
			{ID: "PDSH", Name: "Công ty Điện lực Sông Hương Hạ"},
			{ID: "PDSH01", Name: "Đội QLĐL Vũ Thư", Parent: "PDSH"},
			{ID: "PDSH02", Name: "Đội QLĐL Kiến Xương", Parent: "PDSH"},
		},
		Feeders: []grid.Feeder{
			{ID: "471E11", Name: "471 E11 Vũ Thư", Unit: "PDSH01", KV: mediumVoltage},
			{ID: "473E11", Name: "473 E11 Kiến Xương", Unit: "PDSH02", KV: mediumVoltage},
			{ID: "472E3.4", Name: "472 E3.4 Đông Hưng", Unit: "PDSH02", KV: mediumVoltage},
		},
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.stations {
		f.Substations = append(f.Substations, s.substation)
		f.Transformers = append(f.Transformers, s.transformers...)
		point := s.point
		point.Transformers = slices.Clone(point.Transformers)
		f.Points = append(f.Points, point)
		f.Meters = append(f.Meters, s.meter)
	}
	return f
}

// Secrets gives the passwords of the meters by the names that Meter.Secret
// uses.
func (p *Province) Secrets() map[string][]byte {
	return map[string][]byte{secretName: []byte("12345678")}
}

// Faults tells which points have a fault, and which one.
func (p *Province) Faults() map[grid.PointID]Fault {
	faults := map[grid.PointID]Fault{}
	for _, s := range p.stations {
		if s.fault != NoFault {
			faults[s.point.ID] = s.fault
		}
	}
	return faults
}
