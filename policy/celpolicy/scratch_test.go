package celpolicy

import (
	"fmt"
	"testing"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/env"
	"cel.dev/cel-go/common/types"
)

type est struct{}

func (est) EstimateCallCost(function, overloadID string, target *cost.AstNode, args []cost.AstNode) *cost.CallEstimate {
	return nil
}
func (est) EstimateSize(n cost.AstNode) *cost.SizeEstimate {
	if len(n.Path()) == 0 {
		return nil
	}
	switch n.Type().Kind() {
	case types.StringKind:
		s := cost.RangedSizeEstimate(0, 256)
		return &s
	case types.ListKind:
		s := cost.ListSizeEstimate(cost.RangedSizeEstimate(0, 64), cost.RangedSizeEstimate(0, 256))
		return &s
	}
	return nil
}

func TestScratch(t *testing.T) {
	e, err := cel.NewCustomEnv(
		cel.StdLib(cel.StdLibSubset(env.NewLibrarySubset().AddExcludedFunctions(env.NewFunction("dyn"), env.NewFunction("type"), env.NewFunction("bytes")))),
		cel.Variable("facts.loan.until", cel.TimestampType),
		cel.Variable("facts.text", cel.StringType),
		cel.Variable("facts.n", cel.IntType),
		cel.Variable("facts.list", cel.ListType(cel.StringType)),
		cel.Variable("roles", cel.ListType(cel.StringType)),
		cel.Variable("tasks", cel.ListType(cel.StringType)),
		cel.Variable("at", cel.TimestampType),
		cel.Variable("purpose", cel.StringType),
		cel.ParserExpressionSizeLimit(4096),
		cel.ExpressionNodeLimit(1000),
		cel.RegexProgramSizeLimit(500),
		cel.ASTValidators(cel.ValidateComprehensionNestingLimit(2), cel.ValidateRegexLiterals(), cel.ValidateTimestampLiterals(), cel.ValidateDurationLiterals(), cel.ValidateHomogeneousAggregateLiterals()),
	)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []string{
		`purpose == "a"`, `"a" in roles`, `facts.loan.until > at`, `roles.exists(r, r == "a")`, `roles.exists(r, tasks.exists(t, t == r))`,
		`roles.exists(r, r in tasks)`, `facts.text.contains(purpose)`, `facts.text.matches("^a+b$")`, `facts.text.matches(purpose)`,
		`string(facts.n) == "3"`, `string(at).startsWith("2026")`, `roles.map(r, r + r).map(r, r + r).exists(r, r == "x")`,
		`roles.map(r, r + r).map(r, r + r).map(r, r+r).exists(r, r == "x")`,
		`roles.filter(r, r.startsWith("a")).size() > 1`, `{"a": facts.text}["a"] == "b"`, `{"a": roles}[purpose].exists(r, r == "b")`,
		`(facts.n > 1 ? roles : tasks).exists(r, r == "b")`, `roles[0] == "a"`, `(roles + tasks).exists(r, r == "a")`, `facts.text + facts.text == "x"`,
		`[roles, tasks].exists(l, l.exists(x, x == "a"))`, `[roles, tasks] == [tasks, roles]`, `{"a": "b"} == {"c": "d"}`, `size(facts.text + purpose) > 3`,
		`roles.map(r, roles.map(s, r + s)).exists(l, l.exists(x, x == "a"))`, `has(facts.text)`, `facts.n / 0 == 1`, `at - facts.loan.until > duration("5h")`, `at.getHours() > 3`,
		`google.protobuf.Int32Value{value: 3} == 3`, `true`, `int(facts.text) > 3`, `timestamp(facts.text) > at`, `duration(facts.text) > duration("1s")`, `double(facts.n) > 1.5`, `{"a":1,"b":2}.all(k, k == "a")`, `facts.lisst`, `roles.exists(facts, facts.text == "x")`, `roles.exists(purpose, purpose == "x")`,
		`null == null`, `[[1]].map(x, x + x).map(x, x+x).size() > 0`, `[1,2].map(x, [x,x]).size() > 3`, `[1, "a"].size() > 1`, `roles.exists_one(r, r == "a")`, `roles.map(r, r == "a", r).size() > 0`,
	} {
		a, iss := e.Compile(x)
		if iss.Err() != nil {
			for _, er := range iss.Errors() {
				fmt.Printf("%-70s ERR %d:%d %s\n", x, er.Location.Line(), er.Location.Column(), er.Message)
			}
			continue
		}
		c, err := e.EstimateCost(a, est{})
		refs := []string{}
		for _, r := range a.NativeRep().ReferenceMap() {
			if r.Name != "" {
				refs = append(refs, r.Name)
			}
		}
		fmt.Printf("%-70s %v %v %v %v\n", x, c, err, a.OutputType(), refs)
	}
}
