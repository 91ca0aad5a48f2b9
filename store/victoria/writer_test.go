package victoria_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"phutai/grid"
	"phutai/store"
	"phutai/store/lineproto"
	"phutai/store/storetest"
	"phutai/store/victoria"
)

// TestMain sees to it that a writer leaves no goroutine behind.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("database/sql.(*DB).connectionOpener"))
}

// server is one that can be told how to behave.
type server struct {
	*httptest.Server
	mu       sync.Mutex
	run      int // since when it says that it runs; 0: it does not say
	points   []string
	requests []string
	onPoint  func(point string) // called with mu held
}

func newServer(t *testing.T) *server {
	s := &server{run: 1}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if strings.HasSuffix(r.URL.Path, "/metrics") {
			fmt.Fprintf(w, "process_start_time_seconds_of_another 7\n")
			if s.run > 0 {
				fmt.Fprintf(w, "process_start_time_seconds %d\n", s.run)
			}
			return
		}
		z, err := gzip.NewReader(r.Body)
		if err != nil {
			t.Errorf("body is not packed: %v", err)
			return
		}
		body, err := io.ReadAll(z)
		if err != nil {
			t.Error(err)
		}
		s.requests = append(s.requests, r.Method+" "+r.URL.String()+" "+r.Header.Get("Authorization"))
		for line := range strings.Lines(string(body)) {
			_, rest, _ := strings.Cut(line, "point=")
			point, _, _ := strings.Cut(rest, ",")
			s.points = append(s.points, point)
			if s.onPoint != nil {
				s.onPoint(point)
			}
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(s.Close)
	return s
}

// taken gives the points of the lines that came, in their order.
func (s *server) taken() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.points)
}

func commit(t *testing.T, j *store.Journal, points ...string) {
	t.Helper()
	for _, p := range points {
		if _, err := j.Commit(t.Context(), store.Entry{Readings: []grid.Reading{storetest.Reading(grid.PointID(p), 0, 1)}}); err != nil {
			t.Fatal(err)
		}
	}
}

// start copies the journal to the server.
func start(t *testing.T, j *store.Journal, url string, change func(*victoria.Config)) (w *victoria.Writer, stop func()) {
	t.Helper()
	c := victoria.DefaultConfig()
	c.URL, c.Retry, c.Settle = url, time.Millisecond, 20*time.Millisecond
	if change != nil {
		change(&c)
	}
	w = victoria.New(c, j, lineproto.Parts{Places: storetest.Nowhere{}, Clock: grid.RealClock{}})
	return w, storetest.Start(t, w.Run)
}

func until(t *testing.T, what string, fine func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !fine(); time.Sleep(time.Millisecond) { // a real socket: there is nothing to wait on
		if time.Now().After(end) {
			t.Fatalf("%s does not come to be", what)
		}
	}
}

// settled waits until the place that counts has passed everything.
func settled(t *testing.T, j *store.Journal) {
	t.Helper()
	storetest.AwaitCopied(t, j, "victoria-settled")
}

func TestRequestIsOneOfTheWriteAPI(t *testing.T) {
	t.Parallel()
	s, j := newServer(t), storetest.NewJournal(t)
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	commit(t, j, "A")
	start(t, j, s.URL+"/insert/0/influx/", func(c *victoria.Config) {
		c.TokenFile, c.Metrics = token, []string{s.URL + "/a/metrics", s.URL + "/b/metrics"}
	})
	until(t, "line", func() bool { return len(s.taken()) == 1 })
	if diff := cmp.Diff([]string{"POST /insert/0/influx/api/v2/write?precision=ms Bearer secret"}, s.requests); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWhatANewRunMayHaveLostIsWrittenAgainAndNothingElse(t *testing.T) {
	t.Parallel()
	s, j := newServer(t), storetest.NewJournal(t)
	commit(t, j, "A")
	_, stop := start(t, j, s.URL, nil)
	settled(t, j)
	s.mu.Lock()
	s.onPoint = func(point string) { // it dies as soon as it has taken B for the first time
		if point == "B" && s.run == 1 {
			s.run = 2
		}
	}
	s.mu.Unlock()
	commit(t, j, "B")
	until(t, "B again", func() bool { return len(s.taken()) == 3 })
	settled(t, j)
	stop()
	_, stop = start(t, j, s.URL, nil)
	commit(t, j, "C")
	settled(t, j)
	stop()
	if diff := cmp.Diff([]string{"A", "B", "B", "C"}, s.taken()); diff != "" {
		t.Errorf("lines of (-want +got):\n%s", diff)
	}
}

func TestWhatHadNotSettledIsWrittenAgainAfterOurOwnStart(t *testing.T) {
	t.Parallel()
	s, j := newServer(t), storetest.NewJournal(t)
	commit(t, j, "A")
	long := func(c *victoria.Config) { c.Settle = time.Hour }
	_, stop := start(t, j, s.URL, long)
	until(t, "A", func() bool { return len(s.taken()) == 1 })
	stop()
	start(t, j, s.URL, long)
	until(t, "A again", func() bool { return len(s.taken()) == 2 })
}

func TestNothingIsWrittenToAServerWhoseRunsCannotBeToldApart(t *testing.T) {
	t.Parallel()
	s, j := newServer(t), storetest.NewJournal(t)
	s.run = 0
	commit(t, j, "A")
	w, _ := start(t, j, s.URL, nil)
	until(t, "trouble", func() bool { return len(w.Health()) > 0 })
	h := w.Health()[0]
	for _, text := range []string{h.En, h.Vi} {
		if !strings.Contains(text, "store.victoria.metrics") || !strings.Contains(text, "proxy") {
			t.Errorf("does not say what to do where a proxy guards that page: %q", text)
		}
	}
	if h.Part != "victoria" || len(s.taken()) != 0 {
		t.Errorf("health says %+v; lines of %v", h, s.taken())
	}
	s.mu.Lock()
	s.run = 1
	s.mu.Unlock()
	until(t, "line", func() bool { return len(s.taken()) == 1 })
	until(t, "health", func() bool { return len(w.Health()) == 0 })
}

func TestIDsThatWouldBeCutShortAreRefused(t *testing.T) {
	t.Parallel()
	s, j := newServer(t), storetest.NewJournal(t)
	commit(t, j, "A", strings.Repeat("x", 1025), strings.Repeat("y", 1024), strings.Repeat("z ", 513), "B")
	w, _ := start(t, j, s.URL, nil)
	until(t, "lines", func() bool { return w.Stats() == lineproto.Stats{Written: 3, Refused: 2} })
	for _, p := range s.taken() {
		if p[0] == 'x' || p[0] == 'z' {
			t.Errorf("a line of %d bytes of %c was sent", len(p), p[0])
		}
	}
}

func TestConfigurationNamesItsProblems(t *testing.T) {
	if got := victoria.DefaultConfig().Validate(); len(got) != 0 {
		t.Errorf("no VictoriaMetrics is a problem: %v", got)
	}
	var fields []string
	for _, p := range (victoria.Config{URL: "http://user:pw@host", Metrics: []string{"http://a/metrics", "b"}}).Validate() {
		fields = append(fields, p.Field)
	}
	if diff := cmp.Diff([]string{"url", "metrics[1]", "settle", "batch", "timeout", "retry"}, fields); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
