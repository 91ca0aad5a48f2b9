package app

import (
	"phutai/fleet"
	"phutai/grid"
	"phutai/store"
)

// ratios tells by which ratios readings were made primary, from all that the
// register has ever said of their points.
type ratios map[grid.PointID][]fleet.PointFact

// made gives the ratios of which a reading keeps the product. Where the register has
// had several of that product for the reading's time, those that it held when the
// meter was asked go first.
func (h ratios) made(r *grid.Reading) (found grid.Ratio, ok bool) {
	rank := 0
	for _, p := range h[r.Point] {
		ratio := p.Point.Ratio()
		if ratio.Product() != r.Ratio {
			continue
		}
		now := 1
		if p.HeldAt(r.ValidAt()) {
			now = 2
			if p.KnownAt(r.PolledAt) {
				now = 3
			}
		}
		if now > rank {
			found, rank = ratio, now
		}
	}
	return found, rank > 0
}

// behind gives every transformer that was ever told to stand behind a point.
func (h ratios) behind(p grid.PointID) []grid.TransformerID {
	var out []grid.TransformerID
	seen := map[grid.TransformerID]bool{}
	for _, fact := range h[p] {
		for _, t := range fact.Point.Transformers {
			if !seen[t] {
				seen[t] = true
				out = append(out, t)
			}
		}
	}
	return out
}

// scaling makes values primary by the register as it is known now.
func (h ratios) scaling(r *fleet.Register) store.Scaling {
	return store.Scaling{Made: h.made, Due: func(x *grid.Reading) (grid.Ratio, bool) { return r.Ratio(x.Point, x.ValidAt()) }}
}

// scalingAs makes values primary by the register as it was known.
func (h ratios) scalingAs(k *fleet.Known) store.Scaling {
	return store.Scaling{Made: h.made, Due: func(x *grid.Reading) (grid.Ratio, bool) {
		p, ok := k.Point(x.Point, x.ValidAt())
		return p.Ratio(), ok
	}}
}
