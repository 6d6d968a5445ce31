// Package acme is a small company with personal data, for tests of packages that carry requests to a guard.
package acme

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/purpose/sealed"
	"github.com/purposebound/purposebound/retention"
)

// Lessee is a record.
type Lessee struct {
	ID        string               `subject:"id"`
	Name      sealed.Value[string] `personal:"contact.name"`
	IBAN      sealed.Value[string] `personal:"finance.iban"`
	Income    int64                `personal:"finance.income"`
	Contract  string               `personal:"-"`
	Household []Member
}

// Member of a lessee's household.
type Member struct {
	ID   string               `subject:"id"`
	Name sealed.Value[string] `personal:"contact.name"`
}

// DebitView is what an invoice needs.
type DebitView struct{ Name, IBAN string }

// Canaries are the values of the record: none of them may be seen where nothing was released.
var Canaries = []string{"Ada Lovelace", "DK5000400440116243", "420017"}

// Ada is a lessee with a contract.
func Ada() *Lessee {
	return &Lessee{ID: "person-ada", Name: sealed.Of("Ada Lovelace"), IBAN: sealed.Of("DK5000400440116243"), Income: 420_017, Contract: "K-17"}
}

// Bob has none, so that nothing about him may be read.
func Bob() *Lessee {
	return &Lessee{ID: "person-bob", Name: sealed.Of("Ada Lovelace"), IBAN: sealed.Of("DK5000400440116243"), Income: 420_017}
}

// Agent may read what the register allows, beside the income.
var Agent = policy.Principal{ID: "u17", Roles: []string{"agent"}}

// Acme is a guard with what it stands on within reach.
type Acme struct {
	Register *purpose.Register
	Trail    *audittest.Recorder
	Guard    *policy.Guard
	Broken   atomic.Bool // the ledger is gone
	ledger   *basis.Memory
}

// New makes an Acme.
func New(options ...policy.Option) (*Acme, error) {
	register, err := purpose.Compile(purpose.Spec{
		Controller: purpose.Controller{Name: "Acme", Country: "DK", Zone: "UTC"}, Notices: []purpose.Notice{{Version: "1", From: "2024-01-01"}},
		Purposes:   []purpose.Purpose{{Key: "invoicing"}, {Key: "marketing"}, {Key: "marketing.newsletter"}},
		Categories: []purpose.Category{{Key: "contact.name"}, {Key: "finance.iban"}, {Key: "finance.income"}},
		Capacities: []purpose.Capacity{{Key: "customer"}},
		Events:     []purpose.Event{{Key: "signed", Stage: basis.Active, Gives: []string{"customer"}}},
		Recipients: []purpose.Recipient{{Key: "hausbank", Kind: purpose.SeparateController, Countries: []string{"DE"}}},
		Retention:  []retention.Rule{{Key: "yearly", Clause: "5", Anchor: retention.After("signed"), Ceiling: retention.MustPeriod("P1Y")}},
		Activities: []purpose.Activity{{Key: "billing", Clause: "2.3", Purposes: []string{"invoicing"}, Categories: []string{"contact", "finance"},
			Capacities: []string{"customer"}, Claims: []basis.Claim{{Basis: basis.Contract}}, Retention: []string{"yearly"},
			Recipients: []purpose.Grant{{Recipient: "hausbank", Categories: []string{"contact.name", "finance.iban"}}}}},
	})
	if err != nil {
		return nil, err
	}
	clock := func() time.Time { return time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC) }
	a := &Acme{Register: register, Trail: audittest.NewRecorder(clock), ledger: basis.NewMemory(register.Vocabulary(), basis.WithClock(clock))}
	err = a.ledger.Record(context.Background(), basis.Event{DataSubject: "person-ada", ValidAt: clock().Add(-time.Hour), Body: basis.Occurred{Event: "signed"}})
	if err != nil {
		return nil, err
	}
	a.Guard, err = policy.NewGuard(register, ledger{a}, a.Trail, rules{}, append([]policy.Option{policy.WithClock(clock)}, options...)...)
	return a, err
}

// Events are those of the trail, as name/outcome/reason.
func (a *Acme) Events() (list []string) {
	for _, e := range a.Trail.Events() {
		list = append(list, string(e.Name)+"/"+string(e.Outcome)+"/"+e.Reason)
	}
	return list
}

type ledger struct{ acme *Acme }

var errGone = errors.New("acme: the ledger is gone, and so is Ada Lovelace")

func (l ledger) StateAt(ctx context.Context, who string, at, known time.Time) (*basis.State, error) {
	if l.acme.Broken.Load() {
		return nil, errGone
	}
	return l.acme.ledger.StateAt(ctx, who, at, known)
}

// rules let agents read everything but the income.
type rules struct{}

func (rules) Name() string { return "team" }
func (rules) Digest() string {
	return "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
}
func (rules) Immediate() bool { return true }
func (r rules) Decide(_ context.Context, in *policy.Input) (policy.Verdict, error) {
	v := policy.Verdict{Digest: r.Digest()}
	for i := range in.Fields.All {
		if in.Plan.Register.Categories().Key(in.Plan.Fields[i].Category) != "finance.income" && in.Request.Principal.Roles[0] == "agent" {
			v.Permit.Add(i)
		}
	}
	return v, nil
}

// Masking is a policy that masks all it is asked about.
type Masking struct{ policy.Mask }

// Name implements [policy.Decider].
func (Masking) Name() string { return "masking" }

// Digest implements [policy.Decider].
func (Masking) Digest() string {
	return "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
}

// Immediate implements [policy.Immediate].
func (Masking) Immediate() bool { return true }

// Decide implements [policy.Decider].
func (m Masking) Decide(_ context.Context, in *policy.Input) (policy.Verdict, error) {
	return policy.Verdict{Digest: m.Digest(), Redactions: []policy.Redaction{{Fields: in.Fields, Mask: m.Mask}}}, nil
}
