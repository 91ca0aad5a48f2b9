package sim

import (
	"fmt"
	"net"
	"sync"
	"time"

	"phutai/grid"
)

// Province is a simulated province. All that it tells about its meters is a
// pure function of the configuration and of time, and may be asked by several
// goroutines at once.
type Province struct {
	cfg      Config
	weather  *weather
	stations []*station
	byPoint  map[grid.PointID]*station

	mu    sync.Mutex // guards lines and the stations' meter.Line
	lines []*served  // nil until Listen
}

// served is one listening socket and the meters behind it: one DLMS meter, or
// the Modbus units of one gateway.
type served struct {
	listener net.Listener
	meters   []*station
}

// New makes a province; figures of cfg that are not usable count as zero.
// Nothing listens yet.
func New(cfg Config) *Province {
	cfg = cfg.filled()
	p := &Province{
		cfg:     cfg,
		weather: newWeather(cfg.Seed, momentOf(HotDay()).day(), firstDay(cfg)),
		byPoint: make(map[grid.PointID]*station, cfg.Transformers),
	}
	for i := range cfg.Transformers {
		s := newStation(cfg, p.weather, i)
		p.stations = append(p.stations, s)
		p.byPoint[s.point.ID] = s
	}
	return p
}

// Air gives the outdoor temperature in °C.
func (p *Province) Air(t time.Time) float64 { return p.weather.air(momentOf(t)) }

// Truth gives what an exact meter at the point shows at t, on the secondary
// side. It is an error to ask about a point that the province has not.
func (p *Province) Truth(id grid.PointID, t time.Time) (grid.Values, error) {
	s, err := p.station(id)
	if err != nil {
		return grid.Values{}, err
	}
	return s.instant(t), nil
}

// Shown gives what the point's meter puts on the wire at t, on the secondary
// side: the truth of the last renewal (Config.Refresh), with the digits that
// the meter's protocol has.
func (p *Province) Shown(id grid.PointID, t time.Time) (grid.Values, error) {
	s, err := p.station(id)
	if err != nil {
		return grid.Values{}, err
	}
	return s.wire(s.instant(p.renewal(t)), false), nil
}

// Rows gives the rows of the point's load profile that end after from and not
// after to, oldest first, with the digits that the meter's protocol has. Only
// DLMS meters have a load profile: others give no rows.
func (p *Province) Rows(id grid.PointID, from, to time.Time) ([]grid.Sample, error) {
	s, err := p.station(id)
	if err != nil || s.modbus {
		return nil, err
	}
	rows := s.rows(from, to)
	for i := range rows {
		rows[i].Values = s.wire(rows[i].Values, true)
	}
	return rows, nil
}

// Primary turns secondary values of a point into primary ones, by the ratio
// that the register holds and at the resolution that the stores keep.
func (p *Province) Primary(id grid.PointID, v grid.Values) (grid.Values, error) {
	s, err := p.station(id)
	if err != nil {
		return grid.Values{}, err
	}
	return s.ratio.Apply(grid.Reading{Values: v}).Values, nil
}

func (p *Province) renewal(t time.Time) time.Time { return t.Truncate(p.cfg.Refresh) }

func (p *Province) station(id grid.PointID) (*station, error) {
	if s, ok := p.byPoint[id]; ok {
		return s, nil
	}
	return nil, fmt.Errorf("point %q is not in the simulated province: ask Fleet for those that are", id)
}
