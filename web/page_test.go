package web_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"phutai/web"
)

func fetch(t *testing.T, h http.Handler, path string, change func(*http.Request)) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil)
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestNamesAreNeverMarkup(t *testing.T) {
	for _, name := range hostile {
		p := newProvince()
		r := &p.rows[7]
		r.Substation.Name, r.Transformer.Name, r.Feeder.Name, r.Unit.Name = name, name, name, name
		r.Substation.Priority, r.Substation.Address, r.Point.Name = name, name, name
		p.alarms[0].AckedBy = name
		h := newServer(t, p).Handler()
		for _, path := range []string{"/", "/alarms", "/collection", "/transformers/T0007", "/transformers/nobody", "/?lang=" + "%22%3E%3Cscript%3E"} {
			body := fetch(t, h, path, nil).Body.String()
			if strings.ContainsAny(name, "<>") && strings.Contains(body, name) {
				t.Errorf("%s: %q stands in the page as it is", path, name)
			}
			if strings.Count(body, "<script") != 2+strings.Count(body, "uPlot.iife") && !strings.Contains(path, "nobody") {
				t.Errorf("%s: a script more or less than its own with %q", path, name)
			}
		}
		for _, path := range []string{"/api/v1/fleet", "/api/v1/alarms", "/api/v1/transformers/T0007"} {
			w := fetch(t, h, path, nil)
			if !json.Valid(w.Body.Bytes()) || strings.Contains(w.Body.String(), "<") {
				t.Errorf("%s: name %q is not escaped", path, name)
			}
		}
	}
}

func TestPagesHaveNoInlineScriptOrStyle(t *testing.T) {
	h := newServer(t, newProvince()).Handler()
	inline := regexp.MustCompile(`(?i)<style|\sstyle=|\son[a-z]+=|<script(?: type="module")?>|https?://`)
	for _, path := range []string{"/", "/alarms", "/transformers/T0007"} {
		if found := inline.FindAllString(fetch(t, h, path, nil).Body.String(), -1); found != nil {
			t.Errorf("%s: %q", path, found)
		}
	}
}

