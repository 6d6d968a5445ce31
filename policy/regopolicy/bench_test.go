package regopolicy

import (
	"context"
	"fmt"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// needToKnow is what a security team adds: a few rules, on a record of 20 fields.
const needToKnow = `
permit contains {"rule": "billing-reads", "category": "contact"} if {
	input.action == "read"
	"invoicing" in input.purposes
	"billing" in input.principal.roles
}

permit contains {"rule": "support-on-a-case", "category": "*"} if {
	input.purpose == "invoicing.billing"
	input.facts["case-open"]
	input.time.hour >= 8
	input.time.hour < 17
}

deny contains {"rule": "no-ids-abroad", "category": "national-id"} if {
	input.action == "share"
	not input.recipient.country == "DK"
}

redact contains {"rule": "account-masked", "category": "finance.iban", "mask": "last-four"} if {
	not "security_officer" in input.principal.roles
}
`

// plainInput is the input as a program without this package would make it.
func plainInput(in *policy.Input) map[string]any {
	fields := map[string]any{}
	tree := in.Plan.Register.Categories()
	for i := range in.Fields.All {
		f := in.Plan.Fields[i]
		within := []any{}
		for k := tree.Key(f.Category); k != ""; k = purpose.Parent(k) {
			within = append(within, k)
		}
		fields[f.Path] = map[string]any{"category": tree.Key(f.Category), "within": within, "class": f.Class.String()}
	}
	purposes := []any{}
	for k := in.Request.Purpose; k != ""; k = purpose.Parent(k) {
		purposes = append(purposes, k)
	}
	facts := map[string]any{}
	for _, f := range in.Request.Facts {
		facts[f.Fact] = f.Value.Bool()
	}
	list := func(s []string) (all []any) {
		for _, x := range s {
			all = append(all, x)
		}
		return all
	}
	return map[string]any{
		"action": in.Request.Action.String(), "purpose": in.Request.Purpose, "purposes": purposes, "notice": in.Notice,
		"principal":  map[string]any{"id": in.Request.Principal.ID, "roles": list(in.Request.Principal.Roles)},
		"capacities": list(in.Capacities), "facts": facts, "fields": fields,
		"time": map[string]any{"at": in.Request.At.Format(instantLayout), "date": "2026-05-04", "hour": 10, "minute": 30, "weekday": 1},
	}
}

// peer is the same policy as OPA's documentation prepares it.
func peer(b testing.TB, query, text string) rego.PreparedEvalQuery {
	b.Helper()
	q, err := rego.New(rego.Query(query), rego.Module("policy.rego", text), rego.StrictBuiltinErrors(true)).PrepareForEval(context.Background())
	require.NoError(b, err)
	return q
}

func evalInput(b *testing.B, q rego.PreparedEvalQuery, input map[string]any) {
	if rs, err := q.Eval(context.Background(), rego.EvalInput(input)); err != nil || len(rs) != 1 {
		b.Fatal("no result")
	}
}

// BenchmarkDecide decides 20 fields with a few rules, beside peers: the same policy by rego's EvalInput on a map, once per
// record and once per field, and the least that an evaluation costs. What is remembered stands beside them.
func BenchmarkDecide(b *testing.B) {
	reg, plan := large(b, 20)
	in := ask(b, plan, fact("case-open", purpose.True()))
	query := "permit := data.purposebound.permit; deny := data.purposebound.deny; redact := data.purposebound.redact"
	b.Run("ours", func(b *testing.B) {
		p := mustLoad(b, reg, needToKnow)
		p.memory = nil
		v := decide(b, p, in)
		require.Equal(b, 20, v.Permit.Len())
		b.ReportAllocs()
		for b.Loop() {
			if v, err := p.Decide(context.Background(), in); err != nil || v.Permit.Empty() {
				b.Fatal("not permitted")
			}
		}
	})
	b.Run("remembered", func(b *testing.B) {
		p := mustLoad(b, reg, needToKnow)
		b.ReportAllocs()
		for b.Loop() {
			if v, err := p.Decide(context.Background(), in); err != nil || v.Permit.Empty() {
				b.Fatal("not permitted")
			}
		}
	})
	b.Run("evalinput-record", func(b *testing.B) {
		q, input := peer(b, query, header+needToKnow), plainInput(in)
		b.ReportAllocs()
		for b.Loop() {
			evalInput(b, q, input)
		}
	})
	b.Run("evalinput-field", func(b *testing.B) {
		q := peer(b, query, header+needToKnow)
		var inputs []map[string]any
		for i := range in.Fields.All {
			one := *in
			one.Fields = purpose.FieldSet{}
			one.Fields.Add(i)
			inputs = append(inputs, plainInput(&one))
		}
		b.ReportAllocs()
		for b.Loop() {
			for _, input := range inputs {
				evalInput(b, q, input)
			}
		}
	})
	b.Run("trivial", func(b *testing.B) {
		q := peer(b, "data.trivial.yes", "package trivial\n\nyes if input.action == \"read\"\n")
		input := ast.NewObject(ast.Item(ast.StringTerm("action"), ast.StringTerm("read")))
		b.ReportAllocs()
		for b.Loop() {
			if rs, err := q.Eval(context.Background(), rego.EvalParsedInput(input)); err != nil || !rs.Allowed() {
				b.Fatal("no result")
			}
		}
	})
}

// BenchmarkPerField decides with a rule that goes through the fields, and a subset of them that was not asked for before.
func BenchmarkPerField(b *testing.B) {
	reg, plan := large(b, 20)
	p := mustLoad(b, reg, `permit contains {"rule": "each", "field": name} if {
	some name, f in input.fields
	f.class == "ordinary"
	"contact" in f.within
}`)
	p.memory = nil
	in := ask(b, plan)
	v := decide(b, p, in)
	require.Equal(b, 20, v.Permit.Len())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Decide(context.Background(), in); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLoad loads a policy of a few rules and of many.
func BenchmarkLoad(b *testing.B) {
	reg := register(b)
	for _, n := range []int{1, 100} {
		b.Run(fmt.Sprintf("rules=%d", 4*n), func(b *testing.B) {
			texts := make([]string, n)
			for i := range texts {
				texts[i] = needToKnow
			}
			all := files(texts...)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Load(reg, "", all); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
