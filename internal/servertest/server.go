// Package servertest gives tests real servers of other people: each with its
// data in a folder of the test, on a free port of the loopback address, killed
// and started again as the test likes.
package servertest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"
)

// find gives the path of the first of the programs that is there. Without any
// the test is skipped, or fails under PHUTAI_REAL=1.
func find(t testing.TB, title string, programs ...string) string {
	t.Helper()
	var missing []error
	for _, p := range programs {
		path, err := exec.LookPath(p)
		if err == nil {
			return path
		}
		missing = append(missing, err)
	}
	if os.Getenv("PHUTAI_REAL") == "1" {
		t.Fatalf("%s: %v; PHUTAI_REAL=1 demands it", title, errors.Join(missing...))
	}
	t.Skipf("%s is not installed", title)
	return ""
}

// Server is one process that answers by HTTP.
type Server struct {
	URL string
	t   testing.TB
	run func() *exec.Cmd
	cmd *exec.Cmd // nil: it does not run

	mu   sync.Mutex // guards the field below
	said bytes.Buffer
}

// newServer makes a server of the commands that run makes, and starts it.
func newServer(t testing.TB, address string, run func() *exec.Cmd) *Server {
	s := &Server{URL: "http://" + address, t: t, run: run}
	t.Cleanup(func() {
		s.Kill()
		if t.Failed() {
			s.mu.Lock()
			defer s.mu.Unlock()
			t.Logf("the server said:\n%s", s.said.String())
		}
	})
	s.Start()
	return s
}

// startsWithin is how long a server on a busy machine may take to answer.
const startsWithin = 90 * time.Second

// Start starts the server on the data that it has, and returns when it answers.
func (s *Server) Start() {
	s.t.Helper()
	s.cmd = s.run()
	s.cmd.Stdout, s.cmd.Stderr = s, s
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	for end := time.Now().Add(startsWithin); ; time.Sleep(20 * time.Millisecond) {
		_, err := s.get("/health")
		if err == nil {
			return
		}
		if time.Now().After(end) {
			s.t.Fatalf("%s does not answer: %v", s.URL, err)
		}
	}
}

// Kill ends the server by SIGKILL, so that it can save nothing.
func (s *Server) Kill() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	s.cmd = nil
}

// Write takes what the server says.
func (s *Server) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.said.Write(p)
}

// FreeAddress gives a loopback address on which nobody listens.
func FreeAddress(t testing.TB) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// ask makes a request and gives the body of the answer, which must be a 2xx.
func ask(req *http.Request) ([]byte, error) {
	client := &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode/100 != 2 {
		err = fmt.Errorf("%s %s: answer %d: %s", req.Method, req.URL.Path, resp.StatusCode, body)
	}
	return body, err
}

func (s *Server) get(path string) ([]byte, error) {
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.URL+path, nil)
	if err != nil {
		return nil, err
	}
	return ask(req)
}

// Sample is one figure that a server has kept.
type Sample struct {
	At    time.Time
	Field string
	X     float64
}
