package oracle_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// The tests of this file are named after how systems that try to bind data to purposes fail.

// because is the code that the refusal of a view gives first.
func because(t *testing.T, err error) policy.Code {
	require.ErrorIs(t, err, policy.ErrDenied)
	var denied *policy.DeniedError
	require.ErrorAs(t, err, &denied)
	return denied.Decision.Because()
}

func TestAllowUnlessConsentDoesNotAllowWithoutARecord(t *testing.T) {
	h := newHouse(t)
	v, err := policy.Read[mailView](context.Background(), h.guard, h.request("newsletter"), aTenant("ada"))
	require.Equal(t, policy.CodeConsentMissing, because(t, err))
	require.Zero(t, v)

	h.record("ada", basis.ConsentGiven{Scope: "news", Quality: basis.GoodConsent()}) // the control
	v, err = policy.Read[mailView](context.Background(), h.guard, h.request("newsletter"), aTenant("ada"))
	require.NoError(t, err)
	require.Equal(t, canary+" Name", v.Name)
}

func TestAMisspeltConstraintDoesNotAllow(t *testing.T) {
	misspelt := houseSpec()
	misspelt.Activities[2].Conditions[0].Fact = "urgnet"
	_, err := purpose.Compile(misspelt)
	var ps purpose.Problems
	require.ErrorAs(t, err, &ps)
	require.True(t, ps.Has("ref.unknown"))

	h := newHouse(t)
	req := h.request("audit")
	_, err = policy.Read[incomeView](context.Background(), h.guard, req, aTenant("ada"))
	require.Equal(t, policy.CodeFactMissing, because(t, err))
	_, err = policy.Read[incomeView](context.Background(), h.guard, req.With(purpose.Named("urgnet", purpose.True())), aTenant("ada"))
	require.Equal(t, policy.CodeFactUndeclared.Gate(), because(t, err).Gate())
	_, err = policy.Read[incomeView](context.Background(), h.guard, req.With(purpose.Named("urgent", purpose.TextValue("true"))), aTenant("ada"))
	require.Equal(t, policy.GateFacts, because(t, err).Gate())
	_, err = policy.Read[incomeView](context.Background(), h.guard, req.With(purpose.Named("urgent", purpose.False())), aTenant("ada"))
	require.Equal(t, policy.CodeCondition, because(t, err))

	v, err := policy.Read[incomeView](context.Background(), h.guard, req.With(purpose.Named("urgent", purpose.True())), aTenant("ada")) // the control
	require.NoError(t, err)
	require.EqualValues(t, 424242, *v.Income)
}

func TestAMisspeltTagDoesNotHideAField(t *testing.T) {
	h := newHouse(t)
	type keyMisspelt struct {
		ID   string `subject:"id"`
		Name string `personel:"contact.name"`
	}
	type categoryMisspelt struct {
		ID   string `subject:"id"`
		Name string `personal:"contact.nmae"`
	}
	type purposeMisspelt struct {
		ID   string `subject:"id"`
		Name string `personal:"contact.name" purpose:"rant"`
	}
	type ruleMisspelt struct {
		ID   string `subject:"id"`
		Name string `personal:"contact.name" retention:"kpet"`
	}
	type basisMisspelt struct {
		ID   string `subject:"id"`
		Name string `personal:"contact.name" basis:"contrat"`
	}
	_, errs := policy.Read[nameView](context.Background(), h.guard, h.request("rent"), &keyMisspelt{ID: "ada"})
	require.ErrorIs(t, errs, policy.ErrBinding)
	_, errs = policy.Read[nameView](context.Background(), h.guard, h.request("rent"), &categoryMisspelt{ID: "ada"})
	require.ErrorIs(t, errs, policy.ErrBinding)
	_, errs = policy.Read[nameView](context.Background(), h.guard, h.request("rent"), &purposeMisspelt{ID: "ada"})
	require.ErrorIs(t, errs, policy.ErrBinding)
	_, errs = policy.Read[nameView](context.Background(), h.guard, h.request("rent"), &ruleMisspelt{ID: "ada"})
	require.ErrorIs(t, errs, policy.ErrBinding)
	_, errs = policy.Read[nameView](context.Background(), h.guard, h.request("rent"), &basisMisspelt{ID: "ada"})
	require.ErrorIs(t, errs, policy.ErrBinding)
}

