package web

import (
	_ "embed"
	"encoding/json"
	"net/http"
)

//go:embed openapi.json
var openAPIFile []byte

// openAPI answers GET /api/v1/openapi.json.
func (s *Server) openAPI(http.ResponseWriter, *http.Request) (any, error) {
	return json.RawMessage(openAPIFile), nil
}
