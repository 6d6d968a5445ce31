package policy

import (
	"errors"
	"strings"
)

// ErrDenied is what every refusal to release unwraps to.
var ErrDenied = errors.New("policy: denied")

// ErrBinding is what errors about record and view types unwrap to: mistakes of the program, not of a request.
var ErrBinding = errors.New("policy: binding")

// DeniedError is a refusal. It holds register keys and codes, never a value.
type DeniedError struct {
	Decision Decision
	// Cause is the failure of trail, ledger or clock that made the guard refuse; nil when a gate did.
	Cause error
}

// Error says purpose, field, gate, clause and reason of the first thing that was missing.
func (e *DeniedError) Error() string {
	d := &e.Decision
	var b strings.Builder
	b.WriteString(ErrDenied.Error())
	if d.Purpose != "" {
		b.WriteString(" for " + d.Purpose)
	}
	r, ok := d.Reason()
	if !ok {
		r.Code = d.Because()
	}
	names := d.names(d.requested.Without(d.withheld))
	if len(names) > 0 {
		b.WriteString(": " + d.plan.Name + "." + names[0])
		if len(names) > 1 {
			b.WriteString(" (and further fields)")
		}
	}
	b.WriteString(": " + r.String())
	return b.String()
}

// Unwrap makes errors.Is true for ErrDenied, and for the cause.
func (e *DeniedError) Unwrap() []error {
	if e.Cause == nil {
		return []error{ErrDenied}
	}
	return []error{ErrDenied, e.Cause}
}

// String renders the reason: code, sentence and clause.
func (r *Reason) String() string {
	text := r.Code.Text()
	if strings.Contains(text, "%s") {
		param := r.Param
		if param == "" {
			param = "it"
		}
		text = strings.ReplaceAll(text, "%s", param)
	}
	s := string(r.Code)
	if text != "" {
		s += ": " + text
	}
	if r.Clause != "" {
		s += " [" + r.Clause + "]"
	}
	return s
}

// failure is that of a ledger or a trail. errors.Is and errors.As see its cause; its text does not repeat the cause's,
// which may quote what the store was given.
type failure struct{ what, cause error }

func (f *failure) Error() string { return f.what.Error() }

func (f *failure) Unwrap() []error { return []error{f.what, f.cause} }
