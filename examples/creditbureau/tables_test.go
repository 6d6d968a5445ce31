package main

import (
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/celpolicy"
	"github.com/purposebound/purposebound/policy/policytest"
	"github.com/purposebound/purposebound/policy/table"
)

// policies are those of the service.
func policies(t *testing.T) *celpolicy.Policy {
	t.Helper()
	dir, err := fs.Sub(files, "policies")
	require.NoError(t, err)
	p, err := celpolicy.Load(register(t), "bureau", dir)
	require.NoError(t, err)
	return p
}

// The decision tables of the service hold, every rule of its policies decides some of their cases, and every activity
// carries a permit and is named by a refusal.
func TestDecisionTables(t *testing.T) {
	seen := policytest.RunTables(t, register(t), os.DirFS("tables"), policies(t))
	policytest.Cover(t, seen, table.Threshold{Rules: 1, Permitted: 1, Refused: 1})
	assert.GreaterOrEqual(t, seen.Coverage().Decisions, 150)
}

// The control: without any one of its rules, and with a rule that lets everybody do everything, the tables fail.
func TestDecisionTablesFailForOtherPolicies(t *testing.T) {
	tables, err := table.Read(os.DirFS("tables"), "*.yaml")
	require.NoError(t, err)
	reg := register(t)
	failed := func(p policy.Decider) int {
		r, err := table.Run(t.Context(), reg, []policy.Decider{p}, tables)
		require.NoError(t, err)
		return r.Failed()
	}
	anybody, err := celpolicy.New(reg, "bureau", celpolicy.Rule{ID: "anybody", Effect: policy.EffectPermit})
	require.NoError(t, err)
	assert.Greater(t, failed(anybody), 10)

	whole := fstest.MapFS{}
	names, err := fs.Glob(files, "policies/*.yaml")
	require.NoError(t, err)
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		require.NoError(t, err)
		whole[path.Base(name)] = &fstest.MapFile{Data: text}
	}
	const begin = "\n  - id: "
	rules := 0
	for name, file := range whole {
		parts := strings.Split(string(file.Data), begin)
		for i := 1; i < len(parts); i++ {
			rules++
			less := maps.Clone(whole)
			less[name] = &fstest.MapFile{Data: []byte(strings.Join(slices.Delete(slices.Clone(parts), i, i+1), begin))}
			p, err := celpolicy.Load(reg, "bureau", less)
			require.NoError(t, err)
			assert.NotZero(t, failed(p), "no table misses the rule %.40s", parts[i])
		}
	}
	assert.Equal(t, len(policies(t).Rules()), rules)
}

func TestPoliciesKeepTheContract(t *testing.T) {
	s := policytest.Setting{Register: register(t), Requests: 60, Roles: []string{"analyst", "compliance_officer", "system", "marketing_agent"}}
	policytest.TestDecider(t, s, func(testing.TB) policy.Decider { return policies(t) })
}
