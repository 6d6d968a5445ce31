package main

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// Outcomes of a step.
const (
	permit     = "permitted"
	redact     = "redacted" // all of the view, some of it masked
	partial    = "partial"  // less than the view
	deny       = "denied"
	breakGlass = "break-glass"
)

// answer is what a step came to. It holds no value of a record: nor does the program, which drops every view.
type answer struct {
	outcome string
	*policy.Explanation
}

// call is one way through the guard, bound to a record and a view. An error is a failure of the program, not a refusal.
type call func(context.Context, *policy.Guard, policy.Request) (answer, error)

// read releases the view V to the principal, all of it or nothing.
func read[V, R any](record *R) call {
	return func(ctx context.Context, g *policy.Guard, req policy.Request) (answer, error) {
		_, err := policy.Read[V](ctx, g, req, record)
		req.Action = purpose.Read
		return settle[V](ctx, g, req, record, err)
	}
}

// share releases the view V for the recipient, all of it or nothing.
func share[V, R any](record *R) call {
	return func(ctx context.Context, g *policy.Guard, req policy.Request) (answer, error) {
		_, err := policy.Share[V](ctx, g, req, record)
		req.Action = purpose.Share
		return settle[V](ctx, g, req, record, err)
	}
}

// settle explains a release or a refusal.
func settle[V, R any](ctx context.Context, g *policy.Guard, req policy.Request, record *R, err error) (answer, error) {
	if denied := (*policy.DeniedError)(nil); errors.As(err, &denied) && denied.Cause == nil {
		return answer{deny, denied.Decision.Explain()}, nil
	}
	if err != nil {
		return answer{}, err
	}
	e, err := policy.ExplainView[V](ctx, g, req, record)
	if err == nil && e.Outcome != policy.OutcomePermitted {
		err = fmt.Errorf("released %s, though the explanation says %s", reflect.TypeFor[V](), e.Outcome)
	}
	return answer{outcomeOf(e), e}, err
}

// permitted releases what it may of the view V.
func permitted[V, R any](record *R) call {
	return func(ctx context.Context, g *policy.Guard, req policy.Request) (answer, error) {
		_, d, err := policy.Permitted[V](ctx, g, req, record)
		if err != nil && !errors.Is(err, policy.ErrDenied) {
			return answer{}, err
		}
		e := d.Explain()
		return answer{outcomeOf(e), e}, nil
	}
}

// emergency releases the view V past the policies, for half an hour, and raises an alarm.
func emergency[V, R any](record *R, reason string, now time.Time) call {
	return func(ctx context.Context, g *policy.Guard, req policy.Request) (answer, error) {
		until := now.Add(30 * time.Minute)
		_, err := policy.BreakGlass[V](ctx, g, req, record, policy.Emergency{Reason: reason, Until: until})
		if err != nil {
			return answer{}, err
		}
		req.Action = purpose.Read
		e, err := policy.ExplainView[V](ctx, g, req, record)
		return answer{breakGlass, e}, err
	}
}

// decide answers without releasing or recording anything, about now or the past.
func decide[R any](record *R, action purpose.Action, fields ...string) call {
	return func(ctx context.Context, g *policy.Guard, req policy.Request) (answer, error) {
		req.Action = action
		e, err := policy.Explain(ctx, g, req, record, fields...)
		return answer{outcomeOf(e), e}, err
	}
}

func outcomeOf(e *policy.Explanation) string {
	for i := range e.Fields {
		if e.Outcome == policy.OutcomePermitted && e.Fields[i].Mask != "" {
			return redact
		}
	}
	return e.Outcome.String()
}

// code is the reason why anything was withheld that matters most; empty if nothing was.
func (a *answer) code() policy.Code {
	if a.Because == nil {
		return ""
	}
	return a.Because.Code
}

// clause that the answer rests on: of the reason, or of the first ground.
func (a *answer) clause() string {
	if a.Because != nil {
		return a.Because.Clause
	}
	if len(a.Grounds) > 0 {
		return a.Grounds[0].Clause
	}
	return ""
}
