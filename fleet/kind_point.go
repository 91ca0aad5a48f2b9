package fleet

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"phutai/grid"
)

func pointKind() *kind[grid.MeteringPoint] {
	type T = grid.MeteringPoint
	sides := map[string]grid.Side{"lv": grid.LV, "mv": grid.MV, "ha ap": grid.LV, "ha the": grid.LV, "trung ap": grid.MV, "trung the": grid.MV, "cao ap": grid.MV}
	wirings := map[string]grid.Wiring{"3ct": grid.ThreeCT, "2ct": grid.TwoCT, "3ti": grid.ThreeCT, "2ti": grid.TwoCT, "aron": grid.TwoCT}
	primaryCT := func(x *T) *float64 { return &x.CTPrimary }
	secondaryCT := func(x *T) *float64 { return &x.CTSecondary }
	primaryVT := func(x *T) *float64 { return &x.VTPrimary }
	secondaryVT := func(x *T) *float64 { return &x.VTSecondary }
	return &kind[T]{
		name:    Points,
		aliases: []string{"point", "diem_do", "metering_points"},
		id:      func(x *T) string { return string(x.ID) },
		columns: []column[T]{
			code("id", true, func(x *T) *grid.PointID { return &x.ID }, "ma_ddo", "madiemdo", "ma_diem_do", "point"),
			text("name", false, func(x *T) *string { return &x.Name }, "ten_ddo", "ten_diem_do"),
			refers(Substations, code("substation", true, func(x *T) *grid.SubstationID { return &x.Substation }, "ma_tram")),
			behind(),
			choice("side", func(x *T) *grid.Side { return &x.Side }, "LV or MV", sides, "phia_do"),
			choice("wiring", func(x *T) *grid.Wiring { return &x.Wiring }, "3CT or 2CT", wirings, "so_do"),
			number("ct_primary", maxAmp, true, primaryCT, "ti_so_cap"),
			number("ct_secondary", maxSecondaryAmp, true, secondaryCT, "ti_thu_cap"),
			number("vt_primary", maxVolt, true, primaryVT, "tu_so_cap"),
			number("vt_secondary", maxSecondaryVolt, true, secondaryVT, "tu_thu_cap"),
			number("ct_thermal", 4, true, func(x *T) *float64 { return &x.CTThermal }),
			pair("ct", "600/5", winding{maxAmp, primaryCT}, winding{maxSecondaryAmp, secondaryCT}, "ti"),
			pair("vt", "22000/100", winding{maxVolt, primaryVT}, winding{maxSecondaryVolt, secondaryVT}, "tu"),
			multiplier(),
		},
		steady: true,
		renew: func(x *T, given func(string) bool) {
			if given("ct_secondary") && given("multiplier") && !given("ct_primary") {
				x.CTPrimary = 0 // it follows
			}
			renewPair(given, "ct", "ct_primary", "ct_secondary", &x.CTPrimary, &x.CTSecondary)
			renewPair(given, "vt", "vt_primary", "vt_secondary", &x.VTPrimary, &x.VTSecondary)
		},
		vet: func(x *T, _ Rules, report func(column, text string)) {
			vetPair(x.CTPrimary, x.CTSecondary, "ct_primary", "ct_secondary", report)
			vetPair(x.VTPrimary, x.VTSecondary, "vt_primary", "vt_secondary", report)
			if x.CTThermal < 0 {
				report("ct_thermal", "is below zero: leave it empty where it is not known")
			}
			for i, t := range x.Transformers {
				if slices.Contains(x.Transformers[:i], t) {
					report("transformers", fmt.Sprintf("transformer %q is named twice: name it once", t))
				}
			}
		},
	}
}

// renewPair forgets a plate of which the pair is given anew.
func renewPair(given func(column string) bool, pair, first, second string, primary, secondary *float64) {
	if !given(pair) {
		return
	}
	if !given(first) {
		*primary = 0
	}
	if !given(second) {
		*secondary = 0
	}
}

