package celpolicy

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

func state(in *policy.Input, facts ...purpose.NamedValue) {
	in.Request.Facts = append(in.Request.Facts, facts...)
}

// restate replaces a fact.
func restate(in *policy.Input, fact purpose.NamedValue) {
	for i := range in.Request.Facts {
		if in.Request.Facts[i].Fact == fact.Fact {
			in.Request.Facts[i] = fact
		}
	}
}

func asOf(instant string) func(*policy.Input) {
	return func(in *policy.Input) { in.Request.At, _ = time.Parse(time.RFC3339, instant) }
}

// featureRegister declares the facts that the features ask for.
func featureRegister(t testing.TB) *purpose.Register {
	t.Helper()
	s := spec()
	s.Facts = append(s.Facts,
		purpose.Fact{Key: "case-number", Type: purpose.Text}, purpose.Fact{Key: "incident.open", Type: purpose.Bool}, purpose.Fact{Key: "incident.number", Type: purpose.Text},
		purpose.Fact{Key: "incident.since", Type: purpose.Instant}, purpose.Fact{Key: "incident.scope", Type: purpose.TextList})
	reg, err := purpose.Compile(s)
	require.NoError(t, err)
	return reg
}

// TestFeatures: each policy lets its request through, refuses each change, and whatever is left out never gains.
func TestFeatures(t *testing.T) {
	reg := featureRegister(t)
	pl := plan(t, reg)
	for _, f := range features {
		t.Run(f.name, func(t *testing.T) {
			p, err := Load(reg, "feature", fstest.MapFS{"rules.yaml": {Data: []byte(f.rules)}})
			require.NoError(t, err)
			assert.True(t, p.Immediate(), "cheap enough to be asked in place")
			explained := func(in *policy.Input) { in.Explain = true }
			request := ask(t, pl, f.request, explained)
			before := decide(t, p, request)
			require.Equal(t, f.fields, names(pl, before.Permit.Without(before.Deny)))
			masks := map[string]policy.Mask{}
			for _, r := range before.Redactions {
				for _, name := range names(pl, r.Fields.And(before.Permit)) {
					masks[name] = r.Mask
				}
			}
			if len(f.masked) > 0 || len(masks) > 0 {
				assert.Equal(t, f.masked, masks)
			}
			for name, change := range f.refused {
				v := decide(t, p, ask(t, pl, f.request, change, explained))
				assert.Empty(t, names(pl, v.Permit.Without(v.Deny)), name)
			}
			fewer := less(request)
			for what, in := range fewer {
				v := decide(t, p, in)
				assert.Empty(t, gained(pl, before, v), "without %s", what)
				if slices.Contains(f.needs, what) || strings.HasPrefix(what, "role ") || strings.HasPrefix(what, "task ") { // each has one
					assert.Empty(t, names(pl, v.Permit.Without(v.Deny)), "without %s", what)
				} else {
					assert.Equal(t, before.Permit, v.Permit, "%s is not needed", what)
				}
			}
			for _, what := range f.needs {
				assert.Contains(t, fewer, what, "control: it was left out")
			}
		})
	}
}

// TestFeaturesMaskForAllButSome: the roles that a mask excepts see in full, and only they.
func TestFeaturesMaskForAllButSome(t *testing.T) {
	reg := featureRegister(t)
	pl := plan(t, reg)
	f := features[slices.IndexFunc(features, func(f feature) bool { return f.name == "masks" })]
	p, err := Load(reg, "feature", fstest.MapFS{"rules.yaml": {Data: []byte(f.rules)}})
	require.NoError(t, err)
	for role, masked := range map[string]int{"": 2, "billing": 1, "dpo": 1, "clerk": 2} {
		v := decide(t, p, ask(t, pl, func(in *policy.Input) { in.Request.Principal.Roles = []string{"support", role} }))
		n := 0
		for _, r := range v.Redactions {
			n += r.Fields.Len()
		}
		assert.Equal(t, masked, n, role)
	}
}
