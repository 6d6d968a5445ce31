package celpolicy

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// outcome is what a policy says about one request, by field name.
type outcome struct {
	permit, deny map[string]bool
	masks        map[string][]policy.Mask
	obligations  []string
	hits         map[string]bool // "rule effect field", of deny and redact
}

// said is a verdict as an outcome.
func said(p *purpose.Plan, v policy.Verdict) outcome {
	o := outcome{map[string]bool{}, map[string]bool{}, map[string][]policy.Mask{}, v.Obligations, map[string]bool{}}
	for _, f := range names(p, v.Permit) {
		o.permit[f] = true
	}
	for _, f := range names(p, v.Deny) {
		o.deny[f] = true
	}
	for _, r := range v.Redactions {
		for _, f := range names(p, r.Fields) {
			o.masks[f] = append(o.masks[f], r.Mask)
		}
	}
	for _, h := range v.Hits {
		for _, f := range names(p, h.Fields) {
			if h.Effect == policy.EffectDeny || h.Effect == policy.EffectRedact {
				o.hits[h.Rule+" "+h.Effect.String()+" "+f] = true
			}
		}
	}
	return o
}

// brute answers by going through all rules for each field, on the texts alone.
func brute(rules []worldRule, in *policy.Input) outcome {
	o := outcome{map[string]bool{}, map[string]bool{}, map[string][]policy.Mask{}, nil, map[string]bool{}}
	node := func(nodes []string, key string) bool {
		for _, n := range nodes {
			if key == n || strings.HasPrefix(key, n+".") {
				return true
			}
		}
		return nodes == nil
	}
	common := func(a, b []string) bool {
		return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
	}
	req := in.Request
	for _, r := range rules {
		for i, f := range in.Plan.Fields {
			category := in.Plan.Register.Categories().Key(f.Category)
			narrow := r.Effect != policy.EffectPermit
			if !in.Fields.Has(i) || r.Actions != nil && !slices.Contains(r.Actions, req.Action) || !node(r.Purposes, req.Purpose) || !node(r.Categories, category) {
				continue
			}
			if r.Roles != nil && !common(r.Roles, req.Principal.Roles) || r.Tasks != nil && !common(r.Tasks, req.Principal.Tasks) || common(r.ExceptRoles, req.Principal.Roles) {
				continue
			}
			doubt := narrow && req.Action == purpose.Share && req.Recipient == ""
			if r.Recipients != nil && !slices.Contains(r.Recipients, req.Recipient) && !doubt {
				continue
			}
			a := answer{yes: true}
			if r.when != nil {
				a = r.when.mean(req, category)
			}
			switch {
			case a.failed && narrow, a.yes && r.Effect == policy.EffectDeny:
				o.deny[f.Path] = true
				o.hits[r.ID+" deny "+f.Path] = true
			case a.failed || !a.yes:
			case r.Effect == policy.EffectPermit:
				o.permit[f.Path] = true
			case r.Effect == policy.EffectRedact:
				if !slices.Contains(o.masks[f.Path], r.Mask) {
					o.masks[f.Path] = append(o.masks[f.Path], r.Mask)
					slices.Sort(o.masks[f.Path])
				}
				o.hits[r.ID+" redact "+f.Path] = true
			case r.Effect == policy.EffectOblige:
				o.obligations = append(o.obligations, r.Obligations...)
			}
		}
	}
	slices.Sort(o.obligations)
	o.obligations = slices.Compact(o.obligations)
	return o
}

// TestRulesMeanWhatABruteForceReadingSays on generated policies and requests, missing attributes included.
func TestRulesMeanWhatABruteForceReadingSays(t *testing.T) {
	reg := register(t)
	pl := plan(t, reg)
	policies, requests := 1_000, 100
	if testing.Short() {
		policies = 50
	}
	var permitted, denied, masked, conditional int
	for seed := range uint64(policies) {
		d := newDice(seed)
		rules := d.rules()
		p, err := New(reg, "", plain(rules)...)
		require.NoError(t, err, "seed %d", seed)
		for n := range requests {
			in := d.request(t, pl)
			v := decide(t, p, in)
			want, got := brute(rules, in), said(pl, v)
			if !assert.Equal(t, want, got, "seed %d, request %d: %+v\nrules: %+v", seed, n, in.Request, plain(rules)) {
				return
			}
			permitted += min(1, len(want.permit))
			denied += min(1, len(want.deny))
			masked += min(1, len(want.masks))
		}
		for _, r := range rules {
			if r.when != nil {
				conditional++
			}
		}
	}
	for what, n := range map[string]int{"permits": permitted, "denials": denied, "masks": masked, "conditions": conditional} {
		assert.Greater(t, n, policies/2, "the worlds have %s", what)
	}
}

// TestTheBruteForceReadingSeesDifferences: control of the oracle, on rules that were changed behind its back.
func TestTheBruteForceReadingSeesDifferences(t *testing.T) {
	reg := register(t)
	pl := plan(t, reg)
	for name, spoil := range map[string]func(*rule){
		"actions":    func(r *rule) { r.actions = 1 << purpose.Collect },
		"categories": func(r *rule) { r.categories = r.categories[:0:0] },
		"roles":      func(r *rule) { r.roles = []string{"nobody"} },
		"condition":  func(r *rule) { r.when = nil },
		"effect":     func(r *rule) { r.effect = policy.EffectOblige },
	} {
		differ := 0
		for seed := range uint64(40) {
			d := newDice(seed)
			rules := d.rules()
			p := mustNew(t, reg, plain(rules)...)
			for i := range p.rules {
				spoil(&p.rules[i])
			}
			for range 20 {
				in := d.request(t, pl)
				if !assert.ObjectsAreEqual(brute(rules, in), said(pl, decide(t, p, in))) {
					differ++
				}
			}
		}
		assert.Greater(t, differ, 20, name)
	}
}

// TestOrderNeverMatters: the same rules in another order give the same verdict and digest.
func TestOrderNeverMatters(t *testing.T) {
	reg := register(t)
	pl := plan(t, reg)
	for seed := range uint64(100) {
		d := newDice(seed)
		rules := plain(d.rules())
		p := mustNew(t, reg, rules...)
		d.Shuffle(len(rules), func(i, j int) { rules[i], rules[j] = rules[j], rules[i] })
		q := mustNew(t, reg, rules...)
		require.Equal(t, p.Digest(), q.Digest())
		for range 20 {
			in := d.request(t, pl)
			require.Equal(t, decide(t, p, in), decide(t, q, in))
		}
	}
}
