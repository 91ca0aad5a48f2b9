package fleet

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"phutai/grid"
)

// View is the register at one moment, as known at one version. It is not
// changed once it is made, and what it gives is not to be changed either.
type View struct {
	version     int64
	order       int64 // of the view among those of its version
	from, until time.Time

	units        table[grid.UnitID, grid.Unit]
	feeders      table[grid.FeederID, grid.Feeder]
	substations  table[grid.SubstationID, grid.Substation]
	transformers table[grid.TransformerID, grid.Transformer]
	points       table[grid.PointID, grid.MeteringPoint]
	meters       table[grid.MeterID, grid.Meter]
	priorities   table[string, grid.PrioritySite]
	neighbours   table[string, grid.Neighbour]

	transformersOf map[grid.SubstationID][]grid.TransformerID
	pointsOf       map[grid.TransformerID][]grid.PointID
	pointsIn       map[grid.SubstationID][]grid.PointID
	meterOf        map[grid.PointID]grid.MeterID
	prioritiesOf   map[grid.SubstationID][]grid.PrioritySite
	neighboursOf   map[grid.SubstationID][]grid.Neighbour
	since          map[grid.MeterID]time.Time // of the meters that have not stood where they stand for ever
}

// table holds things of one kind by id and in the order of their ids.
type table[ID cmp.Ordered, T any] struct {
	all []T
	by  map[ID]int
}

func (t *table[ID, T]) get(id ID) (T, bool) {
	if i, ok := t.by[id]; ok {
		return t.all[i], true
	}
	var none T
	return none, false
}

func tableAt[ID ~string, T any](b book[T], ms int64) table[ID, T] {
	t := table[ID, T]{by: make(map[ID]int, len(b))}
	for _, id := range b.ids() {
		if s := b[id].at(ms); s != nil {
			t.by[ID(id)] = len(t.all)
			t.all = append(t.all, s.value)
		}
	}
	return t
}

func newView(f *facts, ms int64) *View {
	v := &View{
		units:          tableAt[grid.UnitID](f.units, ms),
		feeders:        tableAt[grid.FeederID](f.feeders, ms),
		substations:    tableAt[grid.SubstationID](f.substations, ms),
		transformers:   tableAt[grid.TransformerID](f.transformers, ms),
		points:         tableAt[grid.PointID](f.points, ms),
		meters:         tableAt[grid.MeterID](f.meters, ms),
		priorities:     tableAt[string](f.priorities, ms),
		neighbours:     tableAt[string](f.neighbours, ms),
		transformersOf: map[grid.SubstationID][]grid.TransformerID{},
		pointsOf:       map[grid.TransformerID][]grid.PointID{},
		pointsIn:       map[grid.SubstationID][]grid.PointID{},
		meterOf:        map[grid.PointID]grid.MeterID{},
		prioritiesOf:   map[grid.SubstationID][]grid.PrioritySite{},
		neighboursOf:   map[grid.SubstationID][]grid.Neighbour{},
		since:          map[grid.MeterID]time.Time{},
	}
	for i := range v.transformers.all {
		t := &v.transformers.all[i]
		v.transformersOf[t.Substation] = append(v.transformersOf[t.Substation], t.ID)
	}
	for i := range v.points.all {
		p := &v.points.all[i]
		v.pointsIn[p.Substation] = append(v.pointsIn[p.Substation], p.ID)
		for _, t := range p.Transformers {
			v.pointsOf[t] = append(v.pointsOf[t], p.ID)
		}
	}
	for i := range v.meters.all {
		id := v.meters.all[i].ID
		v.meterOf[v.meters.all[i].Point] = id
		if from := stay(f.meters[string(id)], ms); from != ever {
			v.since[id] = fromMillis(from)
		}
	}
	v.siteNames()
	for _, n := range v.neighbours.all {
		v.neighboursOf[n.Substation] = append(v.neighboursOf[n.Substation], n)
	}
	return v
}

// siteNames adds to what people read of a substation's priority the sites that
// have rows of their own.
func (v *View) siteNames() {
	for _, site := range v.priorities.all {
		v.prioritiesOf[site.Substation] = append(v.prioritiesOf[site.Substation], site)
		i, ok := v.substations.by[site.Substation]
		if !ok {
			continue
		}
		s := &v.substations.all[i]
		name := cmp.Or(site.Name, string(site.Tag))
		if s.Priority != "" {
			name = s.Priority + ", " + name
		}
		s.Priority = name
	}
}

