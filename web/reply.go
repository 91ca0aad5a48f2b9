package web

import (
	"encoding/json"
	"errors"
	"net/http"

	"go.uber.org/zap"
)

// fault is an answer that is not the one asked for. Its texts go to the
// caller; cause goes to the log only.
type fault struct {
	status      int
	title, hint string
	cause       error
}

func (f *fault) Error() string {
	if f.cause != nil {
		return f.title + ": " + f.cause.Error()
	}
	return f.title
}

func (f *fault) Unwrap() error { return f.cause }

// problemBody is what a fault looks like on the wire (RFC 9457).
type problemBody struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Hint   string `json:"what_to_do"`
}

// apiFunc answers one API request, or gives the fault to answer with. A nil
// answer without a fault means that it has written the answer itself.
type apiFunc func(w http.ResponseWriter, r *http.Request) (any, error)

// api makes a handler that writes JSON.
func (s *Server) api(f apiFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, err := f(w, r)
		if err != nil {
			s.replyProblem(w, r, err)
			return
		}
		if answer == nil {
			return
		}
		s.reply(w, r, http.StatusOK, "application/json", answer)
	})
}

// reply writes one JSON value.
func (s *Server) reply(w http.ResponseWriter, r *http.Request, status int, kind string, answer any) {
	body, err := json.Marshal(answer)
	if err != nil {
		s.log.Error("write an answer", zap.String("path", r.URL.Path), zap.Error(err))
		status, kind = http.StatusInternalServerError, "application/problem+json"
		body = []byte(`{"type":"about:blank","title":"answer could not be written","status":500,"what_to_do":"see the log"}`)
	}
	w.Header().Set("Content-Type", kind+"; charset=utf-8")
	w.WriteHeader(status)
	if _, err := w.Write(body); err != nil {
		s.log.Debug("reader left", zap.String("path", r.URL.Path), zap.Error(err))
	}
}

// replyProblem writes a fault; an error that is none becomes a 500 and is logged.
func (s *Server) replyProblem(w http.ResponseWriter, r *http.Request, err error) {
	f, ok := errors.AsType[*fault](err)
	if !ok {
		f = &fault{
			status: http.StatusInternalServerError,
			title:  "the figures could not be read",
			hint:   "try again; if it stays, look at /readyz and the log",
			cause:  err,
		}
	}
	if f.status >= http.StatusInternalServerError {
		s.log.Warn("request failed", zap.String("path", r.URL.Path), zap.Error(f))
	}
	s.reply(w, r, f.status, "application/problem+json",
		problemBody{Type: "about:blank", Title: f.title, Status: f.status, Hint: f.hint})
}

// noRoute answers what the API does not have.
func (s *Server) noRoute(_ http.ResponseWriter, r *http.Request) (any, error) {
	return nil, &fault{
		status: http.StatusNotFound,
		title:  "no such resource: " + r.Method + " " + r.URL.Path,
		hint:   "see /api/v1/openapi.json for what there is",
	}
}
