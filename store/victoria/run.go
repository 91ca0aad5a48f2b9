package victoria

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"phutai/store/lineproto"
)

// server tells the runs of the processes that keep the data apart.
type server struct {
	metrics []string
	http    *http.Client
}

func newServer(cfg Config) *server {
	s := &server{metrics: cfg.Metrics, http: lineproto.Client(cfg.Timeout)}
	if u, err := url.Parse(cfg.URL); err == nil && len(s.metrics) == 0 {
		s.metrics = []string{u.JoinPath("metrics").String()}
	}
	return s
}

// started is the metric that another run gives another value.
const started = "process_start_time_seconds"

// mostMetrics bounds, in bytes, what is read of a page of metrics.
const mostMetrics = 16 << 20

// run gives what is the same as long as none of the processes has been started
// again.
func (s *server) run(ctx context.Context) (string, error) {
	var run []string
	for _, address := range s.metrics {
		since, err := s.since(ctx, address)
		if err != nil {
			return "", fmt.Errorf("ask %s since when it runs: %w", address, err)
		}
		run = append(run, since)
	}
	return strings.Join(run, " "), nil
}

func (s *server) since(ctx context.Context, address string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", err
	}
	resp, err := s.http.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("answer %d", resp.StatusCode)
	}
	lines := bufio.NewScanner(io.LimitReader(resp.Body, mostMetrics))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if value, ok := strings.CutPrefix(lines.Text(), started+" "); ok {
			return value, nil
		}
	}
	if err := lines.Err(); err != nil {
		return "", err
	}
	return "", fmt.Errorf("there is no %s", started)
}
