package fleet

func english() words {
	return words{
		unit: "unit", feeder: "feeder", station: "substation", transformer: "transformer", point: "point", meter: "meter",
		public: "public", dedicated: "dedicated", total: "total", ct: "CT", vt: "VT", ratio: "multiplier", priority: "priority site", neighbour: "can give load to",
		totals: "%d units, %d feeders, %d substations, %d transformers, %d points, %d meters",
	}
}
