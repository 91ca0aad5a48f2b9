package web_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tap is an acknowledgement as a page sends it.
func tap(id, body string, change func(*http.Request)) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "http://localhost/api/v1/alarms/"+id+"/ack", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if change != nil {
		change(r)
	}
	return r
}

func TestAcknowledgingChangesTheAlarm(t *testing.T) {
	p := newProvince()
	h := newServer(t, p).Handler()
	before := get(t, h, "/api/v1/alarms", 200)
	want := []alarm{{"7F3K", "unacked", ""}, {"7F3M", "acked", "Nguyễn Văn An"}}
	if diff := cmp.Diff(want, before.Load); diff != "" {
		t.Errorf("alarms of load (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]alarm{{"7F60", "unacked", ""}}, before.Comms); diff != "" {
		t.Errorf("silent meters (-want +got):\n%s", diff)
	}
	send(t, h, tap("7F3K", `{"who":" Trần Bình "}`, nil), 200)
	after := get(t, h, "/api/v1/alarms", 200)
	if got := after.Load[0]; got.AckedBy != "Trần Bình" && after.Load[1].AckedBy != "Trần Bình" {
		t.Errorf("after the tap: %+v", after.Load)
	}
	if after.Status.Unacked != 1 {
		t.Errorf("%d alarms wait, want 1", after.Status.Unacked)
	}
}

func TestAcknowledgingRefusesWhatIsNotAPersonOnThisPage(t *testing.T) {
	for _, c := range []struct {
		name   string
		id     string
		body   string
		change func(*http.Request)
		want   int
	}{
		{"another origin", "7F3K", `{"who":"x"}`, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, 403},
		{"another origin, old browser", "7F3K", `{"who":"x"}`, func(r *http.Request) {
			r.Header.Del("Sec-Fetch-Site")
			r.Header.Set("Origin", "http://evil.example")
		}, 403},
		{"foreign host name", "7F3K", `{"who":"x"}`, func(r *http.Request) { r.Host = "evil.example" }, 421},
		{"form", "7F3K", `who=x`, func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") }, 415},
		{"text as in a plain form", "7F3K", `{"who":"x"}`, func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }, 415},
		{"no JSON", "7F3K", `who`, nil, 400},
		{"nobody", "7F3K", `{"who":"  "}`, nil, 400},
		{"line break in the name", "7F3K", `{"who":"a\nb"}`, nil, 400},
		{"hidden direction mark", "7F3K", `{"who":"a\u202eb"}`, nil, 400},
		{"line separator", "7F3K", `{"who":"a\u2028b"}`, nil, 400},
		{"long name", "7F3K", `{"who":"` + strings.Repeat("x", 65) + `"}`, nil, 400},
		{"long body", "7F3K", `{"who":"` + strings.Repeat("x", 5000) + `"}`, nil, 400},
		{"unknown alarm", "0000", `{"who":"x"}`, nil, 404},
	} {
		p := newProvince()
		send(t, newServer(t, p).Handler(), tap(c.id, c.body, c.change), c.want)
		if list, _ := p.List(t.Context()); list[0].AckedBy != "" {
			t.Errorf("%s: the alarm was acknowledged", c.name)
		}
	}
}

func TestAlarmThatEndsWhileItIsAcknowledgedIsGone(t *testing.T) {
	p := newProvince()
	p.endsIn = true
	send(t, newServer(t, p).Handler(), tap("7F3K", `{"who":"x"}`, nil), 404)
}

func TestReadingRoutesRefuseWriting(t *testing.T) {
	h := newServer(t, newProvince()).Handler()
	for _, path := range []string{"/", "/alarms", "/api/v1/fleet", "/api/v1/alarms", "/readyz"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodDelete, "http://localhost"+path, nil))
		if w.Code != http.StatusMethodNotAllowed && w.Code != http.StatusNotFound {
			t.Errorf("DELETE %s: got %d", path, w.Code)
		}
	}
}

// FuzzAcknowledgeBody looks that no body breaks the server or puts a name into
// the alarm list that could not be printed on one line.
func FuzzAcknowledgeBody(f *testing.F) {
	for _, seed := range []string{`{"who":"Trần Bình"}`, `{"who":""}`, `{"who":"\u0000"}`, `{"who":"\ud800"}`, `{"who":1}`, `[`, ``, "{\"who\":\"a\xff\"}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		p := newProvince()
		w := httptest.NewRecorder()
		newServer(t, p).Handler().ServeHTTP(w, tap("7F3K", body, nil))
		list, err := p.List(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		who := list[0].AckedBy
		if w.Code != 200 && w.Code != 400 || (w.Code == 200) != (who != "") {
			t.Errorf("body %q: got %d and %q", body, w.Code, who)
		}
		if strings.ContainsAny(who, "\r\n\x00\u2028\u202e") || len([]rune(who)) > 64 {
			t.Errorf("body %q: kept the name %q", body, who)
		}
	})
}
