package dashboards

// The colours. Normal is grey, so that what is not normal stands out; none of
// the three is ever used for anything else.
const (
	normal  = "#8e8e8e"
	nearing = "#e0a100"
	over    = "#d0342c"
)

// The limits that colours stand for: alerting's defaults.
const (
	warnPct, overPct = 90, 100  // worst phase, % of the governing limit
	warnHot, overHot = 120, 140 // hot spot, °C
)

// datasource is the variable that names the InfluxDB; test and production
// differ in nothing else.
var datasource = source{Type: "influxdb", UID: "${ds}"}

func limits(warn, high float64) thresholds {
	return thresholds{Mode: "absolute", Steps: []step{
		{Color: normal},
		{Color: nearing, Value: new(warn)},
		{Color: over, Value: new(high)},
	}}
}

func plain() thresholds {
	return thresholds{Mode: "absolute", Steps: []step{{Color: normal}}}
}

func query(format, influxql string) []target {
	return []target{{RefID: "A", Datasource: datasource, Query: influxql, RawQuery: true, ResultFormat: format}}
}

// tile is a panel with one figure.
func tile(id, x int, t text, unit, influxql string, at thresholds) panel {
	p := panel{
		ID: id, Type: "stat", Title: t.title, Description: t.description,
		GridPos: place{H: 4, W: 4, X: x, Y: 0}, Datasource: datasource,
		Targets: query("table", influxql),
		FieldConfig: fields{
			Defaults: field{
				Unit: unit, Decimals: new(0), NoValue: "—",
				Color: color{Mode: "thresholds"}, Thresholds: at,
			},
			Overrides: []override{},
		},
		Options: map[string]any{
			"colorMode": "value", "graphMode": "none", "textMode": "value", "justifyMode": "center",
			"reduceOptions": map[string]any{"calcs": []string{"lastNotNull"}, "fields": "", "values": false},
		},
	}
	return p
}

// curve is a panel with one line for each feeder over time.
func curve(id int, at place, t text, unit, influxql string, limit thresholds) panel {
	targets := query("time_series", influxql)
	targets[0].Alias = "$tag_feeder"
	return panel{
		ID: id, Type: "timeseries", Title: t.title, Description: t.description,
		GridPos: at, Datasource: datasource, Targets: targets,
		FieldConfig: fields{
			Defaults: field{
				Unit: unit, Decimals: new(0), Min: new(0.0), NoValue: "—",
				Color: color{Mode: "palette-classic-by-name"}, Thresholds: limit,
				Custom: map[string]any{
					"drawStyle": "line", "lineWidth": 2, "fillOpacity": 0, "showPoints": "never",
					"spanNulls":       false, // a gap in the data is a gap in the line
					"thresholdsStyle": map[string]any{"mode": "line"},
				},
			},
			Overrides: []override{},
		},
		Options: map[string]any{
			"legend":  map[string]any{"showLegend": true, "displayMode": "list", "placement": "bottom", "calcs": []string{}},
			"tooltip": map[string]any{"mode": "multi", "sort": "desc"},
		},
	}
}
