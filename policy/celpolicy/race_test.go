package celpolicy

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy"
)

// TestOnePolicyServesManyGoroutines: each gets the answers that it would get alone, while plans come and go.
func TestOnePolicyServesManyGoroutines(t *testing.T) {
	reg := register(t)
	d := newDice(99)
	rules := append(d.rules(), d.rules()...)
	for i := range rules {
		rules[i].ID += string(rune('a' + i))
	}
	p := mustNew(t, reg, append(plain(rules), Rule{ID: "limited", Effect: policy.EffectPermit, When: `facts.flags.exists(a, facts.flags.exists(b, a.contains(b) && a + b == "vipvip"))`})...)
	require.False(t, p.Immediate())
	shared := plan(t, reg)
	inputs := make([]*policy.Input, 60)
	want := make([]policy.Verdict, len(inputs))
	alone := mustNew(t, reg, append(plain(rules), Rule{ID: "limited", Effect: policy.EffectPermit, When: `facts.flags.exists(a, facts.flags.exists(b, a.contains(b) && a + b == "vipvip"))`})...)
	for i := range inputs {
		inputs[i] = d.request(t, shared)
		want[i] = decide(t, alone, inputs[i])
	}
	var group sync.WaitGroup
	for g := range 16 {
		own := plan(t, reg)
		group.Go(func() {
			for i := range inputs {
				in := *inputs[(i+g)%len(inputs)]
				if i%2 == 0 {
					in.Plan = own
				}
				if i%3 == 0 { // frames go from forecasts to decisions and back
					_, err := p.Foresee(context.Background(), ahead(t, shared))
					assert.NoError(t, err)
				}
				v, err := p.Decide(context.Background(), &in)
				assert.NoError(t, err)
				assert.Equal(t, want[(i+g)%len(inputs)], v)
			}
		})
	}
	group.Wait()
}
