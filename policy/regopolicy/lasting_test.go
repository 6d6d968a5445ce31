package regopolicy

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// TestAVerdictThatLastsIsTheSameForEqualRequests, with all changed that it does not rest on, and to the end of the minute.
func TestAVerdictThatLastsIsTheSameForEqualRequests(t *testing.T) {
	reg := register(t)
	pl := plan(t, reg)
	p := attentive(t, reg)
	p.memory = nil
	ctx, cancel := context.WithTimeout(t.Context(), watchdog)
	defer cancel()
	for name, change := range changes {
		in := ask(t, pl, change)
		v, err := p.Decide(ctx, in)
		require.NoError(t, err, name)
		require.True(t, v.Lasting, name)
		require.True(t, v.Until.After(in.Request.At) && !v.Until.After(in.Request.At.Add(time.Minute)), name)
		again := *in
		req := *in.Request
		req.Principal.ID, req.Principal.Tasks, req.DataSubject, req.TraceID = "else", []string{"else"}, "else", "else"
		req.Provenance, req.At = policy.Provenance{Source: "else"}, v.Until.Add(-1)
		again.Request = &req
		w, err := p.Decide(ctx, &again)
		require.NoError(t, err, name)
		assert.Equal(t, v, w, name)
	}
}

// TestAVerdictLastsOnlyWhereRulesReadNothingElse of a request than what is compared.
func TestAVerdictLastsOnlyWhereRulesReadNothingElse(t *testing.T) {
	reg := register(t)
	pl := plan(t, reg)
	for body, want := range map[string]struct{ lasts, ends bool }{
		`input.action == "read"`:                            {true, false},
		`input.facts["case-open"]`:                          {true, false},
		`input.facts["loan.days-late"] > 3`:                 {true, false},
		`"billing" in input.principal.roles`:                {true, false},
		`input.time.hour < 24`:                              {true, true},
		`input.time.date != "2020-01-01"`:                   {true, true},
		`input.time.at != "2020-01-01T00:00:00.000000000Z"`: {false, false},
		`input.principal.id != "nobody"`:                    {false, false},
		`count(input.principal.tasks) >= 0`:                 {false, false},
		`input.reviewer != "nobody"`:                        {false, false},
	} {
		p := unchecked(t, reg, "permit contains {\"rule\": \"all\", \"category\": \"*\"}\n\ndeny contains {\"rule\": \"r\", \"category\": \"*\"} if {\n\t"+body+"\n}\n")
		in := ask(t, pl, fact("case-open", purpose.True()), fact("loan.days-late", purpose.IntValue(9)))
		v, err := p.Decide(t.Context(), in)
		require.NoError(t, err, body)
		assert.Equal(t, want.lasts, v.Lasting, body)
		assert.Equal(t, want.ends, !v.Until.IsZero(), body)
	}
}
