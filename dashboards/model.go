package dashboards

// The types hold the part of Grafana's classic dashboard JSON that the boards
// use, under Grafana's own names.

type board struct {
	UID           string     `json:"uid"`
	Title         string     `json:"title"`
	Description   string     `json:"description"`
	Tags          []string   `json:"tags"`
	SchemaVersion int        `json:"schemaVersion"`
	Editable      bool       `json:"editable"`
	GraphTooltip  int        `json:"graphTooltip"` // 1: shared crosshair
	Refresh       string     `json:"refresh"`
	Timezone      string     `json:"timezone"`
	WeekStart     string     `json:"weekStart"`
	Time          timeRange  `json:"time"`
	Links         []link     `json:"links"`
	Templating    templating `json:"templating"`
	Annotations   list       `json:"annotations"`
	Panels        []panel    `json:"panels"`
}

type timeRange struct {
	From string `json:"from"`
	To   string `json:"to"`
}

type list struct {
	List []any `json:"list"`
}

type link struct {
	Title       string `json:"title"`
	Type        string `json:"type"`
	URL         string `json:"url"`
	KeepTime    bool   `json:"keepTime"`
	IncludeVars bool   `json:"includeVars"`
}

type templating struct {
	List []variable `json:"list"`
}

type variable struct {
	Name       string  `json:"name"`
	Label      string  `json:"label"`
	Type       string  `json:"type"`
	Query      string  `json:"query"`
	Regex      string  `json:"regex,omitempty"`
	Datasource *source `json:"datasource,omitempty"`
	Refresh    int     `json:"refresh"` // 1: when the board is loaded
	Multi      bool    `json:"multi"`
	IncludeAll bool    `json:"includeAll"`
	Sort       int     `json:"sort"` // 1: alphabetical
	Current    *choice `json:"current,omitempty"`
}

type choice struct {
	Text  string `json:"text"`
	Value string `json:"value"`
}

type source struct {
	Type string `json:"type"`
	UID  string `json:"uid"`
}

type panel struct {
	ID              int            `json:"id"`
	Type            string         `json:"type"`
	Title           string         `json:"title"`
	Description     string         `json:"description"`
	GridPos         place          `json:"gridPos"`
	Datasource      source         `json:"datasource"`
	Targets         []target       `json:"targets"`
	FieldConfig     fields         `json:"fieldConfig"`
	Options         map[string]any `json:"options"`
	Transformations []transform    `json:"transformations,omitempty"`
}

// place is where a panel sits: the board is 24 columns wide, a row is 30 px
// and a gap of 8.
type place struct {
	H int `json:"h"`
	W int `json:"w"`
	X int `json:"x"`
	Y int `json:"y"`
}

type target struct {
	RefID        string `json:"refId"`
	Datasource   source `json:"datasource"`
	Query        string `json:"query"`
	RawQuery     bool   `json:"rawQuery"`
	ResultFormat string `json:"resultFormat"` // time_series or table
	Alias        string `json:"alias,omitempty"`
}

type fields struct {
	Defaults  field      `json:"defaults"`
	Overrides []override `json:"overrides"`
}

type field struct {
	Unit       string         `json:"unit"`
	Decimals   *int           `json:"decimals,omitempty"`
	Min        *float64       `json:"min,omitempty"`
	Max        *float64       `json:"max,omitempty"`
	NoValue    string         `json:"noValue"`
	Color      color          `json:"color"`
	Thresholds thresholds     `json:"thresholds"`
	Custom     map[string]any `json:"custom,omitempty"`
}

type color struct {
	Mode       string `json:"mode"`
	FixedColor string `json:"fixedColor,omitempty"`
}

type thresholds struct {
	Mode  string `json:"mode"`
	Steps []step `json:"steps"`
}

// step colours from Value up; the first has none and colours from the bottom.
type step struct {
	Color string   `json:"color"`
	Value *float64 `json:"value"`
}

type override struct {
	Matcher    matcher    `json:"matcher"`
	Properties []property `json:"properties"`
}

type matcher struct {
	ID      string `json:"id"`
	Options string `json:"options"`
}

type property struct {
	ID    string `json:"id"`
	Value any    `json:"value"`
}

type transform struct {
	ID      string         `json:"id"`
	Options map[string]any `json:"options"`
}
