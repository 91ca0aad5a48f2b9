package web_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/grid"
	"phutai/web"
)

// answer is the part of the API's answers that tests look at.
type answer struct {
	Status struct {
		Speed    float64
		DayStart time.Time `json:"day_start"`
		Unacked  int
		Problems []web.Problem
	}
	Counts      map[string]*float64
	Found       int
	Rows, Stale []line
	Row         line
	Load, Comms []alarm
	Ended       []alarm
	Alarms      []alarm
	Contact     struct {
		Misses       int
		Missing      string
		Detail       string
		ClockOffsetS *float64 `json:"clock_offset_s"`
		ClockOff     bool     `json:"clock_off"`
		Collected    *struct{ Days, Due, Received, Explained int }
	}
	Point struct {
		Multiplier float64
		Meter      string
	}
	T           []float64
	PhaseMaxPct []*float64 `json:"phase_max_pct"`
	PctA        []*float64 `json:"pct_a"`
	StepS       float64    `json:"step_s"`
	Grade       []string
	MadeBy      map[string]int `json:"made_by"`
}

type line struct {
	ID          string
	State       string
	Alarm       string
	PhaseMaxPct *float64 `json:"phase_max_pct"`
	WorstPhase  string   `json:"worst_phase"`
	Governor    string
	SKVA        *float64 `json:"s_kva"`
	AgeS        *float64 `json:"age_s"`
	Minutes     *float64 `json:"minutes_to_limit"`
	Source      string
	Missing     string
}

type alarm struct {
	ID      string
	State   string
	AckedBy string `json:"acked_by"`
}

// get asks the server and decodes what it says.
func get(t *testing.T, h http.Handler, path string, wantCode int) answer {
	t.Helper()
	return send(t, h, httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil), wantCode)
}

func send(t *testing.T, h http.Handler, r *http.Request, wantCode int) answer {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != wantCode {
		t.Fatalf("%s %s: got %d, want %d: %s", r.Method, r.URL, w.Code, wantCode, w.Body)
	}
	var a answer
	if wantCode >= 400 && strings.HasPrefix(r.URL.Path, "/api/") {
		checkProblem(t, w, r)
		return a
	}
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		t.Fatalf("%s %s: %v in %s", r.Method, r.URL, err, w.Body)
	}
	return a
}

// checkProblem looks that a refusal says what is wrong and what to do.
func checkProblem(t *testing.T, w *httptest.ResponseRecorder, r *http.Request) {
	t.Helper()
	var p struct {
		Title    string
		Status   int
		WhatToDo string `json:"what_to_do"`
	}
	err := json.Unmarshal(w.Body.Bytes(), &p)
	if err != nil || p.Title == "" || p.WhatToDo == "" || p.Status != w.Code || !strings.HasPrefix(w.Header().Get("Content-Type"), "application/problem+json") {
		t.Errorf("%s %s: problem does not say what to do: %s", r.Method, r.URL, w.Body)
	}
}

func TestRankingIsByWorstPhaseWithTheStaleApart(t *testing.T) {
	a := get(t, newServer(t, newProvince()).Handler(), "/api/v1/fleet", 200)
	top := a.Rows[0]
	if top.ID != "T0007" || top.State != "critical" || fmt.Sprintf("%.1f", *top.PhaseMaxPct) != "110.9" || top.WorstPhase != "A" || top.Governor != "rating" || top.Alarm != "unacked" {
		t.Errorf("first line is %+v", top)
	}
	for i := 1; i < len(a.Rows); i++ {
		before, here := a.Rows[i-1].PhaseMaxPct, a.Rows[i].PhaseMaxPct
		if here != nil && (before == nil || *before < *here) {
			t.Errorf("line %d ranks after a lower one", i)
		}
	}
	last := a.Rows[len(a.Rows)-1]
	if last.ID != "T0020" || last.State != "no-rating" || last.PhaseMaxPct != nil || last.SKVA == nil {
		t.Errorf("transformer without rating is %+v, want kVA and no percentage, last", last)
	}
	var stale []string
	for _, r := range a.Stale {
		stale = append(stale, r.ID+" "+r.State+" "+r.Missing)
	}
	if diff := cmp.Diff([]string{"T0030 stale no-answer", "T0031 no-data no-route"}, stale); diff != "" {
		t.Errorf("stale group (-want +got):\n%s", diff)
	}
	counts := map[string]float64{}
	for k, v := range a.Counts {
		counts[k] = *v
	}
	want := map[string]float64{"critical": 1, "warning": 1, "normal": 35, "no_rating": 1, "suspect": 0, "stale": 2, "meters": 40, "newest_age_s": 60}
	if diff := cmp.Diff(want, counts); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	if a.Status.Speed != 60 || a.Status.Unacked != 2 || !a.Status.DayStart.Equal(time.Date(2026, 6, 21, 17, 0, 0, 0, time.UTC)) {
		t.Errorf("status is %+v", a.Status)
	}
}

