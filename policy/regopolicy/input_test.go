package regopolicy

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// everythingRead is a policy that is shown all of the input.
func everythingRead(t testing.TB, reg *purpose.Register) *Policy {
	p := mustLoad(t, reg, one)
	p.reads = needs{"*": true}.reads()
	for k, f := range wordsOf(reg).facts {
		p.facts[k] = f.Type
	}
	return p
}

func inputOf(t testing.TB, p *Policy, in *policy.Input) map[string]any {
	t.Helper()
	require.True(t, p.fits(in))
	v, err := ast.JSON((&builder{p, in, p.viewOf(in.Plan)}).build())
	require.NoError(t, err)
	return v.(map[string]any)
}

func full(in *policy.Input) {
	r := in.Request
	r.Action, r.Recipient, in.RecipientKind, in.Country = purpose.Share, "hausbank", purpose.SeparateController, "DK"
	r.Dataset, r.Reviewer = "main", "u18"
	r.Principal = policy.Principal{ID: "u17", Roles: []string{"billing"}, Tasks: []string{"case-1"}, Organisation: "lender", Country: "SE"}
	r.At = time.Date(2026, 5, 3, 22, 5, 6, 7, time.UTC) // Monday in Copenhagen
	in.Fields = purpose.FieldSet{0b10100}
}

var allFacts = []func(*policy.Input){
	fact("case-open", purpose.False()), fact("channel", purpose.TextValue("mail")), fact("loan.days-late", purpose.IntValue(9_007_199_254_740_993)),
	fact("loan.until", purpose.InstantValue(time.Date(2026, 6, 1, 1, 0, 0, 0, time.FixedZone("", 3600)))), fact("flags", purpose.TextsValue("a", "b")),
}

// TestTheInputIsWhatIsStated.
func TestTheInputIsWhatIsStated(t *testing.T) {
	reg := register(t)
	p, pl := everythingRead(t, reg), plan(t, reg)
	text, err := json.Marshal(inputOf(t, p, ask(t, pl, append(allFacts, full)...)))
	require.NoError(t, err)
	assert.JSONEq(t, `{
		"action": "share", "purpose": "invoicing.billing", "purposes": ["invoicing.billing", "invoicing"], "notice": "v2", "dataset": "main", "reviewer": "u18",
		"principal": {"id": "u17", "roles": ["billing"], "tasks": ["case-1"], "organisation": "lender", "country": "SE"},
		"recipient": {"key": "hausbank", "kind": "controller", "country": "DK"}, "capacities": ["lessee"],
		"facts": {"case-open": false, "channel": "mail", "loan.days-late": 9007199254740993, "loan.until": "2026-06-01T00:00:00.000000000Z", "flags": ["a", "b"]},
		"time": {"at": "2026-05-03T22:05:06.000000007Z", "date": "2026-05-04", "hour": 0, "minute": 5, "weekday": 1},
		"fields": {
			"iban": {"category": "finance.iban", "within": ["finance.iban", "finance"], "class": "ordinary"},
			"cpr": {"category": "national-id.cpr", "within": ["national-id.cpr", "national-id"], "class": "confidential"}
		}}`, string(text))
}

// TestTheSchemaDescribesTheInput: it names exactly what a full input has, with the types of a full input.
func TestTheSchemaDescribesTheInput(t *testing.T) {
	reg := register(t)
	p, pl := everythingRead(t, reg), plan(t, reg)
	in := inputOf(t, p, ask(t, pl, append(allFacts, full, fact("note", purpose.TextValue("x")), fact("auth.2fa", purpose.True()))...))
	var schema map[string]any
	require.NoError(t, json.Unmarshal(InputSchema(reg), &schema))
	describedBy(t, "input", schema, in)
	assert.Equal(t, InputSchema(reg), InputSchema(register(t)), "stable")
	assert.NotEmpty(t, InputSchema(nil))
}

// describedBy compares a value with its schema, both ways.
func describedBy(t *testing.T, path string, schema map[string]any, value any) {
	switch v := value.(type) {
	case map[string]any:
		require.Equal(t, "object", schema["type"], path)
		properties, _ := schema["properties"].(map[string]any)
		for k, x := range v {
			sub, known := properties[k].(map[string]any)
			if !known {
				sub, known = schema["additionalProperties"].(map[string]any)
			}
			require.True(t, known, "%s.%s is not in the schema", path, k)
			describedBy(t, path+"."+k, sub, x)
		}
		for k := range properties {
			assert.Contains(t, v, k, "%s.%s is in the schema only", path, k)
		}
	case []any:
		require.Equal(t, "array", schema["type"], path)
		for _, x := range v {
			describedBy(t, path+"[]", schema["items"].(map[string]any), x)
		}
	case string:
		require.Equal(t, "string", schema["type"], path)
		if enum, closed := schema["enum"].([]any); closed {
			assert.Contains(t, enum, v, path)
		}
		if pattern, has := schema["pattern"].(string); has {
			assert.Regexp(t, pattern, v, path)
		}
	case bool:
		require.Equal(t, "boolean", schema["type"], path)
	default:
		require.Equal(t, "integer", schema["type"], path)
	}
}

