package main

import (
	"io/fs"
	"os"
	"testing"

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
	p, err := celpolicy.Load(register(t), "leasing", dir)
	require.NoError(t, err)
	return p
}

// The decision tables of the service hold, every rule of its policies decides some of their cases, and every activity but
// two carries a permit: no rule is for marketing material, and how long books are kept the register leaves to a person.
func TestDecisionTables(t *testing.T) {
	seen := policytest.RunTables(t, register(t), os.DirFS("tables"), policies(t))
	policytest.Cover(t, seen, table.Threshold{Rules: 1, Permitted: 0.9, Refused: 0.95})
	assert.NotEmpty(t, seen.Coverage().Below(table.Threshold{Permitted: 1}), "the control: the threshold can be missed")
	assert.GreaterOrEqual(t, seen.Coverage().Decisions, 30)
}

// The control: without its policies, and with a policy that lost a rule, the tables fail.
func TestDecisionTablesFailForOtherPolicies(t *testing.T) {
	tables, err := table.Read(os.DirFS("tables"), "*.yaml")
	require.NoError(t, err)
	failed := func(rules ...celpolicy.Rule) int {
		p, err := celpolicy.New(register(t), "leasing", rules...)
		require.NoError(t, err)
		r, err := table.Run(t.Context(), register(t), []policy.Decider{p}, tables)
		require.NoError(t, err)
		return r.Failed()
	}
	all := failed(celpolicy.Rule{ID: "anybody", Effect: policy.EffectPermit})
	none := failed(celpolicy.Rule{ID: "nobody", Effect: policy.EffectPermit, Roles: []string{"nobody"}})
	assert.NotZero(t, all)
	assert.Greater(t, none, 40)
}

func TestPoliciesKeepTheContract(t *testing.T) {
	s := policytest.Setting{Register: register(t), Requests: 60, Roles: []string{"advisor", "credit_officer", "aml_officer", "auditor", "bookkeeper",
		"legal_counsel", "marketing_agent", "processor_operator", "security_officer", "system", "web_analyst"}}
	policytest.TestDecider(t, s, func(testing.TB) policy.Decider { return policies(t) })
}
