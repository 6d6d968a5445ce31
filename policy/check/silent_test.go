package check_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/celpolicy"
	"github.com/purposebound/purposebound/policy/check"
	"github.com/purposebound/purposebound/purpose"
)

func TestPoliciesThatDoNotSay(t *testing.T) {
	reg := register(t)
	p := rules(t, reg, celpolicy.Rule{ID: "a", Effect: policy.EffectPermit, Purposes: []string{"credit"}}, celpolicy.Rule{ID: "b", Effect: policy.EffectDeny, When: "false"})
	cel := p.(*celpolicy.Policy)
	whole := run(reg, p)
	require.Equal(t, []string{"activity.never", "rule.never"}, codes(whole), "the control")
	bad := func(foresee func(context.Context, policy.Prospect) (policy.Reach, error)) policy.Decider {
		return broken{p, cel, foresee}
	}
	for name, c := range map[string]struct {
		decider policy.Decider
		want    []string
	}{
		"neither":       {mute{p}, []string{"policy.unforeseen", "policy.unlisted"}},
		"lists":         {vague{p, cel}, []string{"policy.unforeseen"}},
		"foresees":      {secret{p, cel}, []string{"activity.never", "policy.unlisted"}},
		"nil":           {nil, []string{"policy.failed"}},
		"nil of a type": {(*celpolicy.Policy)(nil), []string{"policy.failed"}},
		"fails": {bad(func(context.Context, policy.Prospect) (policy.Reach, error) {
			return policy.Reach{}, errors.New("4711")
		}), []string{"policy.failed"}},
		"panics":     {bad(func(context.Context, policy.Prospect) (policy.Reach, error) { panic("4711") }), []string{"policy.failed"}},
		"fails late": {bad(late()), []string{"policy.failed"}},
		"says what is not": {bad(func(context.Context, policy.Prospect) (policy.Reach, error) {
			return policy.Reach{Permit: purpose.AllFields(256), Rules: []string{"x", "a", "b"}}, nil
		}), nil},
	} {
		t.Run(name, func(t *testing.T) {
			findings := run(reg, c.decider)
			assert.Equal(t, c.want, codes(findings))
			assert.NotContains(t, fmt.Sprint(findings), "4711")
			// Beside a policy that cannot say, nothing is certain of another but its rules.
			if c.decider == nil || name == "neither" {
				assert.Equal(t, append(slices.Clone(c.want), "rule.never"), codes(run(reg, c.decider, p)))
			}
		})
	}
}

// late permits nothing, and fails at the third question.
func late() func(context.Context, policy.Prospect) (policy.Reach, error) {
	asked := 0
	return func(context.Context, policy.Prospect) (policy.Reach, error) {
		if asked++; asked > 2 {
			return policy.Reach{}, errors.New("4711")
		}
		return policy.Reach{}, nil
	}
}

func codes(findings []check.Finding) (list []string) {
	for _, f := range findings {
		list = append(list, f.Code)
	}
	return list
}

func TestACheckThatIsStoppedSaysSo(t *testing.T) {
	reg := register(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for name, findings := range map[string][]check.Finding{
		"cancelled":   check.Run(ctx, reg, rules(t, reg, all)),
		"no register": check.Run(context.Background(), nil, rules(t, reg, all)),
		"no context":  check.Run(nil, reg), //nolint:staticcheck // it is what is tested
	} {
		assert.Equal(t, []string{"check.stopped"}, codes(findings), name)
		worst, ok := check.Worst(findings)
		assert.True(t, ok && worst == check.Error, name)
	}
}