func TestSearchTakesWordsWithAndWithoutAccents(t *testing.T) {
	h := newServer(t, newProvince()).Handler()
	for q, want := range map[string]int{
		"tay+do":                     5,
		"T%C3%A2y+%C4%90%C3%B4":      5, // Tây Đô
		"do+tay":                     5,
		"t0007":                      1,
		"473e3.3":                    0, // the feeder's name is written with a space
		"lo+473":                     13,
		"no+such+station":            0,
		"%25":                        0,
		"":                           40,
		"pd0030&unit=PH00":           1,
		"pd0030&unit=PH01":           0,
		"&unit=PH01":                 20,
		"thong+nhat&unit=PH00&x=y":   5,
		"minh+khai+2&limit=1&unit=":  1,
		"tien+hai&limit=50000&unit=": 5,
	} {
		if got := get(t, h, "/api/v1/fleet?q="+q, 200).Found; got != want {
			t.Errorf("search %q: found %d, want %d", q, got, want)
		}
	}
}

func TestOldAndDoubtfulValuesAreJudgedByTheirOwnInterval(t *testing.T) {
	for _, c := range []struct {
		name   string
		source grid.Source
		every  time.Duration
		age    time.Duration
		want   string
	}{
		{"instant value of a meter polled each 5 min", grid.Instant, 5 * time.Minute, 10 * time.Minute, "normal"},
		{"the same after two intervals", grid.Instant, 5 * time.Minute, 10*time.Minute + time.Second, "stale"},
		{"instant value without an interval of its own", grid.Instant, 0, 30 * time.Minute, "normal"},
		{"the same, older", grid.Instant, 0, 31 * time.Minute, "stale"},
		{"profile row", grid.Profile, 5 * time.Minute, 65 * time.Minute, "normal"},
		{"old profile row", grid.Profile, 5 * time.Minute, 66 * time.Minute, "stale"},
	} {
		p := newProvince()
		p.rows = p.rows[:1]
		p.rows[0].Meter.Every = c.every
		l := carried(&p.rows[0], 0.5, evening.Add(-c.age))
		l.Source = c.source
		p.latest = []grid.Loading{l}
		a := get(t, newServer(t, p).Handler(), "/api/v1/fleet", 200)
		if got := append(a.Rows, a.Stale...)[0].State; got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

func TestFreshPhaseValueIsShownBeforeANewerOneWithout(t *testing.T) {
	p := newProvince()
	p.rows = p.rows[:1]
	phases := carried(&p.rows[0], 0.95, evening.Add(-4*time.Minute))
	profile := carried(&p.rows[0], 0.5, evening.Add(-time.Minute))
	profile.Source, profile.PhaseMaxPct = grid.Profile, grid.Float{}
	for _, latest := range [][]grid.Loading{{phases, profile}, {profile, phases}} {
		p.latest = latest
		if got := get(t, newServer(t, p).Handler(), "/api/v1/fleet", 200).Rows[0]; got.State != "warning" || got.Source != "instant" {
			t.Errorf("shown is %+v, want the instantaneous phases", got)
		}
	}
	phases.At = evening.Add(-15 * time.Minute) // more than two polls of five minutes
	p.latest = []grid.Loading{phases, profile}
	if got := get(t, newServer(t, p).Handler(), "/api/v1/fleet", 200).Rows[0]; got.Source != "profile" {
		t.Errorf("shown is %+v, want the fresh profile value rather than stale phases", got)
	}
}

func TestOneTransformerTellsItsContactAndAlarms(t *testing.T) {
	h := newServer(t, newProvince()).Handler()
	silent := get(t, h, "/api/v1/transformers/T0030", 200)
	if silent.Row.State != "stale" || silent.Contact.Misses != 36 || silent.Contact.Missing != "no-answer" || silent.Contact.Detail != "i/o timeout" {
		t.Errorf("silent transformer is %+v", silent)
	}
	if c := silent.Contact; !c.ClockOff || c.ClockOffsetS == nil || *c.ClockOffsetS != -75 || c.Collected == nil ||
		*c.Collected != struct{ Days, Due, Received, Explained int }{30, 634, 621, 12} {
		t.Errorf("its contact is %+v", c)
	}
	if diff := cmp.Diff([]alarm{{ID: "7F60", State: "unacked"}}, silent.Alarms); diff != "" {
		t.Errorf("its alarms (-want +got):\n%s", diff)
	}
	if over := get(t, h, "/api/v1/transformers/T0007", 200); over.Point.Multiplier != 120 || over.Point.Meter != "22000007" || over.Alarms[0].ID != "7F3K" ||
		over.Contact.Collected != nil || over.Contact.ClockOffsetS != nil || over.Contact.ClockOff {
		t.Errorf("overloaded transformer is %+v", over)
	}
	get(t, h, "/api/v1/transformers/nobody", 404)
}

func TestOddFiguresDoNotBreakTheAnswer(t *testing.T) {
	p := newProvince()
	zero := 0.0
	p.latest[0].PhaseMaxPct = grid.Known(1 / zero)
	p.latest[0].SKVA = grid.Known(zero / zero)
	get(t, newServer(t, p).Handler(), "/api/v1/fleet", 200)
	get(t, newServer(t, p).Handler(), "/api/v1/transformers/T0000", 200)
}

func TestBrokenStoreIsAProblemAndNotAnEmptyFleet(t *testing.T) {
	p := newProvince()
	p.broken = errors.New("disk I/O error")
	h := newServer(t, p).Handler()
	for _, path := range []string{"/api/v1/fleet", "/api/v1/transformers/T0001"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil))
		if w.Code < 500 || strings.Contains(w.Body.String(), "disk I/O") {
			t.Errorf("%s: got %d %s, want a 5xx that keeps the cause in the log", path, w.Code, w.Body)
		}
	}
}

