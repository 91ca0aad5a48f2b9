package fleet

import (
	"fmt"
	"strconv"

	"phutai/grid"
)

func transformerKind() *kind[grid.Transformer] {
	type T = grid.Transformer
	coolings := map[string]grid.Cooling{
		"distribution": grid.Distribution, "onan": grid.ONAN, "onaf": grid.ONAF, "of": grid.OF, "od": grid.OD,
		"ofaf": grid.OF, "odaf": grid.OD,
	}
	return &kind[T]{
		name:    Transformers,
		aliases: []string{"transformer", "mba", "may_bien_ap"},
		id:      func(x *T) string { return string(x.ID) },
		columns: []column[T]{
			code("id", true, func(x *T) *grid.TransformerID { return &x.ID }, "ma_mba", "transformer"),
			text("name", false, func(x *T) *string { return &x.Name }, "ten_mba"),
			refers(Substations, code("substation", true, func(x *T) *grid.SubstationID { return &x.Substation }, "ma_tram")),
			number("rated_kva", maxKVA, true, func(x *T) *float64 { return &x.RatedKVA }, "sdm", "sdm_kva", "cong_suat", "cong_suat_kva", "dung_luong"),
			number("hv_kv", maxKV, true, func(x *T) *float64 { return &x.HVKV }, "u_cao_kv", "dien_ap_cao"),
			number("lv_kv", maxKV, true, func(x *T) *float64 { return &x.LVKV }, "u_ha_kv", "dien_ap_ha"),
			choice("cooling", func(x *T) *grid.Cooling { return &x.Cooling }, "distribution, onan, onaf, of or od", coolings, "lam_mat"),
			number("load_loss_w", 5e6, true, func(x *T) *float64 { return &x.LoadLossW }, "pk", "pk_w"),
			number("no_load_loss_w", 1e6, true, func(x *T) *float64 { return &x.NoLoadLossW }, "p0", "p0_w"),
			number("top_oil_rise_k", maxRise, true, func(x *T) *float64 { return &x.TopOilRiseK }),
			number("hot_spot_rise_k", maxRise, true, func(x *T) *float64 { return &x.HotSpotK }),
			number("enclosure_rise_k", maxRise, false, func(x *T) *float64 { return &x.EnclosureK }),
			number("breaker_a", maxAmp, true, func(x *T) *float64 { return &x.BreakerA }, "aptomat_a", "aptomat"),
			text("vector_group", false, func(x *T) *string { return &x.VectorGroup }, "to_dau_day"),
			year(),
		},
		vet: func(x *T, _ Rules, report func(column, text string)) {
			for _, f := range []struct {
				column string
				x      float64
			}{
				{"rated_kva", x.RatedKVA}, {"hv_kv", x.HVKV}, {"lv_kv", x.LVKV}, {"load_loss_w", x.LoadLossW},
				{"no_load_loss_w", x.NoLoadLossW}, {"top_oil_rise_k", x.TopOilRiseK}, {"hot_spot_rise_k", x.HotSpotK},
				{"enclosure_rise_k", x.EnclosureK}, {"breaker_a", x.BreakerA},
			} {
				if f.x < 0 {
					report(f.column, "is below zero: leave it empty where it is not known")
				}
			}
			switch {
			case x.LVKV > 0 && x.HVKV > 0 && x.LVKV >= x.HVKV:
				report("lv_kv", fmt.Sprintf("%v kV is not below the high-voltage side's %v kV: is it in volts, or are the two swapped?", x.LVKV, x.HVKV))
			case x.LVKV > 0 && x.LVKV < minLowKV, x.LVKV > maxLowKV && x.HVKV == 0:
				report("lv_kv", fmt.Sprintf("%v kV is no low-voltage side's, which has %v to %v kV: write kilovolts, such as 0.4; above that give hv_kv too", x.LVKV, minLowKV, maxLowKV))
			}
		},
	}
}

// year is the year of manufacture.
func year() column[grid.Transformer] {
	return column[grid.Transformer]{
		name: "year", aliases: []string{"nam_sx", "nam_san_xuat"}, number: true,
		read: func(x *grid.Transformer, s string, _ bool) string {
			n, err := strconv.Atoi(s)
			if err != nil || n < 1900 || n > 2100 {
				return fmt.Sprintf("%q is no year of manufacture: write four digits", s)
			}
			x.Year = n
			return ""
		},
		write: func(x *grid.Transformer) string { return formatInt(x.Year) },
	}
}

// formatInt writes a whole number, and zero as unknown.
func formatInt(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
