package mqtt

import (
	"encoding/json"
	"fmt"
	"time"

	"phutai/grid"
)

// maxPlan bounds a plan: 20,000 meters take about 4 MB.
const maxPlan = 8<<20 - 4096

// Status is what a collector says of itself; its last will says Online false.
type Status struct {
	Collector   grid.CollectorID
	Online      bool
	At          time.Time // the collector's clock; zero in a last will
	Epoch       string
	PlanVersion int64
	Lines       int
	Meters      int
	Spool       uint64 // readings not yet covered by the watermark
	Problem     string // in English; empty: all is well
	ProblemVi   string // in Vietnamese; empty where the collector is older than this field
	LastSeq     uint64 // newest sequence number of the epoch; zero: none, or a collector of before
}

type wireStatus struct {
	Online      bool   `json:"online"`
	At          int64  `json:"at,omitempty"`
	Epoch       string `json:"epoch,omitempty"`
	PlanVersion int64  `json:"plan_version,omitempty"`
	Lines       int    `json:"lines,omitempty"`
	Meters      int    `json:"meters,omitempty"`
	Spool       uint64 `json:"spool,omitempty"`
	Problem     string `json:"problem,omitempty"`
	ProblemVi   string `json:"problem_vi,omitempty"`
	LastSeq     uint64 `json:"last_seq,omitempty"`
}

// EncodeStatus writes a status; the topic names the collector.
func EncodeStatus(s Status) ([]byte, error) {
	w := wireStatus{s.Online, 0, s.Epoch, s.PlanVersion, s.Lines, s.Meters, s.Spool, s.Problem, s.ProblemVi, s.LastSeq}
	if !s.At.IsZero() {
		w.At = s.At.UnixMilli()
	}
	return json.Marshal(w)
}

// DecodeStatus reads what EncodeStatus writes.
func DecodeStatus(payload []byte) (Status, error) {
	var w wireStatus
	if err := decode(payload, MaxPayload, &w, "status"); err != nil {
		return Status{}, err
	}
	s := Status{"", w.Online, time.Time{}, w.Epoch, w.PlanVersion, w.Lines, w.Meters, w.Spool, w.Problem, w.ProblemVi, w.LastSeq}
	if w.At != 0 {
		s.At = time.UnixMilli(w.At).UTC()
	}
	return s, nil
}

// EncodeWatermark writes a watermark.
func EncodeWatermark(m grid.Watermark) ([]byte, error) { return json.Marshal(m) }

// DecodeWatermark reads what EncodeWatermark writes and refuses ranges that are
// turned round, overlap or lie beyond the mark.
func DecodeWatermark(payload []byte) (grid.Watermark, error) {
	var m grid.Watermark
	if err := decode(payload, MaxPayload, &m, "watermark"); err != nil {
		return grid.Watermark{}, err
	}
	if m.Epoch == "" {
		return grid.Watermark{}, &BadPayload{"watermark without epoch"}
	}
	last := uint64(0)
	for _, r := range m.Missing {
		if r[0] <= last || r[1] < r[0] || r[1] > m.Seq {
			return grid.Watermark{}, &BadPayload{fmt.Sprintf("watermark with missing range %d-%d", r[0], r[1])}
		}
		last = r[1]
	}
	return m, nil
}

// wirePlan is grid.Plan with field names of its own, so that a rename in the
// program does not change the wire.
type wirePlan struct {
	Collector string      `json:"collector"`
	Version   int64       `json:"version"`
	Meters    []wireMeter `json:"meters"`
}

type wireMeter struct {
	ID      string `json:"id"`
	Point   string `json:"point"`
	Profile string `json:"profile"`
	Line    string `json:"line"`
	Address int    `json:"address,omitempty"`
	Client  int    `json:"client,omitempty"`
	Secret  string `json:"secret,omitempty"` // the name of the secret, never the secret
	Every   int64  `json:"every_ms,omitempty"`
	Since   int64  `json:"since_ms,omitempty"` // Unix; zero or not there: ever
}

// EncodePlan writes a plan. It carries names of secrets, never secrets.
func EncodePlan(p grid.Plan) ([]byte, error) {
	w := wirePlan{string(p.Collector), p.Version, make([]wireMeter, len(p.Meters))}
	for i, m := range p.Meters {
		w.Meters[i] = wireMeter{
			string(m.ID), string(m.Point), m.Profile, m.Line, m.Address, m.Client, m.Secret, m.Every.Milliseconds(), 0,
		}
		if !m.Since.IsZero() {
			w.Meters[i].Since = m.Since.UnixMilli()
		}
	}
	payload, err := json.Marshal(w)
	if err == nil && len(payload) > maxPlan {
		err = fmt.Errorf("%d bytes, at most %d: give its meters to more collectors", len(payload), maxPlan)
	}
	if err != nil {
		return nil, fmt.Errorf("encode plan of %s: %w", p.Collector, err)
	}
	return payload, nil
}

// DecodePlan reads what EncodePlan writes. Each meter belongs to the plan's
// collector.
func DecodePlan(payload []byte) (grid.Plan, error) {
	var w wirePlan
	if err := decode(payload, maxPlan, &w, "plan"); err != nil {
		return grid.Plan{}, err
	}
	p := grid.Plan{Collector: grid.CollectorID(w.Collector), Version: w.Version, Meters: make([]grid.Meter, len(w.Meters))}
	for i, m := range w.Meters {
		every, ok := span(m.Every)
		if m.ID == "" || m.Point == "" || len(m.Point) > maxText || m.Line == "" || !ok || m.Every < 0 {
			return grid.Plan{}, &BadPayload{fmt.Sprintf("plan: meter %d is without id, point or line, or has a point that is too long or a bad interval", i)}
		}
		p.Meters[i] = grid.Meter{
			ID: grid.MeterID(m.ID), Point: grid.PointID(m.Point), Profile: m.Profile, Line: m.Line,
			Address: m.Address, Client: m.Client, Secret: m.Secret, Collector: p.Collector, Every: every,
		}
		// No row of a load profile is older than the years in question.
		if since := time.UnixMilli(m.Since).UTC(); since.Year() > lastYear {
			return grid.Plan{}, &BadPayload{fmt.Sprintf("plan: meter %d stands at its point only since the year %d", i, since.Year())}
		} else if plausible(since) {
			p.Meters[i].Since = since
		}
	}
	return p, nil
}

func decode(payload []byte, most int, into any, what string) error {
	if len(payload) > most {
		return &BadPayload{fmt.Sprintf("%s of %d bytes, at most %d", what, len(payload), most)}
	}
	if err := json.Unmarshal(payload, into); err != nil {
		return &BadPayload{what + ": " + err.Error()}
	}
	return nil
}
