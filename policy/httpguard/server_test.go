package httpguard_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/internal/acme"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/carry"
	"github.com/purposebound/purposebound/policy/httpguard"
)

// site is a service on loopback.
type site struct {
	*acme.Acme
	*httptest.Server
	mu       sync.Mutex
	reported []error
}

var errStaff = errors.New("token of Ada Lovelace")

// staff is the application's own authenticator.
func staff(r *http.Request) (policy.Principal, error) {
	switch token := r.Header.Get("Authorization"); token {
	case "agent":
		return acme.Agent, nil
	case "guest":
		return policy.Principal{ID: "u2", Roles: []string{"guest"}}, nil
	case "nobody":
		return policy.Principal{}, nil
	case "panic":
		panic("token of Ada Lovelace")
	case "down":
		return policy.Principal{}, fmt.Errorf("%w: directory", httpguard.ErrUnavailable)
	}
	return acme.Agent, errStaff // which must not do
}

func debit(record func() *acme.Lessee) func(w http.ResponseWriter, r *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("ETag", `"ada"`)
		v, err := carry.Read[acme.DebitView](r.Context(), record())
		if err != nil {
			return err
		}
		return httpguard.WriteJSON(w, v)
	}
}

func newSite(t *testing.T, change func(*httpguard.Config), routes ...httpguard.Route) *site {
	t.Helper()
	a, err := acme.New()
	require.NoError(t, err)
	s := &site{Acme: a}
	c := httpguard.Config{Guard: a.Guard, Authenticate: staff, Report: func(_ context.Context, err error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.reported = append(s.reported, err)
	}}
	if change != nil {
		change(&c)
	}
	server, err := httpguard.New(c)
	require.NoError(t, err)
	h, err := server.Routes(append(routes,
		httpguard.Route{Pattern: "GET /ada/debit", Purpose: "invoicing", Serve: debit(acme.Ada)},
		httpguard.Route{Pattern: "GET /bob/debit", Purpose: "invoicing", Serve: debit(acme.Bob)},
		httpguard.Route{Pattern: "GET /ada/newsletter", Purpose: "marketing.newsletter", Serve: debit(acme.Ada)},
	)...)
	require.NoError(t, err)
	s.Server = httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

// get asks as somebody and returns status, body and headers.
func (s *site) get(t *testing.T, method, path, who string, headers ...string) (int, string, http.Header) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", who)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := s.Client().Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(body), resp.Header
}

// refused asks and expects a problem.
func (s *site) refused(t *testing.T, method, path, who string, status int, code string) (httpguard.Problem, http.Header) {
	t.Helper()
	got, body, h := s.get(t, method, path, who)
	assert.Equal(t, status, got)
	assert.Equal(t, httpguard.ContentType, h.Get("Content-Type"))
	assert.Equal(t, "no-store", h.Get("Cache-Control"))
	assert.Empty(t, h.Get("ETag"))
	for _, c := range append(acme.Canaries, "person-", "IBAN") {
		assert.NotContains(t, body, c)
	}
	var p httpguard.Problem
	require.NoError(t, json.Unmarshal([]byte(body), &p), body)
	assert.Equal(t, status, p.Status)
	assert.Equal(t, code, p.Code)
	return p, h
}

