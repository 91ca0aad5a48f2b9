package dashboards_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/influxdata/influxql"

	"phutai/grid"
	"phutai/store/lineproto"
)

var variable = regexp.MustCompile(`\$\{?(\w+)(:regex)?\}?`)

// parse checks a query's macros and gives it as InfluxDB gets it.
func parse(t *testing.T, where, query string, defined []string) influxql.Statement {
	t.Helper()
	for _, m := range variable.FindAllStringSubmatch(query, -1) {
		if !slices.Contains(defined, m[1]) {
			t.Errorf("%s: $%s is not defined", where, m[1])
		}
	}
	plain := strings.NewReplacer(
		"$timeFilter", "time >= 1750000000000ms AND time <= 1750003600000ms",
		"$__interval", "1m", "${unit:regex}", "(PDSH01|PDSH02)", "${feeder:regex}", `(471E11|472E3\.4)`,
	).Replace(query)
	statement, err := influxql.ParseStatement(plain)
	if err != nil {
		t.Fatalf("%s: %v\n%s", where, err, plain)
	}
	return statement
}

func TestQueriesAreInfluxQLOverWhatPhutaiWrites(t *testing.T) {
	written := schema(t)
	for name, b := range boards(t) {
		defined := []string{"timeFilter", "__interval"}
		for _, v := range b.Templating.List {
			defined = append(defined, v.Name)
		}
		for _, v := range b.Templating.List {
			if v.Type == "query" {
				parse(t, name+" variable "+v.Name, v.Query, defined)
			}
		}
		for _, p := range b.Panels {
			for _, target := range p.Targets {
				where := name + " panel " + p.Title
				if !strings.Contains(target.Query, "$timeFilter") || strings.Contains(target.Query, "now()") {
					t.Errorf("%s: the query is not bound to the board's time: %s", where, target.Query)
				}
				if !strings.Contains(target.Query, `"feeder" =~ /^${feeder:regex}$/`) {
					t.Errorf("%s: the query is not bound to the chosen feeders: %s", where, target.Query)
				}
				check(t, where, parse(t, where, target.Query, defined).(*influxql.SelectStatement), written)
			}
		}
	}
}

// check holds every name in the query against what is written, or against what
// the sub-query hands up.
func check(t *testing.T, where string, s *influxql.SelectStatement, written map[string][]string) {
	t.Helper()
	known := []string{"time"}
	for _, from := range s.Sources {
		switch from := from.(type) {
		case *influxql.Measurement:
			columns, ok := written[from.Name]
			if !ok {
				t.Errorf("%s: phutai writes no measurement %q", where, from.Name)
			}
			known = append(known, columns...)
		case *influxql.SubQuery:
			check(t, where, from.Statement, written)
			known = append(known, from.Statement.ColumnNames()...)
			for _, d := range from.Statement.Dimensions {
				known = append(known, strings.Trim(d.String(), `"`))
			}
		}
	}
	influxql.WalkFunc(s.Fields, func(n influxql.Node) {
		if ref, ok := n.(*influxql.VarRef); ok && !slices.Contains(known, ref.Val) {
			t.Errorf("%s: %q is not among %v", where, ref.Val, known)
		}
	})
	influxql.WalkFunc(s.Condition, func(n influxql.Node) {
		if ref, ok := n.(*influxql.VarRef); ok && !slices.Contains(known, ref.Val) {
			t.Errorf("%s: %q is not among %v", where, ref.Val, known)
		}
	})
}

// schema reads off the writer's own lines which tags and fields there are.
func schema(t *testing.T) map[string][]string {
	t.Helper()
	x := grid.Known(1)
	row := grid.Loading{
		PhaseMaxPct: x, LoadingPct: x, SKVA: x, PKW: x, Amps: [3]grid.Float{x, x, x}, NeutralA: x,
		UnbalancePct: x, HeadroomKVA: x, AmbientC: x, TopOilC: x, HotSpotC: x, Ageing: x, MinutesToHit: x, TrendPctPerHr: x,
	}
	written := map[string][]string{}
	for _, line := range []string{lineproto.LoadingLine(&row, "f", "u"), lineproto.ReadingLine(&grid.Reading{Point: "p", Source: grid.Instant})} {
		parts := strings.Split(line, " ")
		head := strings.Split(parts[0], ",")
		for _, pair := range append(head[1:], strings.Split(parts[1], ",")...) {
			name, _, _ := strings.Cut(pair, "=")
			written[head[0]] = append(written[head[0]], name)
		}
	}
	return written
}
