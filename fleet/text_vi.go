package fleet

func vietnamese() words {
	return words{
		unit: "đơn vị", feeder: "lộ", station: "TBA", transformer: "MBA", point: "điểm đo", meter: "công tơ",
		public: "công cộng", dedicated: "chuyên dùng", total: "tổng cộng", ct: "TI", vt: "TU", ratio: "HSN", priority: "điểm ưu tiên", neighbour: "san tải được sang",
		totals: "%d đơn vị, %d lộ, %d TBA, %d MBA, %d điểm đo, %d công tơ",
	}
}
