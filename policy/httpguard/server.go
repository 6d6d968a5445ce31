package httpguard

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/carry"
)

// Config is what all routes share.
type Config struct {
	Guard *policy.Guard

	// Authenticate says who is asking. An error, a panic or a principal without ID is a 401; an error that wraps
	// ErrUnavailable is a 503.
	Authenticate func(*http.Request) (policy.Principal, error)

	Challenge   string // of a 401 (RFC 9110 section 11.6.1); empty: Bearer
	InFlight    int    // requests that may be under way; more get a 503 at once. Zero: no limit
	HideReasons bool   // problems do not say why: a client that learns of a withdrawn consent or a lock learns something of the person

	// Report is told of errors that are not refusals: of handlers, of Authenticate, and panics, as a
	// carry.PanicError. Nil: nobody is told. What a handler's error says is the handler's affair.
	Report func(context.Context, error)
}

// ErrUnavailable is what the error of an authenticator or a handler wraps when the client may try again.
var ErrUnavailable = errors.New("httpguard: unavailable")

// Route is one thing that the server does with personal data, and what for.
type Route struct {
	Pattern   string // as http.ServeMux has it
	Purpose   string // a leaf of the register's purpose tree
	Recipient string // of the register, where the route shares; else empty
	Serve     func(http.ResponseWriter, *http.Request) error
}

// Server makes handlers. It is safe for concurrent use.
type Server struct {
	config Config
	room   chan struct{} // nil: no limit
}

// New makes a server. With an error there is none.
func New(c Config) (*Server, error) {
	switch {
	case c.Guard.Register() == nil:
		return nil, errors.New("httpguard: no guard: policy.NewGuard makes one")
	case c.Authenticate == nil:
		return nil, errors.New("httpguard: nobody says who is asking: Authenticate is nil")
	case c.InFlight < 0:
		return nil, errors.New("httpguard: InFlight is negative")
	case strings.ContainsAny(c.Challenge, "\r\n"):
		return nil, errors.New("httpguard: the challenge is no header value")
	}
	if c.Challenge == "" {
		c.Challenge = "Bearer"
	}
	s := &Server{config: c}
	if c.InFlight > 0 {
		s.room = make(chan struct{}, c.InFlight)
	}
	return s, nil
}

// Routes is a handler for these routes and no others: what they do not declare, a method too, is a 403. All that is wrong
// with them is reported at once.
func (s *Server) Routes(routes ...Route) (http.Handler, error) {
	mux := http.NewServeMux()
	var errs []error
	for _, r := range routes {
		h, err := s.Handler(r)
		if err == nil {
			err = register(mux, r.Pattern, h)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("httpguard: route %q: %w", r.Pattern, err))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern == "" {
			s.refuse(w, http.StatusForbidden, CodeUndeclared, nil)
			return
		}
		mux.ServeHTTP(w, r)
	}), nil
}

// register turns the panic of a bad or conflicting pattern into an error.
func register(mux *http.ServeMux, pattern string, h http.Handler) (err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("the pattern is malformed, or matches the same requests as another")
		}
	}()
	mux.Handle(pattern, h)
	return nil
}

// Handler is the handler of one route, for another router than http.ServeMux: the pattern is not looked at.
func (s *Server) Handler(r Route) (http.Handler, error) {
	if s == nil || s.config.Guard == nil {
		return nil, errors.New("httpguard: no server: New makes one")
	}
	if r.Serve == nil {
		return nil, errors.New("nothing serves it")
	}
	if err := carry.Declarable(s.config.Guard.Register(), r.Purpose, r.Recipient); err != nil {
		return nil, err
	}
	return &handler{s, r}, nil
}

// handler is a route in service.
type handler struct {
	server *Server
	route  Route
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s := h.server
	w.Header().Set("Cache-Control", "no-store") // an answer is for who asked, when he asked
	if s.room != nil {
		select {
		case s.room <- struct{}{}:
			defer func() { <-s.room }()
		default:
			s.refuse(w, http.StatusServiceUnavailable, CodeOverloaded, nil)
			return
		}
	}
	who, err := s.authenticate(r)
	if err != nil {
		s.report(r.Context(), err)
	}
	switch {
	case errors.Is(err, ErrUnavailable):
		s.refuse(w, http.StatusServiceUnavailable, CodeUnavailable, nil)
		return
	case err != nil, who.ID == "":
		w.Header().Set("WWW-Authenticate", s.config.Challenge)
		s.refuse(w, http.StatusUnauthorized, CodeUnauthenticated, nil)
		return
	}
	//purposevet:purposes each route declares its own, which was checked at the start
	ctx := carry.With(r.Context(), s.config.Guard, policy.Request{Principal: who, Purpose: h.route.Purpose, Recipient: h.route.Recipient,
		TraceID: traceID(r.Header.Get("Traceparent"))})
	a := &answer{ResponseWriter: w}
	if err := h.serve(a, r.WithContext(ctx)); err != nil {
		s.fail(a, r, err)
	}
}

func (s *Server) authenticate(r *http.Request) (who policy.Principal, err error) {
	defer func() {
		if p := recover(); p != nil {
			who, err = policy.Principal{}, carry.Panicked("httpguard: the authenticator", p)
		}
	}()
	return s.config.Authenticate(r)
}

func (h *handler) serve(w http.ResponseWriter, r *http.Request) (err error) {
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler {
				panic(p)
			}
			err = carry.Panicked("httpguard: the handler of "+h.route.Pattern, p)
		}
	}()
	return h.route.Serve(w, r)
}

// fail answers an error.
func (s *Server) fail(a *answer, r *http.Request, err error) {
	denied, refused := errors.AsType[*policy.DeniedError](err)
	if !refused {
		s.report(r.Context(), err)
	}
	if a.begun {
		panic(http.ErrAbortHandler) // there is no taking back what was written, nor calling it whole
	}
	switch {
	case carry.Unavailable(err):
		s.refuse(a, http.StatusServiceUnavailable, string(denied.Decision.Because()), &denied.Decision)
	case refused && denied.Decision.Because() == policy.CodeInternal:
		s.refuse(a, http.StatusInternalServerError, string(policy.CodeInternal), &denied.Decision)
	case refused:
		s.refuse(a, http.StatusForbidden, string(denied.Decision.Because()), &denied.Decision)
	case errors.Is(err, ErrUnavailable):
		s.refuse(a, http.StatusServiceUnavailable, CodeUnavailable, nil)
	default:
		s.refuse(a, http.StatusInternalServerError, CodeInternal, nil)
	}
}

func (s *Server) report(ctx context.Context, err error) {
	if s.config.Report != nil {
		s.config.Report(ctx, err)
	}
}

// traceID is the trace id of a W3C traceparent. The guard leaves out what is none.
func traceID(parent string) string {
	parts := strings.Split(parent, "-")
	if len(parts) < 4 || len(parts[1]) != 32 {
		return ""
	}
	return parts[1]
}
