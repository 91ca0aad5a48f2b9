package web

import (
	"cmp"
	"context"
	"encoding/json"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"go.uber.org/zap"

	"phutai/grid"
)

// maxNameRunes bounds the name of who acknowledges.
const maxNameRunes = 64

// alarmItem is one alarm with the names of what it is about.
type alarmItem struct {
	ID             grid.AlarmID       `json:"id"`
	Kind           grid.AlarmKind     `json:"kind"`
	Severity       string             `json:"severity"`
	State          grid.AlarmState    `json:"state"`
	Transformer    grid.TransformerID `json:"transformer,omitempty"`
	Substation     grid.SubstationID  `json:"substation"`
	SubstationName string             `json:"substation_name"`
	Point          grid.PointID       `json:"point"`
	FeederName     string             `json:"feeder_name"`
	UnitName       string             `json:"unit_name"`
	Phase          string             `json:"phase,omitempty"`
	Value          grid.Float         `json:"value"` // %, °C, or minutes of silence
	Limit          grid.Float         `json:"limit"`
	Governor       string             `json:"governor,omitempty"`
	Missing        string             `json:"missing,omitempty"`
	RaisedAt       time.Time          `json:"raised_at"`
	AgeS           grid.Float         `json:"age_s"` // of the value
	StaleSince     *time.Time         `json:"stale_since"`
	HeldSince      *time.Time         `json:"held_since"` // a page waits since then: the numbers are in doubt
	ClearedAt      *time.Time         `json:"cleared_at"`
	AckedAt        *time.Time         `json:"acked_at"`
	AckedBy        string             `json:"acked_by,omitempty"`
}

type alarmsAnswer struct {
	Status status      `json:"status"`
	Load   []alarmItem `json:"load"`  // overload and heat, most urgent first
	Comms  []alarmItem `json:"comms"` // silent meters, which say nothing about the load
	Ended  []alarmItem `json:"ended"` // back to normal and seen by somebody, newest first
}

// alarms answers GET /api/v1/alarms.
func (s *Server) alarms(_ http.ResponseWriter, r *http.Request) (any, error) {
	rows, err := s.deps.Fleet.Rows(r.Context())
	if err != nil {
		return nil, err
	}
	list, err := s.deps.Alarms.List(r.Context())
	if err != nil {
		return nil, err
	}
	now := s.deps.Clock.Now()
	answer := alarmsAnswer{Status: s.status(r.Context(), now, list), Load: []alarmItem{}, Comms: []alarmItem{}, Ended: []alarmItem{}}
	stations := stationIndex(rows)
	slices.SortFunc(list, inOrder)
	for i := range list {
		a := &list[i]
		item := alarmLine(a, stations.find(a), now)
		switch {
		case !a.Active():
			answer.Ended = append(answer.Ended, item)
		case a.Kind == grid.CommsLoss:
			answer.Comms = append(answer.Comms, item)
		default:
			answer.Load = append(answer.Load, item)
		}
	}
	return answer, nil
}

// inOrder puts unacknowledged before acknowledged, critical before warning,
// and the newest first.
func inOrder(a, b grid.Alarm) int {
	return cmp.Or(
		cmp.Compare(stateOrder(a.State), stateOrder(b.State)),
		-cmp.Compare(a.Severity, b.Severity),
		b.RaisedAt.Compare(a.RaisedAt),
		cmp.Compare(a.ID, b.ID),
	)
}

func stateOrder(s grid.AlarmState) int {
	switch s {
	case grid.Unacked:
		return 0
	case grid.ReturnUnacked:
		return 1
	case grid.Acked:
		return 2
	case grid.Normal:
	}
	return 3
}

// stations finds the row that an alarm is about.
type stations struct {
	byTransformer map[grid.TransformerID]*Row
	byPoint       map[grid.PointID]*Row
}

func stationIndex(rows []Row) stations {
	x := stations{make(map[grid.TransformerID]*Row, len(rows)), make(map[grid.PointID]*Row, len(rows))}
	for i := range rows {
		x.byTransformer[rows[i].Transformer.ID] = &rows[i]
		if id := rows[i].Point.ID; id != "" && x.byPoint[id] == nil {
			x.byPoint[id] = &rows[i]
		}
	}
	return x
}

