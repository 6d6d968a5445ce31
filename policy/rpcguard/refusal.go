package rpcguard

import (
	"errors"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/carry"
)

// Status is a status code of gRPC.
type Status uint32

// Statuses of refusals.
const (
	PermissionDenied Status = 7
	Internal         Status = 13
	Unavailable      Status = 14 // the same call may be made again
	Unauthenticated  Status = 16
)

// Codes of refusals that no gate made.
const (
	CodeUndeclared      = "rpc.method-undeclared"
	CodeUnauthenticated = "rpc.unauthenticated"
	CodeUnavailable     = "rpc.unavailable"
	CodeInternal        = "rpc.internal"
)

// Refusal is an error that a caller may see. It holds codes and no value.
type Refusal struct {
	Status   Status
	Code     string // of policy.Codes, or one of the codes of this package; empty where reasons are hidden
	Decision string // as the trail knows it; empty where there was none
	cause    error
}

// Error is the code.
func (r *Refusal) Error() string {
	if r.Code == "" {
		return "rpcguard: refused"
	}
	return "rpcguard: refused: " + r.Code
}

// Unwrap returns the guard's own error, if it was the guard that refused.
func (r *Refusal) Unwrap() error { return r.cause }

// Refused turns a guard's refusal into a [*Refusal] and returns other errors as they are. Call does it; streams do it for
// themselves.
func (s *Server) Refused(err error) error {
	denied, ok := errors.AsType[*policy.DeniedError](err)
	if !ok {
		return err
	}
	r := &Refusal{Status: PermissionDenied, Code: string(denied.Decision.Because()), Decision: denied.Decision.ID, cause: err}
	switch {
	case carry.Unavailable(err):
		r.Status = Unavailable
	case r.Code == string(policy.CodeInternal):
		r.Status = Internal
	}
	if s != nil && s.config.HideReasons {
		r.Code = ""
	}
	return r
}
