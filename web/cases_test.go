package web_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"phutai/grid"
)

// doubts is an owner of cases for tests.
type doubts struct {
	mu     sync.Mutex
	open   []grid.Case
	closed []grid.Case
}

func (d *doubts) Standing(context.Context) ([]grid.Case, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.open), nil
}

func (d *doubts) Closed(context.Context, int) ([]grid.Case, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.closed), nil
}

func (d *doubts) Close(_ context.Context, id int64, who, why string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.open = slices.DeleteFunc(d.open, func(c grid.Case) bool {
		if c.ID != id {
			return false
		}
		c.Closing, c.ClosedBy, c.Why, c.ClosedAt = grid.ClosedByPerson, who, why, evening
		d.closed = append(d.closed, c)
		return true
	})
	return nil
}

func (d *doubts) WriteCases(_ context.Context, w io.Writer, lang string) error {
	_, err := io.WriteString(w, "cases in "+lang)
	return err
}

// wrongRatio is a case of station 7, which is over its limit.
func wrongRatio() grid.Case {
	return grid.Case{
		ID: 3, Point: "PD0007", Check: grid.MeterRatio, Since: evening, OpenedAt: evening, LastSeen: evening,
		Evidence: []grid.Figure{{Name: "register_ct", Text: "600/5"}, {Name: "meter_ct", Text: "<b>400</b>/5"}},
	}
}

func closing(id, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "http://localhost/api/v1/cases/"+id+"/close", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return r
}

type shownCases struct {
	Open, Closed []struct {
		ID          int64
		Transformer string
		Holds       bool
		TextVi      string `json:"text_vi"`
		TextEn      string `json:"text_en"`
		ClosedBy    string `json:"closed_by"`
		Why         string
	}
}

func readCases(t *testing.T, h http.Handler) (out shownCases) {
	t.Helper()
	if err := json.Unmarshal(fetch(t, h, "/api/v1/cases", nil).Body.Bytes(), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestCasesAreShownWithTheirEvidenceAndClosedWithAReason(t *testing.T) {
	p := newProvince()
	p.doubts.open = []grid.Case{wrongRatio()}
	h := newServer(t, p).Handler()
	got := readCases(t, h)
	if len(got.Open) != 1 || got.Open[0].Transformer != "T0007" || !got.Open[0].Holds {
		t.Fatalf("got %+v", got)
	}
	if want := "Register: CT 600/5, set in the meter: <b>400</b>/5"; got.Open[0].TextEn != want {
		t.Errorf("got %q, want %q: the part about the VT has no figures", got.Open[0].TextEn, want)
	}
	if got.Open[0].TextVi == got.Open[0].TextEn || strings.Contains(got.Open[0].TextVi, "{") {
		t.Errorf("got %q", got.Open[0].TextVi)
	}
	if body := fetch(t, h, "/api/v1/transformers/T0007", nil).Body.String(); !strings.Contains(body, `"check":"meter-ratio"`) {
		t.Error("its transformer does not show it")
	}
	for _, c := range []struct {
		id, body string
		want     int
	}{
		{"3", `{"who":"Lan"}`, 400}, {"3", `{"why":"x"}`, 400}, {"3", `{"who":"Lan","why":"a\u202eb"}`, 400},
		{"3", `{"who":"Lan","why":"` + strings.Repeat("x", 301) + `"}`, 400}, {"4", `{"who":"Lan","why":"x"}`, 404}, {"x", `{"who":"Lan","why":"x"}`, 404},
		{"3", `{"who":"Lan","why":"đã đo tại trạm"}`, 200}, {"3", `{"who":"Lan","why":"x"}`, 404},
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, closing(c.id, c.body))
		if w.Code != c.want {
			t.Errorf("close %s with %s: got %d, want %d", c.id, c.body, w.Code, c.want)
		}
	}
	if got = readCases(t, h); len(got.Open) != 0 || len(got.Closed) != 1 || got.Closed[0].Why != "đã đo tại trạm" {
		t.Errorf("after closing: %+v", got)
	}
	if w := fetch(t, h, "/api/v1/cases.csv?lang=vi", nil); w.Body.String() != "cases in vi" {
		t.Errorf("got table %q", w.Body)
	}
}

func TestEveryCheckHasItsTexts(t *testing.T) {
	body := fetch(t, newServer(t, newProvince()).Handler(), "/cases", nil).Body.String()
	for _, c := range grid.Checks() {
		for _, key := range []string{`"case.` + string(c) + `"`, `"case.name.` + string(c) + `"`} {
			if !strings.Contains(body, key) {
				t.Errorf("no text %s", key)
			}
		}
	}
}
