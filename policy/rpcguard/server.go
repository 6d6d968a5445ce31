package rpcguard

import (
	"context"
	"errors"
	"fmt"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/carry"
)

// Config is all that a server knows.
type Config struct {
	Guard *policy.Guard

	// Authenticate says who is asking, by what the transport has put into the context. An error, a panic or a principal without
	// ID is Unauthenticated; an error that wraps ErrUnavailable is Unavailable.
	Authenticate func(context.Context) (policy.Principal, error)

	Methods []Method

	HideReasons bool // refusals do not say why: a caller that learns of a withdrawn consent or a lock learns something of the person

	// Report is told of errors of Authenticate, and of panics as a carry.PanicError. Nil: nobody is told.
	Report func(context.Context, error)
}

// ErrUnavailable is what the error of an authenticator wraps when the caller may try again.
var ErrUnavailable = errors.New("rpcguard: unavailable")

// Method is one thing that the server does with personal data, and what for.
type Method struct {
	Name        string // in full, as the transport has it
	Purpose     string // a leaf of the register's purpose tree
	Recipient   string // of the register, where the method shares; else empty
	NotPersonal bool   // it has no purpose: nobody is authenticated, and what it reads through a guard is denied
}

// Server holds calls to their purposes. It is safe for concurrent use. The zero Server refuses everything.
type Server struct {
	config  Config
	methods map[string]Method
}

// New makes a server. All that is wrong with the methods is reported at once.
func New(c Config) (*Server, error) {
	switch {
	case c.Guard.Register() == nil:
		return nil, errors.New("rpcguard: no guard: policy.NewGuard makes one")
	case c.Authenticate == nil:
		return nil, errors.New("rpcguard: nobody says who is asking: Authenticate is nil")
	}
	s := &Server{config: c, methods: make(map[string]Method, len(c.Methods))}
	var errs []error
	for _, m := range c.Methods {
		if err := s.declare(m); err != nil {
			errs = append(errs, fmt.Errorf("rpcguard: method %q: %w", m.Name, err))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Server) declare(m Method) error {
	_, twice := s.methods[m.Name]
	switch {
	case m.Name == "":
		return errors.New("it has no name")
	case twice:
		return errors.New("it is declared twice")
	case m.NotPersonal && (m.Purpose != "" || m.Recipient != ""):
		return errors.New("it has a purpose, and none")
	case !m.NotPersonal:
		if err := carry.Declarable(s.config.Guard.Register(), m.Purpose, m.Recipient); err != nil {
			return err
		}
	}
	s.methods[m.Name] = m
	return nil
}

// Call is a unary call: what the handler does with personal data is for the method's purpose. Refusals come back as a
// [*Refusal], and so do panics; other errors of the handler as they are. With any error the response is zero.
func Call[Req, Resp any](ctx context.Context, s *Server, req Req, method string, handler func(context.Context, Req) (Resp, error)) (resp Resp, err error) {
	var zero Resp
	ctx, err = s.Admit(ctx, method)
	if err != nil {
		return zero, err
	}
	defer func() {
		if p := recover(); p != nil {
			s.report(ctx, carry.Panicked("rpcguard: the handler of "+method, p))
			resp, err = zero, &Refusal{Status: Internal, Code: CodeInternal}
		}
	}()
	resp, err = handler(ctx, req)
	if err != nil {
		return zero, s.Refused(err)
	}
	return resp, nil
}

// Admit puts guard, principal and purpose of a call into its context. An error is a [*Refusal].
func (s *Server) Admit(ctx context.Context, method string) (context.Context, error) {
	if s == nil || s.methods == nil || ctx == nil {
		return nil, &Refusal{Status: Internal, Code: CodeInternal}
	}
	m, ok := s.methods[method]
	switch {
	case !ok:
		return nil, &Refusal{Status: PermissionDenied, Code: CodeUndeclared}
	case m.NotPersonal:
		return carry.With(ctx, nil, policy.Request{}), nil
	}
	who, err := s.authenticate(ctx)
	if err != nil {
		s.report(ctx, err)
	}
	switch {
	case errors.Is(err, ErrUnavailable):
		return nil, &Refusal{Status: Unavailable, Code: CodeUnavailable}
	case err != nil, who.ID == "":
		return nil, &Refusal{Status: Unauthenticated, Code: CodeUnauthenticated}
	}
	//purposevet:purposes each method declares its own, which was checked at the start
	return carry.With(ctx, s.config.Guard, policy.Request{Principal: who, Purpose: m.Purpose, Recipient: m.Recipient}), nil
}

func (s *Server) authenticate(ctx context.Context) (who policy.Principal, err error) {
	defer func() {
		if p := recover(); p != nil {
			who, err = policy.Principal{}, carry.Panicked("rpcguard: the authenticator", p)
		}
	}()
	return s.config.Authenticate(ctx)
}

func (s *Server) report(ctx context.Context, err error) {
	if s.config.Report != nil {
		s.config.Report(ctx, err)
	}
}
