package agreement_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
)

// witness keeps what the guard asked.
type witness struct {
	policy.Decider
	in *policy.Input
}

func (w *witness) Decide(ctx context.Context, in *policy.Input) (policy.Verdict, error) {
	kept, req := *in, *in.Request
	kept.Request, kept.Capacities = &req, slices.Clone(in.Capacities)
	w.in = &kept
	return w.Decider.Decide(ctx, in)
}

// TestPoliciesTogether: of several policies one must permit and none deny, whatever their engines and their order, and the
// explanation names each rule that had a say, with its policy, file and line.
func TestPoliciesTogether(t *testing.T) {
	reg := register(t)
	n := uint64(60)
	if testing.Short() {
		n = 10
	}
	joined, overruled, named := 0, 0, 0
	for seed := range n {
		d := newDice(seed + 1<<40)
		left, right := d.rules(), d.rules()
		l, err := load(t, reg, left, "")
		require.NoError(t, err)
		r, err := load(t, reg, right, "")
		require.NoError(t, err)
		guard := func(first policy.Decider, more ...policy.Decider) *policy.Guard {
			clock := func() time.Time { return now }
			ledger := basis.NewMemory(reg.Vocabulary(), basis.WithClock(func() time.Time { return now.AddDate(-1, 0, 0) }))
			require.NoError(t, ledger.Record(t.Context(), basis.Event{DataSubject: person, Body: basis.Occurred{Event: "signed"}}))
			g, err := policy.NewGuard(reg, ledger, audittest.NewRecorder(clock), first, policy.WithClock(clock),
				policy.WithPolicyTimeout(10*time.Second), policy.WithPolicies(more...))
			require.NoError(t, err)
			return g
		}
		seen := &witness{Decider: l.cel}
		both, turned := guard(seen, r.rego), guard(r.rego, l.cel)
		for range 40 {
			in := d.request(plan(t, reg))
			req := *in.Request
			req.DataSubject, req.KnownAt, req.At, req.Country = person, time.Time{}, time.Time{}, in.Country
			req.Principal.Organisation, req.Dataset = "lender", "main"
			if req.Principal.Roles == nil {
				req.Principal.Roles = []string{"nobody"}
			}
			p, err := both.Schema(schema)
			require.NoError(t, err)
			x, err := both.ExplainPlan(t.Context(), req, p)
			require.NoError(t, err)
			if seen.in == nil {
				continue // refused before policies are asked
			}
			a, b := read(left, seen.in, cel), read(right, seen.in, rego)
			seen.in = nil
			p, err = turned.Schema(schema)
			require.NoError(t, err)
			y, err := turned.ExplainPlan(t.Context(), req, p)
			require.NoError(t, err)
			require.Equal(t, x.Fields, y.Fields, "seed %d: the order of policies matters", seed)
			require.Equal(t, x.Outcome, y.Outcome)
			require.Equal(t, x.Obligations, y.Obligations)
			require.ElementsMatch(t, x.Rules, y.Rules)

			for _, f := range x.Fields {
				may := (a.permit[f.Field] || b.permit[f.Field]) && !a.deny[f.Field] && !b.deny[f.Field]
				policyCodes := slices.ContainsFunc(f.Reasons, func(r policy.Reason) bool { return r.Code.Gate() == policy.GatePolicy })
				if f.Result == "permit" || f.Result == "redact" {
					require.True(t, may, "seed %d, %s is shown against the policies: %+v", seed, f.Field, req)
				}
				if may {
					require.False(t, policyCodes, "seed %d, %s is refused against the policies: %+v\n%s%s", seed, f.Field, f.Reasons, describe(left), describe(right))
				}
				if a.permit[f.Field] != b.permit[f.Field] && may {
					joined++
				}
				if a.permit[f.Field] && b.deny[f.Field] {
					overruled++
				}
			}
			for _, rule := range x.Rules {
				require.Contains(t, []string{l.cel.Name(), r.rego.Name()}, rule.Policy)
				require.NotEmpty(t, rule.Rule)
				if rule.Policy == r.rego.Name() {
					require.NotEmpty(t, rule.File)
					require.Positive(t, rule.Line)
					named++
				}
			}
		}
	}
	t.Logf("joined %d, overruled %d, named %d", joined, overruled, named)
	for _, x := range []int{joined, overruled, named} {
		assert.Positive(t, x)
	}
}
