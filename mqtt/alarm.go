package mqtt

import (
	"encoding/json"
	"time"

	"phutai/grid"
)

// wireAlarm is an alarm for other systems. Times are RFC 3339 in UTC, because
// its readers are dashboards and scripts of other people.
type wireAlarm struct {
	ID          string     `json:"id"`
	Kind        string     `json:"kind"`
	Severity    string     `json:"severity"`
	State       string     `json:"state"`
	Point       string     `json:"point,omitempty"`
	Transformer string     `json:"transformer,omitempty"`
	Substation  string     `json:"substation,omitempty"`
	Feeder      string     `json:"feeder,omitempty"`
	Unit        string     `json:"unit,omitempty"`
	Phase       string     `json:"phase,omitempty"`
	Value       grid.Float `json:"value"`
	Limit       float64    `json:"limit"`
	Governor    string     `json:"governor,omitempty"`
	Missing     string     `json:"missing,omitempty"`
	RaisedAt    *time.Time `json:"raised_at,omitempty"`
	ChangedAt   *time.Time `json:"changed_at,omitempty"`
	StaleSince  *time.Time `json:"stale_since,omitempty"`
	ClearedAt   *time.Time `json:"cleared_at,omitempty"`
	AckedAt     *time.Time `json:"acked_at,omitempty"`
	AckedBy     string     `json:"acked_by,omitempty"`
}

// EncodeAlarm writes an alarm's state.
func EncodeAlarm(a grid.Alarm) ([]byte, error) {
	return json.Marshal(wireAlarm{
		string(a.ID), string(a.Kind), a.Severity.String(), string(a.State), string(a.Point), string(a.Transformer),
		string(a.Substation), string(a.Feeder), string(a.Unit), a.Phase.String(), a.Value, a.Limit, a.Governor.String(),
		a.Missing.String(), known(a.RaisedAt), known(a.ChangedAt), known(a.StaleSince), known(a.ClearedAt), known(a.AckedAt), a.AckedBy,
	})
}

func known(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