func TestAConsumerDoesNotGetTheUnionOfItsPurposes(t *testing.T) {
	h := newHouse(t)
	req := h.request("newsletter") // rent would permit the name, and the consent is missing
	req.Principal.Roles = []string{"billing", "marketing"}
	_, err := policy.Read[nameView](context.Background(), h.guard, req, aTenant("ada"))
	require.ErrorIs(t, err, policy.ErrDenied)
	_, err = policy.Read[nameView](context.Background(), h.guard, req.For("rent"), aTenant("ada"))
	require.NoError(t, err)
	type both struct {
		Name   string
		Income *int64
	} // rent has the one and audit the other: no purpose has both
	for _, p := range []string{"rent", "audit", "newsletter", "first"} {
		v, err := policy.Read[both](context.Background(), h.guard, req.For(p).With(purpose.Named("urgent", purpose.True())), aTenant("ada"))
		require.ErrorIs(t, err, policy.ErrDenied, p)
		require.Zero(t, v)
	}
}

func TestADenyingPolicyStopsAReadThatThePurposeAllows(t *testing.T) {
	h := newHouse(t)
	h.clerk.decide = func(_ context.Context, in *policy.Input) (policy.Verdict, error) {
		return policy.Verdict{Digest: h.clerk.Digest(), Permit: in.Fields, Deny: in.Fields}, nil
	}
	v, err := policy.Read[nameView](context.Background(), h.guard, h.request("rent"), aTenant("ada"))
	require.Equal(t, policy.CodePolicyDeny, because(t, err))
	require.Zero(t, v)
}

func TestAnUntaggedColumnIsNotReleased(t *testing.T) {
	h := newHouse(t)
	type noteView struct{ Name, Note string }
	_, err := policy.Read[noteView](context.Background(), h.guard, h.request("rent"), aTenant("ada"))
	require.ErrorIs(t, err, policy.ErrBinding)
	require.NotContains(t, err.Error(), canary)

	plan, err := h.guard.Schema(purpose.Schema{Name: "row", Fields: []purpose.SchemaField{
		{Name: "id", Tags: purpose.Tags{DataSubject: "id"}}, {Name: "name", Tags: purpose.Tags{Personal: "contact.name"}}}})
	require.NoError(t, err)
	row := map[string]any{"id": "ada", "name": canary + " name", "note": canary + " note"}
	got, err := policy.ReadMap(context.Background(), h.guard, h.request("rent"), plan, row, "name", "note")
	require.Equal(t, policy.CodeFieldUnknown, because(t, err))
	require.Nil(t, got)
	got, err = policy.ReadMap(context.Background(), h.guard, h.request("rent"), plan, row)
	require.NoError(t, err)
	require.Equal(t, map[string]any{"name": canary + " name"}, got)
}

func TestAnUnknownOperationIsNotAllowed(t *testing.T) {
	h := newHouse(t)
	for _, a := range []purpose.Action{0, purpose.Decide + 1, 255} {
		req := h.request("rent")
		req.Action = a
		d, err := policy.Decide(context.Background(), h.guard, req, aTenant("ada"))
		require.NoError(t, err)
		assert.Equal(t, policy.OutcomeDenied, d.Outcome)
		assert.Equal(t, policy.CodeActionMissing, d.Because())
	}
	req := h.request("rent") // known, but not one of the activity's
	req.Action = purpose.Decide
	d, err := policy.Decide(context.Background(), h.guard, req, aTenant("ada"))
	require.NoError(t, err)
	require.Equal(t, policy.OutcomeDenied, d.Outcome)
	require.Contains(t, codesOf(&d), policy.CodeAction)
}

