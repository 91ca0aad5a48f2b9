package web_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func askDays(t *testing.T, h http.Handler, path string) string {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil))
	if w.Code != http.StatusOK {
		t.Fatalf("%s: %d %s", path, w.Code, w.Body)
	}
	return w.Body.String()
}

func TestDaysAreGivenInColumnsByLocalDay(t *testing.T) {
	h := newServer(t, newProvince()).Handler()
	body := askDays(t, h, "/api/v1/transformers/T0001/days?from=2026-05-01&to=2026-05-02")
	want := `{"from":"2026-05-01","to":"2026-05-02","time_zone":"Asia/Ho_Chi_Minh","day":["2026-05-01","2026-05-02"],"rows":[330,330],"rows_good":[328,328],` +
		`"last_row":["2026-05-01T16:59:00Z","2026-05-02T16:59:00Z"],"phase_max_pct":[107,900],"phase_max_at":["2026-05-01T12:00:00Z","2026-05-02T12:00:00Z"],` +
		`"phase_max_grade":["good","suspect"],"worst_phase":["C","C"],"loading_pct":[null,null],"s_kva":[327,328],"s_at":["2026-05-01T13:00:00Z","2026-05-02T13:00:00Z"],` +
		`"p_min_kw":[40,40],"p_mean_kw":[100,100],"p_max_kw":[290,290],"energy_kwh":[2300,2300],"covered_s":[82800,82800],` +
		`"hot_spot_c":[117,118],"hot_spot_at":["2026-05-01T14:00:00Z","2026-05-02T14:00:00Z"]}`
	if body != want {
		t.Errorf("got\n%s\nwant\n%s", body, want)
	}
	if body := askDays(t, h, "/api/v1/transformers/T0001/days"); strings.Count(body, `"good"`) != 31 || !strings.Contains(body, `"from":"2026-05-23","to":"2026-06-22"`) {
		t.Errorf("without a window: %.200s", body)
	}
}

func TestFleetIsRankedByTheDaysPeak(t *testing.T) {
	body := askDays(t, newServer(t, newProvince()).Handler(), "/api/v1/fleet/day?day=2026-06-22&limit=1")
	want := `{"day":"2026-06-22","time_zone":"Asia/Ho_Chi_Minh","found":2,"rows":[{"id":"T0003","phase_max_pct":110,"phase_max_at":null,` +
		`"phase_max_grade":"good","worst_phase":"B","s_kva":null,"hot_spot_c":null}]}`
	if body != want {
		t.Errorf("got\n%s\nwant\n%s", body, want)
	}
}

func TestUnusableDaysAreRefusedWithAHint(t *testing.T) {
	p := newProvince()
	h := newServer(t, p).Handler()
	for _, query := range []string{"from=yesterday", "to=22/06/2026", "from=2026-06-23&to=2026-06-22", "from=2010-01-01"} {
		get(t, h, "/api/v1/transformers/T0001/days?"+query, http.StatusBadRequest)
	}
	get(t, h, "/api/v1/fleet/day?day=june", http.StatusBadRequest)
	get(t, h, "/api/v1/fleet/day?limit=0", http.StatusBadRequest)
	get(t, h, "/api/v1/transformers/nobody/days", http.StatusNotFound)
	p.broken = errors.New("no disk")
	get(t, h, "/api/v1/fleet/day", http.StatusServiceUnavailable)
}
