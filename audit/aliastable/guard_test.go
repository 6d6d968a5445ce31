package aliastable_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/purpose/sealed"
	"github.com/purposebound/purposebound/retention"
)

type lessee struct {
	ID   string               `subject:"id"`
	IBAN sealed.Value[string] `personal:"finance.iban"`
}

type debit struct{ IBAN string }

// permitAll is a policy for those whom the register lets through.
type permitAll struct{}

func (permitAll) Name() string   { return "all" }
func (permitAll) Digest() string { return "sha256:" + strings.Repeat("0a", 32) }
func (p permitAll) Decide(_ context.Context, in *policy.Input) (policy.Verdict, error) {
	return policy.Verdict{Digest: p.Digest(), Permit: in.Fields}, nil
}

// A guard with a table of aliases and a trail in the same database: what it records is found by the person's aliases,
// and no alias means no release.
func TestAGuardRecordsUnderTheTablesAliases(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		register := purpose.MustCompile(purpose.Spec{
			Controller: purpose.Controller{Name: "Acme", Country: "DK", Zone: "UTC"}, Notices: []purpose.Notice{{Version: "1", From: "2026-01-01"}},
			Purposes: []purpose.Purpose{{Key: "invoicing"}}, Capacities: []purpose.Capacity{{Key: "customer"}},
			Categories: []purpose.Category{{Key: "finance.iban"}},
			Events:     []purpose.Event{{Key: "signed", Stage: basis.Active, Gives: []string{"customer"}}},
			Retention:  []retention.Rule{{Key: "yearly", Clause: "5", Anchor: retention.After("signed"), Ceiling: retention.MustPeriod("P1Y")}},
			Activities: []purpose.Activity{{Key: "billing", Clause: "2.3", Purposes: []string{"invoicing"}, Categories: []string{"finance"},
				Capacities: []string{"customer"}, Claims: []basis.Claim{{Basis: basis.Contract}}, Retention: []string{"yearly"}}}})
		ledger := basis.NewMemory(register.Vocabulary())
		require.NoError(t, ledger.Record(t.Context(), basis.Event{DataSubject: canary, Body: basis.Occurred{Event: "signed"}}))
		source, trail := keys(t), p.trail(t)
		table := p.table(t, source, trail)
		guard := func(pseudonyms audit.Pseudonymizer) *policy.Guard {
			g, err := policy.NewGuard(register, ledger, trail, permitAll{}, policy.WithPseudonyms(pseudonyms))
			require.NoError(t, err)
			return g
		}
		rec := &lessee{ID: canary, IBAN: sealed.Of("DK5000400440116243")}
		req := policy.Request{Principal: policy.Principal{ID: "u17", Roles: []string{"billing"}}, Purpose: "invoicing"}
		got, err := policy.Read[debit](t.Context(), guard(table), req, rec)
		require.NoError(t, err)
		assert.Equal(t, "DK5000400440116243", got.IBAN)

		mine, err := table.Aliases(t.Context(), audit.DataSubject, canary)
		require.NoError(t, err)
		require.Len(t, mine, 1)
		var read audit.Event
		for e, err := range trail.Read(t.Context(), 2) {
			require.NoError(t, err)
			read = e
		}
		assert.Equal(t, mine, read.DataSubjectRefs)
		assert.NotContains(t, p.content(t), canary)

		bad := p.table(t, missing{}, trail)
		got, err = policy.Read[debit](t.Context(), guard(bad), req, rec)
		require.Error(t, err)
		assert.Zero(t, got, "no key, no alias, no release")
		assert.NotContains(t, err.Error(), canary)
	})
}

type missing struct{}

func (missing) Current(context.Context) (audit.Key, error) { return audit.Key{}, errors.New(canary) }
func (missing) Key(context.Context, string) (audit.Key, error) {
	return audit.Key{}, errors.New(canary)
}