// codesOf lists the codes of a decision.
func codesOf(d *policy.Decision) (list []policy.Code) {
	for _, r := range d.AllReasons() {
		list = append(list, r.Code)
	}
	return list
}

func TestTwoPurposesInOneRequestAreNone(t *testing.T) {
	h := newHouse(t)
	for _, p := range []string{"rent,newsletter", "rent newsletter", "rent;audit", "rent\nnewsletter", "rent,", " rent", "[rent newsletter]"} {
		v, err := policy.Read[nameView](context.Background(), h.guard, h.request(p), aTenant("ada"))
		assert.Equal(t, policy.CodePurposeUnknown, because(t, err), p)
		assert.Zero(t, v)
	}
}

func TestTaggedNumbersTimesAndInterfacesDoNotPassInClear(t *testing.T) {
	h := newHouse(t)
	v, err := policy.Read[numberView](context.Background(), h.guard, h.request("newsletter"), aTenant("ada")) // which covers none of them
	require.Equal(t, policy.CodeNotCovered, because(t, err))
	require.Zero(t, v)
	require.NotContains(t, err.Error(), "424242")
	require.NotContains(t, string(h.trail.Bytes()), "1984")

	for mask := policy.Remove; mask <= policy.Initials; mask++ { // and none survives a redaction that does not fit it
		h.clerk.decide = func(_ context.Context, in *policy.Input) (policy.Verdict, error) {
			return policy.Verdict{Digest: h.clerk.Digest(), Permit: in.Fields, Redactions: []policy.Redaction{{Fields: in.Fields, Mask: mask}}}, nil
		}
		v, err = policy.Read[numberView](context.Background(), h.guard, h.request("rent"), aTenant("ada"))
		require.NoError(t, err)
		assert.Zero(t, v.Age, mask)
		assert.Zero(t, v.Extra, mask)
		assert.Zero(t, v.Tags, mask)
		if mask == policy.YearOnly {
			assert.Equal(t, 1984, v.Born.Year())
			assert.Equal(t, 1, v.Born.YearDay())
		} else {
			assert.Zero(t, v.Born, mask)
		}
	}
}

func TestTaggedValuesThatAreNoTextSurviveAPermit(t *testing.T) {
	h := newHouse(t)
	want := aTenant("ada")
	v, err := policy.Read[numberView](context.Background(), h.guard, h.request("rent"), aTenant("ada"))
	require.NoError(t, err)
	require.Equal(t, numberView{want.Age, want.Born, want.Extra, want.Tags}, v)
}

func TestAnUnknownPurposeIsNoOthers(t *testing.T) {
	h := newHouse(t)
	known, err := policy.Read[nameView](context.Background(), h.guard, h.request("rent"), aTenant("ada"))
	require.NoError(t, err)
	require.NotZero(t, known)
	for _, p := range []string{"rnet", "Rent", "rent.", ".rent", "rent.x", "first.x", "\x00", "0", "renting", "news"} {
		v, err := policy.Read[nameView](context.Background(), h.guard, h.request(p), aTenant("ada"))
		assert.Equal(t, policy.CodePurposeUnknown, because(t, err), p)
		assert.Zero(t, v)
	}
	_, err = policy.Read[nameView](context.Background(), h.guard, h.request("first"), aTenant("ada")) // declared, and nothing serves it
	require.Equal(t, policy.CodeNotCovered, because(t, err))
}

