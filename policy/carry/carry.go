package carry

import (
	"context"
	"slices"

	"github.com/purposebound/purposebound/policy"
)

type key struct{}

type load struct {
	guard   *policy.Guard
	request policy.Request
}

// With states whose guard is asked what, further down. It replaces what ctx carries.
func With(ctx context.Context, g *policy.Guard, req policy.Request) context.Context {
	return context.WithValue(ctx, key{}, &load{g, own(req)})
}

// From returns what ctx carries; a nil guard, which denies everything, if that is nothing. The request may be changed:
// given a recipient, facts or a data subject.
func From(ctx context.Context) (*policy.Guard, policy.Request) {
	if ctx == nil {
		return nil, policy.Request{}
	}
	l, ok := ctx.Value(key{}).(*load)
	if !ok {
		return nil, policy.Request{}
	}
	return l.guard, own(l.request)
}

// own lets nobody else change the lists of a request.
func own(req policy.Request) policy.Request {
	p := &req.Principal
	p.Roles, p.Tasks = slices.Clone(p.Roles), slices.Clone(p.Tasks)
	req.Provenance.ObtainedFor, req.Facts = slices.Clone(req.Provenance.ObtainedFor), slices.Clone(req.Facts)
	return req
}

// Read is policy.Read for what ctx carries.
func Read[V, R any](ctx context.Context, record *R) (V, error) {
	g, req := From(ctx)
	return policy.Read[V](ctx, g, req, record)
}

// Permitted is policy.Permitted for what ctx carries.
func Permitted[V, R any](ctx context.Context, record *R) (V, policy.Decision, error) {
	g, req := From(ctx)
	return policy.Permitted[V](ctx, g, req, record)
}

// Share is policy.Share for what ctx carries, which names the recipient too.
func Share[V, R any](ctx context.Context, record *R) (V, error) {
	g, req := From(ctx)
	return policy.Share[V](ctx, g, req, record)
}
