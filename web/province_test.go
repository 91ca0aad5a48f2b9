package web_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"phutai/grid"
	"phutai/web"
)

// evening is when the tests look: 20:30 of a hot day, local time.
var evening = time.Date(2026, 6, 22, 13, 30, 0, 0, time.UTC)

// evenClock stands still and says that it runs sixty times as fast.
type evenClock struct{ speed float64 }

func (c evenClock) Now() time.Time { return evening }
func (c evenClock) Speed() float64 { return c.speed }
func (c evenClock) Wait(ctx context.Context, _ time.Time) error {
	<-ctx.Done()
	return ctx.Err()
}

// province is a fleet of forty stations in memory.
type province struct {
	rows     []web.Row
	latest   []grid.Loading
	contacts []grid.Contact
	health   []web.Problem
	broken   error // what every reading gives, where set
	speed    float64
	endsIn   bool // each alarm ends while somebody acknowledges it

	mu     sync.Mutex // guards alarms
	alarms []grid.Alarm
	doubts doubts
}

var placeNames = []string{
	"Minh Khai", "Tây Đô", "Thống Nhất", "An Dinh", "Đông Hưng", "Quỳnh Côi", "Tiền Hải", "Vũ Thư",
}

// newProvince makes the fleet: station 7 at 110.9 %, 12 near its limit, 20 without
// rating, 30 silent for three hours, 31 never heard.
func newProvince() *province {
	p := &province{}
	for i := range 40 {
		unit := grid.Unit{ID: grid.UnitID(fmt.Sprintf("PH%02d", i%2)), Name: []string{"Đội QLĐL Hưng Hà", "Đội QLĐL Đông Hưng"}[i%2]}
		feeder := grid.Feeder{ID: grid.FeederID(fmt.Sprintf("47%dE3.3", i%3+1)), Name: fmt.Sprintf("Lộ 47%d E3.3", i%3+1), Unit: unit.ID, KV: 22}
		tr := grid.Transformer{ID: grid.TransformerID(fmt.Sprintf("T%04d", i)), Name: "MBA T1", RatedKVA: 400, HVKV: 22, LVKV: 0.4, Cooling: grid.ONAN, Year: 2016, VectorGroup: "Dyn11"}
		row := web.Row{
			Unit: unit, Feeder: feeder, Transformer: tr,
			Substation: grid.Substation{ID: grid.SubstationID(fmt.Sprintf("S%04d", i)), Name: fmt.Sprintf("%s %d", placeNames[i%len(placeNames)], i/len(placeNames)+1), Unit: unit.ID, Feeder: feeder.ID, Dedicated: i%5 == 4},
			Point:      grid.MeteringPoint{ID: grid.PointID(fmt.Sprintf("PD%04d", i)), Side: grid.LV, Wiring: grid.ThreeCT, CTPrimary: 600, CTSecondary: 5, Transformers: []grid.TransformerID{tr.ID}},
			Meter:      grid.Meter{ID: grid.MeterID(fmt.Sprintf("2200%04d", i)), Profile: "eastron-sdm630", Every: 5 * time.Minute},
		}
		if i == 3 {
			row.Substation.Priority = "Bệnh viện"
		}
		if i == 20 {
			row.Transformer.RatedKVA = 0
		}
		row.Fold = fold(row.Substation.Name + " " + string(row.Transformer.ID) + " " + string(row.Point.ID) + " " + row.Feeder.Name + " " + row.Unit.Name)
		p.rows = append(p.rows, row)
		contact := grid.Contact{Point: row.Point.ID, LastGood: evening.Add(-2 * time.Minute), LastTry: evening.Add(-2 * time.Minute)}
		load := carried(&row, 0.35+0.011*float64(i*7%40), evening.Add(-2*time.Minute))
		switch i {
		case 7:
			load = carried(&row, 1.10851, evening.Add(-time.Minute))
		case 12:
			load = carried(&row, 0.934, evening.Add(-time.Minute))
		case 20:
			load.PhaseMaxPct, load.LoadingPct, load.Governor, load.LimitA = grid.Float{}, grid.Float{}, grid.NoGovernor, 0
			load.MinutesToHit, load.TrendPctPerHr, load.HeadroomKVA = grid.Float{}, grid.Float{}, grid.Float{}
		case 30:
			load.At = evening.Add(-3 * time.Hour)
			contact = grid.Contact{Point: row.Point.ID, LastGood: load.At, LastTry: evening.Add(-time.Minute), Misses: 36, Missing: grid.NoAnswer, Detail: "i/o timeout", ClockKnown: true, ClockOffset: -75 * time.Second}
		case 31:
			p.contacts = append(p.contacts, grid.Contact{Point: row.Point.ID, LastTry: evening, Misses: 9, Missing: grid.NoRoute, ClockKnown: true, ClockOffset: 153*24*time.Hour + 8*time.Hour})
			continue
		}
		p.latest, p.contacts = append(p.latest, load), append(p.contacts, contact)
	}
	p.alarms = []grid.Alarm{
		{ID: "7F3K", Kind: grid.Overload, Severity: grid.Critical, State: grid.Unacked, Point: "PD0007", Transformer: "T0007", Substation: "S0007", Phase: grid.PhaseA, Value: grid.Known(110.851), Limit: 100, Governor: grid.GovernRating, RaisedAt: evening.Add(-25 * time.Minute), ValueAt: evening.Add(-time.Minute)},
		{ID: "7F3M", Kind: grid.Overload, Severity: grid.Warning, State: grid.Acked, Point: "PD0012", Transformer: "T0012", Substation: "S0012", Phase: grid.PhaseC, Value: grid.Known(93.4), Limit: 90, Governor: grid.GovernRating, RaisedAt: evening.Add(-50 * time.Minute), ValueAt: evening.Add(-time.Minute), AckedAt: evening.Add(-40 * time.Minute), AckedBy: "Nguyễn Văn An"},
		{ID: "7F60", Kind: grid.CommsLoss, Severity: grid.Advice, State: grid.Unacked, Point: "PD0030", Substation: "S0030", Missing: grid.NoAnswer, RaisedAt: evening.Add(-150 * time.Minute)},
		{ID: "7F20", Kind: grid.HotSpot, Severity: grid.Warning, State: grid.Normal, Point: "PD0012", Transformer: "T0012", Value: grid.Known(121), Limit: 120, RaisedAt: evening.Add(-26 * time.Hour), ClearedAt: evening.Add(-22 * time.Hour), AckedAt: evening.Add(-25 * time.Hour), AckedBy: "demo"},
	}
	return p
}

