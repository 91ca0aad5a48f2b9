package app

import (
	"cmp"
	"slices"
	"time"

	"phutai/fleet"
	"phutai/grid"
	"phutai/store"
)

// touched gives the stretches of metering points of which figures rest on what a
// correction has changed about the time before now.
func touched(c *fleet.Correction, now time.Time) []store.Stretch {
	places := []*metered{meteredBy(c.Old), meteredBy(c.New)}
	var all []store.Stretch
	for i := range c.Changes {
		change := &c.Changes[i]
		if !change.From.Before(now) || !matters(change) {
			continue
		}
		for _, m := range places {
			all = append(all, m.points(change.Kind, change.ID, change.From, change.To)...)
		}
		if change.Kind == fleet.Points {
			all = append(all, store.Stretch{Point: grid.PointID(change.ID), From: change.From, To: change.To})
		}
	}
	return merged(all)
}

// matters tells whether figures rest on any column of a change. What comes or goes as
// a whole matters; units and feeders are looked up by their ids when they are shown.
func matters(c *fleet.Change) bool {
	var those func(column string) bool
	switch c.Kind {
	case fleet.Units, fleet.Feeders:
		return false
	case fleet.Substations: // by which rows are filed in other databases
		those = func(s string) bool { return s == "unit" || s == "feeder" }
	case fleet.Transformers:
		those = func(s string) bool { return s != "name" && s != "vector_group" && s != "year" }
	case fleet.Points:
		those = func(s string) bool { return s != "name" }
	case fleet.Meters: // a row says for how long it stands
		those = func(s string) bool { return s == "point" || s == "every" }
	}
	return len(c.Fields) == 0 || slices.ContainsFunc(c.Fields, func(f fleet.Field) bool { return those(f.Column) })
}

// metered tells which points stand at what, and when.
type metered struct {
	transformers map[grid.TransformerID][]store.Stretch
	substations  map[grid.SubstationID][]store.Stretch
	meters       map[grid.MeterID][]store.Stretch
	at           map[grid.SubstationID][]held // transformers
}

type held struct {
	id       grid.TransformerID
	from, to time.Time
}

func meteredBy(set *fleet.Set) *metered {
	m := &metered{
		map[grid.TransformerID][]store.Stretch{}, map[grid.SubstationID][]store.Stretch{},
		map[grid.MeterID][]store.Stretch{}, map[grid.SubstationID][]held{},
	}
	for i := range set.Points {
		f := &set.Points[i]
		s := store.Stretch{Point: f.Body.ID, From: f.From, To: f.To}
		m.substations[f.Body.Substation] = append(m.substations[f.Body.Substation], s)
		for _, t := range f.Body.Transformers {
			m.transformers[t] = append(m.transformers[t], s)
		}
	}
	for i := range set.Transformers {
		f := &set.Transformers[i]
		m.at[f.Body.Substation] = append(m.at[f.Body.Substation], held{f.Body.ID, f.From, f.To})
	}
	for i := range set.Meters {
		f := &set.Meters[i]
		m.meters[f.Body.ID] = append(m.meters[f.Body.ID], store.Stretch{Point: f.Body.Point, From: f.From, To: f.To})
	}
	return m
}

// points gives the points at a thing within some time.
func (m *metered) points(kind fleet.Kind, id string, from, to time.Time) []store.Stretch {
	switch kind {
	case fleet.Transformers:
		return within(m.transformers[grid.TransformerID(id)], from, to)
	case fleet.Meters:
		return within(m.meters[grid.MeterID(id)], from, to)
	case fleet.Substations:
		s := grid.SubstationID(id)
		all := within(m.substations[s], from, to)
		for _, t := range m.at[s] {
			if from, to, ok := overlap(t.from, t.to, from, to); ok {
				all = append(all, within(m.transformers[t.id], from, to)...)
			}
		}
		return all
	case fleet.Units, fleet.Feeders, fleet.Points:
	}
	return nil
}

func within(all []store.Stretch, from, to time.Time) (out []store.Stretch) {
	for _, s := range all {
		var ok bool
		if s.From, s.To, ok = overlap(s.From, s.To, from, to); ok {
			out = append(out, s)
		}
	}
	return out
}

// overlap gives what two intervals share; a zero end is open.
func overlap(a, b, c, d time.Time) (from, to time.Time, ok bool) {
	from, to = a, b
	if c.After(from) {
		from = c
	}
	if to.IsZero() || !d.IsZero() && d.Before(to) {
		to = d
	}
	return from, to, to.IsZero() || from.Before(to)
}

// merged joins the stretches of a point that meet, ordered by point and time.
func merged(all []store.Stretch) []store.Stretch {
	slices.SortFunc(all, func(a, b store.Stretch) int { return cmp.Or(cmp.Compare(a.Point, b.Point), a.From.Compare(b.From)) })
	var out []store.Stretch
	for _, s := range all {
		if n := len(out); n > 0 && out[n-1].Point == s.Point && (out[n-1].To.IsZero() || !s.From.After(out[n-1].To)) {
			if last := &out[n-1]; !last.To.IsZero() && (s.To.IsZero() || s.To.After(last.To)) {
				last.To = s.To
			}
			continue
		}
		out = append(out, s)
	}
	return out
}
