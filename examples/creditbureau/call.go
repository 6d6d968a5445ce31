package main

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// Outcomes of a step.
const (
	permit  = "permitted"
	partial = "partial"
	deny    = "refused"
)

// call is one way through the guard, bound to a record and a view. An error is a failure of the program, not a refusal.
// No value of a record comes out: the program drops every view.
type call func(context.Context, *policy.Guard, policy.Request) (*policy.Explanation, error)

// read releases the view V to the principal, all of it or nothing.
func read[V, R any](record *R) call {
	return func(ctx context.Context, g *policy.Guard, req policy.Request) (*policy.Explanation, error) {
		_, err := policy.Read[V](ctx, g, req, record)
		req.Action = purpose.Read
		return settle[V](ctx, g, req, record, err)
	}
}

// share releases the view V for the recipient, all of it or nothing.
func share[V, R any](record *R) call {
	return func(ctx context.Context, g *policy.Guard, req policy.Request) (*policy.Explanation, error) {
		_, err := policy.Share[V](ctx, g, req, record)
		req.Action = purpose.Share
		return settle[V](ctx, g, req, record, err)
	}
}

// settle explains a release or a refusal.
func settle[V, R any](ctx context.Context, g *policy.Guard, req policy.Request, record *R, err error) (*policy.Explanation, error) {
	if denied := (*policy.DeniedError)(nil); errors.As(err, &denied) && denied.Cause == nil {
		return denied.Decision.Explain(), nil
	}
	if err != nil {
		return nil, err
	}
	e, err := policy.ExplainView[V](ctx, g, req, record)
	if err == nil && e.Outcome != policy.OutcomePermitted {
		err = fmt.Errorf("released %s, though the explanation says %s", reflect.TypeFor[V](), e.Outcome)
	}
	return e, err
}

// permitted releases what it may of the view V.
func permitted[V, R any](record *R) call {
	return func(ctx context.Context, g *policy.Guard, req policy.Request) (*policy.Explanation, error) {
		_, d, err := policy.Permitted[V](ctx, g, req, record)
		if err != nil && !errors.Is(err, policy.ErrDenied) {
			return nil, err
		}
		return d.Explain(), nil
	}
}

// decide answers without releasing or recording anything: what is taken in, what a machine may settle, what was right
// in the past.
func decide[R any](record *R, action purpose.Action, fields ...string) call {
	return func(ctx context.Context, g *policy.Guard, req policy.Request) (*policy.Explanation, error) {
		req.Action = action
		return policy.Explain(ctx, g, req, record, fields...)
	}
}

func outcomeOf(e *policy.Explanation) string {
	switch e.Outcome {
	case policy.OutcomePermitted:
		return permit
	case policy.OutcomePartial:
		return partial
	}
	return deny
}