// carried makes the loading of a row at k times its limit.
func carried(r *web.Row, k float64, at time.Time) grid.Loading {
	limit := 400 / (math.Sqrt(3) * 0.4)
	a, b, c := limit*k, limit*k*0.656, limit*k*0.625
	s := (a + b + c) / 3 * math.Sqrt(3) * 0.4
	return grid.Loading{
		Transformer: r.Transformer.ID, Point: r.Point.ID, At: at, Source: grid.Instant,
		PhaseMaxPct: grid.Known(k * 100), WorstPhase: grid.PhaseA, Governor: grid.GovernRating, LimitA: limit,
		LoadingPct: grid.Known(s / 4), SKVA: grid.Known(s), PKW: grid.Known(s * 0.92),
		Amps: [3]grid.Float{grid.Known(a), grid.Known(b), grid.Known(c)}, NeutralA: grid.Known(a - b), UnbalancePct: grid.Known(31.5),
		HeadroomKVA: grid.Known(400 * (1 - k)), AmbientC: grid.Known(34), TopOilC: grid.Known(50 + 30*k), HotSpotC: grid.Known(55 + 45*k),
		Ageing: grid.Known(k * k), MinutesToHit: grid.Known(math.Max(0, (1-k)*400)), TrendPctPerHr: grid.Known(k*20 - 8),
	}
}

func (p *province) Rows(context.Context) ([]web.Row, error) { return p.rows, p.broken }

func (p *province) Row(_ context.Context, id grid.TransformerID) (web.Row, bool, error) {
	for i := range p.rows {
		if p.rows[i].Transformer.ID == id {
			return p.rows[i], true, p.broken
		}
	}
	return web.Row{}, false, p.broken
}

func (p *province) LatestLoading(context.Context) ([]grid.Loading, error) { return p.latest, p.broken }

// LoadingSeries gives a day's shape in steps of ten minutes, with a hole from
// 03:00 to 06:00 local time of each day.
func (p *province) LoadingSeries(ctx context.Context, id grid.TransformerID, from, to time.Time, yield func(grid.Loading) error) error {
	row, _, err := p.Row(ctx, id)
	if err != nil {
		return err
	}
	peak := 0.8
	if id == "T0007" {
		peak = 1.10851
	}
	for at := from.Truncate(10 * time.Minute); at.Before(to) && at.Before(evening); at = at.Add(10 * time.Minute) {
		hour := float64(at.Add(7*time.Hour).Hour()) + float64(at.Minute())/60
		if at.Before(from) || hour > 3 && hour < 6 {
			continue
		}
		k := peak * (0.45 + 0.33*bell((hour-12)/2.2) + 0.55*bell((hour-21)/1.9))
		l := carried(&row, k, at)
		l.AmbientC = grid.Known(31 + 5*math.Sin((hour-9)/24*2*math.Pi))
		if id == "T0009" && hour >= 1 && hour < 2 {
			l.Grade, l.PhaseGrade = grid.Estimated, grid.Estimated
		}
		if err := yield(l); err != nil {
			return err
		}
	}
	return nil
}

func (p *province) Contacts(context.Context) ([]grid.Contact, error) { return p.contacts, p.broken }

func (p *province) List(context.Context) ([]grid.Alarm, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]grid.Alarm(nil), p.alarms...), p.broken
}

func (p *province) Acknowledge(_ context.Context, id grid.AlarmID, who string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.endsIn {
		p.alarms = slices.DeleteFunc(p.alarms, func(a grid.Alarm) bool { return a.ID == id })
	}
	for i := range p.alarms {
		if p.alarms[i].ID == id {
			p.alarms[i].State, p.alarms[i].AckedBy, p.alarms[i].AckedAt = grid.Acked, who, evening
			return nil
		}
	}
	return errors.New("no such alarm")
}

