package main

import (
	"io/fs"
	"os"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/policytest"
	"github.com/purposebound/purposebound/policy/regopolicy"
	"github.com/purposebound/purposebound/policy/table"
)

// policyFiles are the policies of the service, and so that a test may break them, a copy.
func policyFiles(t *testing.T) fstest.MapFS {
	t.Helper()
	dir, err := fs.Sub(files, "policies")
	require.NoError(t, err)
	own := fstest.MapFS{}
	require.NoError(t, fs.WalkDir(dir, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(dir, name)
		own[name] = &fstest.MapFile{Data: text}
		return err
	}))
	return own
}

func load(t *testing.T, files fs.FS) *regopolicy.Policy {
	t.Helper()
	p, err := regopolicy.Load(register(t), "team", files)
	require.NoError(t, err)
	return p
}

// The decision tables of the service hold, every rule of its policies decides some of their cases, every activity of the
// register is named by a refusal, and all but the one that leaves it to a person carry a permit.
func TestDecisionTables(t *testing.T) {
	seen := policytest.RunTables(t, register(t), os.DirFS("tables"), load(t, policyFiles(t)))
	policytest.Cover(t, seen, table.Threshold{Rules: 1, Permitted: 0.96, Refused: 1})
	assert.Empty(t, seen.Coverage().Unlisted)
}

// The control: without its list, and with tables that lost a row, the decision tables fail.
func TestDecisionTablesFailForOtherPolicies(t *testing.T) {
	tables, err := table.Read(os.DirFS("tables"), "*.yaml")
	require.NoError(t, err)
	failed := func(spoil func(fstest.MapFS)) int {
		own := policyFiles(t)
		spoil(own)
		r, err := table.Run(t.Context(), register(t), []policy.Decider{load(t, own)}, tables)
		require.NoError(t, err)
		return r.Failed()
	}
	assert.Zero(t, failed(func(fstest.MapFS) {}))
	nobody := failed(func(own fstest.MapFS) {
		own["persons/data.yaml"] = &fstest.MapFile{Data: []byte("predetermined: []\n")}
	})
	assert.Greater(t, nobody, 60, "nobody is on the list")
	noRole := failed(func(own fstest.MapFS) {
		own["roles/data.yaml"] = &fstest.MapFile{Data: []byte("needs: []\nshares: []\n")}
	})
	assert.Greater(t, noRole, 60, "no role needs anything")
}

// The rules of Rego are tested by rules of Rego, every line of them.
func TestPoliciesPassTheirOwnTests(t *testing.T) {
	r, err := regopolicy.Test(t.Context(), register(t), policyFiles(t))
	require.NoError(t, err)
	assert.True(t, r.Passed())
	covered, of := r.Covered()
	assert.Equal(t, of, covered)
	assert.Greater(t, of, 15)
}

func TestPoliciesKeepTheContract(t *testing.T) {
	s := policytest.Setting{Register: register(t), Requests: 25, Roles: roles()}
	own := policyFiles(t)
	own["persons/data.yaml"] = &fstest.MapFile{Data: []byte(`predetermined: [{id: principal, from: "2022-01-01"}]`)} // who asks in the suite
	policytest.TestDecider(t, s, func(testing.TB) policy.Decider { return load(t, own) })
}
