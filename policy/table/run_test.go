package table_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/table"
	"github.com/purposebound/purposebound/purpose"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestACaseThatIsDecidedAsExpectedPasses(t *testing.T) {
	r := run(t, one)
	require.Len(t, r.Results, 1)
	require.True(t, r.OK(), "%s", r.Results[0].String())
	require.Equal(t, "leases.yaml:20:5: Leases: billing reads: passed", r.Results[0].String())
}

// Each row spoils one thing; the case must then fail, and say what.
func TestEveryExpectationCanFail(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"outcome: permitted", "outcome: partial", "outcome: expected partial, got permitted"},
		{"outcome: permitted", "outcome: denied", "outcome: expected denied, got permitted"},
		{"outcome: permitted", "reason: policy.denied", "reason: expected policy.denied, got nothing"},
		{"permitted: [Name, IBAN]", "permitted: [Name]", "permitted: expected Name, got IBAN, Name"},
		{"permitted: [Name, IBAN]", "permitted: []", "permitted: expected nothing, got IBAN, Name"},
		{"permitted: [Name, IBAN]", "denied: {Name: []}", "denied Name: expected deny, got permit"},
		{"permitted: [Name, IBAN]", "denied: {IBAN: policy.denied}", "denied IBAN: expected deny, got redact"},
		{"grounds: [run-lease]", "grounds: [mail]", "grounds: expected mail, got run-lease"},
		{"grounds: [run-lease]", "grounds: []", "grounds: expected nothing, got run-lease"},
		{"basis: contract", "basis: [contract, consent]", "basis: expected consent, contract, got contract"},
		{"clause: 2.1", "clause: 2.2", "clause: expected 2.2, got 2.1"},
		{"redacted: {IBAN: last-four}", "redacted: {IBAN: year}", "redacted: expected IBAN: year, got IBAN: last-four"},
		{"redacted: {IBAN: last-four}", "redacted: {}", "redacted: expected nothing, got IBAN: last-four"},
		{"redacted: {IBAN: last-four}", "redacted: {Name: remove, IBAN: last-four}", "redacted: expected IBAN: last-four, Name: remove, got IBAN: last-four"},
		{"obligations: [handle-with-care, tell]", "obligations: [tell]", "obligations: expected tell, got handle-with-care, tell"},
		{"person_decides: false", "person_decides: true", "person_decides: expected true, got false"},

		{"facts: {instructed: true}", "facts: {instructed: false}", "outcome: expected permitted, got denied"},
		{"facts: {instructed: true}", "facts: {channel: NO}", "outcome: expected permitted, got denied"},
		{"roles: [billing]", "roles: [debtors]", "outcome: expected permitted, got denied"},
		{"purpose: lease.billing", "purpose: lease.dunning", "outcome: expected permitted, got denied"},
		{"organisation: lessor", "organisation: desk", "outcome: expected permitted, got denied"},
		{"organisation: lessor", "country: US", "outcome: expected permitted, got denied"},
		{"now: 2026-05-04T09:00:00+02:00", "now: 2024-02-01T09:00:00+02:00\n  # later", ""},
		{"now: 2026-05-04T09:00:00+02:00", "now: 2023-12-31T09:00:00+02:00", "#problem"},
		{"event: signed", "event: vouched", "outcome: expected permitted, got partial"},
		{"kind: relationship.occurred, event: signed", "kind: hold.placed, reason: claim", "outcome: expected permitted, got denied"},
		{"data_subject: ada", "data_subject: eve", ""}, // the lease is then hers
		{"{id: lease, kind:", "{id: lease, data_subject: eve, kind:", "outcome: expected permitted, got denied"},
	} {
		text := with(t, one, c.old, c.new)
		if c.want == "#problem" {
			_, err := table.Run(t.Context(), register(t), []policy.Decider{clerks{}}, []*table.Table{parse(t, text)})
			require.ErrorIs(t, err, table.ErrInvalid, c.new)
			continue
		}
		r := run(t, text)
		if c.want == "" {
			assert.True(t, r.OK(), "%s: %s", c.new, r.Results[0].String())
			continue
		}
		assert.False(t, r.OK(), c.new)
		assert.Contains(t, r.Results[0].String(), "  "+c.want+"\n", c.new)
	}
}

