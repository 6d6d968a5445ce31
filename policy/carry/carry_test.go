package carry_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/internal/acme"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/carry"
)

func TestWhatAContextCarriesIsAsked(t *testing.T) {
	a, err := acme.New()
	require.NoError(t, err)
	ctx := carry.With(t.Context(), a.Guard, policy.Request{Principal: acme.Agent, Purpose: "invoicing"})
	v, err := carry.Read[acme.DebitView](ctx, acme.Ada())
	require.NoError(t, err)
	require.Equal(t, acme.DebitView{Name: "Ada Lovelace", IBAN: "DK5000400440116243"}, v)

	_, err = carry.Share[acme.DebitView](ctx, acme.Ada())
	require.ErrorIs(t, err, policy.ErrDenied, "no recipient")
	g, req := carry.From(ctx)
	require.Same(t, a.Guard, g)
	_, err = carry.Share[acme.DebitView](carry.With(ctx, g, req.To("hausbank")), acme.Ada())
	require.NoError(t, err)

	type whole struct {
		Name   string
		Income int64
	}
	_, err = carry.Read[whole](ctx, acme.Ada())
	require.ErrorIs(t, err, policy.ErrDenied)
	some, d, err := carry.Permitted[whole](ctx, acme.Ada())
	require.NoError(t, err)
	require.Equal(t, whole{Name: "Ada Lovelace"}, some)
	require.Equal(t, []string{"Income"}, d.Denied())
	require.Equal(t, []string{"access.read/permitted/", "access.denied/denied/recipient.missing", "access.share/permitted/",
		"access.denied/denied/policy.not-permitted", "access.read/partial/policy.not-permitted"}, a.Events())
}

func TestAContextThatCarriesNothingIsDenied(t *testing.T) {
	for name, ctx := range map[string]context.Context{"background": context.Background(), "nil": nil, "no guard": carry.With(t.Context(), nil, policy.Request{}),
		"no guard that was made": carry.With(t.Context(), new(policy.Guard), policy.Request{Principal: acme.Agent, Purpose: "invoicing"})} {
		v, err := carry.Read[acme.DebitView](ctx, acme.Ada())
		require.ErrorIs(t, err, policy.ErrDenied, name)
		require.Zero(t, v)
		_, err = carry.Share[acme.DebitView](ctx, acme.Ada())
		require.ErrorIs(t, err, policy.ErrDenied, name)
		_, _, err = carry.Permitted[acme.DebitView](ctx, acme.Ada())
		require.ErrorIs(t, err, policy.ErrDenied, name)
	}
}

func TestARequestThatIsChangedIsNobodyElses(t *testing.T) {
	a, err := acme.New()
	require.NoError(t, err)
	roles := []string{"guest"}
	ctx := carry.With(t.Context(), a.Guard, policy.Request{Principal: policy.Principal{ID: "u1", Roles: roles}, Purpose: "invoicing"})
	roles[0] = "agent"
	_, req := carry.From(ctx)
	require.Equal(t, []string{"guest"}, req.Principal.Roles)
	req.Principal.Roles[0] = "agent"
	_, err = carry.Read[acme.DebitView](ctx, acme.Ada())
	require.ErrorIs(t, err, policy.ErrDenied)
}

func TestWhatAPlaceMayDeclare(t *testing.T) {
	a, err := acme.New()
	require.NoError(t, err)
	for _, tc := range []struct{ purpose, recipient, want string }{
		{"invoicing", "", ""},
		{"marketing.newsletter", "hausbank", ""},
		{"", "", "carry: no purpose is declared"},
		{"invoicin", "", `carry: the register has no purpose "invoicin"`},
		{"marketing", "", `carry: the purpose "marketing" has purposes below it: declare one of them`},
		{"invoicing", "bank", `carry: the register has no recipient "bank"`},
	} {
		err := carry.Declarable(a.Register, tc.purpose, tc.recipient)
		if tc.want == "" {
			require.NoError(t, err)
			continue
		}
		require.EqualError(t, err, tc.want)
	}
	require.Error(t, carry.Declarable(nil, "invoicing", ""))
}

func TestWhatIsUnavailableIsNoDenial(t *testing.T) {
	a, err := acme.New()
	require.NoError(t, err)
	ctx := carry.With(t.Context(), a.Guard, policy.Request{Principal: acme.Agent, Purpose: "invoicing"})
	_, err = carry.Read[acme.DebitView](ctx, acme.Bob())
	require.ErrorIs(t, err, policy.ErrDenied)
	require.False(t, carry.Unavailable(err))
	require.False(t, carry.Unavailable(nil))
	require.False(t, carry.Unavailable(errors.New("x")))

	a.Broken.Store(true)
	_, err = carry.Read[acme.DebitView](ctx, acme.Ada())
	require.True(t, carry.Unavailable(err))
	a.Broken.Store(false)

	a.Trail.FailNext(errors.New("full"))
	_, err = carry.Read[acme.DebitView](ctx, acme.Ada())
	require.True(t, carry.Unavailable(err))
	a.Trail.FailNext(errors.New("full"))
	_, _, err = carry.Permitted[struct {
		Name   string
		Income int64
	}](ctx, acme.Ada())
	require.True(t, carry.Unavailable(err), "also where a gate had kept a part back")
}
