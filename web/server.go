package web

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"phutai/grid"
)

// The server's patience. A slow reader is cut off rather than waited for.
const (
	headerTimeout   = 5 * time.Second
	readTimeout     = 15 * time.Second
	writeTimeout    = 60 * time.Second // the longest answer is a CSV of a month
	idleTimeout     = 2 * time.Minute
	answerTimeout   = 50 * time.Second
	shutdownTimeout = 5 * time.Second
	maxHeaderBytes  = 32 << 10
)

// Server serves the pages and the API.
type Server struct {
	cfg     Config
	deps    Deps
	log     *zap.Logger
	zone    *time.Location
	texts   map[string]map[string]string // by language, then by key
	pages   *pages
	assets  *assets
	handler http.Handler
	routes  []route

	mu       sync.Mutex // guards the field below
	listener net.Listener
}

// New joins a server to what it shows. A nil log is silent. The error lists
// everything that is wrong with cfg or missing in deps.
func New(cfg Config, deps Deps, log *zap.Logger) (*Server, error) {
	if log == nil {
		log = zap.NewNop()
	}
	if deps.Clock == nil {
		deps.Clock = grid.RealClock{}
	}
	if deps.Fold == nil {
		deps.Fold = strings.ToLower
	}
	var errs []error
	for _, p := range cfg.Validate() {
		errs = append(errs, fmt.Errorf("web.%s: %s", p.Field, p.Text))
	}
	if deps.Fleet == nil || deps.Loadings == nil || deps.Contacts == nil || deps.Alarms == nil {
		errs = append(errs, errors.New("web needs a fleet, loadings, contacts and alarms to show"))
	}
	zone, err := time.LoadLocation(cfg.TimeZone)
	if err != nil {
		errs = append(errs, fmt.Errorf("web: time zone %q: %w", cfg.TimeZone, err))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	s := &Server{cfg: cfg, deps: deps, log: log, zone: zone}
	s.texts = map[string]map[string]string{"vi": textVi(), "en": textEn()}
	maps.Copy(s.texts["vi"], caseTextsVi())
	maps.Copy(s.texts["en"], caseTextsEn())
	if s.assets, err = loadAssets(); err != nil {
		return nil, err
	}
	if s.pages, err = loadPages(); err != nil {
		return nil, err
	}
	s.routes = s.table()
	s.handler = s.protect(s.mux())
	return s, nil
}

// Handler serves everything, with the security headers.
func (s *Server) Handler() http.Handler { return s.handler }

// Routes lists the patterns that are served, such as "GET /api/v1/fleet".
func (s *Server) Routes() []string {
	out := make([]string, len(s.routes))
	for i, r := range s.routes {
		out[i] = r.pattern
	}
	return out
}

// Listen takes the address, so that a taken port is told before the start of
// everything else. Run does it where it was not done.
func (s *Server) Listen(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener != nil {
		return nil
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", s.cfg.Listen)
	if err != nil {
		return fmt.Errorf("listen for the web pages on %s (choose a free address in web.listen): %w", s.cfg.Listen, err)
	}
	s.listener = l
	return nil
}

// URL is where the pages are, such as http://127.0.0.1:8080; empty before Listen.
func (s *Server) URL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener == nil {
		return ""
	}
	return "http://" + s.listener.Addr().String()
}

// Run serves until ctx ends, then lets answers under way finish for some
// seconds. It gives nil after an orderly stop.
func (s *Server) Run(ctx context.Context) error {
	if err := s.Listen(ctx); err != nil {
		return err
	}
	s.mu.Lock()
	listener := s.listener
	s.mu.Unlock()
	server := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          zap.NewStdLog(s.log),
	}
	s.log.Info("web pages are served", zap.String("url", s.URL()))
	group, gctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve the web pages: %w", err)
		}
		return nil
	})
	group.Go(func() error {
		<-gctx.Done()
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
		defer cancel()
		if err := server.Shutdown(stop); err != nil {
			return errors.Join(server.Close(), fmt.Errorf("stop the web pages: %w", err))
		}
		return nil
	})
	return group.Wait()
}