// TestWhatIsNotStatedIsAbsent, never null and never empty.
func TestWhatIsNotStatedIsAbsent(t *testing.T) {
	reg := register(t)
	p, pl := everythingRead(t, reg), plan(t, reg)
	long := strings.Repeat("x", maxText+1)
	for name, change := range map[string]func(*policy.Input){
		"nothing": func(in *policy.Input) {},
		"too long": func(in *policy.Input) {
			in.Request.Dataset, in.Request.Reviewer, in.Request.Principal.Organisation = long, long, long
		},
		"no text":   func(in *policy.Input) { in.Request.Dataset = "\xff" },
		"long list": func(in *policy.Input) { in.Request.Principal.Roles = make([]string, maxList+1) },
		"long role": func(in *policy.Input) { in.Request.Principal.Roles = []string{"billing", long} },
		"twice": func(in *policy.Input) {
			fact("case-open", purpose.True())(in)
			fact("case-open", purpose.True())(in)
		},
		"wrong type":   fact("case-open", purpose.TextValue("true")),
		"no type":      fact("case-open", purpose.Value{}),
		"not declared": fact("other", purpose.True()),
		"long fact":    fact("note", purpose.TextValue(long)),
		"far instant":  fact("loan.until", purpose.InstantValue(time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC))),
		"no instant":   fact("loan.until", purpose.InstantValue(time.Time{})),
		"long in list": fact("flags", purpose.TextsValue(long)),
		"not shared": func(in *policy.Input) {
			in.Request.Recipient, in.RecipientKind, in.Country = "hausbank", purpose.Processor, "DK"
		},
		"unknown kind": func(in *policy.Input) { in.RecipientKind = 77 },
		"too many facts": func(in *policy.Input) {
			for range maxList + 1 {
				fact("case-open", purpose.True())(in)
			}
		},
	} {
		in := ask(t, pl, func(in *policy.Input) { in.Request.Principal.Roles, in.Capacities, in.Notice = nil, nil, "" }, change)
		got := inputOf(t, p, in)
		assert.Len(t, got, 6, "%s: %v", name, got)
		assert.Equal(t, map[string]any{"id": "u17"}, got["principal"], name)
	}
}

// TestInputsThatAreNotWholeAreErrors.
func TestInputsThatAreNotWholeAreErrors(t *testing.T) {
	reg := register(t)
	p, pl := mustLoad(t, reg, one), plan(t, reg)
	other := spec()
	other.Controller.Name = "Another"
	foreign, err := purpose.Compile(other)
	require.NoError(t, err)
	for name, change := range map[string]func(*policy.Input){
		"no request":     func(in *policy.Input) { in.Request = nil },
		"no plan":        func(in *policy.Input) { in.Plan = nil },
		"other register": func(in *policy.Input) { in.Plan = plan(t, foreign) },
		"no action":      func(in *policy.Input) { in.Request.Action = 0 },
		"unknown action": func(in *policy.Input) { in.Request.Action = 99 },
		"no leaf":        func(in *policy.Input) { in.Purpose, _ = reg.Purposes().ID("invoicing") },
		"two purposes":   func(in *policy.Input) { in.Request.Purpose = "credit" },
		"no principal":   func(in *policy.Input) { in.Request.Principal.ID = "" },
		"long principal": func(in *policy.Input) { in.Request.Principal.ID = strings.Repeat("x", maxText+1) },
		"no time":        func(in *policy.Input) { in.Request.At = time.Time{} },
		"far time":       func(in *policy.Input) { in.Request.At = time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC) },
	} {
		in := ask(t, pl)
		change(in)
		v, err := p.Decide(t.Context(), in)
		assert.ErrorIs(t, err, ErrInput, name)
		assert.Equal(t, policy.Verdict{Digest: p.Digest()}, v, name)
	}
	_, err = p.Decide(t.Context(), nil)
	assert.ErrorIs(t, err, ErrInput)
	var none context.Context
	_, err = p.Decide(none, ask(t, pl))
	assert.ErrorIs(t, err, ErrInput)
	v := decide(t, p, ask(t, plan(t, register(t))))
	assert.False(t, v.Permit.Empty(), "control: the same register compiled again is the same")
}

// TestOnlyWhatRulesReadIsBuilt, and it makes no difference.
func TestOnlyWhatRulesReadIsBuilt(t *testing.T) {
	reg := register(t)
	p, pl := mustLoad(t, reg, example), plan(t, reg)
	in := ask(t, pl, append(allFacts, full)...)
	got := inputOf(t, p, in)
	assert.Equal(t, map[string]any{"roles": []any{"billing"}}, got["principal"])
	assert.Equal(t, map[string]any{"case-open": false}, got["facts"], "of the two that rules read")
	assert.NotContains(t, got, "time")
	p.memory = nil
	lean := decide(t, p, in)
	p.reads = needs{"*": true}.reads()
	whole := decide(t, p, in)
	lean.Lasting, whole.Lasting = false, false // which tells what is read
	assert.Equal(t, lean, whole)
}
