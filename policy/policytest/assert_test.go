package policytest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/policytest"
	"github.com/purposebound/purposebound/policy/table"
	"github.com/purposebound/purposebound/purpose"
)

type borrower struct {
	ID     string `subject:"id"`
	Name   string `personal:"contact.name"`
	IBAN   string `personal:"finance.iban"`
	Income string `personal:"finance.income"`
}

type (
	fullView struct{ Name, IBAN, Income string }
	nameView struct{ Name string }
)

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

func guard(t *testing.T) *policy.Guard {
	t.Helper()
	reg, clock := lender(t), func() time.Time { return noon }
	ledger := basis.NewMemory(reg.Vocabulary(), basis.WithClock(clock))
	require.NoError(t, ledger.Record(t.Context(), basis.Event{ID: "lease", DataSubject: "ada", Body: basis.Occurred{Event: "signed"}}))
	g, err := policy.NewGuard(reg, ledger, audittest.NewRecorder(clock), sound{}, policy.WithClock(clock), policy.WithPolicyTimeout(time.Minute))
	require.NoError(t, err)
	return g
}

func request(role string) policy.Request {
	return policy.Request{Principal: policy.Principal{ID: "u17", Roles: []string{role}, Organisation: "lender"}, Action: purpose.Read, Purpose: "billing"}
}

func decide(t *testing.T, req policy.Request, fields ...string) policy.Decision {
	t.Helper()
	d, err := policy.Decide(t.Context(), guard(t), req, &borrower{ID: "ada"}, fields...)
	require.NoError(t, err)
	return d
}

// tester notes what fails.
type tester struct{ failures []string }

func (f *tester) Errorf(format string, args ...any) {
	f.failures = append(f.failures, fmt.Sprintf(format, args...))
}

// passes and fails hold an assertion against a test that it must not fail, and one that it must.
func passes(t *testing.T, assertion func(policytest.TestingT) bool) {
	t.Helper()
	f := &tester{}
	assert.True(t, assertion(f))
	assert.Empty(t, f.failures)
}

func fails(t *testing.T, assertion func(policytest.TestingT) bool, want ...string) {
	t.Helper()
	f := &tester{}
	assert.False(t, assertion(f))
	require.Len(t, f.failures, 1)
	for _, w := range want {
		assert.Contains(t, f.failures[0], w)
	}
}

func TestAssertionsAboutAPermit(t *testing.T) {
	d := decide(t, request("auditor"))
	passes(t, func(t policytest.TestingT) bool { return policytest.Permitted(t, d) })
	passes(t, func(t policytest.TestingT) bool { return policytest.Permitted(t, d, "Name", "Income") })
	passes(t, func(t policytest.TestingT) bool { return policytest.Open(t, d, "IBAN") })
	passes(t, func(t policytest.TestingT) bool { return policytest.Obliged(t, d, "tell") })
	passes(t, func(t policytest.TestingT) bool { return policytest.Grounded(t, d, "lend", basis.Contract, "Name") })
	passes(t, func(t policytest.TestingT) bool { return policytest.ReferredTo(t, d, "") })

	fails(t, func(t policytest.TestingT) bool { return policytest.Permitted(t, d, "Salary") }, "expected Salary to be permitted", "PERMITTED  read for billing")
	fails(t, func(t policytest.TestingT) bool { return policytest.Denied(t, d, "") }, "expected a denial because of any reason, got permitted")
	fails(t, func(t policytest.TestingT) bool { return policytest.Denied(t, d, "", "Name") }, "expected Name to be denied", "none, it is permitted")
	fails(t, func(t policytest.TestingT) bool { return policytest.Redacted(t, d, "IBAN", policy.LastFour) }, "it is not masked")
	fails(t, func(t policytest.TestingT) bool { return policytest.Withheld(t, d, "Name") }, "expected Name to be withheld")
	fails(t, func(t policytest.TestingT) bool { return policytest.Obliged(t, d, "care") }, "expected the obligation care, got tell")
	fails(t, func(t policytest.TestingT) bool { return policytest.Grounded(t, d, "lend", basis.Consent) }, "expected a permit on consent of lend")
	fails(t, func(t policytest.TestingT) bool { return policytest.Grounded(t, d, "lend", basis.Contract, "Salary") }, "expected Salary to rest on")
	fails(t, func(t policytest.TestingT) bool { return policytest.PersonDecides(t, d) }, "a person must decide")
	fails(t, func(t policytest.TestingT) bool { return policytest.ReferredTo(t, d, "bank") }, "referred to bank, got none")
	fails(t, func(t policytest.TestingT) bool { return policytest.Hit(t, d, "auditors") }, "expected rule auditors to match")
}

