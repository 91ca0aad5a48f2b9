package web

import "net/http"

// langCookie keeps the language that a reader chose.
const langCookie = "phutai_lang"

// language gives the reader's language: asked for in the address, kept from
// before, or the configured one.
func (s *Server) language(r *http.Request) string {
	if lang := r.URL.Query().Get("lang"); s.texts[lang] != nil {
		return lang
	}
	if c, err := r.Cookie(langCookie); err == nil && s.texts[c.Value] != nil {
		return c.Value
	}
	return s.cfg.Lang
}

// keepLanguage remembers a language that was asked for in the address.
func (s *Server) keepLanguage(w http.ResponseWriter, r *http.Request) {
	if lang := r.URL.Query().Get("lang"); s.texts[lang] != nil {
		http.SetCookie(w, &http.Cookie{
			Name: langCookie, Value: lang, Path: "/", MaxAge: 365 * 24 * 3600,
			HttpOnly: true, SameSite: http.SameSiteLaxMode,
		})
	}
}
