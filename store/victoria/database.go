package victoria

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"phutai/store/lineproto"
)

// database is VictoriaMetrics by its HTTP API.
type database struct {
	url  string
	http *http.Client
}

func newDatabase(cfg Config) *database {
	d := &database{http: lineproto.Client(cfg.Timeout)}
	// Validate has seen that it parses; what does not fails at each request.
	if u, err := url.Parse(cfg.URL); err == nil {
		u = u.JoinPath("api/v2/write")
		u.RawQuery = "precision=ms"
		d.url = u.String()
	}
	return d
}

// mostAnswer bounds, in bytes, what is read of an answer that refuses lines.
const mostAnswer = 4 << 10

// Write makes one request. Lines that the server would distort are answered in
// its stead.
func (d *database) Write(ctx context.Context, token string, lines []string) error {
	for _, line := range lines {
		if n := longestTag(line); n > maxTag {
			return &lineproto.Answer{Status: http.StatusUnprocessableEntity,
				Text: fmt.Sprintf("not sent: an id of %d bytes would be cut short (-maxLabelValueLen); at most %d", n, maxTag)}
		}
	}
	var body bytes.Buffer
	z := gzip.NewWriter(&body)
	for _, line := range lines {
		// Neither fails on a buffer.
		_, _ = io.WriteString(z, line)
		_, _ = io.WriteString(z, "\n")
	}
	_ = z.Close()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.url, &body)
	if err != nil {
		return fmt.Errorf("write to VictoriaMetrics: %w", err)
	}
	req.Header.Set("Content-Encoding", "gzip")
	req.Header.Set("User-Agent", "phutai")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := d.http.Do(req)
	if err != nil {
		return fmt.Errorf("write to VictoriaMetrics: %w", err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, mostAnswer))
	if resp.StatusCode/100 == 2 {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read VictoriaMetrics' answer %d: %w", resp.StatusCode, err)
	}
	return &lineproto.Answer{Status: resp.StatusCode, RetryAfter: lineproto.RetryAfter(resp.Header, time.Now()), Text: strings.TrimSpace(string(text))}
}

func (d *database) Close() { d.http.CloseIdleConnections() }

// maxTag is the longest value of a tag, in bytes, that every version takes
// whole: longer ones are cut short or left out without a word.
const maxTag = 1024

// longestTag gives the length of a line's longest tag value, as it is written.
func longestTag(line string) (longest int) {
	from := -1 // where the value began; -1: not in one
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case '\\':
			i++
		case '=':
			from = i + 1
		case ',', ' ':
			if from >= 0 {
				longest = max(longest, i-from)
			}
			from = -1
			if line[i] == ' ' {
				return longest
			}
		}
	}
	return longest
}
