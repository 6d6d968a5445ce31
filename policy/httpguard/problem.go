package httpguard

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/purposebound/purposebound/policy"
)

// Problem is what a refusal looks like to a client (RFC 9457). It holds register keys and codes, and no value.
type Problem struct {
	Type     string `json:"type"`
	Title    string `json:"title"`
	Status   int    `json:"status"`
	Code     string `json:"code,omitempty"`     // of policy.Codes, or one of the codes of this package
	Decision string `json:"decision,omitempty"` // as the trail knows it
}

// ContentType of a Problem.
const ContentType = "application/problem+json"

// Codes of problems that no gate found.
const (
	CodeUndeclared      = "http.route-undeclared"
	CodeUnauthenticated = "http.unauthenticated"
	CodeOverloaded      = "http.overloaded"
	CodeUnavailable     = "http.unavailable"
	CodeInternal        = "http.internal"
)

var titles = map[string]string{
	CodeUndeclared:      "no purpose is declared for this path and method",
	CodeUnauthenticated: "it is not known who is asking",
	CodeOverloaded:      "too many requests are under way",
	CodeUnavailable:     "something that is needed does not answer",
	CodeInternal:        "the server failed",
}

const (
	reasonsPage = "https://github.com/purposebound/purposebound/blob/main/policy/reasons.md#"
	retryAfter  = "1" // seconds
)

// refuse answers with a problem. The decision is nil where there was none.
func (s *Server) refuse(w http.ResponseWriter, status int, code string, d *policy.Decision) {
	p := Problem{Type: "about:blank", Title: titles[code], Status: status, Code: code}
	if d != nil {
		c := policy.Code(code)
		p.Type, p.Title, p.Decision = reasonsPage+c.Gate().String(), strings.ReplaceAll(c.Text(), "%s", "…"), d.ID
		if s.config.HideReasons {
			p.Type, p.Title, p.Code = "about:blank", http.StatusText(status), ""
		}
	}
	h := w.Header()
	for _, name := range []string{"Content-Encoding", "Content-Length", "Content-Range", "Content-Disposition", "Etag", "Last-Modified", "Location"} {
		h.Del(name) // what a handler said of the answer that it did not give
	}
	h.Set("Content-Type", ContentType)
	h.Set("Cache-Control", "no-store")
	if status == http.StatusServiceUnavailable {
		h.Set("Retry-After", retryAfter)
	}
	body, err := json.Marshal(p)
	if err != nil {
		body = nil // texts and a number always encode
	}
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
