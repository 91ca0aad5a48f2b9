package influx_test

import (
	"compress/gzip"
	"context"
	"errors"
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
	"phutai/store/influx"
)

// TestMain sees to it that a writer leaves no goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// feed hands one portion of each kind over, as the journal does.
type feed struct {
	readings []grid.Reading
	loadings []grid.Loading
	written  chan struct{} // closed when the readings are through

	mu      sync.Mutex
	refused []string
	grave   error
}

func (f *feed) Follow(ctx context.Context, _ string, take func(context.Context, []grid.Reading) error) error {
	if err := take(ctx, f.readings); err != nil {
		return err
	}
	close(f.written)
	<-ctx.Done()
	return nil
}

func (f *feed) FollowLoading(ctx context.Context, _ string, take func(context.Context, []grid.Loading) error) error {
	if len(f.loadings) > 0 {
		if err := take(ctx, f.loadings); err != nil {
			return err
		}
	}
	<-ctx.Done()
	return nil
}

func (f *feed) Refused(_ context.Context, _ string, _ time.Time, payload []byte, why error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if why == nil {
		return errors.New("no reason given")
	}
	f.refused = append(f.refused, string(payload))
	return f.grave
}

type district struct{}

// Place moves the transformer to another feeder at noon.
func (district) Place(_ grid.TransformerID, at time.Time) (grid.FeederID, grid.UnitID) {
	if at.Before(noon) {
		return "472E11", "PD"
	}
	return "471E11", "PD"
}

// server keeps the lines that it takes; answer decides about each request.
type server struct {
	*httptest.Server
	mu       sync.Mutex
	lines    []string
	requests int
	answer   func(request int, lines []string) (status int, header string)
}

