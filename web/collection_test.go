package web_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

func TestCollectionTellsNumeratorAndDenominatorByUnitAndDay(t *testing.T) {
	h := newServer(t, newProvince()).Handler()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://localhost/api/v1/collection?day=2026-06-21", nil))
	type sum struct{ Points, Silent, Due, Received, Explained, Open int }
	var a struct {
		Days  []string
		Units []struct {
			ID, Name string
			Days     []*sum
		}
		All []sum
	}
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || w.Code != 200 {
		t.Fatalf("%d %v: %s", w.Code, err, w.Body)
	}
	if got := strings.Join(a.Days, " "); got != "2026-06-15 2026-06-16 2026-06-17 2026-06-18 2026-06-19 2026-06-20 2026-06-21" {
		t.Errorf("days %s", got)
	}
	if len(a.Units) != 2 || a.Units[0].ID != "PH01" || a.Units[0].Name != "PH01" || a.Units[1].Name != "Đội QLĐL Hưng Hà" {
		t.Fatalf("units %+v", a.Units)
	}
	merged, into := a.Units[0].Days, a.Units[1].Days
	if merged[4] == nil || merged[5] != nil || *into[6] != (sum{40, 1, 2100, 2058, 21, 21}) || *merged[0] != (sum{20, 0, 1500, 1499, 0, 1}) {
		t.Errorf("of the merged unit %+v, of the other %+v", merged, into[6])
	}
	if a.All[0] != (sum{40, 1, 3000, 2969, 15, 16}) {
		t.Errorf("of all %+v", a.All[0])
	}
	get(t, h, "/api/v1/collection?day=Sunday", 400)
}

func TestCollectionInTheBrowserShowsBothFiguresAndTheirRate(t *testing.T) {
	base, _ := serve(t, newProvince())
	b := openBrowser(t)
	for lang, want := range map[string][]string{"vi": {"98,0 %", "2.058 / 2.100", "1/40 điểm đo không số liệu"}, "en": {"98.0 %", "2,058 / 2,100", "1 of 40 points without data"}} {
		b.do(t, "collection-"+lang, viewport(390, 844), chromedp.Navigate(base+"/collection?day=2026-06-21&lang="+lang), wait("#collection tbody tr"))
		text := ask[string](t, b, textOf("#collection"))
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s: lacks %q: %q", lang, w, text)
			}
		}
	}
	b.do(t, "collection-wide", viewport(1920, 1080), chromedp.Navigate(base+"/collection?day=2026-06-21&lang=en"), wait("#collection tbody tr"))
	if text := ask[string](t, b, textOf("#collection")); !strings.Contains(text, "99.9 %") || strings.Contains(text, "100.0 %") {
		t.Errorf("a share that is not whole: %q", text)
	}
}
