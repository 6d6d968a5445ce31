package rpcguard_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/internal/acme"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/carry"
	"github.com/purposebound/purposebound/policy/rpcguard"
)

type tokenKey struct{}

// metadata is what a transport puts into a context.
func metadata(t *testing.T, token string) context.Context {
	return context.WithValue(t.Context(), tokenKey{}, token)
}

func staff(ctx context.Context) (policy.Principal, error) {
	switch ctx.Value(tokenKey{}) {
	case "agent":
		return acme.Agent, nil
	case "nobody":
		return policy.Principal{}, nil
	case "panic":
		panic("token of Ada Lovelace")
	case "down":
		return policy.Principal{}, fmt.Errorf("%w: directory", rpcguard.ErrUnavailable)
	}
	return acme.Agent, errors.New("token of Ada Lovelace")
}

var methods = []rpcguard.Method{
	{Name: "/acme.Lessees/Debit", Purpose: "invoicing"},
	{Name: "/acme.Lessees/Forward", Purpose: "invoicing", Recipient: "hausbank"},
	{Name: "/acme.Lessees/Newsletter", Purpose: "marketing.newsletter"},
	{Name: "/grpc.health.v1.Health/Check", NotPersonal: true},
}

// unary is what grpc calls a UnaryHandler, a type of its own.
type unary func(ctx context.Context, req any) (any, error)

func debit(ctx context.Context, req any) (any, error) {
	record := map[any]*acme.Lessee{"ada": acme.Ada(), "bob": acme.Bob()}[req]
	if req == "panic" {
		panic("row of Ada Lovelace")
	}
	if record == nil {
		return "half of Ada Lovelace", errNotFound
	}
	if _, r := carry.From(ctx); r.Recipient != "" {
		return carry.Share[acme.DebitView](ctx, record)
	}
	return carry.Read[acme.DebitView](ctx, record)
}

var errNotFound = errors.New("not found")

func TestCallsAreHeldToTheirPurpose(t *testing.T) {
	a, err := acme.New()
	require.NoError(t, err)
	var reported []error
	c := rpcguard.Config{Guard: a.Guard, Authenticate: staff, Methods: methods, Report: func(_ context.Context, err error) { reported = append(reported, err) }}
	s, err := rpcguard.New(c)
	require.NoError(t, err)

	for _, method := range []string{"/acme.Lessees/Debit", "/acme.Lessees/Forward"} {
		resp, err := rpcguard.Call(metadata(t, "agent"), s, any("ada"), method, unary(debit))
		require.NoError(t, err)
		require.Equal(t, acme.DebitView{Name: "Ada Lovelace", IBAN: "DK5000400440116243"}, resp)
	}
	resp, err := rpcguard.Call(t.Context(), s, "ping", "/grpc.health.v1.Health/Check", func(_ context.Context, s string) (string, error) { return s + " pong", nil })
	require.NoError(t, err)
	require.Equal(t, "ping pong", resp)
	require.Equal(t, []string{"access.read/permitted/", "access.share/permitted/"}, a.Events())

	for _, tc := range []struct {
		token, method, req string
		broken             bool
		status             rpcguard.Status
		code               string
	}{
		{"agent", "/acme.Lessees/Newsletter", "ada", false, rpcguard.PermissionDenied, "purpose.category"},
		{"agent", "/acme.Lessees/Debit", "bob", false, rpcguard.PermissionDenied, "purpose.capacity"},
		{"agent", "/acme.Lessees/Delete", "ada", false, rpcguard.PermissionDenied, rpcguard.CodeUndeclared},
		{"agent", "", "ada", false, rpcguard.PermissionDenied, rpcguard.CodeUndeclared},
		{"", "/acme.Lessees/Debit", "ada", false, rpcguard.Unauthenticated, rpcguard.CodeUnauthenticated},
		{"nobody", "/acme.Lessees/Debit", "ada", false, rpcguard.Unauthenticated, rpcguard.CodeUnauthenticated},
		{"panic", "/acme.Lessees/Debit", "ada", false, rpcguard.Unauthenticated, rpcguard.CodeUnauthenticated},
		{"down", "/acme.Lessees/Debit", "ada", false, rpcguard.Unavailable, rpcguard.CodeUnavailable},
		{"agent", "/acme.Lessees/Debit", "ada", true, rpcguard.Unavailable, "state.unavailable"},
		{"agent", "/acme.Lessees/Debit", "panic", false, rpcguard.Internal, rpcguard.CodeInternal},
		{"agent", "/grpc.health.v1.Health/Check", "ada", false, rpcguard.Internal, "release.internal"},
	} {
		a.Broken.Store(tc.broken)
		resp, err := rpcguard.Call(metadata(t, tc.token), s, any(tc.req), tc.method, unary(debit))
		require.Nil(t, resp)
		var r *rpcguard.Refusal
		require.ErrorAs(t, err, &r, "%+v", tc)
		require.Equal(t, tc.status, r.Status, "%+v", tc)
		require.Equal(t, tc.code, r.Code, "%+v", tc)
		require.Equal(t, "rpcguard: refused: "+tc.code, r.Error())
		require.Equal(t, !strings.HasPrefix(tc.code, "rpc."), errors.Is(err, policy.ErrDenied))
	}
	a.Broken.Store(false)
	require.Len(t, reported, 4)
	require.EqualError(t, reported[3], "rpcguard: the handler of /acme.Lessees/Debit panicked with a string")

	half, err := rpcguard.Call(metadata(t, "agent"), s, any("eve"), "/acme.Lessees/Debit", unary(debit))
	require.ErrorIs(t, err, errNotFound, "an error of the handler's own")
	require.Nil(t, half)

	c.HideReasons = true
	s, err = rpcguard.New(c)
	require.NoError(t, err)
	_, err = rpcguard.Call(metadata(t, "agent"), s, any("bob"), "/acme.Lessees/Debit", unary(debit))
	require.EqualError(t, err, "rpcguard: refused")
}

func TestMethodsAreCheckedAtStart(t *testing.T) {
	a, err := acme.New()
	require.NoError(t, err)
	_, err = rpcguard.New(rpcguard.Config{Guard: a.Guard, Authenticate: staff, Methods: []rpcguard.Method{
		{Name: "/a", Purpose: "invoicin"}, {Name: "/b"}, {Purpose: "invoicing"}, {Name: "/c", Purpose: "invoicing", Recipient: "bank"},
		{Name: "/d", Purpose: "invoicing", NotPersonal: true}, {Name: "/e", Purpose: "invoicing"}, {Name: "/e", NotPersonal: true},
	}})
	require.Len(t, strings.Split(err.Error(), "\n"), 6, err)
	_, err = rpcguard.New(rpcguard.Config{Guard: a.Guard, Methods: methods})
	require.Error(t, err)
	_, err = rpcguard.New(rpcguard.Config{Authenticate: staff, Methods: methods})
	require.Error(t, err)

	for _, s := range []*rpcguard.Server{nil, {}} {
		_, err := rpcguard.Call(metadata(t, "agent"), s, any("ada"), "/acme.Lessees/Debit", unary(debit))
		require.EqualError(t, err, "rpcguard: refused: rpc.internal")
	}
}
