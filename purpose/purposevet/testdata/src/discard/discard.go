// Package discard throws away what the guard answers.
package discard

import (
	"context"
	"fmt"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose/purposevet/testdata/src/domain"
)

type view struct{ Name string }

func drops(ctx context.Context, g *policy.Guard, req policy.Request, l *domain.Lessee) error {
	policy.Read[view](ctx, g, req, l)                                                       // want `discard: what policy.Read answers is thrown away`
	v, _ := policy.Read[view](ctx, g, req, l)                                               // want `discard: the error of policy.Read is thrown away`
	v, _ = policy.Share[view](ctx, g, req, l)                                               // want `discard: the error of policy.Share is thrown away`
	v, _, err := policy.Permitted[view](ctx, g, req, l)                                     // want `discard: the decision of policy.Permitted is thrown away`
	_, d, _ := policy.Permitted[view](ctx, g, req, l)                                       // want `discard: the error of policy.Permitted is thrown away`
	_, _ = policy.Decide(ctx, g, req, l)                                                    // want `discard: the decision of policy.Decide is thrown away` `discard: the error of policy.Decide is thrown away`
	go policy.Decide(ctx, g, req, l)                                                        // want `discard: what policy.Decide answers is thrown away`
	defer g.Flush(ctx)                                                                      // want `discard: what policy.Guard.Flush answers is thrown away`
	_ = g.Flush(ctx)                                                                        // want `discard: the error of policy.Guard.Flush is thrown away`
	grant, _ := policy.Authorise[view](ctx, g, req, l)                                      // want `discard: the error of policy.Authorise is thrown away`
	grant.Cancel(ctx)                                                                       // want `discard: what policy.Grant.Cancel answers is thrown away`
	var _, _ = policy.ReadBatch[view](ctx, g, req, []*domain.Lessee{l})                     // want `discard: the error of policy.ReadBatch is thrown away`
	_ = policy.Send[view](ctx, g, req, l, func(context.Context, view) error { return nil }) // want `discard: the error of policy.Send is thrown away`

	g.Register()
	_ = g.Health()
	g.Untagged()
	fmt.Println(policy.Read[view](ctx, g, req, l))
	_, err = policy.Read[view](ctx, g, req, l)
	_, _, _ = v, d, err
	if _, err := policy.Read[view](ctx, g, req, l); err != nil {
		return err
	}
	return g.Flush(ctx)
}
