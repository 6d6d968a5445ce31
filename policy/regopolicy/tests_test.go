package regopolicy

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

const exampleTests = `package purposebound_test

import rego.v2
import data.purposebound

base := {
	"action": "read", "purpose": "invoicing.billing", "purposes": ["invoicing.billing", "invoicing"],
	"principal": {"id": "u17", "roles": ["billing"]}, "fields": {"iban": {"category": "finance.iban", "within": ["finance.iban", "finance"], "class": "ordinary"}},
	"time": {"at": "2026-05-04T08:30:00.000000000Z", "date": "2026-05-04", "hour": 10, "minute": 30, "weekday": 1},
}

test_billing if {
	some x in purposebound.permit with input as base
	x.rule == "billing-reads"
}

test_fails if count(purposebound.permit) == 99 with input as base

test_breaks if purposebound.permit[x][y] == z with input as base

todo_test_later if false

test_many[note] if {
	some note, roles in {"billing": ["billing"], "nobody": []}
	some x in purposebound.permit with input as object.union(base, {"principal": {"roles": roles}})
	x.rule == "billing-reads"
}
`

// TestTestsRunInProcess, with the lines that they cover.
func TestTestsRunInProcess(t *testing.T) {
	defer goleak.VerifyNone(t)
	all := files(example)
	text := strings.Replace(exampleTests, "test_breaks if purposebound.permit[x][y] == z with input as base\n\n", "", 1)
	text = strings.Replace(text, "object.union(base, {\"principal\": {\"roles\": roles}})", "who(roles)", 1) + "\nwho(roles) := {\"action\": \"read\", \"purposes\": [\"invoicing\"], \"principal\": {\"id\": \"u\", \"roles\": roles}}\n"
	all["policy_test.rego"] = &fstest.MapFile{Data: []byte(text)}
	report, err := Test(t.Context(), register(t), all)
	require.NoError(t, err)
	outcomes := map[string]string{}
	for _, r := range report.Tests {
		outcomes[strings.TrimPrefix(r.Name, "data.purposebound_test.")] = r.Outcome.String()
		assert.Equal(t, "policy_test.rego", r.File)
		assert.Positive(t, r.Line)
	}
	assert.Equal(t, map[string]string{"test_billing": "passed", "test_fails": "failed", "todo_test_later": "skipped", "test_many/billing": "passed", "test_many/nobody": "failed"}, outcomes)
	assert.False(t, report.Passed())
	require.Len(t, report.Coverage, 1, "of the policy, not of tests or the library")
	assert.Equal(t, "policy0.rego", report.Coverage[0].File)
	assert.NotContains(t, report.Coverage[0].Missed, 8, "the first rule ran")
	lines, of := report.Covered()
	assert.Positive(t, lines)
	assert.Less(t, lines, of, "nothing tested the denial")
	assert.Contains(t, report.Coverage[0].Missed, 16)
}

// TestTestsThatAllPass.
func TestTestsThatAllPass(t *testing.T) {
	all := files(one)
	all["p_test.rego"] = &fstest.MapFile{Data: []byte("package purposebound_test\n\nimport rego.v2\n\ntest_reads if count(data.purposebound.permit) == 1 with input.action as \"read\"\n\ntest_uses if count(data.purposebound.permit) == 0 with input.action as \"use\"\n")}
	report, err := Test(t.Context(), register(t), all)
	require.NoError(t, err)
	assert.True(t, report.Passed(), "%+v", report)
	lines, of := report.Covered()
	assert.Equal(t, of, lines)
	delete(all, "p_test.rego")
	report, err = Test(t.Context(), register(t), all)
	require.NoError(t, err)
	assert.False(t, report.Passed(), "no tests are no success")
}

// TestWhatIsWrongWithTests is said as for policies.
func TestWhatIsWrongWithTests(t *testing.T) {
	reg := register(t)
	for name, c := range map[string]struct{ text, want string }{
		"syntax":    {"package x\n\nimport rego.v2\n\ntest_a if {", "p_test.rego:5:"},
		"no import": {"package x\n\ntest_a if true\n", "p_test.rego:1:1: import rego.v2"},
		"decides":   {"package purposebound\n\nimport rego.v2\n\npermit contains {\"rule\": \"x\", \"category\": \"*\"} if true\n", "decides in tests only"},
		"function":  {"package x\n\nimport rego.v2\n\ntest_a if http.send({}).x\n", "the function http.send is not allowed"},
		"type":      {"package x\n\nimport rego.v2\n\ntest_a if data.purposebound.nosuch.y == input.purpos\n", "undefined ref: input.purpos"},
	} {
		all := files(one)
		all["p_test.rego"] = &fstest.MapFile{Data: []byte(c.text)}
		_, err := Test(t.Context(), reg, all)
		require.ErrorIs(t, err, ErrInvalid, name)
		assert.ErrorContains(t, err, c.want, name)
	}
	_, err := Test(t.Context(), reg, files("permit if true"))
	assert.ErrorContains(t, err, "permit is a set", "the policy itself")
	_, err = Test(t.Context(), nil, files(one))
	assert.ErrorIs(t, err, ErrInvalid)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	all := files(one)
	all["p_test.rego"] = &fstest.MapFile{Data: []byte("package x\n\nimport rego.v2\n\ntest_a if true\n")}
	_, err = Test(ctx, reg, all)
	assert.ErrorIs(t, err, context.Canceled)
}
