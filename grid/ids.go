package grid

// The identifiers are named types, so that two of them are never swapped in a
// call. They are text as the company writes it ("471E11", "PD0600"): never
// parsed, never numeric. The zero value means "none".
type (
	UnitID        string // an operating unit (đội quản lý điện lực), a node of the unit tree
	FeederID      string // a medium-voltage feeder (lộ đường dây trung áp)
	SubstationID  string // a distribution substation (trạm biến áp, TBA)
	TransformerID string // a transformer (máy biến áp, MBA)
	PointID       string // a metering point (điểm đo)
	MeterID       string // a meter by its serial number (công tơ)
	CollectorID   string // a collector process
	AlarmID       string // one episode of one alarm; survives restarts
)
