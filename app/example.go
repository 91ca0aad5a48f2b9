package app

import (
	"time"

	"phutai/fleet"
	"phutai/grid"
)

// exampleRegister is one public substation with a DLMS meter and one dedicated,
// MV-metered one with a Modbus meter, for people to replace by theirs.
func exampleRegister() *fleet.Set {
	return &fleet.Set{
		Units:   fleet.Of(grid.Unit{ID: "PA08", Name: "Công ty Điện lực (ví dụ)"}, grid.Unit{ID: "PA08TT", Name: "Đội quản lý điện lực ví dụ", Parent: "PA08"}),
		Feeders: fleet.Of(grid.Feeder{ID: "471E11", Name: "471 E11", Unit: "PA08TT", KV: 22}),
		Substations: fleet.Of(
			grid.Substation{ID: "TBA-0001", Name: "TBA Ví Dụ 1", Unit: "PA08TT", Feeder: "471E11", Pole: "471E11/12"},
			grid.Substation{ID: "TBA-0002", Name: "TBA Khách hàng ví dụ", Unit: "PA08TT", Feeder: "471E11", Dedicated: true}),
		Transformers: fleet.Of(
			grid.Transformer{ID: "TBA-0001-T1", Name: "T1", Substation: "TBA-0001", RatedKVA: 400, HVKV: 22, LVKV: 0.4, LoadLossW: 3818, NoLoadLossW: 433, BreakerA: 630},
			grid.Transformer{ID: "TBA-0002-T1", Name: "T1", Substation: "TBA-0002", RatedKVA: 1000, HVKV: 22, LVKV: 0.4}),
		Points: fleet.Of(
			grid.MeteringPoint{ID: "PA08TT0001", Name: "Tổng TBA Ví Dụ 1", Substation: "TBA-0001", Transformers: []grid.TransformerID{"TBA-0001-T1"}, Side: grid.LV, CTPrimary: 600, CTSecondary: 5},
			grid.MeteringPoint{ID: "PA08TT0002", Name: "Tổng khách hàng", Substation: "TBA-0002", Transformers: []grid.TransformerID{"TBA-0002-T1"}, Side: grid.MV, CTPrimary: 50, CTSecondary: 5, VTPrimary: 22000, VTSecondary: 100}),
		Meters: fleet.Of(
			grid.Meter{ID: "24001234", Point: "PA08TT0001", Profile: "generic-dlms", Line: "tcp://192.0.2.10:4059", Address: 1},
			grid.Meter{ID: "24005678", Point: "PA08TT0002", Profile: "eastron-sdm630", Line: "tcp://192.0.2.20:502", Address: 1}),
	}
}

func exampleRules() fleet.Rules { return fleet.Rules{Zone: time.FixedZone("+07", 7*60*60)} }
