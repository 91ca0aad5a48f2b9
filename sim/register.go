package sim

import (
	"fmt"
	"math"

	"phutai/grid"
)

// plate is what the nameplate of a transformer of one size says, and what is
// built around it. The losses are those of oil-filled 22/0.4 kV transformers
// as tenders in northern Vietnam ask for them; all of it is made up.
type plate struct {
	kva               float64
	noLoadW, loadW    float64 // W
	ctPrimary         float64 // A, low-voltage side
	breaker           float64 // A
	topOilK, hotSpotK float64
}

func plateOf(kva float64) plate {
	for _, p := range [...]plate{
		{100, 205, 1258, 150, 160, 55, 23},
		{160, 280, 1940, 250, 250, 55, 23},
		{180, 295, 2090, 300, 300, 55, 23},
		{250, 340, 2600, 400, 400, 55, 23},
		{320, 390, 3330, 500, 500, 55, 23},
		{400, 433, 3818, 600, 630, 55, 23},
		{560, 580, 4810, 1000, 1000, 55, 23},
	} {
		if kva <= p.kva {
			return p
		}
	}
	return plate{630, 787, 5570, 1000, 1000, 55, 23}
}

const secretName = "demo-lls"

// register fills in what the register holds about the station.
func (s *station) register() {
	n := s.index + 1
	unit, feeder := homeOf(s.index)
	prefix := map[grid.UnitID]string{"PDSH01": "VT", "PDSH02": "KX"}[unit]
	s.substation = grid.Substation{
		ID: grid.SubstationID(fmt.Sprintf("%s%04d", prefix, n)), Name: "TBA " + s.place,
		Unit: unit, Feeder: feeder, Dedicated: s.private,
		Address:     fmt.Sprintf("Thôn %d, xã %s, tỉnh Sông Hương Hạ", 1+n%9, communeOf(unit, n)),
		Pole:        fmt.Sprintf("%s/%d", feeder, 10+3*n),
		KeeperPhone: fmt.Sprintf("0900%06d", n),
		Lat:         degrees(20.40 + .12*chance(s.seed, forPlace, 0)),
		Lon:         degrees(106.22 + .20*chance(s.seed, forPlace, 1)),
		Priority:    s.prio,
	}
	if n > len(catalogue) {
		s.substation.Name += fmt.Sprintf(" số %d", n)
	}
	s.transform()
	s.point = grid.MeteringPoint{
		ID: grid.PointID(fmt.Sprintf("%s%04d", unit, n)), Name: "Tổng " + s.substation.Name,
		Substation: s.substation.ID, Side: grid.LV, Wiring: grid.ThreeCT,
		CTPrimary: plateOf(s.kva).ctPrimary, CTSecondary: 5, CTThermal: 1.2,
	}
	if s.mv {
		s.point.Side = grid.MV
		s.point.CTPrimary = 50
		s.point.VTPrimary, s.point.VTSecondary = 22000, 100
	}
	if s.steady {
		s.point.CTPrimary = 800 // so that 640, 420 and 400 A are whole on the secondary side
	}
	for i := range s.transformers {
		s.point.Transformers = append(s.point.Transformers, s.transformers[i].ID)
	}
	s.ratio = s.point.Ratio()
	s.ownCT = s.point.CTPrimary
	if s.fault == OtherRatio {
		s.ownCT = 300 // what was installed when the meter was set up
	}
	s.instrument(n)
}

// degrees rounds to five decimals, about a metre.
func degrees(x float64) float64 { return math.Round(x*1e5) / 1e5 }

func communeOf(unit grid.UnitID, n int) string {
	communes := [...]string{"Minh Lãng", "Song An", "Tân Phong", "Hòa Bình", "Việt Thuận"}
	if unit == "PDSH02" {
		communes = [...]string{"Bình Định", "Quang Lịch", "Vũ Trung", "Nam Hưng", "Thăng Long"}
	}
	return communes[n%len(communes)]
}

// transform makes the transformers.
func (s *station) transform() {
	count := 1
	if s.two {
		count = 2
	}
	p := plateOf(s.kva)
	for i := range count {
		name := fmt.Sprintf("T%d", i+1)
		s.transformers = append(s.transformers, grid.Transformer{
			ID:   grid.TransformerID(string(s.substation.ID) + "-" + name),
			Name: name + " " + s.place, Substation: s.substation.ID,
			RatedKVA: s.kva, HVKV: mediumVoltage, LVKV: lowVoltage, Cooling: grid.Distribution,
			LoadLossW: p.loadW, NoLoadLossW: p.noLoadW, TopOilRiseK: p.topOilK, HotSpotK: p.hotSpotK,
			BreakerA: p.breaker, VectorGroup: "Dyn11",
			Year: 2004 + int(mix(s.seed, forPlace, 2)%20),
		})
	}
}

// instrument makes the meter; its line is known once the province listens.
func (s *station) instrument(n int) {
	s.modbus = s.index%3 == 2 && !s.needsDLMS() || s.fault == DeadUnit
	s.meter = grid.Meter{
		ID:    grid.MeterID(fmt.Sprintf("%08d", 1_900_000+7919*n)),
		Point: s.point.ID,
	}
	if s.modbus {
		s.meter.Profile = ProfileModbus
		return
	}
	s.meter.Profile = ProfileDLMS
	if s.index%2 == 0 {
		s.meter.Secret = secretName
	}
}

func (s *station) needsDLMS() bool {
	return s.fault == Silent || s.fault == AnswerLate || s.fault == OtherRatio
}

// homeOf gives the unit and the feeder of station i: the first 18 are under
// Vũ Thư on feeder 471E11, the others under Kiến Xương on two feeders.
func homeOf(i int) (grid.UnitID, grid.FeederID) {
	switch i = i % DefaultTransformers; {
	case i < 18:
		return "PDSH01", "471E11"
	case i < 32:
		return "PDSH02", "473E11"
	}
	return "PDSH02", "472E3.4"
}
