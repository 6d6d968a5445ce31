package agreement_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// reader is the naive reading as a policy.
type reader struct {
	rules []*rule
	as    engine
}

func (reader) Name() string { return "reading" }
func (reader) Digest() string {
	return "sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
}

func (r reader) Decide(_ context.Context, in *policy.Input) (v policy.Verdict, err error) {
	o := read(r.rules, in, r.as)
	for i := range in.Plan.Fields {
		path := in.Plan.Fields[i].Path
		if o.permit[path] {
			v.Permit.Add(i)
		}
		if o.deny[path] {
			v.Deny.Add(i)
		}
		for _, m := range o.masks[path] {
			var one purpose.FieldSet
			one.Add(i)
			v.Redactions = append(v.Redactions, policy.Redaction{Fields: one, Mask: m})
		}
	}
	v.Obligations = o.obligations
	return v, nil
}

const person = "person-1"

// guardOf is a guard over one policy, with a person whose data may be used.
func guardOf(t testing.TB, reg *purpose.Register, d policy.Decider) *policy.Guard {
	t.Helper()
	clock := func() time.Time { return now }
	ledger := basis.NewMemory(reg.Vocabulary(), basis.WithClock(func() time.Time { return now.AddDate(-1, 0, 0) }))
	require.NoError(t, ledger.Record(t.Context(), basis.Event{DataSubject: person, Body: basis.Occurred{Event: "signed"}}))
	g, err := policy.NewGuard(reg, ledger, audittest.NewRecorder(clock), d, policy.WithClock(clock), policy.WithPolicyTimeout(10*time.Second))
	require.NoError(t, err)
	return g
}

// answered is what callers of a guard see.
type answered struct {
	permitted, denied []string
	masks             map[string]policy.Mask
}

func seen(d *policy.Decision) answered {
	a := answered{d.Permitted(), d.Denied(), map[string]policy.Mask{}}
	for _, f := range d.Redacted() {
		a.masks[f], _ = d.MaskOf(f)
	}
	return a
}

// TestTheGuardSaysTheSameWithEitherEngine, and with the naive reading in their place.
func TestTheGuardSaysTheSameWithEitherEngine(t *testing.T) {
	reg := register(t)
	n, each := uint64(40), 40
	if testing.Short() {
		n = 8
	}
	permitted, masked, denied, obliged := 0, 0, 0, 0
	for seed := range n {
		d := newDice(seed + 1<<32)
		rules := d.rules()
		e, err := load(t, reg, rules, "")
		require.NoError(t, err)
		var guards []*policy.Guard
		for _, p := range []policy.Decider{reader{rules, cel}, e.cel, reader{rules, rego}, e.rego} {
			guards = append(guards, guardOf(t, reg, p))
		}
		for range each {
			in := d.request(plan(t, reg))
			req := *in.Request
			req.DataSubject, req.KnownAt, req.Country = person, time.Time{}, in.Country
			if !in.Request.At.Equal(now) {
				req.At = now.Add(-in.Request.At.Sub(now))
			}
			if d.chance(80) { // most requests get as far as the policy
				req.Principal.Organisation, req.Dataset = "lender", "main"
				if req.Recipient != "" {
					req.Recipient, req.Country = "hausbank", "DK"
				}
				if req.Principal.Roles == nil {
					req.Principal.Roles = []string{"nobody"}
				}
				req.Facts = nil
				for _, f := range d.facts() {
					if d.chance(80) && len(f.Value.Text()) <= 256 && len(f.Value.Texts()) <= 2 && f.Value.Text() != "Phone" {
						req.Facts = append(req.Facts, f)
					}
				}
			}
			var fields []string
			for i := range in.Fields.All {
				fields = append(fields, in.Plan.Fields[i].Path)
			}
			var answers []answered
			var obligations [][]string
			for _, g := range guards {
				p, err := g.Schema(schema)
				require.NoError(t, err)
				a, err := g.DecidePlan(t.Context(), req, p, fields...)
				if err != nil {
					require.ErrorIs(t, err, policy.ErrDenied)
				}
				answers, obligations = append(answers, seen(&a)), append(obligations, a.Obligations())
			}
			for i := range answers {
				require.Equal(t, answers[0], answers[i], "seed %d, %d: %+v\n%s", seed, i, req, describe(rules))
			}
			require.Equal(t, obligations[0], obligations[1], "seed %d: %+v\n%s", seed, req, describe(rules))
			require.Equal(t, obligations[2], obligations[3], "seed %d: %+v\n%s", seed, req, describe(rules))
			permitted += min(1, len(answers[0].permitted))
			denied += min(1, len(answers[0].denied))
			masked += min(1, len(answers[0].masks))
			obliged += min(1, len(obligations[0]))
		}
	}
	t.Logf("permitted %d, denied %d, masked %d, obliged %d", permitted, denied, masked, obliged)
	for _, x := range []int{permitted, denied, masked, obliged} {
		assert.Positive(t, x)
	}
}
