package policy_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// Every word that a register, a schema and a policy may use can stand in an event: otherwise a register would load
// and no release could ever be recorded. The generator makes words of the bytes that matter, good and bad.
func TestWhatARegisterMaySayCanGoOnRecord(t *testing.T) {
	word := rapid.StringMatching(`[a-z0-9A-Z._\-]{0,8}[a-z0-9._\-]{0,70}`)
	tame := rapid.StringMatching(`[a-z][a-z0-9]{0,5}([._\-][a-z0-9]{1,5}){0,6}`)
	aliases, err := audit.NewKeyedHMAC(make([]byte, audit.MinKey), "test")
	require.NoError(t, err)
	principal, err := aliases.Alias(ctx, audit.Principal, "u")
	require.NoError(t, err)
	person, err := aliases.Alias(ctx, audit.DataSubject, "p")
	require.NoError(t, err)
	loaded, refused := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		word := word
		if rapid.Bool().Draw(t, "tame") {
			word = tame
		}
		key, clause := rapid.OneOf(word, tame, tame, tame).Draw(t, "key"), rapid.OneOf(word, tame, tame, tame).Draw(t, "clause")
		version := rapid.OneOf(word, tame, tame, tame).Draw(t, "version")
		field := rapid.OneOf(rapid.StringMatching(`[A-Za-z0-9_.\[\]æ\-]{1,40}`), rapid.StringMatching(`[A-Z][a-z0-9]{1,4}(\.[A-Z][a-z]{1,4})?`)).Draw(t, "field")
		reg, err := purpose.Compile(purpose.Spec{
			Controller: purpose.Controller{Name: "x", Country: "DK", Zone: "UTC"}, Notices: []purpose.Notice{{Version: version, From: "2024-01-01"}},
			Purposes: []purpose.Purpose{{Key: key}}, Categories: []purpose.Category{{Key: key}}, Capacities: []purpose.Capacity{{Key: key}},
			Events:    []purpose.Event{{Key: key, Stage: basis.Active, Gives: []string{key}}},
			Retention: []retention.Rule{{Key: key, Clause: "1", Anchor: retention.After(key), Ceiling: retention.MustPeriod("P1Y")}},
			Activities: []purpose.Activity{{Key: key, Purposes: []string{key}, Capacities: []string{key}, Categories: []string{key}, Clause: clause,
				Claims: []basis.Claim{{Basis: basis.Contract}}, Retention: []string{key}, Obligations: []string{key}}},
		})
		if err != nil {
			refused++
			return
		}
		plan, err := reg.BindSchema(purpose.Schema{Name: "s", Fields: []purpose.SchemaField{{Name: field, Tags: purpose.Tags{Personal: key}}}})
		if err != nil {
			refused++
			return
		}
		loaded++
		e := audit.Event{Name: audit.AccessRead, Outcome: audit.Permitted, Mode: audit.Enforce, Action: "read", PrincipalRoles: []string{key},
			Purpose: key, Categories: []string{key}, Fields: []string{plan.Fields[0].Path}, Basis: "gdpr:6-1-b", Activity: key, NoticeVersion: version,
			Clause: clause, RetentionRule: key, Obligations: []string{key}, RegisterDigest: reg.Digest(), PolicyDigest: digestA, PolicyEngine: key}
		e.PrincipalRef, e.DataSubjectRefs, e.DecisionID = principal, []string{person}, "01ARZ3NDEKTSV4RRFFQ69G5FAV"
		if err := e.Validate(); err != nil {
			t.Fatalf("key %q, clause %q, version %q, field %q: %v", key, clause, version, field, err)
		}
	})
	require.NotZero(t, loaded)
	require.NotZero(t, refused, "the control: some words are refused")
	for _, c := range policy.Codes() {
		e := audit.Event{Name: audit.AccessDenied, Outcome: audit.Denied, Reason: string(c), BasisRejected: []string{"gdpr:6-1-a=" + string(c)}}
		err := e.Validate()
		require.NotContains(t, fmt.Sprint(err), "reason", c)
		require.NotContains(t, fmt.Sprint(err), "basis.rejected", c)
	}
}
