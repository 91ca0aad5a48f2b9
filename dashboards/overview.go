package dashboards

// The newest loading of each transformer that the reader has chosen to see,
// within the board's time. One feeder has hundreds of them and not ten
// thousand: the variable bounds what a query costs.
const newest = `(SELECT last("phase_max_pct") AS "pct" FROM "loading" WHERE $timeFilter AND ` + chosen + ` GROUP BY "transformer", "feeder")`

const chosen = `"unit" =~ /^${unit:regex}$/ AND "feeder" =~ /^${feeder:regex}$/`

// overview answers: which transformers are in trouble now, where, and since
// when; and how old is what we see.
func overview(l Lang) board {
	t := words(l)
	return board{
		UID: l.uid("phutai-overview"), Title: t.board.title, Description: t.board.description,
		Tags: []string{"mba", "L1", string(l)}, SchemaVersion: 42, GraphTooltip: 1,
		Refresh: "30s", Timezone: "Asia/Ho_Chi_Minh", WeekStart: "monday",
		Time: timeRange{From: "now-6h", To: "now"},
		Links: []link{{
			Title: t.otherLanguage, Type: "link", KeepTime: true, IncludeVars: true,
			URL: "/d/" + l.other().uid("phutai-overview"),
		}},
		Templating:  templating{List: variables(t)},
		Annotations: list{List: []any{}},
		Panels: []panel{
			counted(1, 0, t.over, `"pct" >= 100`, over),
			counted(2, 4, t.near, `"pct" >= 90 AND "pct" < 100`, nearing),
			tile(3, 8, t.highest, "percent", `SELECT max("pct") FROM `+newest, limits(warnPct, overPct)),
			tile(4, 12, t.hottest, "celsius",
				`SELECT max("hot") FROM (SELECT last("hot_spot_c") AS "hot" FROM "loading" WHERE $timeFilter AND `+chosen+` GROUP BY "transformer")`,
				limits(warnHot, overHot)),
			tile(5, 16, t.heard, "none", `SELECT count("pct") FROM `+newest, plain()),
			lastSample(t),
			ranking(t),
			feeders(t),
			curve(9, place{H: 10, W: 12, X: 0, Y: 15}, t.course, "percent",
				`SELECT max("phase_max_pct") FROM "loading" WHERE $timeFilter AND `+chosen+` GROUP BY time($__interval), "feeder" fill(none)`,
				limits(warnPct, overPct)),
			curve(10, place{H: 10, W: 12, X: 12, Y: 15}, t.heat, "celsius",
				`SELECT max("hot_spot_c") FROM "loading" WHERE $timeFilter AND `+chosen+` GROUP BY time($__interval), "feeder" fill(none)`,
				limits(warnHot, overHot)),
		},
	}
}

func variables(t texts) []variable {
	return []variable{
		{Name: "ds", Label: t.database, Type: "datasource", Query: "influxdb", Regex: "/^phutai/", Refresh: 1},
		{
			Name: "unit", Label: t.unit, Type: "query", Datasource: &datasource,
			Query:   `SHOW TAG VALUES FROM "loading" WITH KEY = "unit"`,
			Refresh: 1, Multi: true, IncludeAll: true, Sort: 1, Current: &choice{Text: "All", Value: "$__all"},
		},
		{
			Name: "feeder", Label: t.feeder, Type: "query", Datasource: &datasource,
			Query:   `SHOW TAG VALUES FROM "loading" WITH KEY = "feeder" WHERE "unit" =~ /^${unit:regex}$/`,
			Refresh: 1, Multi: true, IncludeAll: true, Sort: 1, Current: &choice{Text: "All", Value: "$__all"},
		},
	}
}

// counted is a tile that counts transformers. InfluxQL gives no row where it
// counts none, so nothing is shown as 0; that this is not for want of data is
// what the tiles of freshness are for.
func counted(id, x int, t text, where, colour string) panel {
	at := thresholds{Mode: "absolute", Steps: []step{{Color: normal}, {Color: colour, Value: new(1.0)}}}
	p := tile(id, x, t, "none", `SELECT count("pct") FROM `+newest+` WHERE `+where, at)
	p.FieldConfig.Defaults.NoValue = "0"
	return p
}

// lastSample tells how old the newest value is, which also unmasks a screen
// that has stopped.
func lastSample(t texts) panel {
	p := tile(6, 20, t.age, "dateTimeFromNow",
		`SELECT last("phase_max_pct") FROM "loading" WHERE $timeFilter AND `+chosen, plain())
	p.Options["reduceOptions"] = map[string]any{"calcs": []string{"lastNotNull"}, "fields": "/^Time$/", "values": false}
	return p
}

func ranking(t texts) panel {
	return panel{
		ID: 7, Type: "table", Title: t.ranking.title, Description: t.ranking.description,
		GridPos: place{H: 11, W: 14, X: 0, Y: 4}, Datasource: datasource,
		Targets: query("table", `SELECT top("pct", "transformer", "feeder", 10) FROM `+newest),
		FieldConfig: fields{
			Defaults: field{
				Unit: "string", NoValue: "—", Color: color{Mode: "thresholds"}, Thresholds: plain(),
			},
			Overrides: []override{
				{matcher{"byName", "Time"}, []property{
					{"displayName", t.ageColumn}, {"unit", "dateTimeFromNow"}, {"custom.width", 190},
				}},
				{matcher{"byName", "transformer"}, []property{{"displayName", t.transformer}}},
				{matcher{"byName", "feeder"}, []property{{"displayName", t.feeder}, {"custom.width", 130}}},
				{matcher{"byName", "top"}, []property{
					{"displayName", t.loading}, {"unit", "percent"}, {"decimals", 1}, {"min", 0}, {"max", 130},
					{"thresholds", limits(warnPct, overPct)},
					{"custom.cellOptions", map[string]any{"type": "gauge", "mode": "basic", "valueDisplayMode": "text"}},
				}},
			},
		},
		Options: map[string]any{
			"showHeader": true, "cellHeight": "sm",
			"sortBy": []map[string]any{{"displayName": t.loading, "desc": true}},
		},
		Transformations: []transform{{ID: "organize", Options: map[string]any{
			"excludeByName": map[string]any{},
			"indexByName":   map[string]any{"transformer": 0, "feeder": 1, "top": 2, "Time": 3},
			"renameByName":  map[string]any{},
		}}},
	}
}

func feeders(t texts) panel {
	targets := query("time_series", `SELECT max("pct") FROM `+newest+` GROUP BY "feeder"`)
	targets[0].Alias = "$tag_feeder"
	return panel{
		ID: 8, Type: "bargauge", Title: t.feeders.title, Description: t.feeders.description,
		GridPos: place{H: 11, W: 10, X: 14, Y: 4}, Datasource: datasource, Targets: targets,
		FieldConfig: fields{
			Defaults: field{
				Unit: "percent", Decimals: new(1), Min: new(0.0), Max: new(130.0), NoValue: "—",
				Color: color{Mode: "thresholds"}, Thresholds: limits(warnPct, overPct),
			},
			Overrides: []override{},
		},
		Options: map[string]any{
			"orientation": "horizontal", "displayMode": "basic", "showUnfilled": true, "valueMode": "text",
			"reduceOptions": map[string]any{"calcs": []string{"lastNotNull"}, "fields": "", "values": false},
		},
	}
}
