package fleet

func english() words {
	return words{
		unit: "unit", feeder: "feeder", station: "substation", transformer: "transformer", point: "point", meter: "meter",
		public: "public", dedicated: "dedicated", total: "total",
		totals: "%d units, %d feeders, %d substations, %d transformers, %d points, %d meters",
	}
}