// stay gives the moment from which a meter has stood without a break at the
// point where it stands at ms. A new interval or line does not end a stay.
func stay(t timeline[grid.Meter], ms int64) int64 {
	here := t.at(ms)
	if here == nil {
		return ever
	}
	from := here.from
	for before := here; from != ever; {
		if before = t.at(from - 1); before == nil || before.value.Point != here.value.Point {
			break
		}
		from = before.from
	}
	return from
}

// Version is the version of the register that the view shows.
func (v *View) Version() int64 { return v.version }

// From is since when the register holds what the view shows; zero: since ever.
func (v *View) From() time.Time { return v.from }

// Until is when something in the register changes by date; zero: never, as far
// as is known.
func (v *View) Until() time.Time { return v.until }

// Unit gives a unit by its id.
func (v *View) Unit(id grid.UnitID) (grid.Unit, bool) { return v.units.get(id) }

// Feeder gives a feeder by its id.
func (v *View) Feeder(id grid.FeederID) (grid.Feeder, bool) { return v.feeders.get(id) }

// Substation gives a substation by its id.
func (v *View) Substation(id grid.SubstationID) (grid.Substation, bool) {
	return v.substations.get(id)
}

// Transformer gives a transformer by its id.
func (v *View) Transformer(id grid.TransformerID) (grid.Transformer, bool) {
	return v.transformers.get(id)
}

// Point gives a metering point by its id.
func (v *View) Point(id grid.PointID) (grid.MeteringPoint, bool) { return v.points.get(id) }

// Meter gives the meter at a point.
func (v *View) Meter(point grid.PointID) (grid.Meter, bool) {
	id, ok := v.meterOf[point]
	if !ok {
		return grid.Meter{}, false
	}
	return v.meters.get(id)
}

// Since is since when a meter has stood where it stands; zero: ever.
func (v *View) Since(m grid.MeterID) time.Time { return v.since[m] }

// Ratio gives the ratios of the instrument transformers of a point.
func (v *View) Ratio(point grid.PointID) (grid.Ratio, bool) {
	p, ok := v.points.get(point)
	if !ok {
		return grid.Ratio{}, false
	}
	return p.Ratio(), true
}

// TransformersOf gives the transformers of a substation, by id.
func (v *View) TransformersOf(s grid.SubstationID) []grid.TransformerID { return v.transformersOf[s] }

// PointsOf gives the points behind which a transformer stands, by id.
func (v *View) PointsOf(t grid.TransformerID) []grid.PointID { return v.pointsOf[t] }

// PointsIn gives the points of a substation, by id.
func (v *View) PointsIn(s grid.SubstationID) []grid.PointID { return v.pointsIn[s] }

// Priorities gives why a substation must not lose supply, by tag.
func (v *View) Priorities(s grid.SubstationID) []grid.PrioritySite { return v.prioritiesOf[s] }

// Neighbours gives the substations that can take load of one, by id.
func (v *View) Neighbours(s grid.SubstationID) []grid.Neighbour { return v.neighboursOf[s] }

// Units goes through the units by id.
func (v *View) Units() iter.Seq[grid.Unit] { return slices.Values(v.units.all) }

// Feeders goes through the feeders by id.
func (v *View) Feeders() iter.Seq[grid.Feeder] { return slices.Values(v.feeders.all) }

// Substations goes through the substations by id.
func (v *View) Substations() iter.Seq[grid.Substation] { return slices.Values(v.substations.all) }

// Transformers goes through the transformers by id.
func (v *View) Transformers() iter.Seq[grid.Transformer] { return slices.Values(v.transformers.all) }

// Points goes through the metering points by id.
func (v *View) Points() iter.Seq[grid.MeteringPoint] { return slices.Values(v.points.all) }

// Meters goes through the meters by id.
func (v *View) Meters() iter.Seq[grid.Meter] { return slices.Values(v.meters.all) }

// Within tells whether a unit is root or stands below it. An empty root is the
// whole company.
func (v *View) Within(unit, root grid.UnitID) bool {
	if root == "" {
		return true
	}
	for range len(v.units.all) + 1 {
		if unit == root {
			return true
		}
		u, ok := v.units.get(unit)
		if !ok || u.Parent == "" {
			return false
		}
		unit = u.Parent
	}
	return false
}
