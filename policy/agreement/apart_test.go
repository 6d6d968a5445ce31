package agreement_test

import (
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/celpolicy"
	"github.com/purposebound/purposebound/policy/regopolicy"
	"github.com/purposebound/purposebound/purpose"
)

// TestWhereTheEnginesPart lists what celpolicy counts as stated and regopolicy does not. A guard stops all but the first
// two before it asks a policy, so that those are what a policy that moves from one engine to the other may notice.
func TestWhereTheEnginesPart(t *testing.T) {
	reg := register(t)
	pl := plan(t, reg)
	for name, c := range map[string]struct {
		cel, rego string // conditions that permit
		change    func(*policy.Input)
		passes    bool // the guard
	}{
		"an instant before 1700":               {`facts.loan.until < at`, `input.facts["loan.until"] < input.time.at`, stating(purpose.Named("loan.until", purpose.InstantValue(time.Date(1500, 1, 1, 0, 0, 0, 0, time.UTC)))), true},
		"a text that is not UTF-8":             {`facts.note.startsWith("v")`, `startswith(input.facts.note, "v")`, stating(purpose.Named("note", purpose.TextValue("v\xff"))), true},
		"nobody asks":                          {`purpose == "credit"`, `input.purpose == "credit"`, func(in *policy.Input) { in.Request.Principal.ID = "" }, false},
		"a recipient where nothing is shared":  {`recipient == "bureau"`, `input.recipient.key == "bureau"`, func(in *policy.Input) { in.Request.Recipient = "bureau" }, false},
		"a fact without a value, and with one": {`facts.case_open`, `input.facts["case-open"]`, stating(purpose.Named("case-open", purpose.Value{}), purpose.Named("case-open", purpose.True())), false},
	} {
		byCEL, err := celpolicy.New(reg, "cel", celpolicy.Rule{ID: "r", Effect: policy.EffectPermit, When: c.cel})
		require.NoError(t, err, name)
		byRego, err := regopolicy.Load(reg, "rego", fstest.MapFS{"p.rego": {Data: []byte("package purposebound\n\nimport rego.v2\n\npermit contains {\"rule\": \"r\", \"category\": \"*\"} if {\n\t" + c.rego + "\n}\n")}})
		require.NoError(t, err, name)
		in := &policy.Input{Request: &policy.Request{Principal: policy.Principal{ID: "u17"}, Action: purpose.Read, Purpose: "credit", At: now}, Plan: pl, Fields: purpose.AllFields(5)}
		in.Purpose, _ = reg.Purposes().ID("credit")
		c.change(in)
		v, _ := byCEL.Decide(t.Context(), in)
		assert.False(t, v.Permit.Empty(), "%s by CEL", name)
		v, _ = byRego.Decide(t.Context(), in)
		assert.True(t, v.Permit.Empty(), "%s by Rego", name)

		g := guardOf(t, reg, byCEL)
		p, err := g.Schema(schema)
		require.NoError(t, err)
		req := *in.Request
		req.At, req.DataSubject, req.Principal.Organisation, req.Principal.Roles, req.Dataset = time.Time{}, person, "lender", []string{"clerk"}, "main"
		a, _ := g.DecidePlan(t.Context(), req, p)
		assert.Equal(t, c.passes, len(a.Permitted()) > 0, "%s by the guard: %v", name, a.AllReasons())
	}
}

func stating(facts ...purpose.NamedValue) func(*policy.Input) {
	return func(in *policy.Input) { in.Request.Facts = facts }
}
