package policytest

import (
	"io/fs"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/table"
	"github.com/purposebound/purposebound/purpose"
)

// RunTables runs the decision tables of a file system, each case as a test of its own, and says what they came upon. That
// there is none fails the test.
func RunTables(t *testing.T, register *purpose.Register, files fs.FS, deciders ...policy.Decider) *table.Collector {
	t.Helper()
	tables, err := table.Read(files, "")
	require.NoError(t, err)
	seen := table.NewCollector(register, deciders...)
	report, err := table.Run(t.Context(), register, deciders, tables, table.Into(seen))
	require.NoError(t, err)
	require.NotEmpty(t, report.Results, "there is no case")
	for i := range report.Results {
		r := &report.Results[i]
		t.Run(r.Table+"/"+r.Case, func(t *testing.T) {
			if !r.Passed {
				t.Error(r.String())
			}
		})
	}
	return seen
}

// Cover asserts that what a collector saw reaches a threshold.
func Cover(t TestingT, seen *table.Collector, least table.Threshold) bool {
	helper(t)
	if seen == nil {
		return assert.Fail(t, "there is no collector")
	}
	ok := true
	for _, missing := range seen.Coverage().Below(least) {
		ok = assert.Fail(t, missing)
	}
	return ok
}