func vetPair(primary, secondary float64, first, second string, report func(column, text string)) {
	for _, f := range []struct {
		column, other string
		x, y          float64
	}{{first, second, primary, secondary}, {second, first, secondary, primary}} {
		switch {
		case f.x < 0:
			report(f.column, "is below zero: write the figure of the plate")
		case f.x == 0 && f.y != 0:
			report(f.column, "is empty although "+f.other+" is given: give both or none")
		}
	}
	if primary > 0 && primary < secondary {
		report(first, fmt.Sprintf("%v is below the %v of %s: are the two swapped, or is a separator of thousands taken for a decimal point?", primary, secondary, second))
	}
}

// behind is the list of the transformers behind one meter, joined by +.
func behind() column[grid.MeteringPoint] {
	return column[grid.MeteringPoint]{
		name: "transformers", aliases: []string{"ma_mba", "transformer"}, required: true, code: true, to: Transformers, many: true,
		read: func(x *grid.MeteringPoint, s string, _ bool) string {
			x.Transformers = nil
			for part := range strings.SplitSeq(s, "+") {
				part = strings.TrimSpace(part)
				if part == "" {
					return fmt.Sprintf("%q has an empty part: join codes as T1+T2", s)
				}
				if problem := broken(part); problem != "" {
					return problem
				}
				x.Transformers = append(x.Transformers, grid.TransformerID(part))
			}
			return ""
		},
		write: func(x *grid.MeteringPoint) string {
			ids := make([]string, len(x.Transformers))
			for i, t := range x.Transformers {
				ids[i] = string(t)
			}
			return strings.Join(ids, "+")
		},
	}
}

// winding is one side of instrument transformers: where its figure is kept, and
// above which none lies.
type winding struct {
	limit float64
	field func(*grid.MeteringPoint) *float64
}

// pair reads both figures of instrument transformers as plates have them. They
// are read by the rules of their own columns: "1.200/5" is asked back.
func pair(name, example string, primary, secondary winding, aliases ...string) column[grid.MeteringPoint] {
	return column[grid.MeteringPoint]{
		name: name, aliases: aliases, input: true,
		read: func(x *grid.MeteringPoint, s string, _ bool) string {
			a, b, ok := strings.Cut(s, "/")
			if !ok {
				return fmt.Sprintf("%q is not read: write it as %s, in A or V", s, example)
			}
			p, problem := parseNumber(strings.TrimSpace(a), primary.limit, false)
			if problem != "" {
				return problem
			}
			q, problem := parseNumber(strings.TrimSpace(b), secondary.limit, false)
			if problem != "" {
				return problem
			}
			if p <= 0 || q <= 0 {
				return fmt.Sprintf("%q has a figure that is not above zero: write it as %s, in A or V", s, example)
			}
			if old := *primary.field(x); old != 0 && (old != p || *secondary.field(x) != q) {
				return fmt.Sprintf("%q differs from %v/%v in the columns beside it: give one of the two", s, old, *secondary.field(x))
			}
			*primary.field(x), *secondary.field(x) = p, q
			return ""
		},
		write: func(x *grid.MeteringPoint) string {
			if *primary.field(x) == 0 {
				return ""
			}
			return fmt.Sprintf("%v/%v", *primary.field(x), *secondary.field(x))
		},
	}
}

// multiplier checks the HSN that other systems export against the windings,
// from which it follows; it is not kept. Where of the current transformers the
// secondary alone is known, the primary follows from it.
func multiplier() column[grid.MeteringPoint] {
	return column[grid.MeteringPoint]{
		name: "multiplier", aliases: []string{"hsn", "he_so_nhan"}, input: true,
		read: func(x *grid.MeteringPoint, s string, exact bool) string {
			v, problem := parseNumber(s, 1e6, exact)
			if problem != "" {
				return problem
			}
			if x.CTPrimary == 0 && x.CTSecondary > 0 && v > 0 {
				x.CTPrimary = v * x.CTSecondary / x.Ratio().VT
				return ""
			}
			if have := x.Ratio().Product(); math.Abs(v-have) > 1e-6*have {
				return fmt.Sprintf("HSN %v does not follow from the CT and VT given, which make %v: correct the one that is wrong", v, have)
			}
			return ""
		},
		write: func(x *grid.MeteringPoint) string {
			if x.ID == "" {
				return ""
			}
			return formatNumber(x.Ratio().Product())
		},
	}
}
