package sim

import (
	"math"

	"phutai/grid"
	"phutai/sim/modbusmeter"
)

// wire gives the secondary values with the digits that the meter's protocol
// has, and only the quantities that it has; row tells that they are a row of
// the load profile.
func (s *station) wire(v grid.Values, row bool) grid.Values {
	if s.modbus {
		return modbusmeter.Shown(v)
	}
	_ = row
	var out grid.Values
	for q, x := range v.All() {
		out.Set(q, math.Round(x*1e4)/1e4)
	}
	return out
}
