package notify

import (
	"fmt"
	"math"
	"strings"
	"text/template"
	"time"

	"phutai/grid"
)

// Notice is what a page is about.
type Notice struct {
	Change  Change
	Alarm   grid.Alarm
	Station Station
	Loading *grid.Loading // the loading that caused it; nil for a comms loss
	Now     time.Time     // age of data is told against it
	Others  int           // further stations of the feeder that are silent as well
}

// view is a notice in words and figures of one language. Everything that the
// templates use is formatted already.
type view struct {
	Warning, Critical, Cleared, Withdrawn, Group, Hot, Comms bool

	Station, Rated, Feeder, Unit, Pole, Keeper, Priority, Code string
	Phase, Value, Limit, Source, Reason                        string
	At, Date, Since, SinceDate, Lasted, Age, Stations          string
	Amps, Amp, Power, Percent, Trend, Left, Meets, Air, OilHot string
}

// vocabulary is one language.
type vocabulary struct {
	title, sms, full *template.Template
	governors        map[grid.Governor]string
	reasons          map[grid.Reason]string
	duration         func(time.Duration) string
}

func texts(lang string) (vocabulary, bool) {
	switch lang {
	case "vi":
		return vietnamese(), true
	case "en":
		return english(), true
	}
	return vocabulary{}, false
}

// parse reads a template of our own; one that does not parse is a fault of the
// program, which the tests of both languages find.
func parse(text string) *template.Template {
	return template.Must(template.New("page").Parse(strings.Join(strings.Fields(text), " ")))
}

// parseLines is parse for texts whose lines count.
func parseLines(text string) *template.Template {
	return template.Must(template.New("page").Parse(strings.TrimSpace(text)))
}

// Composer writes messages in one language and time zone. It is safe for any
// number of goroutines.
type Composer struct {
	words vocabulary
	zone  *time.Location
}

// NewComposer takes "vi" or "en"; a nil zone is UTC.
func NewComposer(lang string, zone *time.Location) (*Composer, error) {
	words, ok := texts(lang)
	if !ok {
		return nil, fmt.Errorf("language %q of pages: use vi or en", lang)
	}
	if zone == nil {
		zone = time.UTC
	}
	return &Composer{words, zone}, nil
}

// Compose writes the message of a notice under the given key.
func (c *Composer) Compose(key string, n Notice) (Message, error) {
	v := c.view(n)
	m := Message{Key: key, Change: n.Change, At: n.Now, Alarm: n.Alarm}
	for to, t := range map[*string]*template.Template{&m.Title: c.words.title, &m.Text: c.words.full} {
		text, err := write(t, v)
		if err != nil {
			return m, err
		}
		*to = text
	}
	sms, err := c.short(v)
	m.SMS = sms
	return m, err
}

func write(t *template.Template, v view) (string, error) {
	var b strings.Builder
	if err := t.Execute(&b, v); err != nil {
		return "", fmt.Errorf("write a page: %w", err)
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	for i, line := range lines { // what is not known leaves its spaces behind
		lines[i] = strings.Join(strings.Fields(line), " ")
	}
	return strings.Join(lines, "\n"), nil
}

func (c *Composer) view(n Notice) view {
	a := n.Alarm
	v := view{
		Cleared: n.Change == Cleared, Withdrawn: n.Change == Withdrawn, Group: n.Others > 0, Hot: a.Kind == grid.HotSpot, Comms: a.Kind == grid.CommsLoss,
		Critical: a.Severity == grid.Critical, Warning: a.Severity != grid.Critical,
		Station: n.Station.Substation, Feeder: n.Station.Feeder, Unit: n.Station.Unit, Pole: n.Station.Pole,
		Keeper: n.Station.KeeperPhone, Priority: n.Station.Priority, Code: string(a.ID), Phase: a.Phase.String(),
		Limit: c.figure(a.Limit), Source: c.words.governors[a.Governor], Reason: c.words.reasons[a.Missing],
		Stations: c.figure(float64(n.Others + 1)),
	}
	if v.Station == "" {
		v.Station = string(a.Substation)
	}
	if n.Station.Transformer != "" {
		v.Station += " " + n.Station.Transformer
	}
	if n.Station.RatedKVA > 0 {
		v.Rated = c.figure(n.Station.RatedKVA)
	}
	if a.Value.Known {
		v.Value = c.figure(a.Value.X)
		if a.Kind == grid.Overload {
			v.Value = c.figure(wholeBelow(a.Value.X, a.Limit))
		}
	}
	v.At, v.Date = c.clock(a.ValueAt)
	v.Since, v.SinceDate = c.clock(a.RaisedAt)
	if a.Kind == grid.CommsLoss && !v.Cleared {
		v.Since, v.SinceDate = c.clock(a.ValueAt) // of the last good value
	}
	if !a.ClearedAt.IsZero() {
		lasted := a.ClearedAt.Sub(a.RaisedAt)
		if a.Kind == grid.CommsLoss { // silent for Value minutes before it was raised
			lasted += time.Duration(a.Value.X * float64(time.Minute))
		}
		v.Lasted = c.words.duration(lasted)
	}
	if !a.ValueAt.IsZero() {
		v.Age = c.words.duration(n.Now.Sub(a.ValueAt))
	}
	if n.Loading != nil {
		c.figures(&v, *n.Loading)
	}
	return v
}

// wholeBelow rounds to whole percent, except that what is below its limit or
// below 100 % is not told as having reached it.
func wholeBelow(x, limit float64) float64 {
	r := math.Round(x)
	for _, bound := range []float64{limit, 100} {
		if x < bound && r >= bound {
			r = bound - 1
		}
	}
	return r
}

// figures fills what a loading knows.
func (c *Composer) figures(v *view, l grid.Loading) {
	var amps []string
	for _, a := range l.Amps {
		if a.Known {
			amps = append(amps, c.figure(a.X))
		} else {
			amps = append(amps, "-")
		}
	}
	if l.WorstPhase != grid.NoPhase {
		v.Amps = strings.Join(amps, "/")
	}
	if l.WorstPhase >= grid.PhaseA && l.WorstPhase <= grid.PhaseC {
		v.Amp = c.known(l.Amps[l.WorstPhase-grid.PhaseA])
	}
	v.Power, v.Percent, v.Air = c.known(l.SKVA), c.known(l.LoadingPct), c.known(l.AmbientC)
	v.OilHot = c.known(l.HotSpotC)
	if l.TrendPctPerHr.Known {
		v.Trend = fmt.Sprintf("%+.0f", l.TrendPctPerHr.X)
	}
	if l.MinutesToHit.Known && l.MinutesToHit.X >= 1 {
		left := time.Duration(l.MinutesToHit.X * float64(time.Minute))
		v.Left = c.words.duration(left)
		v.Meets, _ = c.clock(l.At.Add(left))
	}
}

func (c *Composer) known(f grid.Float) string {
	if !f.Known {
		return ""
	}
	return c.figure(f.X)
}

// figure writes a figure as a whole number, which is what a text has room for.
func (c *Composer) figure(x float64) string { return fmt.Sprintf("%.0f", x) }

// clock gives 20:30 and 22/06 in the composer's zone; empty for a zero time.
func (c *Composer) clock(t time.Time) (hour, day string) {
	if t.IsZero() {
		return "", ""
	}
	t = t.In(c.zone)
	return t.Format("15:04"), t.Format("02/01")
}
