package fleet

import "phutai/grid"

// Headers in capitals are those of the exports of CMIS and the head-end
// systems, as staff know them: MA_DVIQLY, MA_TRAM, LOAI_TRAM, MA_DDO, HSN.

func unitKind() *kind[grid.Unit] {
	type T = grid.Unit
	return &kind[T]{
		name:    Units,
		aliases: []string{"unit", "don_vi"},
		id:      func(x *T) string { return string(x.ID) },
		columns: []column[T]{
			code("id", true, func(x *T) *grid.UnitID { return &x.ID }, "ma_dviqly", "ma_don_vi", "unit"),
			text("name", true, func(x *T) *string { return &x.Name }, "ten_dviqly", "ten_don_vi"),
			refers(Units, code("parent", false, func(x *T) *grid.UnitID { return &x.Parent }, "ma_dvictren", "ma_dviqly_cha")),
			refers(Units, code("successor", false, func(x *T) *grid.UnitID { return &x.Successor }, "sap_nhap_vao", "ma_dviqly_moi")),
		},
		steady: true,
	}
}

func feederKind() *kind[grid.Feeder] {
	type T = grid.Feeder
	return &kind[T]{
		name:    Feeders,
		aliases: []string{"feeder", "lo", "duong_day", "lo_duong_day"},
		id:      func(x *T) string { return string(x.ID) },
		columns: []column[T]{
			code("id", true, func(x *T) *grid.FeederID { return &x.ID }, "ma_lo", "feeder"),
			text("name", true, func(x *T) *string { return &x.Name }, "ten_lo"),
			refers(Units, code("unit", true, func(x *T) *grid.UnitID { return &x.Unit }, "ma_dviqly", "ma_don_vi")),
			number("kv", maxKV, true, func(x *T) *float64 { return &x.KV }, "dien_ap", "dien_ap_kv"),
		},
		steady: true,
	}
}

// Limits of columns: what is beyond is a slip of unit or of a separator.
const (
	maxKV   = 500
	maxKVA  = 250_000
	maxRise = 200     // K
	maxAmp  = 100_000 // A, of a primary winding or a breaker
	maxVolt = 500_000 // V

	maxSecondaryAmp  = 10   // A
	maxSecondaryVolt = 1000 // V

	// The low side of a transformer of which the high side is not known: 35 kV
	// is the highest of a network that feeds others.
	minLowKV = 0.1
	maxLowKV = 35
)

func substationKind() *kind[grid.Substation] {
	type T = grid.Substation
	return &kind[T]{
		name:    Substations,
		aliases: []string{"substation", "tram", "tba", "tram_bien_ap"},
		id:      func(x *T) string { return string(x.ID) },
		columns: []column[T]{
			code("id", true, func(x *T) *grid.SubstationID { return &x.ID }, "ma_tram", "substation"),
			text("name", true, func(x *T) *string { return &x.Name }, "ten_tram"),
			refers(Units, code("unit", true, func(x *T) *grid.UnitID { return &x.Unit }, "ma_dviqly", "ma_don_vi")),
			refers(Feeders, code("feeder", false, func(x *T) *grid.FeederID { return &x.Feeder }, "ma_lo", "lo_trung_ap")),
			dedicated(),
			text("address", false, func(x *T) *string { return &x.Address }, "dia_chi"),
			text("pole", false, func(x *T) *string { return &x.Pole }, "so_cot", "cot"),
			digits(text("keeper_phone", false, func(x *T) *string { return &x.KeeperPhone }, "dien_thoai", "so_dien_thoai")),
			number("lat", 90, false, func(x *T) *float64 { return &x.Lat }, "vi_do", "latitude"),
			number("lon", 180, false, func(x *T) *float64 { return &x.Lon }, "kinh_do", "longitude"),
			text("priority", false, func(x *T) *string { return &x.Priority }, "uu_tien"),
		},
		steady: true,
		vet: func(x *T, _ Rules, report func(column, text string)) {
			if (x.Lat == 0) != (x.Lon == 0) {
				report("lat", "one of lat and lon is missing: give both or none")
			}
		},
	}
}

// dedicated is the type of a substation: public (CC, công cộng) or dedicated
// (CD, chuyên dùng).
func dedicated() column[grid.Substation] {
	return column[grid.Substation]{
		name: "type", aliases: []string{"loai_tram", "loai"},
		read: func(x *grid.Substation, s string, _ bool) string {
			switch Fold(s) {
			case "public", "cc", "cong cong":
				x.Dedicated = false
			case "dedicated", "cd", "chuyen dung":
				x.Dedicated = true
			default:
				return "\"" + s + "\" is not known: write public (CC) or dedicated (CD)"
			}
			return ""
		},
		write: func(x *grid.Substation) string {
			if x.Dedicated {
				return "dedicated"
			}
			return "public"
		},
	}
}
