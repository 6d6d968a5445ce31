package table_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/table"
)

const asked = `fields: {Name: contact.name}
now: 2026-05-04
given:
  - {kind: relationship.occurred, event: signed, valid_at: 2024-02-01}
request:
  principal: {id: u17, roles: [billing], organisation: lessor}
  action: read
  purpose: lease.billing
  data_subject: ada
  facts: {instructed: true}
`

func explain(t *testing.T, text string) (*policy.Explanation, error) {
	t.Helper()
	tab, err := table.ParseRequest("request.yaml", []byte(text))
	require.NoError(t, err)
	return table.Explain(t.Context(), register(t), []policy.Decider{clerks{}}, tab, "request")
}

func TestARequestIsExplained(t *testing.T) {
	e, err := explain(t, asked)
	require.NoError(t, err)
	require.Equal(t, policy.OutcomePermitted, e.Outcome)
	require.Equal(t, "billing", e.Rules[0].Rule, "rules that permit are listed")

	e, err = explain(t, with(t, asked, "{instructed: true}", "{instructed: false}"))
	require.NoError(t, err)
	require.Equal(t, policy.OutcomeDenied, e.Outcome)

	tab, err := table.ParseRequest("request.yaml", []byte(asked))
	require.NoError(t, err)
	require.ErrorIs(t, tab.Check(register(t)), table.ErrInvalid, "it is no case to run: it expects nothing")
	_, err = table.Explain(t.Context(), register(t), []policy.Decider{clerks{}}, tab, "nobody")
	require.Error(t, err)
	_, err = table.Explain(t.Context(), register(t), []policy.Decider{clerks{}}, nil, "request")
	require.Error(t, err)
	_, err = table.Explain(t.Context(), register(t), nil, tab, "request")
	require.Error(t, err)
}

func TestProblemsOfARequestHaveTheirPlace(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"purpose: lease.billing", "purpose: lease.biling", `request.yaml:8:12: request.purpose: "lease.biling" is not among the purposes that may be requested; did you mean "lease.billing"? (ref.unknown)`},
		{"event: signed", "event: sinned", `request.yaml:4:42: given[0].event: event: not in the register (given.event)`},
		{"  action: read\n", "", `request.yaml:6:3: request.action: the request states no action`},
	} {
		_, err := explain(t, with(t, asked, c.old, c.new))
		require.ErrorIs(t, err, table.ErrInvalid)
		require.ErrorContains(t, err, c.want)
	}
	_, err := table.ParseRequest("request.yaml", []byte(with(t, asked, "now: 2026-05-04\n", "cases: []\n")))
	require.ErrorContains(t, err, `"cases" is no key here`)
	require.ErrorContains(t, err, `"now" is missing`)
}
