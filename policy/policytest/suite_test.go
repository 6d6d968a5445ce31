package policytest_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/celpolicy"
	"github.com/purposebound/purposebound/policy/policytest"
	"github.com/purposebound/purposebound/purpose"
)

func TestASoundPolicyConforms(t *testing.T) {
	policytest.TestDecider(t, setting(t), func(testing.TB) policy.Decider { return sound{} })
	s := setting(t)
	s.Requests = 40
	assert.Empty(t, policytest.CheckDecider(s, func() (policy.Decider, error) { return struct{ policy.Decider }{sound{}}, nil }),
		"one that neither lists nor foresees does too")
}

const rules = `rules:
  - {id: clerks, effect: permit, roles: [clerk], when: facts.assigned && facts.days < 30}
  - {id: tasks, effect: permit, tasks: [case-7], actions: [read, use], purposes: [billing]}
  - {id: auditors, effect: permit, roles: [auditor], categories: [contact], when: "'vip' in facts.flags || hour >= 8"}
  - {id: bank, effect: deny, actions: [share], categories: [finance.income], when: country != "DK"}
  - {id: mask, effect: redact, categories: [finance.iban], except_roles: [auditor], mask: last-four}
  - {id: late, effect: redact, categories: [finance], mask: year, when: facts.days > 10}
  - {id: tell, effect: oblige, actions: [share], recipients: [bank], obligations: [tell-person]}
`

func TestCELConforms(t *testing.T) {
	s := setting(t)
	s.Facts = purpose.Facts{purpose.Named("flags", purpose.TextsValue("vip")), purpose.Named("days", purpose.IntValue(3)), purpose.Named("days", purpose.IntValue(20))}
	policytest.TestDecider(t, s, func(tb testing.TB) policy.Decider {
		p, err := celpolicy.Load(s.Register, "rules", fstest.MapFS{"rules.yaml": {Data: []byte(rules)}})
		require.NoError(tb, err)
		return p
	})
}

// broken is a sound policy with one thing changed.
type broken struct {
	sound
	name    func() string
	digest  func() string
	decide  func(context.Context, *policy.Input) (policy.Verdict, error)
	rules   func() []policy.Rule
	foresee func(policy.Prospect) (policy.Reach, error)
}

func (b *broken) Name() string {
	if b.name != nil {
		return b.name()
	}
	return b.sound.Name()
}

func (b *broken) Digest() string {
	if b.digest != nil {
		return b.digest()
	}
	return b.sound.Digest()
}

func (b *broken) Decide(ctx context.Context, in *policy.Input) (policy.Verdict, error) {
	if b.decide != nil {
		return b.decide(ctx, in)
	}
	return b.sound.Decide(ctx, in)
}

func (b *broken) Rules() []policy.Rule {
	if b.rules != nil {
		return b.rules()
	}
	return b.sound.Rules()
}

func (b *broken) Foresee(ctx context.Context, p policy.Prospect) (policy.Reach, error) {
	if b.foresee != nil {
		return b.foresee(p)
	}
	return b.sound.Foresee(ctx, p)
}

// edited changes the verdicts of a sound policy, one at a time.
func edited(edit func(in *policy.Input, v *policy.Verdict)) *broken {
	var mu sync.Mutex
	return &broken{decide: func(ctx context.Context, in *policy.Input) (policy.Verdict, error) {
		v, err := sound{}.Decide(ctx, in)
		if err == nil && ctx != nil && whole(in) {
			mu.Lock()
			defer mu.Unlock()
			edit(in, &v)
		}
		return v, err
	}}
}

