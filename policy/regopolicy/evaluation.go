package regopolicy

import (
	"context"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/metrics"
	"github.com/open-policy-agent/opa/v1/topdown"

	"github.com/purposebound/purposebound/policy"
)

// evaluation is what one evaluation needs beside the policy. It is used again by others, one after the other.
type evaluation struct {
	query   *topdown.Query
	meter   meter
	found   found
	decoder decoder
	answers topdown.QueryResult
	count   int
	take    func(topdown.QueryResult) error
}

// noSeed is for functions that draw lots: none is allowed.
type noSeed struct{}

func (noSeed) Read(b []byte) (int, error) { return 0, ErrEngine }

// newQuery is an evaluation of a query.
func (p *Policy) newQuery(query ast.Body, m *meter) *topdown.Query {
	return topdown.NewQuery(query).WithCompiler(p.compiler).WithStore(p.store).WithTransaction(p.txn).WithCancel(m).
		WithMetrics(metrics.NoOp()).WithSeed(noSeed{}).WithStrictBuiltinErrors(true)
}

// nothing is what is kept of base documents where there are none.
type nothing struct{}

func (nothing) Get(ast.Ref) ast.Value  { return nil }
func (nothing) Put(ast.Ref, ast.Value) {}

func (p *Policy) newEvaluation() *evaluation {
	e := &evaluation{}
	e.query = p.newQuery(p.query, &e.meter).WithVirtualCache(&e.found).WithRequestMetadata(map[string]any{})
	if p.empty {
		e.query.WithBaseCache(nothing{})
	}
	e.take = func(r topdown.QueryResult) error {
		e.answers = r
		e.count++
		return nil
	}
	return e
}

// evaluate asks for all sets at once. An evaluation that panics is not used again.
func (p *Policy) evaluate(ctx context.Context, in *policy.Input, view *view) (policy.Verdict, error) {
	e, again := p.idle.Get().(*evaluation)
	if !again {
		e = p.newEvaluation()
	}
	err := e.run(ctx, p, in, view)
	v := e.decoder.verdict
	e.clear()
	p.idle.Put(e)
	return v, err
}

func (e *evaluation) run(ctx context.Context, p *Policy, in *policy.Input, view *view) error {
	e.meter = newMeter(ctx, maxSteps)
	b := builder{p, in, view}
	e.decoder = decoder{Policy: p, in: in, view: view, verdict: policy.Verdict{Digest: p.digest}}
	if e.query.WithInput(ast.NewTerm(b.build())).WithTime(in.Request.At).Iter(ctx, e.take) != nil {
		return e.meter.err()
	}
	if e.count != 1 {
		return ErrAnswer
	}
	return e.decoder.decode(e.answers)
}

// clear lets go of what was asked and answered.
func (e *evaluation) clear() {
	e.query.WithInput(nil)
	e.meter, e.decoder, e.answers, e.count = meter{}, decoder{}, nil, 0
	e.found.reset()
}
