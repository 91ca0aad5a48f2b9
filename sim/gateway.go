package sim

import (
	"context"

	"phutai/sim/modbusmeter"
)

// serveGateway serves the Modbus meters that share one listener.
func (p *Province) serveGateway(ctx context.Context, l *served) error {
	units := make(map[byte]modbusmeter.Unit, len(l.meters))
	for _, s := range l.meters {
		unit := modbusmeter.Unit{Source: &source{province: p, station: s}}
		if s.fault == DeadUnit {
			unit.Fault = modbusmeter.Unreachable
		}
		units[byte(s.meter.Address)] = unit
	}
	return modbusmeter.Serve(ctx, l.listener, modbusmeter.Config{Units: units, Now: p.cfg.Now})
}
