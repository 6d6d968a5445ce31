package main

import (
	"io/fs"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/check"
	"github.com/purposebound/purposebound/policy/policytest"
	"github.com/purposebound/purposebound/policy/regopolicy"
	"github.com/purposebound/purposebound/policy/table"
)

func policyFiles(t *testing.T) fs.FS {
	t.Helper()
	dir, err := fs.Sub(files, "policies")
	require.NoError(t, err)
	return dir
}

// policies are those of the service.
func policies(t *testing.T) *regopolicy.Policy {
	t.Helper()
	p, err := regopolicy.Load(register(t), "housing", policyFiles(t))
	require.NoError(t, err)
	return p
}

// The decision tables hold; every rule of the policies decides some of their cases, every activity carries a permit and a
// refusal names it.
func TestDecisionTables(t *testing.T) {
	seen := policytest.RunTables(t, register(t), os.DirFS("tables"), policies(t))
	policytest.Cover(t, seen, table.Threshold{Rules: 1, Permitted: 1, Refused: 1})
	assert.GreaterOrEqual(t, seen.Coverage().Decisions, 130)
}

// The control: with policies that let everything through or nothing, the tables fail.
func TestDecisionTablesFailForOtherPolicies(t *testing.T) {
	tables, err := table.Read(os.DirFS("tables"), "*.yaml")
	require.NoError(t, err)
	failed := func(module string) int {
		p, err := regopolicy.Load(register(t), "housing", policyOf(module))
		require.NoError(t, err)
		r, err := table.Run(t.Context(), register(t), []policy.Decider{p}, tables)
		require.NoError(t, err)
		return r.Failed()
	}
	assert.Greater(t, failed("package purposebound\n\nimport rego.v2\n\npermit contains {\"rule\": \"anybody\", \"category\": \"*\"}\n"), 10)
	assert.Greater(t, failed("package purposebound\n\nimport rego.v2\n\npermit contains {\"rule\": \"nobody\", \"category\": \"*\"} if \"nobody\" in input.principal.roles\n"), 60)
}

func TestRegoTests(t *testing.T) {
	r, err := regopolicy.Test(t.Context(), register(t), policyFiles(t))
	require.NoError(t, err)
	for _, x := range r.Tests {
		assert.Equal(t, regopolicy.Passed, x.Outcome, "%s (%s:%d)", x.Name, x.File, x.Line)
	}
	assert.True(t, r.Passed())
	lines, of := r.Covered()
	assert.Equal(t, of, lines, "every line that decides is tested")
	assert.NotZero(t, of)
}

func TestPoliciesKeepTheContract(t *testing.T) {
	s := policytest.Setting{Register: register(t), Requests: 10, Roles: []string{"letting_agent", "property_manager", "legal_counsel", "security_officer", "system"}}
	policytest.TestDecider(t, s, func(testing.TB) policy.Decider { return policies(t) })
}

// Nothing in the policies is dead under the register. Waitly alone is declared and receives nothing: it holds its own list.
func TestNoPolicyIsDead(t *testing.T) {
	for _, f := range check.Run(t.Context(), register(t), policies(t)) {
		if f.Severity == check.Note || f.Code == "register.unused" && f.Clause == "DF-3" {
			continue
		}
		t.Errorf("%s", f)
	}
}