// The refusals of this table show every part of a request at work.
const refusals = `fields: {Name: contact.name, Mail: contact.mail, IBAN: finance.iban, Secret: secret}
defaults:
  now: 2026-05-04T09:00:00+02:00
  given:
    - {id: lease, kind: relationship.occurred, event: signed, valid_at: 2024-02-01}
    - {id: desk, kind: agreement.signed, valid_at: 2024-02-01, recipient: desk, purposes: [lease], reference: A/1}
  request:
    principal: {id: u17, roles: [billing], organisation: lessor}
    action: read
    purpose: lease.billing
    data_subject: ada
    fields: [Name, IBAN]
    facts: {instructed: true}
cases:
  - name: a fact that is left out
    omit: [facts.instructed]
    expect: {outcome: denied, reason: purpose.capacity, clause: 2.2, denied: {Name: facts.missing, IBAN: [facts.missing]}}
  - name: what is banned
    request: {fields: [Name, Secret]}
    expect: {outcome: partial, permitted: [Name], denied: {Secret: prohibition.category}, reason: prohibition.category, clause: 2.1}
  - name: what is banned, alone
    request: {fields: [Secret]}
    expect: {outcome: denied, clause: 9.9}
  - name: mails without a consent
    request: {purpose: mails, fields: [Mail]}
    expect: {reason: basis.consent-missing}
  - name: mails on a consent
    given:
      - {kind: consent.given, scope: mails, quality: good, valid_at: 2025-01-01}
    request: {purpose: mails, fields: [Mail]}
    expect: {outcome: permitted, basis: consent, grounds: [mail]}
  - name: mails on a consent that is none
    given:
      - {kind: consent.given, scope: mails, quality: {affirmative: true, specific: true, informed: true, free: false, explicit: false}, valid_at: 2025-01-01}
    request: {purpose: mails, fields: [Mail]}
    expect: {reason: basis.consent-invalid}
  - name: mails after a withdrawal
    given:
      - {kind: consent.given, scope: mails, quality: good, valid_at: 2025-01-01}
      - {kind: consent.withdrawn, scope: mails, valid_at: 2026-05-04T09:00:00+02:00}
    request: {purpose: mails, fields: [Mail]}
    expect: {reason: basis.consent-withdrawn}
  - name: the same as it was known an hour before
    given:
      - {kind: consent.given, scope: mails, quality: good, valid_at: 2025-01-01}
      - {kind: consent.withdrawn, scope: mails, valid_at: 2026-05-01, recorded_at: 2026-05-04T08:30:00+02:00}
    request: {purpose: mails, fields: [Mail], known_at: 2026-05-04T08:00:00+02:00}
    expect: {outcome: permitted}
  - name: the same as it was a month before
    given:
      - {kind: consent.given, scope: mails, quality: good, valid_at: 2025-01-01}
      - {kind: consent.withdrawn, scope: mails, valid_at: 2026-05-01}
    request: {purpose: mails, fields: [Mail], at: 2026-04-04}
    expect: {outcome: permitted}
  - name: mails after an objection
    given:
      - {kind: consent.given, scope: mails, quality: good, valid_at: 2025-01-01}
      - {kind: objection.raised, ground: marketing, valid_at: 2025-06-01}
    request: {purpose: mails, fields: [Mail]}
    expect: {reason: objection.marketing, clause: 4.6}
  - name: a restriction
    given:
      - {kind: restriction.imposed, categories: [finance], reason: accuracy-contested, valid_at: 2026-05-01}
    expect: {outcome: partial, permitted: [Name], reason: restriction.in-force}
  - name: a restriction that was lifted
    given:
      - {id: r, kind: restriction.imposed, categories: [finance], reason: accuracy-contested, valid_at: 2026-05-01}
      - {kind: restriction.lifted, restriction: r, informed_at: 2026-05-02, valid_at: 2026-05-03}
    expect: {outcome: permitted}
  - name: five years after the end
    now: 2031-03-01
    given:
      - {kind: relationship.occurred, event: ended, valid_at: 2026-02-01}
    expect: {outcome: denied, reason: retention.expired}
  - name: an objection to statistics
    given:
      - {kind: objection.raised, ground: own-situation, valid_at: 2026-02-01}
    request: {purpose: statistics, fields: [IBAN]}
    expect: {outcome: denied, reason: basis.objection-standing}
  - name: statistics
    request: {purpose: statistics, fields: [IBAN]}
    expect: {outcome: permitted, basis: legitimate-interests}
  - name: a bank gets the account
    request: {action: share, recipient: bank}
    expect: {outcome: permitted}
  - name: and no mail
    request: {action: share, recipient: bank, fields: [Name, Mail]}
    expect: {outcome: partial, denied: {Mail: recipient.category}}
  - name: a desk abroad
    request: {action: share, recipient: desk, country: IN, mechanism: scc}
    expect: {outcome: permitted}
  - name: a desk abroad, without a mechanism
    request: {action: share, recipient: desk, country: IN}
    expect: {reason: transfer.mechanism-missing}
  - name: a desk without an agreement
    omit: [given.desk]
    request: {action: share, recipient: desk, country: DK}
    expect: {reason: recipient.agreement}
  - name: an office on a law
    request: {action: share, recipient: office, statute: books}
    expect: {outcome: permitted}
  - name: an office on none
    request: {action: share, recipient: office}
    expect: {reason: recipient.statute-missing, clause: 3.3}
  - name: collecting from a source
    request: {action: collect, provenance: {source: person}}
    expect: {outcome: permitted}
  - name: collecting from another
    request: {action: collect, provenance: {source: bureau}}
    expect: {reason: source.undeclared}
  - name: what was obtained for something else
    request: {provenance: {obtained_for: [statistics]}}
    expect: {reason: source.obtained-for}
  - name: a machine decides
    request: {action: decide}
    expect: {denied: {Name: purpose.action}}
  - name: somebody who reviews it
    request: {action: decide, reviewer: u18, minor: true}
    expect: {denied: {Name: [purpose.action]}}
  - name: nobody asks
    omit: [principal.id]
    expect: {reason: request.principal-missing}
  - name: nothing is known of anybody
    omit: [given]
    expect: {outcome: denied, denied: {Name: [purpose.capacity, basis.contract-none]}}
  - name: a purpose that nobody declared
    request: {purpose: lease.pricing}
    expect: {reason: request.purpose-unknown}
  - name: a field that is not there
    request: {fields: [Name, Salary]}
    expect: {reason: request.field-unknown}
`

