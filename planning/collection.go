package planning

import (
	"fmt"
	"strconv"
	"time"

	"phutai/grid"
)

// Collected is how much of what was due of one metering point has come on a day, and
// what is missing.
type Collected struct {
	Unit       string // its name, or its id where it has none
	Feeder     string
	Substation string
	Point      grid.PointID
	Meter      grid.MeterID // empty: none is declared
	Polls      grid.Collection
	Rows       grid.Collection // of the load profile
	Gaps       []Gap
}

// Gap is a run of readings that have not come for one reason.
type Gap struct {
	Source   grid.Source
	From, To time.Time
	Readings int
	Reason   grid.Reason // NoReason: not here yet
	Detail   string
}

// All is what was due and has come of both sources.
func (c *Collected) All() grid.Collection { return c.Polls.Plus(c.Rows) }

// Sheet is a table with a name; Numbers marks its columns of numbers.
type Sheet struct {
	Name    string
	Header  []string
	Numbers []bool
	Rows    [][]string
}

// CollectionReport gives the sheets of the report of one day: by unit, by point, and
// each gap with its reason. points are ordered by unit.
func CollectionReport(lang Lang, day time.Time, zone *time.Location, points []Collected) ([]Sheet, error) {
	t, err := textsOf(lang)
	if err != nil {
		return nil, err
	}
	date := day.In(zone).Format(time.DateOnly)
	units := Sheet{Name: t.sheets[0], Header: t.byUnit[:], Numbers: []bool{false, false, true, true, true, true, true, true, true}}
	every := Sheet{Name: t.sheets[1], Header: t.byPoint[:], Numbers: []bool{false, false, false, false, false, false, true, true, true, true, true, true, true, true, true}}
	gaps := Sheet{Name: t.sheets[2], Header: t.byGap[:], Numbers: []bool{false, false, false, false, false, false, false, true}}
	for i := 0; i < len(points); {
		unit, n, silent := points[i].Unit, 0, 0
		var sum grid.Collection
		for ; i < len(points) && points[i].Unit == unit; i++ {
			p := &points[i]
			n++
			all := p.All()
			if all.Received == 0 {
				silent++
			}
			sum = sum.Plus(all)
			every.Rows = append(every.Rows, append([]string{date, unit, p.Feeder, p.Substation, string(p.Point), string(p.Meter)},
				append(append(counts(all), counts(p.Polls)[:2]...), counts(p.Rows)[:2]...)...))
			gaps.Rows = append(gaps.Rows, t.gaps(p, zone)...)
		}
		units.Rows = append(units.Rows, append([]string{date, unit, strconv.Itoa(n), strconv.Itoa(silent)}, counts(sum)...))
	}
	return []Sheet{units, every, gaps}, nil
}

// counts words an account: due, received, rate in percent, explained, open. Without
// anything due there is no rate.
func counts(c grid.Collection) []string {
	rate := ""
	if c.Due > 0 {
		rate = strconv.FormatFloat(100*float64(c.Received)/float64(c.Due), 'f', 2, 64)
	}
	return []string{strconv.Itoa(c.Due), strconv.Itoa(c.Received), rate, strconv.Itoa(c.Explained), strconv.Itoa(c.Open())}
}

func (t *texts) gaps(p *Collected, zone *time.Location) (out [][]string) {
	row := func(from, to, source, n, why, detail string) {
		out = append(out, []string{p.Unit, p.Substation, string(p.Point), string(p.Meter), from, to, source, n, why, detail})
	}
	if p.Meter == "" && p.All().Due == 0 {
		row("", "", "", "", t.reasons[grid.NotDeclared], "")
	} else if p.All().Due == 0 {
		row("", "", "", "", t.unheard, "")
	}
	for _, g := range p.Gaps {
		why := t.reasons[g.Reason]
		if g.Reason == grid.NoReason {
			why = t.reasons[grid.Late]
		}
		if why == "" {
			why = fmt.Sprint(g.Reason)
		}
		moment := func(at time.Time) string { return at.In(zone).Format("2006-01-02 15:04:05") }
		row(moment(g.From), moment(g.To), t.sources[g.Source], strconv.Itoa(g.Readings), why, g.Detail)
	}
	return out
}
