package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"phutai/grid"
)

// transformerAnswer is one transformer as it stands.
type transformerAnswer struct {
	Status    status      `json:"status"`
	Row       fleetRow    `json:"row"`
	Nameplate nameplate   `json:"nameplate"`
	Point     pointItem   `json:"point"`
	Contact   contactItem `json:"contact"`
	Alarms    []alarmItem `json:"alarms"`
	Cases     []caseItem  `json:"cases"` // open doubts about its numbers
	NeutralA  grid.Float  `json:"neutral_a"`
	Headroom  grid.Float  `json:"headroom_kva"`
	Ageing    grid.Float  `json:"ageing"`
}

// nameplate is what the register says of the transformer.
type nameplate struct {
	RatedKVA      grid.Float `json:"rated_kva"`
	HVKV          grid.Float `json:"hv_kv"`
	LVKV          grid.Float `json:"lv_kv"`
	RatedCurrentA grid.Float `json:"rated_current_a"` // on the metered side
	BreakerA      grid.Float `json:"breaker_a"`
	Cooling       string     `json:"cooling,omitempty"`
	VectorGroup   string     `json:"vector_group,omitempty"`
	Year          int        `json:"year,omitempty"`
	Address       string     `json:"address,omitempty"`
	Pole          string     `json:"pole,omitempty"`
	KeeperPhone   string     `json:"keeper_phone,omitempty"`
}

type pointItem struct {
	ID          grid.PointID `json:"id,omitempty"`
	Name        string       `json:"name,omitempty"`
	Side        string       `json:"side,omitempty"`
	Wiring      string       `json:"wiring,omitempty"`
	CTPrimary   grid.Float   `json:"ct_primary_a"`
	CTSecondary grid.Float   `json:"ct_secondary_a"`
	VTPrimary   grid.Float   `json:"vt_primary_v"`
	VTSecondary grid.Float   `json:"vt_secondary_v"`
	Multiplier  grid.Float   `json:"multiplier"` // HSN
	Shared      int          `json:"transformers_behind"`
	Meter       grid.MeterID `json:"meter,omitempty"`
	Profile     string       `json:"meter_profile,omitempty"`
}

type contactItem struct {
	LastGood *time.Time `json:"last_good"`
	LastTry  *time.Time `json:"last_try"`
	Misses   int        `json:"misses"`
	Missing  string     `json:"missing,omitempty"`
	Detail   string     `json:"detail,omitempty"` // English, for an engineer
	// ClockOffsetS is the meter's clock minus the collector's, seconds.
	ClockOffsetS grid.Float     `json:"clock_offset_s"`
	ClockOff     bool           `json:"clock_off"` // by more than is allowed
	Collected    *collectedItem `json:"collected"` // null: not known
}

// collectedItem is how much of what was due in the days up to now has come.
type collectedItem struct {
	Days      int `json:"days"`
	Due       int `json:"due"`
	Received  int `json:"received"`
	Explained int `json:"explained"` // missing, with a reason
}

// transformer answers GET /api/v1/transformers/{id}.
func (s *Server) transformer(_ http.ResponseWriter, r *http.Request) (any, error) {
	row, err := s.find(r)
	if err != nil {
		return nil, err
	}
	snap, err := s.snapshot(r.Context())
	if err != nil {
		return nil, err
	}
	l, c := snap.loadings[row.Transformer.ID], snap.contacts[row.Point.ID]
	answer := transformerAnswer{
		Status:    s.status(r.Context(), snap.now, snap.alarms),
		Row:       s.row(&row, l, c, snap.now),
		Nameplate: plate(&row),
		Point:     pointLine(&row),
		Alarms:    []alarmItem{},
	}
	if l != nil {
		answer.NeutralA, answer.Headroom, answer.Ageing = finite(l.NeutralA), finite(l.HeadroomKVA), finite(l.Ageing)
	}
	if c != nil {
		answer.Contact = s.contactLine(c)
	}
	if answer.Contact.Collected, err = s.collected(r.Context(), row.Point.ID, snap.now); err != nil {
		return nil, err
	}
	if answer.Cases, err = s.casesOf(r.Context(), &row); err != nil {
		return nil, err
	}
	slices.SortFunc(snap.alarms, inOrder)
	for i := range snap.alarms {
		a := &snap.alarms[i]
		if a.Transformer == row.Transformer.ID || (row.Point.ID != "" && a.Transformer == "" && a.Point == row.Point.ID) {
			answer.Alarms = append(answer.Alarms, alarmLine(a, &row, snap.now))
		}
	}
	return answer, nil
}

func (s *Server) contactLine(c *grid.Contact) contactItem {
	item := contactItem{LastGood: moment(c.LastGood), LastTry: moment(c.LastTry), Misses: c.Misses, Missing: c.Missing.String(), Detail: c.Detail}
	if c.ClockKnown {
		item.ClockOffsetS, item.ClockOff = grid.Known(c.ClockOffset.Seconds()), c.ClockOffset.Abs() > s.cfg.ClockOff
	}
	return item
}

// collected gives the account of a point, nil where there is none.
func (s *Server) collected(ctx context.Context, p grid.PointID, now time.Time) (*collectedItem, error) {
	if s.deps.Collected == nil || p == "" {
		return nil, nil
	}
	c, err := s.deps.Collected.Collection(ctx, p, now.Add(-s.cfg.CollectedOver))
	if err != nil {
		return nil, &fault{status: http.StatusServiceUnavailable, title: "the account of collected readings could not be read",
			hint: "try again; if it stays, look at the store's file and the log", cause: err}
	}
	if c.Due == 0 {
		return nil, nil
	}
	return &collectedItem{int(s.cfg.CollectedOver / (24 * time.Hour)), c.Due, c.Received, c.Explained}, nil
}

// find gives the row that the path names.
func (s *Server) find(r *http.Request) (Row, error) {
	row, ok, err := s.deps.Fleet.Row(r.Context(), grid.TransformerID(r.PathValue("id")))
	if err != nil {
		return Row{}, err
	}
	if !ok {
		return Row{}, &fault{status: http.StatusNotFound, title: "no such transformer",
			hint: "search for it at /api/v1/fleet?q=; it may have left the register"}
	}
	return row, nil
}

func plate(r *Row) nameplate {
	t := &r.Transformer
	return nameplate{
		RatedKVA: positive(t.RatedKVA), HVKV: positive(t.HVKV), LVKV: positive(t.LVKV),
		RatedCurrentA: positive(t.RatedCurrent(r.Point.Side)), BreakerA: positive(t.BreakerA),
		Cooling: string(t.Cooling), VectorGroup: t.VectorGroup, Year: t.Year,
		Address: r.Substation.Address, Pole: r.Substation.Pole, KeeperPhone: r.Substation.KeeperPhone,
	}
}

func pointLine(r *Row) pointItem {
	p := &r.Point
	item := pointItem{
		ID: p.ID, Name: p.Name, Side: string(p.Side), Wiring: string(p.Wiring),
		CTPrimary: positive(p.CTPrimary), CTSecondary: positive(p.CTSecondary),
		VTPrimary: positive(p.VTPrimary), VTSecondary: positive(p.VTSecondary),
		Shared: len(p.Transformers), Meter: r.Meter.ID, Profile: r.Meter.Profile,
	}
	if p.ID != "" {
		ratio := p.Ratio()
		item.Multiplier = positive(ratio.Product())
	}
	return item
}