func TestEveryAnswerCarriesTheSecurityHeaders(t *testing.T) {
	h := newServer(t, newProvince()).Handler()
	want := map[string]string{
		"Content-Security-Policy":      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
		"X-Content-Type-Options":       "nosniff",
		"X-Frame-Options":              "DENY",
		"Referrer-Policy":              "no-referrer",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Permissions-Policy":           "camera=(), geolocation=(), microphone=()",
	}
	for _, path := range []string{"/", "/transformers/nobody", "/assets/js/fleet.js", "/assets/none", "/api/v1/fleet", "/readyz"} {
		got := map[string]string{}
		header := fetch(t, h, path, nil).Header()
		for k := range want {
			got[k] = header.Get(k)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

func TestLanguageIsAskedForKeptOrConfigured(t *testing.T) {
	h := newServer(t, newProvince()).Handler()
	if got := fetch(t, h, "/", nil).Header().Get("Content-Language"); got != "vi" {
		t.Errorf("first visit is in %q, want vi", got)
	}
	w := fetch(t, h, "/alarms?lang=en", nil)
	cookies := w.Result().Cookies()
	if w.Header().Get("Content-Language") != "en" || len(cookies) != 1 || cookies[0].Value != "en" || !cookies[0].HttpOnly {
		t.Fatalf("switch gives %q and cookies %v", w.Header().Get("Content-Language"), cookies)
	}
	if got := fetch(t, h, "/", func(r *http.Request) { r.AddCookie(cookies[0]) }).Header().Get("Content-Language"); got != "en" {
		t.Errorf("next visit is in %q, want en", got)
	}
	if got := fetch(t, h, "/?lang=xx", nil); got.Header().Get("Content-Language") != "vi" || len(got.Result().Cookies()) != 0 {
		t.Errorf("unknown language gives %q and keeps %v", got.Header().Get("Content-Language"), got.Result().Cookies())
	}
}

// bootTexts gives the texts of a page in a language.
func bootTexts(t *testing.T, h http.Handler, lang string) map[string]string {
	t.Helper()
	body := fetch(t, h, "/?lang="+lang, nil).Body.String()
	_, rest, _ := strings.Cut(body, `id="boot">`)
	data, _, _ := strings.Cut(rest, "</script>")
	var boot struct{ Text map[string]string }
	if err := json.Unmarshal([]byte(data), &boot); err != nil {
		t.Fatalf("boot data: %v", err)
	}
	return boot.Text
}

func TestBothLanguagesHaveTheSameTexts(t *testing.T) {
	h := newServer(t, newProvince()).Handler()
	vi, en := bootTexts(t, h, "vi"), bootTexts(t, h, "en")
	holes := regexp.MustCompile(`\{\d\}`)
	for key, text := range vi {
		if en[key] == "" || text == "" {
			t.Errorf("%s is missing in a language", key)
		}
		a, b := holes.FindAllString(text, -1), holes.FindAllString(en[key], -1)
		slices.Sort(a)
		slices.Sort(b)
		if !slices.Equal(a, b) {
			t.Errorf("%s: %q and %q are filled in differently", key, text, en[key])
		}
	}
	for key := range en {
		if vi[key] == "" {
			t.Errorf("%s is missing in Vietnamese", key)
		}
	}
}

func TestScriptsUseOnlyTextsThatExist(t *testing.T) {
	texts := bootTexts(t, newServer(t, newProvince()).Handler(), "vi")
	key := regexp.MustCompile(`\bt\('([a-z0-9.-]+)'`)
	files, err := filepath.Glob("assets/js/*.js")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, name := range files {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range key.FindAllStringSubmatch(string(source), -1) {
			if texts[m[1]] == "" {
				t.Errorf("%s uses text %q, which does not exist", name, m[1])
			}
		}
		if strings.Contains(string(source), "innerHTML") {
			t.Errorf("%s writes markup", name)
		}
	}
}

func TestAssetsAreTaggedAndAskedAgain(t *testing.T) {
	h := newServer(t, newProvince()).Handler()
	first := fetch(t, h, "/assets/vendor/uplot/uPlot.iife.min.js", nil)
	if first.Code != 200 || first.Header().Get("Content-Type") != "text/javascript; charset=utf-8" {
		t.Fatalf("got %d %s", first.Code, first.Header().Get("Content-Type"))
	}
	again := fetch(t, h, "/assets/vendor/uplot/uPlot.iife.min.js", func(r *http.Request) { r.Header.Set("If-None-Match", first.Header().Get("ETag")) })
	if again.Code != http.StatusNotModified {
		t.Errorf("asked again: got %d", again.Code)
	}
	if got := fetch(t, h, "/assets/vendor/uplot/LICENSE", nil).Code; got != 200 {
		t.Errorf("licence of the chart library: got %d", got)
	}
}

func TestEveryRouteIsDescribedAndEveryDescriptionIsARoute(t *testing.T) {
	p := newProvince()
	deps := p.deps()
	deps.Metrics = http.NotFoundHandler()
	s, err := web.New(web.DefaultConfig(), deps, nil)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Paths map[string]map[string]struct {
			OperationID string                     `json:"operationId"`
			Responses   map[string]json.RawMessage `json:"responses"`
		}
	}
	if err := json.Unmarshal(fetch(t, s.Handler(), "/api/v1/openapi.json", nil).Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	var described, served []string
	for path, verbs := range doc.Paths {
		for verb, op := range verbs {
			described = append(described, strings.ToUpper(verb)+" "+path)
			if op.OperationID == "" || len(op.Responses) == 0 {
				t.Errorf("%s %s: no id or no answers", verb, path)
			}
		}
	}
	for _, pattern := range s.Routes() {
		page := strings.HasPrefix(pattern, "GET /{$}") || strings.HasPrefix(pattern, "GET /transformers/") ||
			pattern == "GET /alarms" || pattern == "GET /collection" || pattern == "GET /cases" || pattern == "GET /assets/" || pattern == "/api/"
		if !page {
			served = append(served, pattern)
		}
	}
	slices.Sort(described)
	slices.Sort(served)
	if diff := cmp.Diff(served, described); diff != "" {
		t.Errorf("routes and description (-served +described):\n%s", diff)
	}
}
