// Package opa is the decision in Rego, evaluated by Open Policy Agent in process: as it is commonly used, and as fast as
// we could make it.
package opa

import (
	"context"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/metrics"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/topdown"

	"github.com/purposebound/purposebound/examples/benchmarks/world"
)

// Contenders are the ways to ask OPA.
func Contenders() []world.Contender {
	way := func(key, name string, l loader) world.Contender {
		return world.Contender{Key: "opa." + key, Family: "OPA", Name: name, Load: l.load}
	}
	// The chain of reasons stays as it is under partial evaluation, so that it loads at any size, and gains nothing.
	partial := way("partial", "per record, partially evaluated, parsed input", loader{policy: usual, query: "data.measure.record", partial: true, mode: parsed, read: reasons})
	floor := way("trivial", "a trivial rule, tuned: the least an evaluation costs", loader{policy: trivial, query: "data.measure.yes", mode: tuned})
	floor.Floor = true
	outside := way("function", "per record, one Go function does the table work, tuned", loader{policy: table, query: "data.measure.record", mode: tuned, read: listed, function: true})
	outside.Outside = true
	return []world.Contender{
		way("field", "per field, map input", loader{policy: usual, query: "data.measure.field", mode: fields, read: reason}),
		way("record", "per record, map input: common use", loader{policy: usual, query: "data.measure.record", mode: mapped, read: reasons}),
		way("parsed", "per record, parsed input", loader{policy: usual, query: "data.measure.record", mode: parsed, read: reasons}),
		way("best", "per record, best natural Rego, tuned", loader{policy: best, query: "data.measure.answer", mode: tuned, read: byName}),
		way("sets", "per record, sets by built-in functions, tuned", loader{policy: sets, query: "data.measure.answer", mode: tuned, read: byCategory}),
		partial,
		outside,
		floor,
	}
}

// mode is how a question is put.
type mode int

const (
	mapped mode = iota // a Go map, which each evaluation converts
	parsed             // a term, made before
	fields             // a Go map for each field
	tuned              // a term, without metrics, timers and conversion of the answer
)

type loader struct {
	policy   string
	query    string
	mode     mode
	partial  bool
	function bool
	read     func(c *call) world.Answer
}

// held is a prepared query over a world.
type held struct {
	loader
	w     *world.World
	query rego.PreparedEvalQuery
	store storage.Store
	txn   storage.Transaction
}

func (l loader) load(w *world.World) (world.Loaded, error) {
	ctx := context.Background()
	h := &held{loader: l, w: w}
	h.store = inmem.NewFromObjectWithOpts(documents(w), inmem.OptRoundTripOnWrite(false), inmem.OptReturnASTValuesOnRead(true))
	options := []func(*rego.Rego){rego.Query(l.query), rego.Module("measure.rego", l.policy), rego.Store(h.store), rego.StrictBuiltinErrors(true)}
	if l.function {
		options = append(options, function(w))
	}
	if l.mode == tuned {
		options = append(options, rego.GenerateJSON(func(t *ast.Term, _ *rego.EvalContext) (any, error) { return t, nil }))
	}
	var prepare []rego.PrepareOption
	if l.partial {
		prepare = append(prepare, rego.WithPartialEval())
	}
	var err error
	if h.query, err = rego.New(options...).PrepareForEval(ctx, prepare...); err != nil {
		return nil, err
	}
	h.txn, err = h.store.NewTransaction(ctx)
	return h, err
}

// Ask implements world.Loaded.
func (h *held) Ask(q world.Question) (world.Call, error) {
	c := &call{held: h, record: &h.w.Records[q.Record]}
	c.inputs = []map[string]any{input(h.w, &q)}
	if h.mode == fields {
		c.inputs = nil
		for i := range world.Width {
			m := common(&q)
			m["field"] = field(h.w, &q, i)
			c.inputs = append(c.inputs, m)
		}
	}
	if h.mode == tuned {
		categories := make([]any, world.Width)
		for i, name := range c.record.Categories {
			categories[i] = name
		}
		c.inputs[0]["categories"], c.inputs[0]["record"] = categories, q.Record
	}
	for _, in := range c.inputs {
		switch h.mode {
		case mapped, fields:
			c.options = append(c.options, []rego.EvalOption{rego.EvalInput(in)})
		default:
			v, err := ast.InterfaceToValue(in)
			if err != nil {
				return nil, err
			}
			if o, ok := v.(ast.Object); ok && h.mode == tuned {
				list := o.Get(ast.InternedTerm("categories")).Value.(*ast.Array)
				names := ast.NewSet()
				list.Foreach(func(t *ast.Term) { names.Add(t) })
				o.Insert(ast.InternedTerm("categories"), ast.NewTerm(names))
			}
			c.options = append(c.options, []rego.EvalOption{rego.EvalParsedInput(v)})
		}
	}
	if h.mode == tuned {
		c.options[0] = append(c.options[0], rego.EvalMetrics(metrics.NoOp()), rego.EvalExternalCancel(topdown.NewCancel()), rego.EvalTransaction(h.txn))
	}
	return c, nil
}
