package web

import "net/http"

// route is one pattern of net/http's mux and what answers it.
type route struct {
	pattern string
	answer  http.Handler
}

// table lists all routes.
func (s *Server) table() []route {
	page := func(pattern string, f http.HandlerFunc) route { return route{pattern, f} }
	api := func(pattern string, f apiFunc) route { return route{pattern, s.api(f)} }
	routes := []route{
		page("GET /{$}", s.fleetPage),
		page("GET /transformers/{id}", s.transformerPage),
		page("GET /alarms", s.alarmsPage),
		page("GET /assets/", s.assets.ServeHTTP),
		api("GET /api/v1/fleet", s.fleet),
		api("GET /api/v1/transformers/{id}", s.transformer),
		api("GET /api/v1/transformers/{id}/series", s.series),
		api("GET /api/v1/alarms", s.alarms),
		api("POST /api/v1/alarms/{id}/ack", s.acknowledge),
		api("GET /api/v1/status", s.statusNow),
		api("GET /api/v1/openapi.json", s.openAPI),
		api("/api/", s.noRoute),
		page("GET /healthz", s.healthz),
		page("GET /readyz", s.readyz),
	}
	if s.deps.Curves != nil {
		routes = append(routes, api("GET /api/v1/transformers/{id}/curve.csv", s.curve))
	}
	if s.deps.Units != nil {
		routes = append(routes, page("GET /collection", s.collectionPage), api("GET /api/v1/collection", s.collection))
	}
	if s.deps.Cases != nil {
		routes = append(routes, page("GET /cases", s.casesPage), api("GET /api/v1/cases", s.cases), api("POST /api/v1/cases/{id}/close", s.closeCase))
	}
	if s.deps.CaseTable != nil {
		routes = append(routes, api("GET /api/v1/cases.csv", s.casesTable))
	}
	if s.deps.Days != nil {
		routes = append(routes, api("GET /api/v1/transformers/{id}/days", s.days), api("GET /api/v1/fleet/day", s.fleetDay))
	}
	if s.deps.Metrics != nil {
		routes = append(routes, route{"GET /metrics", s.deps.Metrics})
	}
	return routes
}

func (s *Server) mux() *http.ServeMux {
	mux := http.NewServeMux()
	for _, r := range s.routes {
		mux.Handle(r.pattern, r.answer)
	}
	return mux
}
