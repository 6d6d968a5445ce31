package policy_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// TestWhatIsRememberedEndsWithWhatItRestsOn lets what a permit rests on end with 1 June, with nothing recorded meanwhile.
func TestWhatIsRememberedEndsWithWhatItRestsOn(t *testing.T) {
	const last = "2026-06-01"
	abroad := func(s *purpose.Spec, g purpose.Safeguard) {
		s.Transfers.Mechanisms = []purpose.Mechanism{g.Mechanism}
		s.Recipients[0].Countries = []string{"US"}
		s.Recipients[0].Safeguards = []purpose.Safeguard{g}
	}
	for name, c := range map[string]struct {
		change func(*purpose.Spec)
		ask    func(*policy.Request)
		code   policy.Code
	}{
		"notice": {change: func(s *purpose.Spec) { s.Notices[0].Through = last }, code: policy.CodeNoNotice},
		"assessment": {change: func(s *purpose.Spec) { s.Assessments[0].Through, s.Activities[1].Conditions = last, nil },
			ask: func(r *policy.Request) { r.Purpose = "improvement" }, code: policy.CodeAssessmentOutOfDate},
		"law": {change: func(s *purpose.Spec) {
			s.Laws = []purpose.Law{{Key: "act", Through: last}}
			s.Activities[0].Claims = []basis.Claim{{Basis: basis.LegalObligation, Laws: []string{"act"}}}
		}, code: policy.CodeLawNotInForce},
		"agreement": {change: func(s *purpose.Spec) {
			s.Recipients[0].Kind, s.Recipients[0].Agreement = purpose.Processor, &purpose.Agreement{Reference: "dpa", From: "2024-01-01", Through: last}
		}, ask: func(r *policy.Request) { r.Action, r.Recipient = purpose.Share, "hausbank" }, code: policy.CodeAgreement},
		"safeguard": {change: func(s *purpose.Spec) {
			abroad(s, purpose.Safeguard{Mechanism: purpose.SCC, Countries: []string{"US"}, Reference: "scc", Through: last})
		}, ask: func(r *policy.Request) {
			r.Action, r.Recipient, r.Mechanism = purpose.Share, "hausbank", purpose.SCC
		}, code: policy.CodeSafeguard},
		"retention": {change: func(s *purpose.Spec) {
			s.Retention[0].Anchor, s.Retention[0].Ceiling = retention.After("signed"), retention.MustPeriod("P1M") // on 1 May
		}, code: policy.CodeExpired},
	} {
		bothWays(t, name, func(t *testing.T, lasting bool) {
			spec := testSpec()
			c.change(&spec)
			w := newWorldOf(t, spec)
			if lasting {
				w.lasting()
			}
			req := w.request("invoicing")
			req.Action = purpose.Read
			if c.ask != nil {
				c.ask(&req)
			}
			codes := func(at time.Time) (list []policy.Code) {
				w.clock.nanos.Store(at.UnixNano())
				for range 4 { // seen, remembered, recalled, or given again whole
					d, err := policy.Decide(context.Background(), w.guard, req, adaRecord(), "Name")
					require.NoError(t, err)
					list = append(list, d.Because())
				}
				return list
			}
			end := time.Date(2026, 6, 2, 0, 0, 0, 0, w.reg.Zone())
			require.Equal(t, []policy.Code{"", "", "", ""}, codes(end.Add(-time.Nanosecond)))
			require.Equal(t, []policy.Code{c.code, c.code, c.code, c.code}, codes(end))
		})
	}
}

// TestWhatIsRememberedAnswersNoOtherQuestion asks something that is permitted, and remembered, and then what is not.
func TestWhatIsRememberedAnswersNoOtherQuestion(t *testing.T) {
	overdue := func(is bool) purpose.NamedValue {
		return purpose.NamedValue{Fact: "overdue", Value: purpose.BoolValue(is)}
	}
	share := func(r *policy.Request) { r.Action, r.Recipient = purpose.Share, "hausbank" }
	for name, c := range map[string]struct {
		change       func(*purpose.Spec)
		first, other func(*policy.Request)
		code         policy.Code
	}{
		"undeclared fact": {other: func(r *policy.Request) {
			r.Facts = purpose.Facts{{Fact: "unheard-of", Value: purpose.True()}}
		}, code: policy.CodeFactUndeclared},
		"another person": {other: func(r *policy.Request) { r.DataSubject = bob }, code: policy.CodeDataSubjectDiffers},
		"condition of the recipient": {change: func(s *purpose.Spec) {
			s.Recipients[0].Conditions = []purpose.Condition{{Fact: "overdue", Is: []purpose.Value{purpose.True()}}}
		}, first: func(r *policy.Request) { share(r); *r = r.With(overdue(true)) }, other: func(r *policy.Request) { share(r); *r = r.With(overdue(false)) },
			code: policy.CodeRecipientCondition},
		"another recipient":    {first: share, other: func(r *policy.Request) { share(r); r.Recipient = "stranger" }},
		"another country":      {first: share, other: func(r *policy.Request) { share(r); r.Country = "US" }},
		"another action":       {other: func(r *policy.Request) { r.Action = purpose.Collect }},
		"access from far away": {other: func(r *policy.Request) { r.Principal.Country = "IN" }},
		"another dataset":      {other: func(r *policy.Request) { r.Dataset = "unheard-of" }},
		"another organisation": {change: func(s *purpose.Spec) { s.Controller.Key = "lender" }, first: func(r *policy.Request) { r.Principal.Organisation = "lender" },
			other: func(r *policy.Request) { r.Principal.Organisation = "stranger" }},
	} {
		bothWays(t, name, func(t *testing.T, lasting bool) {
			spec := testSpec()
			if c.change != nil {
				c.change(&spec)
			}
			w := newWorldOf(t, spec)
			if lasting {
				w.lasting()
			}
			because := func(change func(*policy.Request)) policy.Code {
				req := w.request("invoicing")
				req.Action = purpose.Read
				if change != nil {
					change(&req)
				}
				d, err := policy.Decide(context.Background(), w.guard, req, adaRecord(), "Name")
				require.NoError(t, err)
				return d.Because()
			}
			for range 4 { // seen, remembered, recalled, or given again whole
				require.Empty(t, because(c.first))
			}
			other := because(c.other)
			require.NotEmpty(t, other)
			if c.code != "" {
				require.Equal(t, c.code, other)
			}
			require.Empty(t, because(c.first))
		})
	}
}

// bothWays runs a test with policies whose verdicts last, so that decisions are kept whole, and with others.
func bothWays(t *testing.T, name string, f func(t *testing.T, lasting bool)) {
	for _, lasting := range []bool{false, true} {
		t.Run(map[bool]string{true: "decisions/", false: "answers/"}[lasting]+name, func(t *testing.T) { f(t, lasting) })
	}
}
