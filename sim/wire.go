package sim

import (
	"phutai/grid"
	"phutai/sim/dlmsmeter"
	"phutai/sim/modbusmeter"
)

// wire gives the secondary values with the digits that the meter's protocol
// has, and only the quantities that it has; row tells that they are a row of
// the load profile.
func (s *station) wire(v grid.Values, row bool) grid.Values {
	switch {
	case s.modbus:
		return modbusmeter.Shown(v)
	case row:
		return dlmsmeter.AsRow(v)
	}
	return dlmsmeter.AsRead(v)
}
