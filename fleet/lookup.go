package fleet

import (
	"slices"
	"time"

	"phutai/grid"
)

// Looking up single things makes no view: what passes through a year of a fleet
// that changes each day would make hundreds.

// Point gives a metering point as it was at a moment.
func (k *Known) Point(id grid.PointID, at time.Time) (grid.MeteringPoint, bool) {
	return lookUp(k.views.facts.points, string(id), at)
}

// Substation gives a substation as it was at a moment.
func (k *Known) Substation(id grid.SubstationID, at time.Time) (grid.Substation, bool) {
	return lookUp(k.views.facts.substations, string(id), at)
}

// Transformer gives a transformer as it was at a moment.
func (k *Known) Transformer(id grid.TransformerID, at time.Time) (grid.Transformer, bool) {
	return lookUp(k.views.facts.transformers, string(id), at)
}

func lookUp[T any](b book[T], id string, at time.Time) (x T, ok bool) {
	s := b[id].at(at.UnixMilli())
	if s == nil {
		return x, false
	}
	return s.value, true
}

// metered is a meter at a point for a while.
type metered struct {
	from, to int64
	meter    *grid.Meter
}

// stays gives which meters stood at each point.
func (f *facts) stays() map[grid.PointID][]metered {
	out := map[grid.PointID][]metered{}
	for _, id := range f.meters.ids() {
		line := f.meters[id]
		for i := range line {
			p := line[i].value.Point
			out[p] = append(out[p], metered{line[i].from, line[i].to, &line[i].value})
		}
	}
	return out
}

// Meter gives the meter that stood at a point at a moment.
func (k *Known) Meter(point grid.PointID, at time.Time) (grid.Meter, bool) {
	ms := at.UnixMilli()
	for _, s := range k.views.stays()[point] {
		if s.from <= ms && (ms < s.to || s.to == open) {
			return *s.meter, true
		}
	}
	return grid.Meter{}, false
}

// PointsBehind gives the points behind which a transformer stood at any time from
// one moment up to another, by id.
func (k *Known) PointsBehind(id grid.TransformerID, from, to time.Time) []grid.PointID {
	var out []grid.PointID
	for p, line := range k.views.facts.points {
		for i := range line {
			s := &line[i]
			if s.from < to.UnixMilli() && (s.to > from.UnixMilli() || s.to == open) && slices.Contains(s.value.Transformers, id) {
				out = append(out, grid.PointID(p))
				break
			}
		}
	}
	slices.Sort(out)
	return out
}