func TestAssertionsAboutAMaskAndARefusal(t *testing.T) {
	req := request("clerk").With(purpose.Named("assigned", purpose.True()))
	d := decide(t, req)
	passes(t, func(t policytest.TestingT) bool { return policytest.Redacted(t, d, "IBAN", policy.LastFour) })
	passes(t, func(t policytest.TestingT) bool { return policytest.Hit(t, d, "mask") })
	fails(t, func(t policytest.TestingT) bool { return policytest.Redacted(t, d, "IBAN", policy.Remove) }, "its mask is last-four")
	fails(t, func(t policytest.TestingT) bool { return policytest.Open(t, d, "Name", "IBAN") }, "expected IBAN to be released as it is")

	req.Action, req.Recipient, req.Country = purpose.Share, "bank", "DK"
	d = decide(t, req)
	passes(t, func(t policytest.TestingT) bool { return policytest.Denied(t, d, policy.CodePolicyDeny, "Income") })
	passes(t, func(t policytest.TestingT) bool { return policytest.Permitted(t, d, "Name") })
	fails(t, func(t policytest.TestingT) bool { return policytest.Permitted(t, d) }, "got partial because of policy.denied", "policy rule incomes denies it")
	fails(t, func(t policytest.TestingT) bool { return policytest.Denied(t, d, policy.CodePolicyPermit, "Income") }, "reasons: policy.denied")
	fails(t, func(t policytest.TestingT) bool { return policytest.Denied(t, d, policy.CodePolicyDeny) }, "got partial")
	fails(t, func(t policytest.TestingT) bool { return policytest.Denied(t, d, "", "Salary") })

	d = decide(t, request("guest"))
	passes(t, func(t policytest.TestingT) bool { return policytest.Denied(t, d, policy.CodePolicyPermit) })
	passes(t, func(t policytest.TestingT) bool { return policytest.Denied(t, d, "") })
	fails(t, func(t policytest.TestingT) bool { return policytest.Denied(t, d, policy.CodePolicyDeny) }, "got denied because of policy.not-permitted")
	fails(t, func(t policytest.TestingT) bool {
		return policytest.Denied(t, policy.Decision{}, policy.CodePolicyDeny)
	}, "release.internal")
}

func TestTheDecisionOfARefusal(t *testing.T) {
	req := request("clerk").With(purpose.Named("assigned", purpose.True()))
	req.Recipient, req.Country = "bank", "DK"
	_, err := policy.Share[fullView](t.Context(), guard(t), req, &borrower{ID: "ada"})
	d := policytest.DecisionOf(t, err)
	policytest.Denied(t, d, policy.CodePolicyDeny, "Income")
	policytest.Withheld(t, d, "Name", "IBAN")
	fails(t, func(t policytest.TestingT) bool { return policytest.Withheld(t, d, "Income") }, "expected Income to be withheld")

	_, err = policy.Read[nameView](t.Context(), guard(t), request("auditor"), &borrower{ID: "ada"})
	require.NoError(t, err)
	for _, err := range []error{nil, errors.New("no"), context.Canceled} {
		fails(t, func(t policytest.TestingT) bool {
			d := policytest.DecisionOf(t, err)
			return d.Outcome != policy.OutcomeDenied
		}, "this is no refusal")
	}
}

const cases = `fields: {Name: contact.name, IBAN: finance.iban}
defaults:
  now: 2026-05-04T12:00:00Z
  given: [{id: loan, kind: relationship.occurred, event: signed, valid_at: 2024-01-01}]
  request: {principal: {id: u17, roles: [clerk], organisation: lender}, action: read, purpose: billing, data_subject: ada, facts: {assigned: true}}
cases:
  - {name: clerks read, expect: {outcome: permitted, redacted: {IBAN: last-four}}}
  - {name: auditors read, request: {principal: {roles: [auditor]}}, expect: {outcome: permitted, redacted: {}}}
  - {name: guests do not, request: {principal: {roles: [guest]}}, expect: {outcome: denied, reason: policy.not-permitted}}
`

func TestTablesRunAndCover(t *testing.T) {
	seen := policytest.RunTables(t, lender(t), fstest.MapFS{"lend.yaml": {Data: []byte(cases)}}, sound{})
	passes(t, func(t policytest.TestingT) bool {
		return policytest.Cover(t, seen, table.Threshold{Rules: 0.75, Permitted: 1})
	})
	fails(t, func(t policytest.TestingT) bool { return policytest.Cover(t, seen, table.Threshold{Rules: 1}) },
		"rules that matched: 3 of 4 (75.0%), at least 100.0% wanted; missing: sound/incomes")
	fails(t, func(t policytest.TestingT) bool { return policytest.Cover(t, nil, table.Threshold{}) }, "there is no collector")
	f := &tester{}
	policytest.Cover(f, table.NewCollector(lender(t), sound{}), table.Threshold{Rules: 1, Refused: 1})
	require.Contains(t, strings.Join(f.failures, "\n"), "nothing was decided")
}