func TestEveryPartOfARequestCounts(t *testing.T) {
	r := run(t, refusals)
	require.Len(t, r.Results, 31)
	for i := range r.Results {
		assert.True(t, r.Results[i].Passed, "%s", r.Results[i].String())
	}
}

func TestAFailureShowsExpectedGotCodesAndExplanation(t *testing.T) {
	r := run(t, with(t, one, "roles: [billing]", "roles: [auditor]"))
	require.Equal(t, 1, r.Failed())
	text := r.Results[0].String()
	for _, want := range []string{
		"leases.yaml:20:5: Leases: billing reads: failed\n", "outcome: expected permitted, got denied\n", "decided: denied, reason policy.not-permitted\n",
		"DENIED  read for lease.billing", "policy.not-permitted: no policy permits it", "gates failed: policy",
	} {
		require.Contains(t, text, want)
	}
	var b strings.Builder
	require.NoError(t, r.WriteText(&b))
	require.Contains(t, b.String(), text)
	require.Contains(t, b.String(), "1 case(s), 0 passed, 1 failed\n")

	data, err := json.Marshal(r)
	require.NoError(t, err)
	var back struct {
		Digest string `json:"register_digest"`
		Cases  []struct {
			File        string
			Line        int
			Case        string
			Passed      *bool
			Failures    []table.Failure
			Explanation struct{ Outcome string }
		}
	}
	require.NoError(t, json.Unmarshal(data, &back))
	require.Equal(t, register(t).Digest(), back.Digest)
	require.Equal(t, "billing reads", back.Cases[0].Case)
	require.False(t, *back.Cases[0].Passed)
	require.Equal(t, table.Failure{What: "outcome", Want: "permitted", Got: "denied"}, back.Cases[0].Failures[0])
	require.Equal(t, "denied", back.Cases[0].Explanation.Outcome)
}

func TestAReportWithoutCasesIsNotOK(t *testing.T) {
	r := run(t, one, table.Only(func(*table.Table, *table.Case) bool { return false }))
	require.Zero(t, r.Failed())
	require.False(t, r.OK())
	require.False(t, (*table.Report)(nil).OK())
	require.True(t, run(t, one, table.Only(func(tab *table.Table, c *table.Case) bool { return tab.Title == "Leases" && c.Name == "billing reads" }), nil).OK())
}

// fickle permits every other time.
type fickle struct {
	clerks
	calls *atomic.Int32
	every int32
}

func (f fickle) Decide(ctx context.Context, in *policy.Input) (policy.Verdict, error) {
	if f.calls.Add(1)%f.every == 0 {
		return policy.Verdict{Digest: digest}, nil
	}
	return f.clerks.Decide(ctx, in)
}

