package policy_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/purpose/sealed"
	"github.com/purposebound/purposebound/retention"
)

type lessee struct {
	ID   string               `subject:"id"`
	Name sealed.Value[string] `personal:"contact.name"`
	IBAN sealed.Value[string] `personal:"finance.iban"`
}
type debit struct{ Name, IBAN string }

type permitAll struct{}

func (permitAll) Name() string { return "all" }
func (permitAll) Digest() string {
	return "sha256:0000000000000000000000000000000000000000000000000000000000000000"
}
func (permitAll) Immediate() bool { return true }
func (p permitAll) Decide(_ context.Context, in *policy.Input) (policy.Verdict, error) {
	return policy.Verdict{Digest: p.Digest(), Permit: in.Fields}, nil
}

func TestSmoke(t *testing.T) {
	reg, err := purpose.Compile(purpose.Spec{
		Controller: purpose.Controller{Name: "Acme", Country: "DK", Zone: "Europe/Copenhagen"},
		Notices:    []purpose.Notice{{Version: "1", From: "2024-01-01"}},
		Purposes:   []purpose.Purpose{{Key: "invoicing"}, {Key: "newsletter", Marketing: true}},
		Categories: []purpose.Category{{Key: "contact.name"}, {Key: "finance.iban"}},
		Capacities: []purpose.Capacity{{Key: "customer"}},
		Events:     []purpose.Event{{Key: "signed", Stage: basis.Active, Gives: []string{"customer"}}, {Key: "ended", Stage: basis.Ended}},
		Recipients: []purpose.Recipient{{Key: "hausbank", Kind: purpose.SeparateController, Countries: []string{"DE"}}},
		Retention: []retention.Rule{{Key: "r", Clause: "5", Anchor: retention.Anchor{Kind: retention.OnEvent, Events: []string{"ended"}},
			Ceiling: retention.MustPeriod("P5Y")}},
		Activities: []purpose.Activity{{Key: "billing", Purposes: []string{"invoicing"}, Capacities: []string{"customer"},
			Categories: []string{"contact", "finance"}, Claims: []basis.Claim{{Basis: basis.Contract}}, Retention: []string{"r"},
			Recipients: []purpose.Grant{{Recipient: "hausbank"}}, Clause: "2.3"}},
	})
	require.NoError(t, err)
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	ledger := basis.NewMemory(reg.Vocabulary(), basis.WithClock(clock))
	trail := audittest.NewRecorder(clock)
	g, err := policy.NewGuard(reg, ledger, trail, permitAll{}, policy.WithClock(clock), policy.WithTypes(policy.View[debit, lessee]()))
	require.NoError(t, err)
	l := lessee{ID: "p1", Name: sealed.Of("Ada"), IBAN: sealed.Of("DK123456")}
	req := policy.Request{Principal: policy.Principal{ID: "u17", Roles: []string{"billing"}}, Purpose: "invoicing"}
	_, err = policy.Read[debit](context.Background(), g, req, &l)
	require.ErrorIs(t, err, policy.ErrDenied)
	fmt.Println(err)
	now = now.Add(time.Second)
	require.NoError(t, ledger.Record(context.Background(), basis.Event{DataSubject: "p1", Body: basis.Occurred{Event: "signed"}}))
	now = now.Add(time.Second)
	d, err := policy.Read[debit](context.Background(), g, req, &l)
	require.NoError(t, err)
	require.Equal(t, debit{"Ada", "DK123456"}, d)
	d, err = policy.Share[debit](context.Background(), g, req.To("hausbank"), &l)
	require.NoError(t, err)
	require.Equal(t, debit{"Ada", "DK123456"}, d)
	req.Action = purpose.Read
	e, err := policy.Explain(context.Background(), g, req, &l)
	require.NoError(t, err)
	fmt.Println(e)
	e, _ = policy.Explain(context.Background(), g, req.For("newsletter"), &l)
	fmt.Println(e)
	for i, ev := range trail.Events() {
		fmt.Println(i, ev.Name, ev.Outcome, ev.Reason, ev.Basis, ev.BasisRef, ev.Fields)
	}
}