func TestARouteReleasesForItsPurpose(t *testing.T) {
	s := newSite(t, nil)
	status, body, h := s.get(t, "GET", "/ada/debit", "agent", "Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	require.Equal(t, http.StatusOK, status)
	require.JSONEq(t, `{"Name":"Ada Lovelace","IBAN":"DK5000400440116243"}`, body)
	require.Equal(t, "application/json", h.Get("Content-Type"))
	require.Equal(t, "no-store", h.Get("Cache-Control"))
	require.Equal(t, []string{"access.read/permitted/"}, s.Events())
	e := s.Trail.Events()[0]
	require.Equal(t, "0af7651916cd43dd8448eb211c80319c", e.TraceID)
	require.Equal(t, []string{"agent"}, e.PrincipalRoles)
	require.Equal(t, "invoicing", e.Purpose)
}

func TestRefusalsAreProblems(t *testing.T) {
	s := newSite(t, nil)
	p, _ := s.refused(t, "GET", "/ada/newsletter", "agent", 403, "purpose.category")
	require.Equal(t, "https://github.com/purposebound/purposebound/blob/main/policy/reasons.md#purpose", p.Type)
	require.Equal(t, s.Trail.Events()[0].DecisionID, p.Decision)
	require.Equal(t, "no activity of the purpose covers the category …", p.Title)
	s.refused(t, "GET", "/bob/debit", "agent", 403, "purpose.capacity")
	s.refused(t, "GET", "/ada/debit", "guest", 403, "policy.not-permitted")
	require.Len(t, s.Events(), 3)

	for _, tc := range []struct {
		method, path string
	}{{"GET", "/"}, {"GET", "/ada"}, {"POST", "/ada/debit"}, {"DELETE", "/nothing"}, {"GET", "/ada/debit/"}} {
		s.refused(t, tc.method, tc.path, "agent", 403, httpguard.CodeUndeclared)
	}
	for _, who := range []string{"", "stranger", "nobody", "panic"} {
		_, h := s.refused(t, "GET", "/ada/debit", who, 401, httpguard.CodeUnauthenticated)
		require.Equal(t, "Bearer", h.Get("WWW-Authenticate"), who)
	}
	require.Len(t, s.Events(), 3, "nobody was asked")
}

// The purpose is the route's, whatever a client says.
func TestAClientCannotNameAPurpose(t *testing.T) {
	s := newSite(t, nil)
	said := []string{"Purpose", "invoicing", "X-Purpose", "invoicing", "Sec-Purpose", "invoicing", "Tracestate", "purpose=invoicing", "Baggage", "purpose=invoicing"}
	status, _, _ := s.get(t, "GET", "/ada/newsletter?purpose=invoicing", "agent", said...)
	require.Equal(t, 403, status)
	require.Equal(t, "marketing.newsletter", s.Trail.Events()[0].Purpose)
}

func TestWhatDoesNotAnswerIsToBeAskedAgain(t *testing.T) {
	s := newSite(t, nil)
	s.Broken.Store(true)
	_, h := s.refused(t, "GET", "/ada/debit", "agent", 503, "state.unavailable")
	require.NotEmpty(t, h.Get("Retry-After"))
	s.Broken.Store(false)
	s.Trail.FailNext(errors.New("disk of Ada Lovelace"))
	_, h = s.refused(t, "GET", "/ada/debit", "agent", 503, "release.trail-unavailable")
	require.NotEmpty(t, h.Get("Retry-After"))
	_, h = s.refused(t, "GET", "/ada/debit", "down", 503, httpguard.CodeUnavailable)
	require.NotEmpty(t, h.Get("Retry-After"))
	status, _, _ := s.get(t, "GET", "/ada/debit", "agent")
	require.Equal(t, 200, status)
}

func TestMoreThanMayBeUnderWayIsRefusedAtOnce(t *testing.T) {
	inside, leave := make(chan bool), make(chan bool)
	s := newSite(t, func(c *httpguard.Config) { c.InFlight = 1 }, httpguard.Route{Pattern: "GET /slow", Purpose: "invoicing",
		Serve: func(w http.ResponseWriter, r *http.Request) error {
			inside <- true
			<-leave
			return debit(acme.Ada)(w, r)
		}})
	done := make(chan int)
	go func() {
		req, _ := http.NewRequest("GET", s.URL+"/slow", nil)
		req.Header.Set("Authorization", "agent")
		resp, err := s.Client().Do(req)
		if err != nil {
			done <- 0
			return
		}
		resp.Body.Close()
		done <- resp.StatusCode
	}()
	<-inside
	_, h := s.refused(t, "GET", "/ada/debit", "agent", 503, httpguard.CodeOverloaded)
	require.NotEmpty(t, h.Get("Retry-After"))
	leave <- true
	require.Equal(t, 200, <-done)
	status, _, _ := s.get(t, "GET", "/ada/debit", "agent")
	require.Equal(t, 200, status, "there is room again")
}

func TestAHandlerThatFailsTellsNothing(t *testing.T) {
	failing := errors.New("row of Ada Lovelace")
	s := newSite(t, nil,
		httpguard.Route{Pattern: "GET /error", Purpose: "invoicing", Serve: func(http.ResponseWriter, *http.Request) error { return failing }},
		httpguard.Route{Pattern: "GET /down", Purpose: "invoicing", Serve: func(http.ResponseWriter, *http.Request) error {
			return fmt.Errorf("%w: Ada Lovelace", httpguard.ErrUnavailable)
		}},
		httpguard.Route{Pattern: "GET /unbound", Purpose: "invoicing", Serve: func(_ http.ResponseWriter, r *http.Request) error {
			_, err := carry.Read[struct{ Nose string }](r.Context(), acme.Ada())
			return err
		}},
		httpguard.Route{Pattern: "GET /panic", Purpose: "invoicing", Serve: func(http.ResponseWriter, *http.Request) error { panic("row of Ada Lovelace") }},
		httpguard.Route{Pattern: "GET /unencodable", Purpose: "invoicing", Serve: func(w http.ResponseWriter, _ *http.Request) error {
			return httpguard.WriteJSON(w, map[string]any{"Ada Lovelace": func() {}})
		}},
		httpguard.Route{Pattern: "GET /half", Purpose: "invoicing", Serve: func(w http.ResponseWriter, r *http.Request) error {
			_, _ = io.WriteString(w, strings.Repeat("x", 100))
			return failing
		}},
		httpguard.Route{Pattern: "GET /flushed", Purpose: "invoicing", Serve: func(w http.ResponseWriter, r *http.Request) error {
			_ = http.NewResponseController(w).Flush()
			panic("row of Ada Lovelace")
		}},
		httpguard.Route{Pattern: "GET /cut", Purpose: "invoicing", Serve: func(http.ResponseWriter, *http.Request) error { panic(http.ErrAbortHandler) }},
	)
	s.refused(t, "GET", "/error", "agent", 500, httpguard.CodeInternal)
	require.ErrorIs(t, s.reported[0], failing)
	s.refused(t, "GET", "/unbound", "agent", 500, httpguard.CodeInternal)
	require.ErrorIs(t, s.reported[1], policy.ErrBinding)
	s.refused(t, "GET", "/panic", "agent", 500, httpguard.CodeInternal)
	var p *carry.PanicError
	require.ErrorAs(t, s.reported[2], &p)
	require.EqualError(t, p, "httpguard: the handler of GET /panic panicked with a string")
	require.NotContains(t, string(p.Stack), "Ada")
	require.Contains(t, string(p.Stack), "server_test.go")
	s.refused(t, "GET", "/unencodable", "agent", 500, httpguard.CodeInternal)
	require.EqualError(t, s.reported[3], "httpguard: a view of type map[string]interface {} does not encode as JSON")
	s.refused(t, "GET", "/down", "agent", 503, httpguard.CodeUnavailable)

	for _, path := range []string{"/half", "/flushed", "/cut"} {
		req, err := http.NewRequestWithContext(t.Context(), "GET", s.URL+path, nil)
		require.NoError(t, err)
		req.Header.Set("Authorization", "agent")
		resp, err := s.Client().Do(req)
		if err == nil {
			_, err = io.ReadAll(resp.Body)
			resp.Body.Close()
		}
		require.Error(t, err, "%s: half an answer must not look whole", path)
	}
}

func TestReasonsCanBeKeptFromClients(t *testing.T) {
	s := newSite(t, func(c *httpguard.Config) { c.HideReasons = true })
	p, _ := s.refused(t, "GET", "/ada/newsletter", "agent", 403, "")
	require.Equal(t, httpguard.Problem{Type: "about:blank", Title: "Forbidden", Status: 403, Decision: s.Trail.Events()[0].DecisionID}, p)
	s.refused(t, "GET", "/nothing", "agent", 403, httpguard.CodeUndeclared)
}

func TestRoutesAreCheckedAtStart(t *testing.T) {
	a, err := acme.New()
	require.NoError(t, err)
	serve := debit(acme.Ada)
	server, err := httpguard.New(httpguard.Config{Guard: a.Guard, Authenticate: staff})
	require.NoError(t, err)
	h, err := server.Routes(
		httpguard.Route{Pattern: "GET /a", Purpose: "invoicin", Serve: serve},
		httpguard.Route{Pattern: "GET /b", Purpose: "marketing", Serve: serve},
		httpguard.Route{Pattern: "GET /c", Serve: serve},
		httpguard.Route{Pattern: "GET /d", Purpose: "invoicing"},
		httpguard.Route{Pattern: "GET /e", Purpose: "invoicing", Recipient: "bank", Serve: serve},
		httpguard.Route{Pattern: "GET /f", Purpose: "invoicing", Serve: serve},
		httpguard.Route{Pattern: "GET /f", Purpose: "marketing.newsletter", Serve: serve},
		httpguard.Route{Pattern: "", Purpose: "invoicing", Serve: serve},
	)
	require.Nil(t, h)
	lines := strings.Split(err.Error(), "\n")
	require.Len(t, lines, 7, err)
	require.Equal(t, `httpguard: route "GET /a": carry: the register has no purpose "invoicin"`, lines[0])

	for name, c := range map[string]httpguard.Config{
		"nothing":          {},
		"no guard":         {Authenticate: staff},
		"zero guard":       {Guard: new(policy.Guard), Authenticate: staff},
		"no authenticator": {Guard: a.Guard},
		"negative":         {Guard: a.Guard, Authenticate: staff, InFlight: -1},
		"two headers":      {Guard: a.Guard, Authenticate: staff, Challenge: "Bearer\r\nX: y"},
	} {
		_, err := httpguard.New(c)
		require.Error(t, err, name)
	}
	_, err = new(httpguard.Server).Handler(httpguard.Route{Purpose: "invoicing", Serve: serve})
	require.Error(t, err)
	_, err = (*httpguard.Server)(nil).Handler(httpguard.Route{Purpose: "invoicing", Serve: serve})
	require.Error(t, err)
}

func TestHealthAnswers(t *testing.T) {
	a, err := acme.New()
	require.NoError(t, err)
	ask := func() (int, httpguard.Condition) {
		w := httptest.NewRecorder()
		httpguard.Health(a.Guard).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/health", nil))
		var c httpguard.Condition
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &c))
		return w.Code, c
	}
	status, c := ask()
	require.Equal(t, 200, status)
	require.Equal(t, httpguard.Pass, c.Status)
	require.Equal(t, "team", c.Policies[0].Name)

	a.Broken.Store(true)
	status, c = ask()
	require.Equal(t, 503, status)
	require.Equal(t, httpguard.Fail, c.Ledger.Status)
	require.Equal(t, httpguard.Pass, c.Trail.Status)
	require.False(t, c.Ledger.Since.IsZero())
	a.Broken.Store(false)
	status, _ = ask()
	require.Equal(t, 200, status)

	w := httptest.NewRecorder()
	httpguard.Health(nil).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/health", nil))
	require.Equal(t, 503, w.Code, "no guard")
}

func TestObservingIsAWarning(t *testing.T) {
	a, err := acme.New(policy.Observing())
	require.NoError(t, err)
	w := httptest.NewRecorder()
	httpguard.Health(a.Guard).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/health", nil))
	require.Equal(t, 200, w.Code)
	require.Contains(t, w.Body.String(), `"status":"warn"`)
}