func newServer(t *testing.T, answer func(request int, lines []string) (int, string)) *server {
	s := &server{answer: answer}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		z, err := gzip.NewReader(r.Body)
		if err != nil {
			t.Errorf("body is not packed: %v", err)
			return
		}
		body, err := io.ReadAll(z)
		if err != nil {
			t.Error(err)
		}
		if q := r.URL.Query(); r.URL.Path != "/api/v2/write" || q.Get("precision") != "ms" || q.Get("bucket") != "b" || q.Get("org") != "o" {
			t.Errorf("asked for %s", r.URL)
		}
		if got := r.Header.Get("Authorization"); got != "Token secret" {
			t.Errorf("token is %q", got)
		}
		lines := strings.Split(strings.TrimSpace(string(body)), "\n")
		s.mu.Lock()
		defer s.mu.Unlock()
		s.requests++
		status, after := s.answer(s.requests, lines)
		if status == http.StatusNoContent {
			s.lines = append(s.lines, lines...)
		}
		if after != "" {
			w.Header().Set("Retry-After", after)
		}
		if status == http.StatusTemporaryRedirect {
			w.Header().Set("Location", "/elsewhere")
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(s.Close)
	return s
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

func lines(rs []grid.Reading) (out []string) {
	for i := range rs {
		out = append(out, influx.ReadingLine(&rs[i]))
	}
	return out
}

// run runs a writer until ready, and gives it back after it has ended.
func run(t *testing.T, c influx.Config, f *feed, ready func(*influx.Writer) bool) *influx.Writer {
	t.Helper()
	w := influx.New(c, f, district{}, grid.RealClock{}, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	for !ready(w) {
		if ctx.Err() != nil {
			t.Fatal("the writer did not come to an end with it")
		}
		time.Sleep(time.Millisecond) // a real socket: there is nothing to wait on
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("writer ended with %v", err)
	}
	return w
}

func through(f *feed) func(*influx.Writer) bool {
	return func(*influx.Writer) bool {
		select {
		case <-f.written:
			return true
		default:
			return false
		}
	}
}

func someReadings(n int) (out []grid.Reading) {
	for i := range n {
		out = append(out, reading("A", i, float64(i)))
	}
	return out
}

func TestEveryAnswerIsMet(t *testing.T) {
	const bad = 5 // the reading that a server may refuse
	isBad := func(l string) bool { return strings.Contains(l, "p=5,") }
	refuse := func(status int) func(int, []string) (int, string) {
		return func(_ int, lines []string) (int, string) {
			if slices.ContainsFunc(lines, isBad) {
				return status, ""
			}
			return 204, ""
		}
	}
	onceThen := func(status int, after string) func(int, []string) (int, string) {
		return func(request int, _ []string) (int, string) {
			if request == 1 {
				return status, after
			}
			return 204, ""
		}
	}
	tests := []struct {
		name    string
		answer  func(int, []string) (int, string)
		refused int
		atLeast int // requests
	}{
		{"204", onceThen(204, ""), 0, 1},
		{"400 for one line", refuse(400), 1, 4},
		{"422 for one line", refuse(422), 1, 4},
		{"413 over three lines", func(_ int, l []string) (int, string) {
			if len(l) > 3 {
				return 413, ""
			}
			return 204, ""
		}, 0, 5},
		{"413 for one line", refuse(413), 1, 4},
		{"429 with Retry-After", onceThen(429, "1"), 0, 2},
		{"503 with Retry-After", onceThen(503, "1"), 0, 2},
		{"503", onceThen(503, ""), 0, 2},
		{"500", onceThen(500, ""), 0, 2},
		{"502", onceThen(502, ""), 0, 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, test.answer)
			f := &feed{readings: someReadings(10), written: make(chan struct{})}
			w := run(t, config(t, s.URL), f, through(f))
			want := lines(f.readings)
			if test.refused > 0 {
				if diff := cmp.Diff(want[bad:bad+1], f.refused); diff != "" {
					t.Errorf("refused (-want +got):\n%s", diff)
				}
				want = append(want[:bad:bad], want[bad+1:]...)
			}
			if diff := cmp.Diff(want, s.lines); diff != "" {
				t.Errorf("written (-want +got):\n%s", diff)
			}
			if s.requests < test.atLeast {
				t.Errorf("%d requests, want %d or more", s.requests, test.atLeast)
			}
			if h := w.Health(); len(h) != 0 {
				t.Errorf("health says %+v", h)
			}
		})
	}
}

func TestRefusedWriterStopsSaysSoAndLosesNothing(t *testing.T) {
	for _, status := range []int{401, 403, 404, 405, 307} {
		s := newServer(t, func(int, []string) (int, string) { return status, "" })
		f := &feed{readings: someReadings(3), written: make(chan struct{})}
		w := run(t, config(t, s.URL), f, func(w *influx.Writer) bool { return len(w.Health()) > 0 && w.Health()[0].Stopped })
		var stopped *influx.StoppedError
		if err := w.Health()[0].Err; !errors.As(err, &stopped) || stopped.Status != status {
			t.Errorf("%d: health tells of %v", status, err)
		}
		if s.requests != 1 || len(f.refused) != 0 {
			t.Errorf("%d: %d requests and %d dead letters", status, s.requests, len(f.refused))
		}
	}
}

func TestMissingTokenStopsTheWriter(t *testing.T) {
	c := config(t, "http://127.0.0.1:9")
	c.TokenFile += ".gone"
	w := run(t, c, &feed{}, func(w *influx.Writer) bool { return len(w.Health()) > 0 })
	if h := w.Health()[0]; !h.Stopped || !strings.Contains(h.Err.Error(), "token") {
		t.Errorf("health says %+v", h)
	}
}

func TestDatabaseThatIsDownIsTriedAgain(t *testing.T) {
	s := newServer(t, nil)
	s.CloseClientConnections()
	s.Close()
	f := &feed{readings: someReadings(3), written: make(chan struct{})}
	w := run(t, config(t, s.URL), f, func(w *influx.Writer) bool { return len(w.Health()) > 0 })
	if h := w.Health()[0]; h.Stopped || h.Vi == "" || h.En == "" || h.Part != "influx" {
		t.Errorf("health says %+v", h)
	}
}

func TestLongPortionsGoInBatches(t *testing.T) {
	most := 0
	s := newServer(t, func(_ int, l []string) (int, string) { most = max(most, len(l)); return 204, "" })
	f := &feed{readings: someReadings(1050), written: make(chan struct{})}
	c := config(t, s.URL)
	c.Batch = 100
	run(t, c, f, through(f))
	if diff := cmp.Diff(lines(f.readings), s.lines); diff != "" || most != 100 || s.requests != 11 {
		t.Errorf("%d requests of up to %d lines; written (-want +got):\n%s", s.requests, most, diff)
	}
}

func TestLoadingsAreWrittenWithTheirPlace(t *testing.T) {
	s := newServer(t, func(int, []string) (int, string) { return 204, "" })
	l := grid.Loading{Transformer: "T1", Source: grid.Instant, At: noon, PhaseMaxPct: grid.Known(110.9)}
	ending := grid.Loading{Transformer: "T1", Source: grid.Profile, At: noon, Interval: 30 * time.Minute}
	f := &feed{loadings: []grid.Loading{l, ending}, written: make(chan struct{})}
	run(t, config(t, s.URL), f, func(*influx.Writer) bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return len(s.lines) > 1
	})
	if diff := cmp.Diff([]string{influx.LoadingLine(&l, "471E11", "PD"), influx.LoadingLine(&ending, "472E11", "PD")}, s.lines); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
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
