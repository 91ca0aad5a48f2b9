package web

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"

	"go.uber.org/zap"
)

//go:embed templates
var templateFiles embed.FS

// pages holds the parsed templates, one set per page, all in one layout.
type pages struct {
	byName map[string]*template.Template
}

func loadPages() (*pages, error) {
	p := &pages{byName: make(map[string]*template.Template)}
	for _, name := range []string{"fleet", "transformer", "alarms", "collection", "cases", "missing"} {
		t, err := template.ParseFS(templateFiles, "templates/layout.html", "templates/"+name+".html")
		if err != nil {
			return nil, fmt.Errorf("parse page %s: %w", name, err)
		}
		p.byName[name] = t
	}
	return p, nil
}

// pageView is what a template sees.
type pageView struct {
	Page  string // its name, also that of its script
	Lang  string
	Other string // the language to switch to
	Text  map[string]string
	Row   *Row // of a transformer's page
	CSV   bool
	Days  bool // there are sums by day
	Units bool // there is an account by unit
	Cases bool // somebody looks for doubts
	Boot  bootData
}

// bootData is what the scripts of a page start with.
type bootData struct {
	Lang        string            `json:"lang"`
	Text        map[string]string `json:"text"`
	TimeZone    string            `json:"time_zone"`
	RefreshMs   int64             `json:"refresh_ms"`
	FrozenMs    int64             `json:"frozen_ms"`
	WarnPct     float64           `json:"warn_pct"`
	CriticalPct float64           `json:"critical_pct"`
	HotWarnC    float64           `json:"hot_warn_c"`
	HotCritC    float64           `json:"hot_crit_c"`
	Speed       float64           `json:"speed"`
	Transformer string            `json:"transformer,omitempty"`
}

func (s *Server) view(page string, r *http.Request) pageView {
	lang := s.language(r)
	other := map[string]string{"vi": "en", "en": "vi"}[lang]
	return pageView{
		Page: page, Lang: lang, Other: other, Text: s.texts[lang], CSV: s.deps.Curves != nil, Days: s.deps.Days != nil, Units: s.deps.Units != nil, Cases: s.deps.Cases != nil,
		Boot: bootData{
			Lang: lang, Text: s.texts[lang], TimeZone: s.cfg.TimeZone,
			RefreshMs: s.cfg.RefreshEvery.Milliseconds(), FrozenMs: s.cfg.FrozenAfter.Milliseconds(),
			WarnPct: s.cfg.WarnPct, CriticalPct: s.cfg.CriticalPct,
			HotWarnC: s.cfg.HotSpotWarnC, HotCritC: s.cfg.HotSpotCriticalC, Speed: s.speed(),
		},
	}
}

func (s *Server) fleetPage(w http.ResponseWriter, r *http.Request) {
	s.render(w, r, http.StatusOK, s.view("fleet", r))
}

func (s *Server) alarmsPage(w http.ResponseWriter, r *http.Request) {
	s.render(w, r, http.StatusOK, s.view("alarms", r))
}

func (s *Server) transformerPage(w http.ResponseWriter, r *http.Request) {
	row, err := s.find(r)
	if err != nil {
		code := http.StatusServiceUnavailable
		if f, ok := errors.AsType[*fault](err); ok {
			code = f.status
		} else {
			s.log.Warn("show a transformer", zap.Error(err))
		}
		s.render(w, r, code, s.view("missing", r))
		return
	}
	view := s.view("transformer", r)
	view.Row, view.Boot.Transformer = &row, string(row.Transformer.ID)
	s.render(w, r, http.StatusOK, view)
}

// render writes one page, or a plain 500 where its template fails.
func (s *Server) render(w http.ResponseWriter, r *http.Request, code int, view pageView) {
	var page bytes.Buffer
	if err := s.pages.byName[view.Page].ExecuteTemplate(&page, "layout.html", view); err != nil {
		s.log.Error("make a page", zap.String("page", view.Page), zap.Error(err))
		http.Error(w, "the page could not be made; see the log", http.StatusInternalServerError)
		return
	}
	s.keepLanguage(w, r)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", view.Lang)
	w.WriteHeader(code)
	if _, err := page.WriteTo(w); err != nil {
		s.log.Debug("reader left", zap.String("path", r.URL.Path), zap.Error(err))
	}
}
