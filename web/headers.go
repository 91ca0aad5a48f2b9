package web

import (
	"context"
	"net"
	"net/http"
	"slices"
	"strings"
)

// maxBodyBytes bounds what a writing request may send; an acknowledgement is
// a name.
const maxBodyBytes = 4 << 10

// contentPolicy lets a page load only what this binary serves: no inline
// script or style, no other host, no frame around it.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
	"connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// protect puts around all routes what each of them needs: headers, the check
// of origin and host, limits of body and time.
func (s *Server) protect(next http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.replyProblem(w, r, &fault{
			status: http.StatusForbidden,
			title:  "request from another origin refused",
			hint:   "acknowledge from the pages of this server",
		})
	}))
	next = guard.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		h.Set("Cache-Control", "no-store")
		if !s.knownHost(r.Host) {
			s.replyProblem(w, r, &fault{
				status: http.StatusMisdirectedRequest,
				title:  "this server is not known by that name",
				hint:   "open it as 127.0.0.1 or localhost, or add the name to web.hosts",
			})
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBodyBytes)
		ctx, cancel := context.WithTimeout(r.Context(), answerTimeout)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// knownHost tells whether a request meant this server. A page elsewhere that
// points its own name at this machine would otherwise read everything.
func (s *Server) knownHost(hostport string) bool {
	if s.cfg.InsecureLab {
		return true
	}
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	return loopback(host) || slices.Contains(s.cfg.Hosts, host)
}
