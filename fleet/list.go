package fleet

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"phutai/grid"
)

// Lang is a language that people read: "vi" or "en".
type Lang string

// The languages; any other value counts as Vietnamese.
const (
	Vietnamese Lang = "vi"
	English    Lang = "en"
)

// List prints what a view holds, for people: the units as a tree, below each
// its feeders and substations, with the transformers' ratings, the points'
// ratios and how the meters are reached.
func List(w io.Writer, v *View, lang Lang) error {
	l := lister{w: tabwriter.NewWriter(w, 0, 4, 2, ' ', 0), v: v, words: wordsOf(lang),
		below: map[grid.UnitID][]grid.Unit{}, feeders: map[grid.UnitID][]grid.Feeder{}, stations: map[grid.UnitID][]grid.Substation{}}
	for u := range v.Units() {
		l.below[u.Parent] = append(l.below[u.Parent], u)
	}
	for f := range v.Feeders() {
		l.feeders[f.Unit] = append(l.feeders[f.Unit], f)
	}
	for s := range v.Substations() {
		l.stations[s.Unit] = append(l.stations[s.Unit], s)
	}
	for _, u := range l.below[""] {
		l.unit(u, 0)
	}
	l.line(0, "", l.words.total, fmt.Sprintf(l.words.totals, len(v.units.all), len(v.feeders.all), len(v.substations.all), len(v.transformers.all), len(v.points.all), len(v.meters.all)))
	return l.w.Flush()
}

type lister struct {
	w        *tabwriter.Writer
	v        *View
	words    words
	below    map[grid.UnitID][]grid.Unit
	feeders  map[grid.UnitID][]grid.Feeder
	stations map[grid.UnitID][]grid.Substation
}

// line prints one row; an error of the writer shows at Flush.
func (l *lister) line(depth int, noun, id string, rest ...string) {
	_, _ = fmt.Fprintf(l.w, "%s%s\t%s\n", strings.Repeat("  ", depth), strings.TrimSpace(noun+" "+id), strings.Join(rest, "\t"))
}

func (l *lister) unit(u grid.Unit, depth int) {
	l.line(depth, l.words.unit, string(u.ID), u.Name)
	for _, f := range l.feeders[u.ID] {
		l.line(depth+1, l.words.feeder, string(f.ID), f.Name, unknown(f.KV, "kV"))
	}
	for _, s := range l.stations[u.ID] {
		l.station(s, depth+1)
	}
	for _, b := range l.below[u.ID] {
		l.unit(b, depth+1)
	}
}

func (l *lister) station(s grid.Substation, depth int) {
	sort := l.words.public
	if s.Dedicated {
		sort = l.words.dedicated
	}
	l.line(depth, l.words.station, string(s.ID), s.Name, sort, string(s.Feeder))
	for _, site := range l.v.Priorities(s.ID) {
		l.line(depth+1, l.words.priority, string(site.Tag), site.Name)
	}
	for _, n := range l.v.Neighbours(s.ID) {
		l.line(depth+1, l.words.neighbour, string(n.Other), n.Tie, unknown(n.KVA, "kVA"))
	}
	for _, id := range l.v.TransformersOf(s.ID) {
		t, _ := l.v.Transformer(id)
		l.line(depth+1, l.words.transformer, string(t.ID), t.Name, unknown(t.RatedKVA, "kVA"), unknown(t.HVKV, "")+"/"+unknown(t.LVKV, "kV"))
	}
	for _, id := range l.v.PointsIn(s.ID) {
		p, _ := l.v.Point(id)
		l.line(depth+1, l.words.point, string(p.ID), strings.Join(some(p.Transformers), "+"), plate(l.words.ct, p.CTPrimary, p.CTSecondary, "A")+plate(" "+l.words.vt, p.VTPrimary, p.VTSecondary, "V"), fmt.Sprintf("%s %v", l.words.ratio, p.Ratio().Product()))
		if m, ok := l.v.Meter(id); ok {
			l.line(depth+2, l.words.meter, string(m.ID), m.Profile, m.Line, formatInt(m.Address))
		}
	}
}

func plate(noun string, primary, secondary float64, unit string) string {
	if primary == 0 {
		return ""
	}
	return fmt.Sprintf("%s %v/%v %s", noun, primary, secondary, unit)
}

func unknown(x float64, unit string) string {
	if x == 0 {
		return "?"
	}
	return strings.TrimSpace(fmt.Sprintf("%v %s", x, unit))
}

// words are the nouns of the list in one language.
type words struct {
	unit, feeder, station, transformer, point, meter, public, dedicated, total, totals string
	priority, neighbour                                                                string
	ct, vt, ratio                                                                      string
}

func wordsOf(lang Lang) words {
	if lang == English {
		return english()
	}
	return vietnamese()
}
