package sim

import (
	"errors"
	"fmt"
	"net"
	"strconv"
)

// unitsPerGateway is how many Modbus meters share one gateway at most.
const unitsPerGateway = 30

// minGateways is how many gateways there are at least.
const minGateways = 2

// Listen opens a socket for each DLMS meter and each gateway and fills in the
// lines of Fleet's meters. A second call does nothing. Run closes the sockets;
// who does not run the province calls Close.
func (p *Province) Listen() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.lines != nil {
		return nil
	}
	groups := p.group()
	lines := make([]*served, 0, len(groups))
	for i, meters := range groups {
		port := 0
		if p.cfg.BasePort > 0 {
			port = p.cfg.BasePort + i
		}
		address := net.JoinHostPort(p.cfg.Host, strconv.Itoa(port))
		listener, err := net.Listen("tcp", address)
		if err != nil {
			return errors.Join(
				fmt.Errorf("listen for simulated meter %d of %d on %s (free the port, or give another base port): %w", i+1, len(groups), address, err),
				closeAll(lines))
		}
		lines = append(lines, &served{listener: listener, meters: meters})
		for _, s := range meters {
			s.meter.Line = "tcp://" + listener.Addr().String()
		}
	}
	p.lines = lines
	return nil
}

// group puts the meters on their lines and gives the units of a gateway their
// ids: neighbours in the register are on different gateways.
func (p *Province) group() [][]*station {
	var groups [][]*station
	modbus := 0
	for _, s := range p.stations {
		if s.modbus {
			modbus++
		}
	}
	gateways := make([][]*station, max(minGateways, (modbus+unitsPerGateway-1)/unitsPerGateway))
	n := 0
	for _, s := range p.stations {
		if !s.modbus {
			groups = append(groups, []*station{s})
			continue
		}
		g := n % len(gateways)
		gateways[g] = append(gateways[g], s)
		s.meter.Address = len(gateways[g])
		n++
	}
	for _, g := range gateways {
		if len(g) > 0 {
			groups = append(groups, g)
		}
	}
	return groups
}

// Close closes the sockets of a province that is not run.
func (p *Province) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	err := closeAll(p.lines)
	p.lines = nil
	return err
}

func closeAll(lines []*served) error {
	var errs []error
	for _, l := range lines {
		if err := l.listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
