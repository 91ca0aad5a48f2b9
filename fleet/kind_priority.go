package fleet

import (
	"fmt"

	"phutai/grid"
)

func priorityKind() *kind[grid.PrioritySite] {
	type T = grid.PrioritySite
	tags := map[string]grid.PriorityTag{
		"hospital": grid.Hospital, "benh vien": grid.Hospital, "tram y te": grid.Hospital,
		"water": grid.WaterPlant, "nha may nuoc": grid.WaterPlant, "tram bom": grid.WaterPlant,
		"school": grid.School, "truong hoc": grid.School,
		"exam": grid.ExamSite, "diem thi": grid.ExamSite, "ky thi": grid.ExamSite,
		"event": grid.EventSite, "su kien": grid.EventSite,
		"other": grid.OtherSite, "khac": grid.OtherSite,
	}
	return &kind[T]{
		name:    Priorities,
		aliases: []string{"priority", "uu_tien", "diem_uu_tien"},
		id:      func(x *T) string { return joined(string(x.Substation), string(x.Tag)) },
		columns: []column[T]{
			refers(Substations, code("substation", true, func(x *T) *grid.SubstationID { return &x.Substation }, "ma_tram")),
			required(choice("tag", func(x *T) *grid.PriorityTag { return &x.Tag }, "hospital, water, school, exam, event or other", tags, "loai_uu_tien")),
			text("name", false, func(x *T) *string { return &x.Name }, "ten_diem", "ten_diem_uu_tien"),
		},
	}
}

func neighbourKind() *kind[grid.Neighbour] {
	type T = grid.Neighbour
	return &kind[T]{
		name:    Neighbours,
		aliases: []string{"neighbour", "neighbors", "san_tai", "tram_lan_can"},
		id:      func(x *T) string { return joined(string(x.Substation), string(x.Other)) },
		columns: []column[T]{
			refers(Substations, code("substation", true, func(x *T) *grid.SubstationID { return &x.Substation }, "ma_tram")),
			refers(Substations, code("neighbour", true, func(x *T) *grid.SubstationID { return &x.Other }, "ma_tram_lan_can", "ma_tram_nhan")),
			number("max_kva", maxKVA, true, func(x *T) *float64 { return &x.KVA }, "san_toi_da_kva"),
			text("tie", false, func(x *T) *string { return &x.Tie }, "diem_noi"),
		},
		vet: func(x *T, _ Rules, report func(column, text string)) {
			if x.Substation != "" && x.Substation == x.Other {
				report("neighbour", fmt.Sprintf("substation %q is named as its own neighbour: name the one that takes its load", x.Other))
			}
			if x.KVA < 0 {
				report("max_kva", "is below zero: leave it empty where it is not known")
			}
		},
	}
}

// required makes a column one that no row may leave empty.
func required[T any](c column[T]) column[T] {
	c.required = true
	return c
}

// joined is the id of what is told by two codes, neither of which has a blank.
func joined(a, b string) string {
	if a == "" || b == "" {
		return ""
	}
	return a + " " + b
}
