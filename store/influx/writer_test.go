package influx_test

import (
	"compress/gzip"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"phutai/grid"
	"phutai/store"
	"phutai/store/influx"
	"phutai/store/lineproto"
	"phutai/store/storetest"
)

// TestMain sees to it that a writer leaves no goroutine behind.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("database/sql.(*DB).connectionOpener"))
}

// request is what a server was asked.
type request struct {
	URL, Token, Packing string
	Lines               []string
	at                  time.Time
}

// serve answers the requests one by one, and those that follow with 204.
func serve(t *testing.T, answers ...func(http.ResponseWriter)) (url string, asked func() []request) {
	t.Helper()
	var mu sync.Mutex
	var all []request
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		z, err := gzip.NewReader(r.Body)
		if err != nil {
			t.Errorf("body is not packed: %v", err)
			return
		}
		body, err := io.ReadAll(z)
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		all = append(all, request{r.URL.String(), r.Header.Get("Authorization"), r.Header.Get("Content-Encoding"), strings.Fields(string(body)), time.Now()})
		if n := len(all); n <= len(answers) {
			answers[n-1](w)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(s.Close)
	return s.URL, func() []request {
		mu.Lock()
		defer mu.Unlock()
		return append([]request(nil), all...)
	}
}

// answer is a status with headers by pairs.
func answer(status int, headers ...string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, `{"code":"some","message":"reason"}`)
	}
}

func config(t *testing.T, url string) influx.Config {
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := influx.DefaultConfig()
	c.URL, c.Org, c.Bucket, c.TokenFile, c.Retry = url, "o", "b", token, time.Millisecond
	return c
}

// start copies a journal of one reading to the server.
func start(t *testing.T, c influx.Config) (*lineproto.Writer, *store.Journal) {
	t.Helper()
	j := storetest.NewJournal(t)
	if _, err := j.Commit(t.Context(), store.Entry{Readings: []grid.Reading{storetest.Reading("A", 0, 250)}}); err != nil {
		t.Fatal(err)
	}
	w := influx.New(c, lineproto.Parts{Feed: j, Places: storetest.Nowhere{}, Clock: grid.RealClock{}})
	storetest.Start(t, w.Run)
	return w, j
}

func until(t *testing.T, what string, fine func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !fine(); time.Sleep(time.Millisecond) { // a real socket: there is nothing to wait on
		if time.Now().After(end) {
			t.Fatalf("%s does not come to be", what)
		}
	}
}

func TestRequestIsOneOfTheWriteAPI(t *testing.T) {
	url, asked := serve(t)
	start(t, config(t, url))
	until(t, "request", func() bool { return len(asked()) == 1 })
	want := request{URL: "/api/v2/write?bucket=b&org=o&precision=ms", Token: "Token secret", Packing: "gzip",
		Lines: []string{"reading,point=A,source=instant", "p=250,ratio=120,quality=0i", "1780462800000"}}
	got := asked()[0]
	got.at = time.Time{}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(request{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAnswersReachTheWriter(t *testing.T) {
	soon := time.Now().Add(2 * time.Second).UTC()
	for _, test := range []struct {
		name   string
		answer func(http.ResponseWriter)
		pause  time.Duration // at least
	}{
		{"503 with seconds", answer(503, "Retry-After", "1"), time.Second},
		// Dates are of whole seconds.
		{"429 with a date", answer(429, "Retry-After", soon.Format(http.TimeFormat), "Date", soon.Add(-time.Second).Format(http.TimeFormat)), time.Second},
		{"500 with JSON", answer(500, "Content-Type", "application/json"), 0},
		{"502 with nonsense", answer(502, "Content-Type", "text/html"), 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			url, asked := serve(t, test.answer)
			start(t, config(t, url))
			until(t, "second request", func() bool { return len(asked()) == 2 })
			if all := asked(); all[1].at.Sub(all[0].at) < test.pause {
				t.Errorf("the next request came %v after it, want %v or more", all[1].at.Sub(all[0].at), test.pause)
			}
		})
	}
}

func TestRedirectIsNotFollowed(t *testing.T) {
	url, asked := serve(t, answer(307, "Location", "/elsewhere"))
	w, _ := start(t, config(t, url))
	until(t, "stop", func() bool { return len(w.Health()) > 0 && w.Health()[0].Stopped })
	if len(asked()) != 1 {
		t.Errorf("%d requests", len(asked()))
	}
}

// One octet now and then keeps a connection alive for ever.
func TestSlowServerDelaysItsOwnWriterOnly(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var open sync.WaitGroup
	t.Cleanup(func() { cancel(); _ = l.Close(); open.Wait() })
	open.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			open.Go(func() {
				defer c.Close()
				for _, octet := range []byte("HTTP/1.1 204 No Content\r\n\r\n") {
					if _, err := c.Write([]byte{octet}); err != nil {
						return
					}
					select {
					case <-ctx.Done():
						return
					case <-time.After(time.Second):
					}
				}
			})
		}
	})
	c := config(t, "http://"+l.Addr().String())
	c.Timeout = 200 * time.Millisecond
	w, j := start(t, c)
	until(t, "trouble", func() bool { return len(w.Health()) > 0 })
	other := make(chan grid.Reading, 2)
	stop := storetest.Start(t, func(ctx context.Context) error {
		return j.Follow(ctx, "other", func(_ context.Context, rs []grid.Reading) error {
			for _, r := range rs {
				other <- r
			}
			return nil
		})
	})
	<-other
	if _, err := j.Commit(t.Context(), store.Entry{Readings: []grid.Reading{storetest.Reading("A", 5, 1)}}); err != nil {
		t.Fatal(err)
	}
	<-other
	stop()
	if h := w.Health(); len(h) != 1 || h[0].Stopped {
		t.Errorf("health says %+v", h)
	}
}

func TestConfigurationNamesItsProblems(t *testing.T) {
	if got := influx.DefaultConfig().Validate(); len(got) != 0 {
		t.Errorf("no InfluxDB is a problem: %v", got)
	}
	var fields []string
	for _, p := range (influx.Config{URL: "tcp://user:pw@host"}).Validate() {
		fields = append(fields, p.Field)
	}
	if diff := cmp.Diff([]string{"url", "url", "org", "bucket", "token_file", "batch", "timeout", "retry"}, fields); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