func TestReadinessListsProblems(t *testing.T) {
	p := newProvince()
	h := newServer(t, p).Handler()
	get(t, h, "/readyz", 200)
	get(t, h, "/healthz", 200)
	p.health = []web.Problem{{Part: "broker", TextVi: "mất broker", TextEn: "broker is down"}}
	get(t, h, "/readyz", 503)
	get(t, h, "/healthz", 200)
	if diff := cmp.Diff(p.health, get(t, h, "/api/v1/fleet", 200).Status.Problems); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

// BenchmarkRankingOf20000 shows the target of design section 5: 20,000 transformers under 200 ms.
func BenchmarkRankingOf20000(b *testing.B) {
	small, p := newProvince(), newProvince()
	p.rows, p.latest, p.contacts = nil, nil, nil
	for i := range 20_000 {
		row := small.rows[i%40]
		row.Transformer.ID = grid.TransformerID(fmt.Sprintf("X%05d", i))
		row.Point.ID = grid.PointID(fmt.Sprintf("P%05d", i))
		row.Meter.ID = grid.MeterID(fmt.Sprintf("M%05d", i))
		p.rows = append(p.rows, row)
		p.latest = append(p.latest, carried(&row, 0.3+float64(i%700)/1000, evening.Add(-time.Minute)))
		p.contacts = append(p.contacts, grid.Contact{Point: row.Point.ID, LastGood: evening, LastTry: evening})
	}
	h := newServer(b, p).Handler()
	for b.Loop() {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://localhost/api/v1/fleet?q=minh", nil))
		if w.Code != 200 {
			b.Fatal(w.Body)
		}
	}
}

func TestDoubtfulCurrentsAreNeitherOverNorUnderALimit(t *testing.T) {
	p := newProvince()
	for i := range p.latest {
		if l := &p.latest[i]; l.Transformer == "T0007" || l.Transformer == "T0012" {
			l.Grade = grid.Suspect
			if l.Transformer == "T0007" {
				l.PhaseGrade = grid.Suspect
			}
		}
	}
	a := get(t, newServer(t, p).Handler(), "/api/v1/fleet", 200)
	if top := a.Rows[0]; top.ID != "T0007" || top.State != "suspect" || top.PhaseMaxPct == nil || top.Minutes != nil {
		t.Errorf("doubtful currents give %+v, want the figure, no state and nothing ahead", top)
	}
	if second := a.Rows[1]; second.ID != "T0012" || second.State != "warning" || second.Minutes == nil {
		t.Errorf("a doubtful P gives %+v, want it judged by its sound currents", second)
	}
	if *a.Counts["suspect"] != 1 || *a.Counts["critical"] != 0 {
		t.Errorf("counted %v suspect, %v critical", *a.Counts["suspect"], *a.Counts["critical"])
	}
	// A sound row of the other source goes before a newer one in doubt.
	for _, l := range p.latest {
		if l.Transformer == "T0007" {
			l.Source, l.PhaseGrade, l.At, l.PhaseMaxPct = grid.Profile, grid.Good, evening.Add(-20*time.Minute), grid.Known(97)
			p.latest = append(p.latest, l)
			break
		}
	}
	a = get(t, newServer(t, p).Handler(), "/api/v1/fleet", 200)
	if top := a.Rows[0]; top.ID != "T0007" || top.State != "warning" || top.Source != "profile" {
		t.Errorf("got %+v, want the profile row", top)
	}
}
