package fleet

import (
	"cmp"
	"fmt"

	"phutai/grid"
)

// checkMeters finds two meters at one point, or at one address of one line, at
// the same time, and meters that speak two protocols on one line. An address that
// is not given is the one of the profile.
func (f *facts) checkMeters(rules Rules, p *Problems) {
	atPoint, atAddress, onLine := map[string]timeline[grid.Meter]{}, map[string]timeline[grid.Meter]{}, map[string]timeline[grid.Meter]{}
	address := func(x *grid.Meter) int { return cmp.Or(x.Address, rules.Profiles[x.Profile].Address) }
	protocol := func(x *grid.Meter) string { return rules.Profiles[x.Profile].Protocol }
	meterID := func(x *grid.Meter) grid.MeterID { return x.ID }
	for _, id := range f.meters.ids() {
		for _, s := range f.meters[id] {
			x := &s.value
			if x.Point != "" {
				atPoint[string(x.Point)] = append(atPoint[string(x.Point)], s)
			}
			if x.Line == "" {
				continue
			}
			line := rules.line(x.Line) // a fact of old may still have another spelling
			key := fmt.Sprintf("%s %d", line, address(x))
			atAddress[key] = append(atAddress[key], s)
			if protocol(x) != "" {
				onLine[line] = append(onLine[line], s)
			}
		}
	}
	for _, group := range atPoint {
		clash(group, meterID, func(s, o *segment[grid.Meter]) {
			p.add(s.origin, Meters, string(s.value.ID), "point", "point %q has meter %q at that time%s: end that one by valid_to, or correct the point", s.value.Point, o.value.ID, also(o.origin))
		})
	}
	for _, group := range atAddress {
		clash(group, meterID, func(s, o *segment[grid.Meter]) {
			p.add(s.origin, Meters, string(s.value.ID), "address", "line %q has meter %q at address %d at that time%s: correct the one that is wrong", s.value.Line, o.value.ID, address(&s.value), also(o.origin))
		})
	}
	for _, group := range onLine {
		clash(group, protocol, func(s, o *segment[grid.Meter]) {
			p.add(s.origin, Meters, string(s.value.ID), "line", "line %q has meter %q at that time%s, which speaks %s, but this one's profile speaks %s: a line speaks one protocol, correct the line or the profile",
				s.value.Line, o.value.ID, also(o.origin), protocol(&o.value), protocol(&s.value))
		})
	}
}
