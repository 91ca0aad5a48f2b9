package lineproto

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Database is where lines go. A writer makes one call at a time.
type Database interface {
	// Write sends the lines in one request, with a token where there is one.
	// What the database says instead of taking them is an *Answer; any other
	// error means that no answer came.
	Write(ctx context.Context, token string, lines []string) error
	// Close gives up connections that are not in use.
	Close()
}

// Answer is what a database says instead of taking lines.
type Answer struct {
	Status     int           // of HTTP
	RetryAfter time.Duration // zero: it did not say
	Text       string
}

// Error gives status and text, shortened: it may be a whole page.
func (a *Answer) Error() string { return fmt.Sprintf("answer %d: %.300s", a.Status, a.Text) }

// RetryAfter reads how long a server asks to be left alone: seconds, or a date,
// which counts from the server's own where it gives one. Zero where it says
// nothing, or nothing that can be read.
func RetryAfter(h http.Header, now time.Time) time.Duration {
	text := h.Get("Retry-After")
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	until, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	if theirs, err := http.ParseTime(h.Get("Date")); err == nil {
		now = theirs
	}
	return max(0, until.Sub(now))
}

// Client is for requests to a database. It follows no redirect, which would
// carry the token elsewhere.
func Client(timeout time.Duration) *http.Client {
	return &http.Client{
		Transport:     http.DefaultTransport.(*http.Transport).Clone(),
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
