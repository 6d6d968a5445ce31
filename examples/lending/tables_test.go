package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/examples/lending/notice"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/celpolicy"
	"github.com/purposebound/purposebound/policy/policytest"
	"github.com/purposebound/purposebound/policy/table"
)

// policies are those of the service.
func policies(t *testing.T) *celpolicy.Policy {
	t.Helper()
	p, err := notice.Policies(register(t))
	require.NoError(t, err)
	return p
}

// The decision tables of the service hold, every rule of its policies decides some of their cases, and every activity of
// the register carries a permit and is named by a refusal.
func TestDecisionTables(t *testing.T) {
	seen := policytest.RunTables(t, register(t), os.DirFS("tables"), policies(t))
	policytest.Cover(t, seen, table.Threshold{Rules: 1, Permitted: 1, Refused: 1})
	assert.GreaterOrEqual(t, seen.Coverage().Decisions, 150)
}

// The control: without its policies, and with a policy that lost its rules, the tables fail.
func TestDecisionTablesFailForOtherPolicies(t *testing.T) {
	tables, err := table.Read(os.DirFS("tables"), "*.yaml")
	require.NoError(t, err)
	failed := func(rules ...celpolicy.Rule) int {
		p, err := celpolicy.New(register(t), "lending", rules...)
		require.NoError(t, err)
		r, err := table.Run(t.Context(), register(t), []policy.Decider{p}, tables)
		require.NoError(t, err)
		return r.Failed()
	}
	assert.Greater(t, failed(celpolicy.Rule{ID: "anybody", Effect: policy.EffectPermit}), 8)
	assert.Greater(t, failed(celpolicy.Rule{ID: "nobody", Effect: policy.EffectPermit, Roles: []string{"nobody"}}), 80)
}

func TestPoliciesKeepTheContract(t *testing.T) {
	s := policytest.Setting{Register: register(t), Requests: 60, Roles: roles()}
	policytest.TestDecider(t, s, func(testing.TB) policy.Decider { return policies(t) })
}
