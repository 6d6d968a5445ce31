package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/purpose"
)

// Outcomes of a step, beside those of the desk.
const (
	released = "released"
	partly   = "partly released"
	refused  = "refused"
	allowed  = "allowed" // decided, with nothing to release
	noted    = "noted"   // the ledger has it
)

// answer is what a step came to. It holds no value of a record: nor does the program, which drops every view.
type answer struct {
	Outcome     string              `json:"outcome"`
	Code        string              `json:"code,omitempty"` // first reason, where anything was withheld
	Lines       []string            `json:"lines,omitempty"`
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
		return explained(denied.Decision.Explain(), released), nil
	}
	if err != nil {
		return answer{}, err
	}
	e, err := policy.ExplainView[V](ctx, s.guard, req, record)
	if err == nil && e.Outcome != policy.OutcomePermitted {
		err = errors.New("released, though the explanation says otherwise")
	}
	if err != nil {
		return answer{}, err
	}
	return explained(e, released), nil
}

// permitted releases what it may of the view V.
func permitted[V, R any](req policy.Request, record *R) call {
	return func(ctx context.Context, s *service) (answer, error) {
		_, d, err := policy.Permitted[V](ctx, s.guard, req, record)
		if err != nil && !errors.Is(err, policy.ErrDenied) {
			return answer{}, err
		}
		return explained(d.Explain(), released), nil
	}
}

// decide answers without releasing or recording anything, about now or the past.
func decide[R any](req policy.Request, record *R, fields ...string) call {
	return func(ctx context.Context, s *service) (answer, error) {
		e, err := policy.Explain(ctx, s.guard, req, record, fields...)
		if err != nil {
			return answer{}, err
		}
		return explained(e, allowed), nil
	}
}

// happens tells the ledger what happened to a person.
func happens(who string, bodies ...basis.Body) call {
	return func(ctx context.Context, s *service) (answer, error) {
		for _, b := range bodies {
			if err := s.ledger.Record(ctx, basis.Event{DataSubject: who, Body: b}); err != nil {
				return answer{}, err
			}
		}
		return answer{Outcome: noted}, nil
	}
}

// explained says what an explanation comes to.
func explained(e *policy.Explanation, good string) answer {
	a := answer{Explanation: e, Outcome: refused}
	var open, withheld []string
	for i := range e.Fields {
		switch f := &e.Fields[i]; {
		case f.Result == "redact" && f.Mask != "":
			open = append(open, fmt.Sprintf("%s (%s)", f.Field, f.Mask))
		case f.Result == "permit":
			open = append(open, f.Field)
		default:
			withheld = append(withheld, f.Field)
		}
	}
	switch e.Outcome {
	case policy.OutcomePermitted:
		a.Outcome = good
	case policy.OutcomePartial:
		a.Outcome = partly
	default:
		open, withheld = nil, nil
	}
	if len(open) > 0 {
		var grounds []string
		for _, g := range e.Grounds {
			if w := words(g.Basis.String()) + " [" + g.Clause + "]"; !slices.Contains(grounds, w) {
				grounds = append(grounds, w)
			}
		}
		a.Lines = append(a.Lines, strings.Join(open, ", "), "on "+strings.Join(grounds, ", "))
	}
	if len(withheld) > 0 {
		a.Lines = append(a.Lines, "not "+strings.Join(withheld, ", "))
	}
	if e.Because != nil {
		a.Code = string(e.Because.Code)
		a.Lines = append(a.Lines, e.Because.String())
	}
	for _, o := range e.Obligations {
		a.Lines = append(a.Lines, "obliges to: "+words(o))
	}
	return a
}

// asks hands the desk what a person asks for.
func asks(req rights.Request) call {
	return func(ctx context.Context, s *service) (answer, error) {
		req.Received = s.clock()
		o, err := s.desk.Serve(ctx, req)
		if err != nil {
			return answer{}, err
		}
		o = o.Told() // as the person may know it
		a := answer{Outcome: o.Result.String(), Right: &o}
		for i := range o.Reasons {
			a.Code = cmp.Or(a.Code, string(o.Reasons[i].Code))
			a.Lines = append(a.Lines, o.Reasons[i].String())
		}
		for i := range o.Items {
			x := &o.Items[i]
			line := x.Part + ": " + x.Result.String()
			if len(x.Reasons) > 0 {
				line += ", " + x.Reasons[0].String()
				if x.Result != rights.Granted && x.Result != rights.Outside {
					a.Code = cmp.Or(a.Code, string(x.Reasons[0].Code))
				}
			}
			a.Lines = append(a.Lines, line)
		}
		for _, duty := range o.Obligations {
			a.Lines = append(a.Lines, "obliges to: "+words(duty))
		}
		a.Lines = append(a.Lines, "to be answered by "+o.Clock.Due.String())
		return a, nil
	}
}

// words writes a key in words.
func words(key string) string { return strings.NewReplacer("-", " ", "_", " ").Replace(key) }
