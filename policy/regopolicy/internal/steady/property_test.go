package steady_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy/regopolicy/internal/steady"
)

// TestAcceptedPoliciesNeverGain: random policies that Check accepts are evaluated by OPA on random requests and on
// the same with things left out. What is permitted never grows, what is refused, masked or obliged never shrinks, and no
// evaluation fails. The controls are the refused policies: many of them do gain.
func TestAcceptedPoliciesNeverGain(t *testing.T) {
	policies, requests := 400, 12
	switch {
	case os.Getenv("PURPOSEBOUND_NIGHTLY") != "":
		policies, requests = 8_000, 24
	case testing.Short():
		policies = 100
	}
	accepted, refused, harmful, moved, compared, broken := 0, 0, 0, 0, 0, 0
	for seed := range uint64(policies) {
		w := &writer{dice: newDice(seed + 1<<32), helpers: map[string][]string{}}
		w.stray = pick(w.dice, 6, 12, 30)
		text := w.policy()
		c, err := compile(map[string]string{"a.rego": text})
		if err != nil {
			broken++ // OPA holds wildcards under not to be unsafe in some places
			continue
		}
		problems := steady.Check(c, spec(t))
		if len(problems) > 0 {
			refused++
			for _, p := range problems {
				require.Equal(t, "a.rego", p.File, text)
				require.Positive(t, p.Line*p.Column, text)
			}
			if harm(t, c, requests*3) != "" {
				harmful++
			}
			continue
		}
		accepted++
		eval := evaluator(t, c)
		changed := false
		for range requests {
			in := w.request()
			before, err := eval(in)
			require.NoError(t, err, "seed %d\n%s", seed, text)
			for range 4 {
				fewer := w.less(in)
				after, err := eval(fewer)
				require.NoError(t, err, "seed %d\n%s", seed, text)
				require.Empty(t, gained(before, after), "seed %d: %v\nbecomes %v\n%s", seed, in, fewer, text)
				changed = changed || gained(after, before) != ""
				compared++
			}
		}
		if changed {
			moved++
		}
	}
	t.Logf("%d policies: accepted %d, of which %d lose by leaving out (%d comparisons); refused %d, of which %d gain or fail", policies, accepted, moved, compared, refused, harmful)
	assert.Less(t, broken, policies/10, "the generator makes policies that compile")
	assert.Greater(t, accepted, policies/4, "the generator makes policies that are accepted")
	assert.Greater(t, moved, accepted/4, "control: what is accepted does depend on what is left out")
	assert.Greater(t, harmful, refused/6, "control: with the check off, policies gain or fail")
}