func TestAReleaseThatDiffersFromTheExplanationFails(t *testing.T) {
	for every, want := range map[int32]string{2: "release: expected the permitted fields, as explained, got a refusal: policy.not-permitted"} {
		r, err := table.Run(t.Context(), register(t), []policy.Decider{fickle{calls: &atomic.Int32{}, every: every}}, []*table.Table{parse(t, one)})
		require.NoError(t, err)
		require.Contains(t, r.Results[0].String(), want)
	}
	calls := &atomic.Int32{}
	calls.Store(1) // the explanation is refused, the release is not
	text := one[:strings.Index(one, "      outcome")] + "      reason: policy.not-permitted\n"
	r, err := table.Run(t.Context(), register(t), []policy.Decider{fickle{calls: calls, every: 2}}, []*table.Table{parse(t, text)})
	require.NoError(t, err)
	require.Contains(t, r.Results[0].String(), "release: expected a refusal, as explained, got a release")
}

// looser masks in explanations only.
type looser struct{ clerks }

func (l looser) Decide(ctx context.Context, in *policy.Input) (policy.Verdict, error) {
	v, err := l.clerks.Decide(ctx, in)
	if !in.Explain {
		v.Redactions = nil
	}
	return v, err
}

func TestAMaskThatIsMissingFromTheReleaseFails(t *testing.T) {
	r, err := table.Run(t.Context(), register(t), []policy.Decider{looser{}}, []*table.Table{parse(t, one)})
	require.NoError(t, err)
	require.Contains(t, r.Results[0].String(), "release: expected IBAN masked as explained, got another mask")
}

// bad breaks down, fails, or has no name.
type bad struct {
	clerks
	name   string
	decide func() (policy.Verdict, error)
}

func (b *bad) Name() string { return b.name }
func (b *bad) Decide(context.Context, *policy.Input) (policy.Verdict, error) {
	return b.decide()
}

func TestPoliciesThatBreakDownFailTheCase(t *testing.T) {
	for want, decide := range map[string]func() (policy.Verdict, error){
		"policy.panic": func() (policy.Verdict, error) { panic("canary") },
		"policy.error": func() (policy.Verdict, error) { return policy.Verdict{}, errors.New("canary") },
	} {
		r, err := table.Run(t.Context(), register(t), []policy.Decider{&bad{name: "bad", decide: decide}}, []*table.Table{parse(t, one)})
		require.NoError(t, err)
		require.False(t, r.OK())
		require.Contains(t, r.Results[0].String(), want)
		require.NotContains(t, r.Results[0].String(), "canary")
	}
}

func TestRunRefusesWhatItCannotRun(t *testing.T) {
	reg, tabs, one := register(t), []*table.Table{parse(t, one)}, []policy.Decider{clerks{}}
	var none context.Context
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for name, f := range map[string]func() (*table.Report, error){
		"no context":        func() (*table.Report, error) { return table.Run(none, reg, one, tabs) },
		"no register":       func() (*table.Report, error) { return table.Run(t.Context(), nil, one, tabs) },
		"no policy":         func() (*table.Report, error) { return table.Run(t.Context(), reg, nil, tabs) },
		"a nil policy":      func() (*table.Report, error) { return table.Run(t.Context(), reg, []policy.Decider{nil}, tabs) },
		"a nameless policy": func() (*table.Report, error) { return table.Run(t.Context(), reg, []policy.Decider{&bad{}}, tabs) },
		"a nil table":       func() (*table.Report, error) { return table.Run(t.Context(), reg, one, []*table.Table{nil}) },
		"an ended context":  func() (*table.Report, error) { return table.Run(gone, reg, one, tabs) },
	} {
		r, err := f()
		require.Error(t, err, name)
		require.Nil(t, r, name)
	}
	r, err := table.Run(t.Context(), reg, one, tabs) // the control
	require.NoError(t, err)
	require.True(t, r.OK())
}

func TestTablesMayBeWrittenInGo(t *testing.T) {
	tab := parse(t, one)
	own := table.Table{Fields: tab.Fields, Defaults: tab.Defaults, Cases: []table.Case{
		{Name: "by hand", Request: table.Request{Action: purpose.Read}, Expect: table.Expect{Outcome: table.Permitted}},
		{Name: "in vain", Request: table.Request{Action: purpose.Share}, Expect: table.Expect{Outcome: table.Permitted}},
	}}
	r, err := table.Run(t.Context(), register(t), []policy.Decider{clerks{}}, []*table.Table{&own})
	require.NoError(t, err)
	require.True(t, r.Results[0].Passed)
	require.True(t, strings.HasPrefix(r.Results[1].String(), "in vain: failed\n"))

	own.Cases[0].Request.Purpose = "lease.pricing"
	err = own.Check(register(t))
	require.ErrorIs(t, err, table.ErrInvalid)
	require.Contains(t, err.Error(), `cases[0].request.purpose: "lease.pricing" is not among the purposes that may be requested`)
}
