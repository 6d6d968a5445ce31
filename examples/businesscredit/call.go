package main

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/purpose"
)

// Outcomes of a step.
const (
	released = "released"
	partly   = "partly released"
	refused  = "refused"
	allowed  = "allowed" // decided, and nothing to release
)

// answer is what a step came to. It holds no value of a record: nor does the program, which drops every view.
type answer struct {
	Outcome     string              `json:"outcome"`
	Code        string              `json:"code,omitempty"` // first reason, where anything was withheld
	Why         []string            `json:"why"`
	Explanation *policy.Explanation `json:"explanation,omitempty"`
	Right       *rights.Outcome     `json:"right,omitempty"`
}

// call is one thing that happens. An error is a failure of the program, not a refusal.
type call func(context.Context, *service) (answer, error)

// read releases the view V to the principal, all of it or nothing.
func read[V, R any](req policy.Request, record *R) call {
	return func(ctx context.Context, s *service) (answer, error) {
		_, err := policy.Read[V](ctx, s.guard, req, record)
		req.Action = purpose.Read
		return settle[V](ctx, s, req, record, err)
	}
}

// share releases the view V for the recipient, all of it or nothing.
func share[V, R any](req policy.Request, record *R) call {
	return func(ctx context.Context, s *service) (answer, error) {
		_, err := policy.Share[V](ctx, s.guard, req, record)
		req.Action = purpose.Share
		return settle[V](ctx, s, req, record, err)
	}
}

// settle explains a release or a refusal.
func settle[V, R any](ctx context.Context, s *service, req policy.Request, record *R, err error) (answer, error) {
	if denied := (*policy.DeniedError)(nil); errors.As(err, &denied) && denied.Cause == nil {
		return tell(denied.Decision.Explain(), released), nil
	}
	if err != nil {
		return answer{}, err
	}
	e, err := policy.ExplainView[V](ctx, s.guard, req, record)
	if err == nil && e.Outcome != policy.OutcomePermitted {
		err = errors.New("released, though the explanation says otherwise")
	}
	return tell(e, released), err
}

// permitted releases what it may of the view V.
func permitted[V, R any](req policy.Request, record *R) call {
	return func(ctx context.Context, s *service) (answer, error) {
		_, d, err := policy.Permitted[V](ctx, s.guard, req, record)
		if err != nil && !errors.Is(err, policy.ErrDenied) {
			return answer{}, err
		}
		return tell(d.Explain(), released), nil
	}
}

// decide answers without releasing or recording anything, about now or the past.
func decide[R any](req policy.Request, record *R, fields ...string) call {
	return func(ctx context.Context, s *service) (answer, error) {
		e, err := policy.Explain(ctx, s.guard, req, record, fields...)
		return tell(e, allowed), err
	}
}

// tell says what an explanation comes to.
func tell(e *policy.Explanation, good string) answer {
	if e == nil {
		return answer{}
	}
	a := answer{Explanation: e}
	var open, withheld []string
	for i := range e.Fields {
		if f := &e.Fields[i]; f.Result == "permit" || f.Result == "redact" {
			open = append(open, f.Field)
		} else {
			withheld = append(withheld, f.Field)
		}
	}
	switch e.Outcome {
	case policy.OutcomePermitted:
		a.Outcome = good
	case policy.OutcomePartial:
		a.Outcome = partly
	default:
		a.Outcome = refused
		open, withheld = nil, nil
	}
	if len(open) > 0 {
		a.Why = append(a.Why, strings.Join(open, ", "))
	}
	for _, g := range e.Grounds {
		ground := "on " + words(g.Basis.String()) + " [" + g.Clause + "]"
		if len(open) > 0 && !slices.Contains(a.Why, ground) {
			a.Why = append(a.Why, ground)
		}
	}
	if len(withheld) > 0 {
		a.Why = append(a.Why, "not "+strings.Join(withheld, ", "))
	}
	if e.Because != nil {
		a.Code = string(e.Because.Code)
		a.Why = append(a.Why, e.Because.String())
	}
	for _, o := range e.Obligations {
		a.Why = append(a.Why, "and then: "+words(o))
	}
	return a
}

// asks hands the desk a request of a person.
func asks(req rights.Request) call {
	return func(ctx context.Context, s *service) (answer, error) {
		req.Received = s.clock()
		o, err := s.desk.Serve(ctx, req)
		if err != nil {
			return answer{}, err
		}
		a := answer{Outcome: o.Result.String(), Right: &o}
		for i := range o.Reasons {
			a.Code = or(a.Code, string(o.Reasons[i].Code))
			a.Why = append(a.Why, o.Reasons[i].String())
		}
		for i := range o.Items {
			x := &o.Items[i]
			line := x.Part + ": " + x.Result.String()
			if len(x.Reasons) > 0 {
				line += ", " + x.Reasons[0].String()
			}
			if len(x.Reasons) > 0 && x.Result != rights.Granted {
				a.Code = or(a.Code, string(x.Reasons[0].Code))
			}
			a.Why = append(a.Why, line)
		}
		for _, duty := range o.Obligations {
			a.Why = append(a.Why, "and then: "+words(duty))
		}
		if req.Kind == purpose.ComplaintRight {
			a.Why = append(a.Why, "goes to "+o.Officer, "or to "+o.Authority)
		}
		a.Why = append(a.Why, "answered by "+o.Clock.Due.String()+" at the latest")
		return a, nil
	}
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// words writes a key in words.
func words(key string) string { return strings.ReplaceAll(key, "-", " ") }
