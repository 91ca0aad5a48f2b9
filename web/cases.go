package web

import (
	"bytes"
	"context"
	"encoding/json"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"go.uber.org/zap"

	"phutai/grid"
)

const (
	maxReasonRunes = 300 // of why a case is closed
	closedShown    = 100 // closed cases that are listed
)

// caseItem is one doubt about the numbers of a metering point.
type caseItem struct {
	ID             int64              `json:"id"`
	Check          grid.Check         `json:"check"`
	Point          grid.PointID       `json:"point"`
	Transformer    grid.TransformerID `json:"transformer,omitempty"`
	SubstationName string             `json:"substation_name"`
	FeederName     string             `json:"feeder_name"`
	UnitName       string             `json:"unit_name"`
	Holds          bool               `json:"holds"` // pages about the load are held by it
	TextVi         string             `json:"text_vi"`
	TextEn         string             `json:"text_en"`
	Evidence       []grid.Figure      `json:"evidence"`
	Since          time.Time          `json:"since"` // from when on the data show it
	OpenedAt       time.Time          `json:"opened_at"`
	LastSeen       time.Time          `json:"last_seen"`
	Closing        grid.Closing       `json:"closing,omitempty"`
	ClosedAt       *time.Time         `json:"closed_at"`
	ClosedBy       string             `json:"closed_by,omitempty"`
	Why            string             `json:"why,omitempty"`
}

type casesAnswer struct {
	Status status     `json:"status"`
	Open   []caseItem `json:"open"`   // newest first
	Closed []caseItem `json:"closed"` // newest first, the last hundred
}

// cases answers GET /api/v1/cases.
func (s *Server) cases(_ http.ResponseWriter, r *http.Request) (any, error) {
	snap, err := s.snapshot(r.Context())
	if err != nil {
		return nil, err
	}
	rows, err := s.deps.Fleet.Rows(r.Context())
	if err != nil {
		return nil, err
	}
	answer := casesAnswer{Status: s.status(r.Context(), snap.now, snap.alarms)}
	stations := stationIndex(rows)
	open, err := s.deps.Cases.Standing(r.Context())
	if err != nil {
		return nil, err
	}
	closed, err := s.deps.Cases.Closed(r.Context(), closedShown)
	if err != nil {
		return nil, err
	}
	answer.Open, answer.Closed = s.caseLines(open, stations), s.caseLines(closed, stations)
	return answer, nil
}

func (s *Server) caseLines(list []grid.Case, at stations) []caseItem {
	out := make([]caseItem, 0, len(list))
	for i := range list {
		c := &list[i]
		item := caseItem{
			ID: c.ID, Check: c.Check, Point: c.Point, Holds: c.Check.Holds(), Evidence: c.Evidence,
			SubstationName: string(c.Point), TextVi: caseText(s.texts["vi"], c), TextEn: caseText(s.texts["en"], c),
			Since: c.Since.UTC(), OpenedAt: c.OpenedAt.UTC(), LastSeen: c.LastSeen.UTC(),
			Closing: c.Closing, ClosedAt: moment(c.ClosedAt), ClosedBy: c.ClosedBy, Why: c.Why,
		}
		if item.Evidence == nil {
			item.Evidence = []grid.Figure{}
		}
		if row := at.byPoint[c.Point]; row != nil {
			item.Transformer = row.Transformer.ID
			item.SubstationName, item.FeederName, item.UnitName = row.Substation.Name, row.Feeder.Name, row.Unit.Name
		}
		out = append(out, item)
	}
	return out
}

// caseText says what a case is about, with its evidence in the places {name}; a
// part of which a figure is missing is left out.
func caseText(texts map[string]string, c *grid.Case) string {
	var pairs []string
	for _, f := range c.Evidence {
		pairs = append(pairs, "{"+f.Name+"}", f.Text)
	}
	text := strings.NewReplacer(pairs...).Replace(texts["case."+string(c.Check)])
	var whole []string
	for part := range strings.SplitSeq(text, "; ") {
		if !strings.ContainsAny(part, "{}") {
			whole = append(whole, part)
		}
	}
	return strings.Join(whole, "; ")
}

// casesOf gives the open cases of one point.
func (s *Server) casesOf(ctx context.Context, row *Row) ([]caseItem, error) {
	if s.deps.Cases == nil || row.Point.ID == "" {
		return []caseItem{}, nil
	}
	open, err := s.deps.Cases.Standing(ctx)
	if err != nil {
		return nil, err
	}
	open = slices.DeleteFunc(open, func(c grid.Case) bool { return c.Point != row.Point.ID })
	return s.caseLines(open, stationIndex([]Row{*row})), nil
}

// closeCase answers POST /api/v1/cases/{id}/close with {"who": name, "why": reason}.
func (s *Server) closeCase(_ http.ResponseWriter, r *http.Request) (any, error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, &fault{status: http.StatusUnsupportedMediaType, title: "body is not JSON",
			hint: `send Content-Type: application/json and {"who": "name", "why": "reason"}`}
	}
	var ask struct {
		Who string `json:"who"`
		Why string `json:"why"`
	}
	if err := json.NewDecoder(r.Body).Decode(&ask); err != nil {
		return nil, badRequest("body", `send {"who": "name", "why": "reason"}, at most 4 KiB`)
	}
	who, why := strings.TrimSpace(ask.Who), strings.TrimSpace(ask.Why)
	if !plainName(who) {
		return nil, badRequest("who", "write a name of 1 to 64 characters, without control characters")
	}
	if !plainLine(why, maxReasonRunes) {
		return nil, badRequest("why", "write a reason of 1 to 300 characters, without control characters")
	}
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || !s.caseOpen(r.Context(), id) {
		return nil, noCase()
	}
	if err := s.deps.Cases.Close(r.Context(), id, who, why); err != nil {
		if !s.caseOpen(r.Context(), id) {
			return nil, noCase() // it has ended in between
		}
		return nil, &fault{status: http.StatusInternalServerError, title: "the case could not be closed",
			hint: "try again; until then it stands, and holds what it held", cause: err}
	}
	s.log.Info("data case closed", zap.Int64("case", id), zap.String("who", who), zap.String("why", why))
	return map[string]any{"id": id, "closed_by": who}, nil
}

func noCase() error {
	return &fault{status: http.StatusNotFound, title: "no such case is open", hint: "it may have ended; read /api/v1/cases again"}
}

func (s *Server) caseOpen(ctx context.Context, id int64) bool {
	open, err := s.deps.Cases.Standing(ctx)
	return err == nil && slices.ContainsFunc(open, func(c grid.Case) bool { return c.ID == id })
}

// plainLine tells whether a text can be printed on one line wherever it is shown.
func plainLine(text string, most int) bool {
	return utf8.RuneCountInString(text) <= most && len(text) > 0 && utf8.ValidString(text) && !strings.ContainsFunc(text, unprintable)
}

// casesTable answers GET /api/v1/cases.csv.
func (s *Server) casesTable(w http.ResponseWriter, r *http.Request) (any, error) {
	var table bytes.Buffer // whole before its first byte leaves
	if err := s.deps.CaseTable.WriteCases(r.Context(), &table, s.language(r)); err != nil {
		return nil, err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="cases.csv"`)
	_, err := w.Write(table.Bytes())
	return nil, err
}

func (s *Server) casesPage(w http.ResponseWriter, r *http.Request) {
	s.render(w, r, http.StatusOK, s.view("cases", r))
}
