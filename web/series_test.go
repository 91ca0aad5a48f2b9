package web_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"phutai/grid"
)

func TestCurveKeepsPeaksAndShowsGaps(t *testing.T) {
	h := newServer(t, newProvince()).Handler()
	a := get(t, h, "/api/v1/transformers/T0007/series?from=2026-06-21T17:00:00Z&to=2026-06-22T13:30:00Z&step=30m", 200)
	gaps, peak := 0, 0.0
	for i, pct := range a.PhaseMaxPct {
		if i > 0 && a.T[i] <= a.T[i-1] {
			t.Errorf("times go back at %d", i)
		}
		if pct == nil {
			gaps++
			at := time.Unix(int64(a.T[i]), 0).UTC().Add(7 * time.Hour)
			if at.Hour() < 3 || at.Hour() > 5 {
				t.Errorf("gap at %v, want it in the hole from 3 to 6", at)
			}
			continue
		}
		peak = max(peak, *pct)
		if a.PctA[i] == nil || *a.PctA[i] < *pct-1e-9 || *a.PctA[i] > *pct+1e-9 {
			t.Errorf("phase A is %v, want the worst phase %v", a.PctA[i], *pct)
		}
	}
	if gaps != 1 {
		t.Errorf("%d gaps, want 1", gaps)
	}
	fine := get(t, h, "/api/v1/transformers/T0007/series?from=2026-06-21T17:00:00Z&to=2026-06-22T13:30:00Z&step=10m", 200)
	highest := 0.0
	for _, pct := range fine.PhaseMaxPct {
		if pct != nil {
			highest = max(highest, *pct)
		}
	}
	if peak != highest {
		t.Errorf("peak is %v at 30 min and %v at 10 min: thinning must not lower it", peak, highest)
	}
}

func TestFiguresThatWereMadeAreMarked(t *testing.T) {
	h := newServer(t, newProvince()).Handler()
	for id, want := range map[string]struct {
		estimated int
		by        map[string]int
	}{"T0007": {}, "T0009": {6, map[string]int{"short gaps": 2}}} {
		a := get(t, h, "/api/v1/transformers/"+id+"/series?from=2026-06-21T17:00:00Z&to=2026-06-22T13:30:00Z&step=10m", 200)
		estimated := 0
		for i, grade := range a.Grade {
			if grade == "estimated" {
				estimated++
			}
			if (grade == "") != (a.PhaseMaxPct[i] == nil) {
				t.Errorf("%s: point %d is %v and graded %q", id, i, a.PhaseMaxPct[i], grade)
			}
		}
		if len(a.Grade) != len(a.T) || estimated != want.estimated || !maps.Equal(a.MadeBy, want.by) {
			t.Errorf("%s: %d grades of %d points, %d estimated, made by %v; want %+v", id, len(a.Grade), len(a.T), estimated, a.MadeBy, want)
		}
	}
	// Of a step what was measured stands, however high the other is.
	a := get(t, h, "/api/v1/transformers/T0009/series?from=2026-06-21T17:00:00Z&to=2026-06-21T19:30:00Z&step=2h", 200)
	if len(a.Grade) == 0 || a.Grade[0] != "good" {
		t.Errorf("grades %q", a.Grade)
	}
}

func TestCurveWithoutWindowIsToday(t *testing.T) {
	a := get(t, newServer(t, newProvince()).Handler(), "/api/v1/transformers/T0001/series", 200)
	if first := time.Unix(int64(a.T[0]), 0).UTC(); !first.Equal(time.Date(2026, 6, 21, 17, 0, 0, 0, time.UTC)) {
		t.Errorf("first point at %v, want local midnight", first)
	}
	month := get(t, newServer(t, newProvince()).Handler(), "/api/v1/transformers/T0001/series?from=2026-05-23T17:00:00Z&to=2026-06-22T13:30:00Z", 200)
	if len(month.T) == 0 || len(month.T) > 1100 || month.StepS != 3600 {
		t.Errorf("a month has %d points of %v s", len(month.T), month.StepS)
	}
}

func TestEmptyCurveHasColumnsAndNoPoints(t *testing.T) {
	p := newProvince()
	a := get(t, newServer(t, p).Handler(), "/api/v1/transformers/T0001/series?from=2030-01-01T00:00:00Z&to=2030-01-02T00:00:00Z", 200)
	if a.T == nil || len(a.T) != 0 || a.PhaseMaxPct == nil {
		t.Errorf("empty curve is %+v, want empty columns", a)
	}
}

func TestUnusableWindowsAreRefusedWithAHint(t *testing.T) {
	h := newServer(t, newProvince()).Handler()
	for _, query := range []string{
		"from=yesterday", "to=22/06/2026", "from=2026-06-23T00:00:00Z&to=2026-06-22T00:00:00Z",
		"from=2020-01-01T00:00:00Z", "step=1ms", "step=often", "step=-5m",
	} {
		get(t, h, "/api/v1/transformers/T0001/series?"+query, 400)
	}
	for _, query := range []string{"limit=0", "limit=many", "limit=50001"} {
		get(t, h, "/api/v1/fleet?"+query, 400)
	}
	get(t, h, "/api/v1/transformers/T0001/curve.csv?every=1s", 400)
	get(t, h, "/api/v1/transformers/nobody/series", 404)
	get(t, h, "/api/v1/nothing", 404)
}

func TestCurveIsHandedOutAsAFile(t *testing.T) {
	p := newProvince()
	p.rows[1].Transformer.ID = grid.TransformerID(`T"1;x`)
	w := httptest.NewRecorder()
	newServer(t, p).Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet,
		"http://localhost/api/v1/transformers/T%221%3Bx/curve.csv?every=15m&lang=en", nil))
	if w.Code != 200 || w.Header().Get("Content-Disposition") != `attachment; filename="curve-T_1_x.csv"` {
		t.Errorf("got %d, %q", w.Code, w.Header().Get("Content-Disposition"))
	}
	if !strings.Contains(w.Body.String(), ";2026-06-21T17:00:00Z;15m0s;en") {
		t.Errorf("curve was asked for as %q", w.Body)
	}
}