func TestAGuardThatIsNoneAnswersNothing(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	for name, g := range map[string]*policy.Guard{"nil": nil, "zero": new(policy.Guard)} {
		v, err := policy.Read[nameView](ctx, g, h.request("rent"), aTenant("ada"))
		assert.Error(t, err, name)
		assert.Zero(t, v, name)
		d, err := policy.Decide(ctx, g, h.request("rent"), aTenant("ada"))
		assert.Error(t, err, name)
		assert.Equal(t, policy.OutcomeDenied, d.Outcome, name)
		v, _, err = policy.Permitted[nameView](ctx, g, h.request("rent"), aTenant("ada"))
		assert.Error(t, err, name)
		assert.Zero(t, v, name)
		rows, err := policy.ReadBatch[nameView](ctx, g, h.request("rent"), []*tenant{aTenant("ada")})
		assert.Error(t, err, name)
		assert.Empty(t, rows, name)
		_, err = policy.BreakGlass[nameView](ctx, g, h.request("rent"), aTenant("ada"), policy.Emergency{Reason: "fire", Until: h.now.Add(1)})
		assert.Error(t, err, name)
		_, err = policy.ReadMap(ctx, g, h.request("rent"), nil, map[string]any{"name": canary})
		assert.Error(t, err, name)
		_, err = policy.Explain(ctx, g, h.request("rent"), aTenant("ada"))
		assert.Error(t, err, name)
		_, err = g.DecidePlan(ctx, h.request("rent"), nil)
		assert.Error(t, err, name)
		_, err = g.Schema(purpose.Schema{Name: "row"})
		assert.Error(t, err, name)
	}
}

func TestNothingIsDecidedWithoutItsParts(t *testing.T) {
	h := newHouse(t)
	trail := audittest.NewRecorder(h.clock)
	make := func(change func(*purpose.Register) (*policy.Guard, error)) {
		g, err := change(h.reg)
		assert.Error(t, err)
		assert.Nil(t, g)
	}
	make(func(r *purpose.Register) (*policy.Guard, error) {
		return policy.NewGuard(nil, h.ledger, trail, h.clerk)
	})
	make(func(r *purpose.Register) (*policy.Guard, error) { return policy.NewGuard(r, nil, trail, h.clerk) })
	make(func(r *purpose.Register) (*policy.Guard, error) { return policy.NewGuard(r, h.ledger, nil, h.clerk) })
	make(func(r *purpose.Register) (*policy.Guard, error) { return policy.NewGuard(r, h.ledger, trail, nil) })
	make(func(r *purpose.Register) (*policy.Guard, error) {
		return policy.NewGuard(r, h.ledger, trail, h.clerk, policy.WithPolicies(nil))
	})
	make(func(r *purpose.Register) (*policy.Guard, error) {
		return policy.NewGuard(r, h.ledger, trail, h.clerk, nil)
	})
	make(func(r *purpose.Register) (*policy.Guard, error) {
		return policy.NewGuard(r, h.ledger, trail, h.clerk, policy.WithClock(nil))
	})
	make(func(r *purpose.Register) (*policy.Guard, error) {
		return policy.NewGuard(r, (*basis.Memory)(nil), trail, h.clerk)
	})
	make(func(r *purpose.Register) (*policy.Guard, error) {
		return policy.NewGuard(r, h.ledger, (*audittest.Recorder)(nil), h.clerk)
	})
	make(func(r *purpose.Register) (*policy.Guard, error) {
		return policy.NewGuard(r, h.ledger, trail, (*porter)(nil))
	})
}

func TestWhenEveryRuleSkipsNothingIsAllowed(t *testing.T) {
	h := newHouse(t)
	h.clerk.decide = func(context.Context, *policy.Input) (policy.Verdict, error) { return policy.Verdict{}, nil }
	v, err := policy.Read[nameView](context.Background(), h.guard, h.request("rent"), aTenant("ada"))
	require.Equal(t, policy.GatePolicy, because(t, err).Gate())
	require.Zero(t, v)
	h.clerk.decide = func(context.Context, *policy.Input) (policy.Verdict, error) {
		return policy.Verdict{}, errors.New(canary)
	}
	_, err = policy.Read[nameView](context.Background(), h.guard, h.request("rent"), aTenant("ada"))
	require.Equal(t, policy.CodePolicyError, because(t, err))
	require.NotContains(t, err.Error(), canary)
}
