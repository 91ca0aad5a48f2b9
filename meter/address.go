package meter

import (
	"cmp"

	"phutai/meter/dlms"
)

// DefaultAddress is the address of a meter that names none: its Modbus unit id
// or its DLMS wrapper port.
func (p *Profile) DefaultAddress() int {
	if p.Protocol == Modbus {
		return int(p.modbus.Unit)
	}
	return cmp.Or(int(p.dlms.Server), dlms.DefaultServer)
}
