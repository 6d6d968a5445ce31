package oracle_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/purpose/sealed"
	"github.com/purposebound/purposebound/retention"
)

// canary marks every value that must not come out of a refusal.
const canary = "CANARY"

// tenant is a record with tagged fields of every sort of type.
type tenant struct {
	ID     string               `subject:"id"`
	Name   sealed.Value[string] `personal:"contact.name"`
	Email  string               `personal:"contact.email"`
	Age    int                  `personal:"contact.age"`
	Born   time.Time            `personal:"contact.born"`
	Extra  any                  `personal:"contact.extra"`
	Tags   []string             `personal:"contact.tags"`
	Income *int64               `personal:"finance.income"`
	Note   string
	Plate  string `personal:"-"`
}

type (
	nameView   struct{ Name string }
	mailView   struct{ Name, Email string }
	numberView struct {
		Age   int
		Born  time.Time
		Extra any
		Tags  []string
	}
	incomeView struct{ Income *int64 }
)

func income(n int64) *int64 { return &n }

// aTenant has a canary in every value.
func aTenant(id string) *tenant {
	return &tenant{ID: id, Name: sealed.Of(canary + " Name"), Email: canary + "@example.org", Age: 424242, Born: time.Date(1984, 5, 17, 0, 0, 0, 0, time.UTC),
		Extra: canary + " extra", Tags: []string{canary + " tag"}, Income: income(424242), Note: canary + " note", Plate: canary + " plate"}
}

// houseSpec is the register of a landlord: rent on contract, a newsletter on consent.
func houseSpec() purpose.Spec {
	return purpose.Spec{
		Controller: purpose.Controller{Name: "Haus", Country: "DK", Zone: "Europe/Copenhagen"},
		Notices:    []purpose.Notice{{Version: "v1", From: "2020-01-01", ObjectionClause: "9"}},
		Purposes:   []purpose.Purpose{{Key: "rent"}, {Key: "newsletter", Marketing: true}, {Key: "audit"}, {Key: "first"}},
		Categories: []purpose.Category{{Key: "contact.name"}, {Key: "contact.email"}, {Key: "contact.age"}, {Key: "contact.born"}, {Key: "contact.extra"},
			{Key: "contact.tags"}, {Key: "finance.income"}},
		Capacities: []purpose.Capacity{{Key: "tenant"}},
		Events:     []purpose.Event{{Key: "moved-in", Stage: basis.Active, Gives: []string{"tenant"}}, {Key: "moved-out", Stage: basis.Ended, Ends: []string{"tenant"}}},
		Facts:      []purpose.Fact{{Key: "urgent", Type: purpose.Bool}},
		Scopes:     []purpose.Scope{{Key: "news", Purposes: []purpose.ScopedPurpose{{Purpose: "newsletter"}}}},
		Recipients: []purpose.Recipient{{Key: "bank", Kind: purpose.SeparateController, Countries: []string{"DE"}},
			{Key: "printer", Kind: purpose.Processor, Countries: []string{"DK", "SE"}, Agreement: &purpose.Agreement{Reference: "dpa", From: "2020-01-01"}}},
		Retention: []retention.Rule{{Key: "kept", Clause: "5", Anchor: retention.Anchor{Kind: retention.OnEvent, Events: []string{"moved-out"}}, Ceiling: retention.MustPeriod("P1Y")}},
		Activities: []purpose.Activity{
			{Key: "renting", Purposes: []string{"rent"}, Capacities: []string{"tenant"}, Categories: []string{"contact"}, Claims: []basis.Claim{{Basis: basis.Contract}},
				Recipients: []purpose.Grant{{Recipient: "bank"}, {Recipient: "printer"}}, Retention: []string{"kept"}, Clause: "2.1"},
			{Key: "mailing", Purposes: []string{"newsletter"}, Capacities: []string{"tenant"}, Categories: []string{"contact.name", "contact.email"},
				Claims: []basis.Claim{{Basis: basis.Consent, Scope: "news"}}, Retention: []string{"kept"}, Clause: "2.2"},
			{Key: "auditing", Purposes: []string{"audit"}, Capacities: []string{"tenant"}, Categories: []string{"finance"}, Claims: []basis.Claim{{Basis: basis.Contract}},
				Conditions: []purpose.Condition{{Fact: "urgent", Is: []purpose.Value{purpose.True()}}}, Retention: []string{"kept"}, Clause: "2.3"},
		},
	}
}

// house is a guard over houseSpec in which "ada" has moved in and permits nothing else.
type house struct {
	t      *testing.T
	reg    *purpose.Register
	ledger *basis.Memory
	trail  *audittest.Recorder
	clerk  *porter
	guard  *policy.Guard
	now    time.Time
}

// porter is a policy that permits everything, or what decide says.
type porter struct {
	decide func(context.Context, *policy.Input) (policy.Verdict, error)
	digest string
}

func (o *porter) Name() string { return "porter" }
func (o *porter) Digest() string {
	if o.digest == "panic" {
		panic(canary)
	}
	if o.digest != "" {
		return o.digest
	}
	return fmt.Sprintf("sha256:%064d", 0)
}
func (o *porter) Decide(ctx context.Context, in *policy.Input) (policy.Verdict, error) {
	if o.decide != nil {
		return o.decide(ctx, in)
	}
	return policy.Verdict{Digest: o.Digest(), Permit: in.Fields}, nil
}

func newHouse(t *testing.T, changes ...func(*purpose.Spec)) *house {
	spec := houseSpec()
	for _, change := range changes {
		change(&spec)
	}
	reg, err := purpose.Compile(spec)
	require.NoError(t, err)
	h := &house{t: t, reg: reg, clerk: &porter{}, now: present}
	h.ledger = basis.NewMemory(reg.Vocabulary(), basis.WithClock(h.clock))
	h.trail = audittest.NewRecorder(h.clock)
	h.record("ada", basis.Occurred{Event: "moved-in"})
	h.guard = h.over(h.ledger, h.trail)
	return h
}

func (h *house) clock() time.Time { return h.now }

// over is a guard of the same register over another ledger or trail.
func (h *house) over(ledger basis.Ledger, trail audit.Trail, options ...policy.Option) *policy.Guard {
	g, err := policy.NewGuard(h.reg, ledger, trail, h.clerk, append([]policy.Option{policy.WithClock(h.clock), policy.WithPolicyTimeout(250 * time.Millisecond),
		policy.WithStateTimeout(250 * time.Millisecond), policy.WithTrailTimeout(250 * time.Millisecond)}, options...)...)
	require.NoError(h.t, err)
	return g
}

// record lets something happen, a second later.
func (h *house) record(who string, bodies ...basis.Body) {
	for _, b := range bodies {
		require.NoError(h.t, h.ledger.Record(context.Background(), basis.Event{DataSubject: who, Body: b}))
		h.now = h.now.Add(time.Second)
	}
}

func (h *house) request(purpose string) policy.Request {
	return policy.Request{Principal: policy.Principal{ID: canary + "-u1", Roles: []string{"clerk"}}, Purpose: purpose}
}