func (x stations) find(a *grid.Alarm) *Row {
	if r := x.byTransformer[a.Transformer]; r != nil {
		return r
	}
	return x.byPoint[a.Point] // nil where the register has forgotten the station
}

// alarmLine makes one line; where row is nil the ids stand for the names.
func alarmLine(a *grid.Alarm, row *Row, now time.Time) alarmItem {
	item := alarmItem{
		ID: a.ID, Kind: a.Kind, Severity: a.Severity.String(), State: a.State,
		Transformer: a.Transformer, Substation: a.Substation, Point: a.Point,
		SubstationName: string(a.Substation), FeederName: string(a.Feeder), UnitName: string(a.Unit),
		Phase: a.Phase.String(), Value: finite(a.Value), Limit: positive(a.Limit),
		Governor: a.Governor.String(), Missing: a.Missing.String(),
		RaisedAt: a.RaisedAt.UTC(), StaleSince: moment(a.StaleSince), HeldSince: moment(a.HeldSince), ClearedAt: moment(a.ClearedAt),
		AckedAt: moment(a.AckedAt), AckedBy: a.AckedBy,
	}
	if !a.ValueAt.IsZero() {
		item.AgeS = grid.Known(now.Sub(a.ValueAt).Round(time.Second).Seconds())
	}
	if row != nil {
		item.Transformer = row.Transformer.ID
		item.SubstationName, item.FeederName, item.UnitName = row.Substation.Name, row.Feeder.Name, row.Unit.Name
	}
	return item
}

// moment is nil for a time that is not set.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// acknowledge answers POST /api/v1/alarms/{id}/ack with {"who": name}.
func (s *Server) acknowledge(_ http.ResponseWriter, r *http.Request) (any, error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, &fault{status: http.StatusUnsupportedMediaType, title: "body is not JSON",
			hint: `send Content-Type: application/json and {"who": "name"}`}
	}
	var ask struct {
		Who string `json:"who"`
	}
	if err := json.NewDecoder(r.Body).Decode(&ask); err != nil {
		return nil, badRequest("body", `send {"who": "name"}, at most 4 KiB`)
	}
	who := strings.TrimSpace(ask.Who)
	if !plainName(who) {
		return nil, badRequest("who", "write a name of 1 to 64 characters, without control characters")
	}
	id := grid.AlarmID(r.PathValue("id"))
	if _, err := s.standing(r.Context(), id); err != nil {
		return nil, err
	}
	if err := s.deps.Alarms.Acknowledge(r.Context(), id, who); err != nil {
		if _, gone := s.standing(r.Context(), id); gone != nil {
			return nil, gone // it has ended in between
		}
		return nil, &fault{status: http.StatusInternalServerError, title: "the acknowledgement could not be kept",
			hint: "try again; until it is kept the alarm counts as seen by nobody", cause: err}
	}
	s.log.Info("alarm acknowledged", zap.String("alarm", string(id)), zap.String("who", who))
	// Who was first stays: the answer is what the record says.
	if a, err := s.standing(r.Context(), id); err == nil && a.AckedBy != "" {
		who = a.AckedBy
	}
	return map[string]string{"id": string(id), "acked_by": who}, nil
}

// standing gives an alarm that is listed; a fault where it is not.
func (s *Server) standing(ctx context.Context, id grid.AlarmID) (grid.Alarm, error) {
	list, err := s.deps.Alarms.List(ctx)
	if err != nil {
		return grid.Alarm{}, err
	}
	i := slices.IndexFunc(list, func(a grid.Alarm) bool { return a.ID == id })
	if i < 0 {
		return grid.Alarm{}, &fault{status: http.StatusNotFound, title: "no such alarm", hint: "it may have ended; read /api/v1/alarms again"}
	}
	return list[i], nil
}

// plainName tells whether a name can be printed wherever alarms are.
func plainName(name string) bool {
	return plainLine(name, maxNameRunes)
}

func unprintable(r rune) bool { return !unicode.IsGraphic(r) }