// Each of these policies is wrong in one way, and the check that is there for it says so.
func TestTheSuiteFindsBrokenPolicies(t *testing.T) {
	s := setting(t)
	s.Requests = 40
	found := map[string]bool{}
	for what, c := range map[string]struct {
		found string
		make  func() policy.Decider
	}{
		"permits nothing": {"it permits something and refuses something", func() policy.Decider {
			return edited(func(_ *policy.Input, v *policy.Verdict) { v.Permit = purpose.FieldSet{} })
		}},
		"permits everything": {"it permits something and refuses something", func() policy.Decider {
			return edited(func(in *policy.Input, v *policy.Verdict) { v.Permit, v.Deny = in.Fields, purpose.FieldSet{} })
		}},
		"fails": {"it permits something and refuses something", func() policy.Decider {
			return &broken{decide: func(context.Context, *policy.Input) (policy.Verdict, error) {
				return policy.Verdict{}, errors.New("no")
			}}
		}},
		"panics": {"it permits something and refuses something", func() policy.Decider {
			return &broken{decide: func(context.Context, *policy.Input) (policy.Verdict, error) { panic("no") }}
		}},
		"has no name": {"the name is a key and stays", func() policy.Decider { return &broken{name: func() string { return "My Policy" }} }},
		"changes its name": {"the name is a key and stays", func() policy.Decider {
			var n atomic.Int64
			return &broken{name: func() string { return fmt.Sprintf("p%d", n.Add(1)%7) }}
		}},
		"panics for its name": {"the name is a key and stays", func() policy.Decider { return &broken{name: func() string { panic("no") }} }},
		"has a short digest":  {"the digest is one and stays", func() policy.Decider { return &broken{digest: func() string { return "sha256:abc" }} }},
		"counts in its digest": {"the digest is one and stays", func() policy.Decider {
			var n atomic.Int64
			return &broken{digest: func() string { return fmt.Sprintf("sha256:%064x", n.Add(1)) }}
		}},
		"names no digest": {"the verdict names the digest", func() policy.Decider {
			return edited(func(_ *policy.Input, v *policy.Verdict) { v.Digest = "" })
		}},
		"names the digest of before": {"the verdict names the digest", func() policy.Decider {
			return edited(func(_ *policy.Input, v *policy.Verdict) { v.Digest = "sha256:" + strings.Repeat("a", 64) })
		}},
		"trusts its input": {"missing and incomplete input permits nothing", func() policy.Decider {
			return &broken{decide: func(_ context.Context, in *policy.Input) (policy.Verdict, error) {
				return policy.Verdict{Digest: ownDigest, Permit: in.Fields}, nil
			}}
		}},
		"trusts whatever the action is": {"missing and incomplete input permits nothing", func() policy.Decider {
			return &broken{decide: func(ctx context.Context, in *policy.Input) (policy.Verdict, error) {
				if in != nil && in.Request != nil && in.Plan != nil && in.Plan.Register != nil && in.Request.Action == 0 {
					return policy.Verdict{Digest: ownDigest, Permit: in.Fields}, nil
				}
				return sound{}.Decide(ctx, in)
			}}
		}},
		"permits by category, asked or not": {"only what is requested is spoken of", func() policy.Decider {
			return edited(func(in *policy.Input, v *policy.Verdict) {
				if !v.Permit.Empty() {
					v.Permit = purpose.AllFields(len(in.Plan.Fields))
				}
			})
		}},
		"masks what nobody asked for": {"only what is requested is spoken of", func() policy.Decider {
			return edited(func(in *policy.Input, v *policy.Verdict) {
				v.Redactions = append(v.Redactions, policy.Redaction{Fields: purpose.AllFields(1), Mask: policy.LastFour})
			})
		}},
		"lasts, and looks at tasks": {"a verdict lasts as long as it says", func() policy.Decider {
			return edited(func(in *policy.Input, v *policy.Verdict) {
				if len(in.Request.Principal.Tasks) == 0 {
					v.Permit = purpose.FieldSet{}
				}
			})
		}},
		"lasts, and looks at the clock": {"a verdict lasts as long as it says", func() policy.Decider {
			return edited(func(in *policy.Input, v *policy.Verdict) {
				if in.Request.At.Year()%2 == 0 {
					v.Permit = purpose.FieldSet{}
				}
			})
		}},
		"lasts no time": {"a verdict lasts as long as it says", func() policy.Decider {
			return edited(func(in *policy.Input, v *policy.Verdict) { v.Until = in.Request.At })
		}},
		"draws lots": {"the same question has the same answer", func() policy.Decider {
			n := 0
			return edited(func(_ *policy.Input, v *policy.Verdict) {
				if n++; n%7 == 0 {
					v.Permit = purpose.FieldSet{}
				}
			})
		}},
		"learns": {"the same question has the same answer", func() policy.Decider {
			seen := map[string]bool{}
			return edited(func(in *policy.Input, v *policy.Verdict) {
				if key := fmt.Sprint(in.Request.Principal, in.Purpose, in.Fields); !seen[key] {
					seen[key] = true
					v.Permit = purpose.FieldSet{}
				}
			})
		}},
		"looks at the first role": {"the order of lists means nothing", func() policy.Decider {
			return edited(func(in *policy.Input, v *policy.Verdict) {
				if roles := in.Request.Principal.Roles; len(roles) > 0 && roles[0] != "auditor" {
					v.Permit = purpose.FieldSet{}
				}
			})
		}},
		"counts roles": {"the order of lists means nothing", func() policy.Decider {
			return edited(func(in *policy.Input, v *policy.Verdict) {
				if len(in.Request.Principal.Roles) > 2 {
					v.Permit = purpose.FieldSet{}
				}
			})
		}},
		"keeps its work in one place": {"many are answered at once", func() policy.Decider {
			var mu sync.Mutex
			busy := 0
			return &broken{decide: func(ctx context.Context, in *policy.Input) (policy.Verdict, error) {
				mu.Lock()
				busy++
				crowd := busy > 1
				mu.Unlock()
				defer func() { mu.Lock(); busy--; mu.Unlock() }()
				for range 20 {
					runtime.Gosched() // lets another in
				}
				if crowd {
					return policy.Verdict{Digest: ownDigest}, nil
				}
				return sound{}.Decide(ctx, in)
			}}
		}},
		"sorts roles in place": {"the input is left alone", func() policy.Decider {
			return edited(func(in *policy.Input, _ *policy.Verdict) {
				if roles := in.Request.Principal.Roles; len(roles) > 0 {
					roles[0] = roles[len(roles)-1]
				}
			})
		}},
		"fills in what is missing": {"the input is left alone", func() policy.Decider {
			return edited(func(in *policy.Input, _ *policy.Verdict) { in.Request.TraceID = "x" })
		}},
		"remembers the request": {"the input is not kept", func() policy.Decider {
			var last *policy.Request
			return edited(func(in *policy.Input, v *policy.Verdict) {
				if last != nil && last != in.Request && last.Action == 0 {
					v.Permit = purpose.FieldSet{}
				}
				last = in.Request
			})
		}},
		"answers by address": {"the input is not kept", func() policy.Decider {
			var mu sync.Mutex
			answers := map[*policy.Input]policy.Verdict{}
			return &broken{decide: func(ctx context.Context, in *policy.Input) (policy.Verdict, error) {
				mu.Lock()
				defer mu.Unlock()
				if v, ok := answers[in]; ok {
					return v, nil
				}
				v, err := sound{}.Decide(ctx, in)
				answers[in] = v
				return v, err
			}}
		}},
		"hands out its own lists": {"the answer is the caller's", func() policy.Decider {
			shared := []string{"care"}
			return edited(func(_ *policy.Input, v *policy.Verdict) { v.Obligations = shared })
		}},
		"ignores the context": {"an ended context permits nothing", func() policy.Decider {
			return &broken{decide: func(ctx context.Context, in *policy.Input) (policy.Verdict, error) {
				if ctx == nil {
					return policy.Verdict{}, nil
				}
				return sound{}.Decide(context.WithoutCancel(ctx), in)
			}}
		}},
		"quotes the principal in obligations": {"the answer repeats nothing of the request", func() policy.Decider {
			return edited(func(in *policy.Input, v *policy.Verdict) {
				v.Obligations = append(v.Obligations, "tell-"+in.Request.Principal.ID)
			})
		}},
		"quotes the reviewer in a hit": {"the answer repeats nothing of the request", func() policy.Decider {
			return edited(func(in *policy.Input, v *policy.Verdict) {
				v.Hits = append(v.Hits, policy.Hit{Rule: in.Request.Reviewer, Effect: policy.EffectDeny})
			})
		}},
		"quotes a fact in an error": {"the answer repeats nothing of the request", func() policy.Decider {
			return &broken{decide: func(ctx context.Context, in *policy.Input) (policy.Verdict, error) {
				if f, ok := in.Request.Facts.Lookup("channel"); ok && f.Text() != "a" && f.Text() != "b" {
					return policy.Verdict{}, fmt.Errorf("channel %q", f.Text())
				}
				return sound{}.Decide(ctx, in)
			}}
		}},
		"quotes an unknown purpose": {"the answer repeats nothing of the request", func() policy.Decider {
			return &broken{decide: func(ctx context.Context, in *policy.Input) (policy.Verdict, error) {
				if in.Request.Purpose != "billing" && in.Request.Purpose != "credit" {
					return policy.Verdict{}, errors.New(in.Request.Purpose)
				}
				return sound{}.Decide(ctx, in)
			}}
		}},
		"speaks in sentences": {"what the answer says can go on record", func() policy.Decider {
			return edited(func(_ *policy.Input, v *policy.Verdict) { v.Obligations = []string{"Tell the person!"} })
		}},
		"has a mask of its own": {"what the answer says can go on record", func() policy.Decider {
			return edited(func(in *policy.Input, v *policy.Verdict) {
				v.Redactions = append(v.Redactions, policy.Redaction{Fields: in.Fields, Mask: 77})
			})
		}},
		"demands too much": {"what the answer says can go on record", func() policy.Decider {
			return edited(func(_ *policy.Input, v *policy.Verdict) {
				for i := range 17 {
					v.Obligations = append(v.Obligations, fmt.Sprint("o", i))
				}
			})
		}},
		"denies a role": {"nothing left out ever widens", func() policy.Decider {
			return edited(func(in *policy.Input, v *policy.Verdict) {
				for _, r := range in.Request.Principal.Roles {
					if r == "clerk" {
						v.Deny = in.Fields
					}
				}
			})
		}},
		"takes a missing fact for a false one": {"nothing left out ever widens", func() policy.Decider {
			return edited(func(in *policy.Input, v *policy.Verdict) {
				if late, _ := in.Request.Facts.Lookup("days"); late.Int() > 10 {
					v.Deny = in.Fields
				}
			})
		}},
		"masks for a task": {"nothing left out ever widens", func() policy.Decider {
			return edited(func(in *policy.Input, v *policy.Verdict) {
				if len(in.Request.Principal.Tasks) > 0 {
					v.Redactions = []policy.Redaction{{Fields: in.Fields}}
				}
			})
		}},
		"obliges a role": {"nothing left out ever widens", func() policy.Decider {
			return edited(func(in *policy.Input, v *policy.Verdict) {
				for _, r := range in.Request.Principal.Roles {
					if r == "policytest" {
						v.Obligations = append(v.Obligations, "heed")
					}
				}
			})
		}},
		"shows more when explained": {"explaining changes no answer", func() policy.Decider {
			return edited(func(in *policy.Input, v *policy.Verdict) {
				if in.Explain {
					v.Permit = in.Fields
				}
			})
		}},
		"says not which rule permits": {"explaining changes no answer", func() policy.Decider {
			return edited(func(_ *policy.Input, v *policy.Verdict) { v.Hits = nil })
		}},
		"lists half its rules": {"rules that matched are listed", func() policy.Decider {
			return &broken{rules: func() []policy.Rule { return ownRules[:2] }}
		}},
		"lists in any order": {"rules that matched are listed", func() policy.Decider {
			return &broken{rules: func() []policy.Rule { return []policy.Rule{ownRules[1], ownRules[0], ownRules[2], ownRules[3]} }}
		}},
		"foresees no field": {"what happens was foreseen", func() policy.Decider {
			return &broken{foresee: func(policy.Prospect) (policy.Reach, error) {
				return policy.Reach{Rules: []string{"auditors", "clerks", "incomes", "mask"}}, nil
			}}
		}},
		"foresees no rule": {"what happens was foreseen", func() policy.Decider {
			return &broken{foresee: func(p policy.Prospect) (policy.Reach, error) {
				return policy.Reach{Permit: purpose.AllFields(len(p.Plan.Fields))}, nil
			}}
		}},
		"cannot foresee": {"what happens was foreseen", func() policy.Decider {
			return &broken{foresee: func(policy.Prospect) (policy.Reach, error) { return policy.Reach{}, errors.New("no") }}
		}},
	} {
		t.Run(what, func(t *testing.T) {
			var names []string
			for _, p := range policytest.CheckDecider(s, func() (policy.Decider, error) { return c.make(), nil }) {
				names = append(names, p.Check)
			}
			assert.Contains(t, names, c.found)
		})
		found[c.found] = true
	}
	for _, check := range policytest.Checks() {
		assert.True(t, found[check], "no policy is broken in the way that %q looks for", check)
	}
}

func TestAPolicyThatCannotBeMadeFailsEveryCheck(t *testing.T) {
	s := setting(t)
	for _, open := range []func() (policy.Decider, error){
		func() (policy.Decider, error) { return nil, errors.New("no") },
		func() (policy.Decider, error) { return nil, nil },
		func() (policy.Decider, error) { panic("no") },
	} {
		require.Len(t, policytest.CheckDecider(s, open), len(policytest.Checks()))
	}
	require.Len(t, policytest.CheckDecider(policytest.Setting{}, func() (policy.Decider, error) { return sound{}, nil }), len(policytest.Checks()),
		"nor does one without a register")
}
