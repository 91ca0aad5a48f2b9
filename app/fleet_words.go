package app

import "phutai/fleet"

// diffWords are the words of fleet diff in one language.
type diffWords struct {
	head                                [7]string
	what                                map[fleet.What]string
	kinds                               map[fleet.Kind]string
	columns                             map[string]string // of which people know other names
	note, unmatched, problem, more, sum string
}

func diffWordsOf(lang string) *diffWords {
	if lang == "en" {
		return englishDiff()
	}
	return vietnameseDiff()
}

func englishDiff() *diffWords {
	return &diffWords{
		head: [7]string{"change", "table", "id", "name", "column", "register", "source"},
		what: map[fleet.What]string{fleet.Added: "new", fleet.Changed: "changed", fleet.Removed: "gone"},
		kinds: map[fleet.Kind]string{
			fleet.Units: "unit", fleet.Feeders: "feeder", fleet.Substations: "substation", fleet.Transformers: "transformer",
			fleet.Points: "point", fleet.Meters: "meter", fleet.Priorities: "priority site", fleet.Neighbours: "neighbour",
		},
		columns: map[string]string{"ct": "CT", "vt": "VT", "rated_kva": "kVA"},
		note:    "note", unmatched: "unmatched", problem: "problem",
		more: "note: and %d more like these; --json lists them all\n",
		sum:  "%s: %d new, %d changed, %d gone; %d rows unmatched, %d problems. An import leaves what is gone as it is.\n",
	}
}

func vietnameseDiff() *diffWords {
	return &diffWords{
		head: [7]string{"thay đổi", "bảng", "mã", "tên", "mục", "hồ sơ", "danh sách"},
		what: map[fleet.What]string{fleet.Added: "mới", fleet.Changed: "khác", fleet.Removed: "không còn"},
		kinds: map[fleet.Kind]string{
			fleet.Units: "đơn vị", fleet.Feeders: "lộ", fleet.Substations: "TBA", fleet.Transformers: "MBA",
			fleet.Points: "điểm đo", fleet.Meters: "công tơ", fleet.Priorities: "điểm ưu tiên", fleet.Neighbours: "san tải",
		},
		columns: map[string]string{
			"ct": "TI", "vt": "TU", "multiplier": "HSN", "rated_kva": "Sđm (kVA)", "unit": "đơn vị", "feeder": "lộ", "name": "tên", "type": "loại",
			"point": "điểm đo", "substation": "TBA", "transformers": "MBA",
		},
		note: "lưu ý", unmatched: "không khớp", problem: "lỗi",
		more: "lưu ý: và %d dòng tương tự; --json liệt kê tất cả\n",
		sum:  "%s: %d mới, %d khác, %d không còn; %d dòng không khớp, %d lỗi. Nhập danh sách không xóa những gì không còn.\n",
	}
}