func (p *province) Health(context.Context) []web.Problem { return p.health }

func (p *province) WriteCurve(_ context.Context, w io.Writer, ask web.CurveAsk) error {
	_, err := fmt.Fprintf(w, "%s;%s;%v;%s\n", ask.Transformer, ask.From.Format(time.RFC3339), ask.Every, ask.Lang)
	return err
}

// fold drops accents and case, as the register's own folding does.
func fold(s string) string {
	s = strings.NewReplacer("đ", "d", "Đ", "d").Replace(s)
	return strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(s)))
}

// Collection gives the month of station 30: a meter of which 12 are missing with a
// reason and one without.
func (p *province) Collection(_ context.Context, id grid.PointID, since time.Time) (grid.Collection, error) {
	if id != "PD0030" || evening.Sub(since) != 30*24*time.Hour {
		return grid.Collection{}, p.broken
	}
	return grid.Collection{Due: 634, Received: 621, Explained: 12}, p.broken
}

// MadeBy gives what a rule has made for station 9.
func (p *province) MadeBy(_ context.Context, id grid.PointID, _, _ time.Time) (map[string]int, error) {
	if id != "PD0009" {
		return nil, p.broken
	}
	return map[string]int{"short gaps": 2}, p.broken
}

// LoadDays gives a year of days up to the evening: each with its peak at 19:00, the
// 400th before not among them, and one of a doubtful meter in May.
func (p *province) LoadDays(_ context.Context, id grid.TransformerID, from, to time.Time) ([]grid.LoadDay, error) {
	var out []grid.LoadDay
	for day := evening.Add(-13*time.Hour-30*time.Minute-7*time.Hour).AddDate(-1, 0, 0); day.Before(evening); day = day.AddDate(0, 0, 1) {
		if day.Before(from) || !day.Before(to) {
			continue
		}
		n := float64(day.YearDay() % 31)
		d := grid.LoadDay{Transformer: id, Day: day, Instant: [4]int{280, 2}, Profile: [4]int{48}, Last: day.Add(24*time.Hour - time.Minute),
			PhaseMaxPct: grid.Peak{X: 80 + n, At: day.Add(19 * time.Hour), Known: true}, WorstPhase: grid.PhaseC,
			SKVA: grid.Peak{X: 300 + n, At: day.Add(20 * time.Hour), Known: true}, HotSpotC: grid.Peak{X: 90 + n, At: day.Add(21 * time.Hour), Known: true},
			MinKW: grid.Known(40), MaxKW: grid.Known(290), EnergyKWh: grid.Known(2300), Covered: 23 * time.Hour}
		if day.Month() == time.May && day.Day() == 1 {
			d.PhaseMaxPct.X, d.PhaseMaxPct.Grade = 900, grid.Suspect
		}
		out = append(out, d)
	}
	return out, p.broken
}

// FleetDay gives three transformers, one of them without a figure.
func (p *province) FleetDay(context.Context, time.Time) ([]grid.LoadDay, error) {
	return []grid.LoadDay{
		{Transformer: "T0001", PhaseMaxPct: grid.Peak{X: 70, Known: true}, WorstPhase: grid.PhaseA}, {Transformer: "T0002"},
		{Transformer: "T0003", PhaseMaxPct: grid.Peak{X: 110, Known: true}, WorstPhase: grid.PhaseB},
	}, p.broken
}

// UnitsOn gives two units, one of which was merged into the other on 20 June, and
// sums that the day is the factor of.
func (p *province) UnitsOn(_ context.Context, day time.Time) ([]web.UnitCollection, error) {
	n := day.Add(7 * time.Hour).Day()
	a := web.UnitCollection{Unit: grid.Unit{ID: "PH00", Name: "Đội QLĐL Hưng Hà"}, Points: 20, Silent: 1, Collection: grid.Collection{Due: 100 * n, Received: 98 * n, Explained: n}}
	b := web.UnitCollection{Unit: grid.Unit{ID: "PH01"}, Points: 20, Collection: grid.Collection{Due: 100 * n, Received: 100*n - 1}}
	if n >= 20 {
		a.Points = 40
		return []web.UnitCollection{a}, p.broken
	}
	return []web.UnitCollection{a, b}, p.broken
}

func (p *province) deps() web.Deps {
	return web.Deps{Fleet: p, Loadings: p, Contacts: p, Days: p, Collected: p, Units: p, Made: p, Alarms: p, Health: p, Curves: p, Cases: &p.doubts, CaseTable: &p.doubts, Fold: fold, Clock: evenClock{cmp.Or(p.speed, 60)}}
}

// newServer joins a server to the province.
func newServer(t testing.TB, p *province) *web.Server {
	t.Helper()
	cfg := web.DefaultConfig()
	cfg.Listen = "127.0.0.1:0"
	s, err := web.New(cfg, p.deps(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// bell is the shape of a peak of the day.
func bell(x float64) float64 { return math.Exp(-x * x) }
