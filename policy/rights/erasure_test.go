package rights_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

func customer(w *world) { w.happened("2020-01-10", "signed") }
func formerly(w *world) { customer(w); w.happened("2022-12-31", "ended") }
func founded(g rights.Ground) func(*rights.Request) {
	return func(r *rights.Request) {
		r.Ground, r.Finding = g, rights.Finding{Verdict: rights.Founded, By: "u1", Reference: "f1"}
	}
}

// GDPR Art. 17, one row for each ground and exception.
func TestErasure(t *testing.T) {
	for name, c := range map[string]struct {
		given    func(*world)
		category string
		edit     func(*rights.Request)
		want     rights.Result
		code     rights.Code
	}{
		"17(1)(a) the time for keeping it is over":                            {formerly, "contact.name", nil, rights.Granted, rights.CodeExpired},
		"17(1)(a) a time that still runs opens nothing for a former customer": {func(w *world) { customer(w); w.happened("2024-01-31", "ended") }, "contact.name", nil, rights.Granted, rights.CodeNotNeeded},
		"17(1)(a) every purpose has ended":                                    {formerly, "finance.income", nil, rights.Granted, rights.CodeExpired},
		"17(1)(a) no purpose was ever open":                                   {customer, "gender", nil, rights.Granted, rights.CodeNotNeeded},
		"17(1)(a) a running agreement needs it":                               {customer, "finance.income", nil, rights.Refused, rights.CodeNeeded},
		"17(1)(b) consent was withdrawn":                                      {func(w *world) { subscriber(w); w.record("2023-05-01", basis.ConsentWithdrawn{Scope: "letter"}) }, "news.signup", nil, rights.Granted, rights.CodeExpired},
		"17(1)(b) who asks for erasure does not consent":                      {subscriber, "news.signup", nil, rights.Granted, rights.CodeNotNeeded},
		"17(1)(b) another ground than consent remains": {func(w *world) {
			customer(w)
			subscriber(w)
			w.record("2023-05-01", basis.ConsentWithdrawn{Scope: "letter"})
		}, "contact.email", nil, rights.Refused, rights.CodeNeeded},
		"17(1)(c) legitimate interests without an objection": {visitor, "visit.page", nil, rights.Refused, rights.CodeNeeded},
		"17(1)(c) an objection stands":                       {func(w *world) { visitor(w); w.record("2024-02-01", basis.ObjectionRaised{Ground: basis.OwnSituation}) }, "visit.page", nil, rights.Granted, rights.CodeNotNeeded},
		"17(1)(c) stated, but none stands":                   {visitor, "visit.page", func(r *rights.Request) { r.Ground = rights.Objected }, rights.Refused, rights.CodeNeeded},
		"17(1)(c) an objection that was refused":             {refusedObjection, "visit.page", nil, rights.Refused, rights.CodeNeeded},
		"17(1)(d) unlawful, as found":                        {customer, "finance.income", founded(rights.Unlawful), rights.Granted, rights.CodeFounded},
		"17(1)(d) unlawful, as nobody has found":             {customer, "finance.income", func(r *rights.Request) { r.Ground = rights.Unlawful }, rights.Escalated, rights.CodePersonDecides},
		"17(1)(d) unlawful, found by nobody in particular":   {customer, "finance.income", func(r *rights.Request) { founded(rights.Unlawful)(r); r.Finding.By = "" }, rights.Escalated, rights.CodePersonDecides},
		"17(1)(d) found not to be so":                        {customer, "finance.income", func(r *rights.Request) { founded(rights.Unlawful)(r); r.Finding.Verdict = rights.Unfounded }, rights.Refused, rights.CodeUnfounded},
		"irrelevant for the purpose, as found":               {checked, "history", founded(rights.Irrelevant), rights.Granted, rights.CodeFounded},
		"right and relevant, and no ground given":            {checked, "history", nil, rights.Refused, rights.CodeNeeded},
		"17(3)(b) a floor keeps it":                          {formerly, "aml.record", nil, rights.Refused, rights.CodeLegalObligation},
		"17(3)(b) a floor keeps it, found unlawful or not":   {formerly, "aml.record", founded(rights.Unlawful), rights.Refused, rights.CodeLegalObligation},
		"17(3)(b) a law needs it before its floor runs":      {customer, "aml.record", nil, rights.Refused, rights.CodeLegalObligation},
		"17(3)(b) the floor is over":                         {func(w *world) { w.happened("2012-01-01", "signed"); w.happened("2018-12-31", "ended") }, "aml.record", nil, rights.Granted, rights.CodeExpired},
		"17(3)(b) a public task":                             {visitor, "census", nil, rights.Refused, rights.CodePublicTask},
		"17(3)(e) a hold keeps it": {func(w *world) {
			customer(w)
			w.record("2022-12-30", basis.HoldPlaced{Reason: "claim"})
			w.happened("2022-12-31", "ended")
		}, "finance.income", nil, rights.Refused, rights.CodeLegalClaims},
		"17(3)(e) a hold on other data": {func(w *world) {
			formerly(w)
			w.record("2022-12-31", basis.HoldPlaced{Reason: "claim", Categories: []string{"aml"}})
		}, "finance.income", nil, rights.Granted, rights.CodeExpired},
		"17(3)(e) a hold that was released":               {releasedHold, "finance.income", nil, rights.Granted, rights.CodeExpired},
		"18 restricted: which of both is meant":           {func(w *world) { formerly(w); w.record("2023-01-05", basis.RestrictionImposed{Reason: "legal-claims"}) }, "finance.income", nil, rights.Escalated, rights.CodeRestricted},
		"a criterion that nobody answered":                {partner, "partner.name", nil, rights.Escalated, rights.CodeUndecided},
		"a criterion about somebody who is none any more": {func(w *world) { partner(w); w.happened("2024-01-01", "parted") }, "partner.name", nil, rights.Granted, rights.CodeNotNeeded},
		"a criterion, still necessary": {func(w *world) {
			partner(w)
			w.record("2024-04-01", basis.NecessityJudged{Rule: "partner", Necessary: true})
		}, "partner.name", nil, rights.Refused, rights.CodeNeeded},
		"a criterion, no longer necessary":                     {func(w *world) { partner(w); w.record("2024-04-01", basis.NecessityJudged{Rule: "partner"}) }, "partner.name", nil, rights.Granted, rights.CodeExpired},
		"a rule whose day nobody has given":                    {customer, "orphan", nil, rights.Escalated, rights.CodeUndecided},
		"an activity that only reads and shares keeps nothing": {visitor, "contact.name", nil, rights.Granted, rights.CodeNotNeeded},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			c.given(w)
			req := rights.Request{Kind: purpose.ErasureRight, Holdings: held(c.category)}
			if c.edit != nil {
				c.edit(&req)
			}
			o := w.ask("2024-04-15", req)
			require.Len(t, o.Items, 1)
			assert.Equal(t, c.want, o.Items[0].Result, "%v", o.Items[0].Reasons)
			assert.Equal(t, c.code, code(o, c.category), "%v", o.Items[0].Reasons)
			assert.Equal(t, c.want, o.Result, "one item is the whole")
			for _, r := range o.Items[0].Reasons {
				assert.NotEmpty(t, r.Code.Text())
			}
		})
	}
}

func subscriber(w *world) {
	w.happened("2023-01-01", "subscribed")
	w.consented("2023-01-02", "letter")
}
func visitor(w *world) { w.happened("2024-01-01", "visited") }
func partner(w *world) { w.happened("2023-01-01", "partnered") }
func checked(w *world) {
	w.happened("2023-01-01", "checked")
	w.record("2024-01-01", basis.NecessityJudged{Rule: "report", Necessary: true})
}

func refusedObjection(w *world) {
	visitor(w)
	w.record("2024-02-01", basis.ObjectionRaised{Ground: basis.OwnSituation})
	w.record("2024-02-20", basis.ObjectionRefused{Objection: w.state().Objections[0].Event, Reference: "weighing 3"})
}

func releasedHold(w *world) {
	formerly(w)
	w.record("2022-12-31", basis.HoldPlaced{Reason: "claim"})
	w.record("2023-06-01", basis.HoldReleased{Hold: w.state().Holds[0].Event})
}

// What is kept is said with the reason, the law, the clause, the last day and the first instant after it.
func TestPartialErasureSaysWhatIsKeptWhyAndUntilWhen(t *testing.T) {
	w := newWorld(t)
	formerly(w)
	o := w.ask("2024-04-15", rights.Request{Kind: purpose.ErasureRight, Holdings: held("aml.record", "finance.income")})
	assert.Equal(t, rights.Partial, o.Result)
	assert.Equal(t, []string{"finance.income"}, o.Of(rights.Granted))
	assert.Equal(t, []string{"aml.record"}, o.Of(rights.Refused))
	assert.Equal(t, []string{"finance.income"}, o.Changed())
	assert.Contains(t, o.Obligations, rights.NotifyRecipients)
	assert.Contains(t, o.Obligations, rights.TellReasons)
	why := o.Items[0].Reasons[0]
	assert.Equal(t, rights.Reason{Code: rights.CodeLegalObligation, Clause: "5.aml", Purpose: "kyc", Rule: "aml", Law: "dk.hvl",
		Term: retention.Term{LastDay: retention.MustDate("2027-12-31"), FirstErasable: why.FirstErasable}}, why)
	assert.Equal(t, "2028-01-01T00:00:00+01:00", why.FirstErasable.Format("2006-01-02T15:04:05Z07:00"))
	assert.Contains(t, why.String(), "[5.aml], through 2027-12-31")
}

func TestErasureOfNothingHeldIsRefused(t *testing.T) {
	w := newWorld(t)
	customer(w)
	o := w.ask("2024-04-15", rights.Request{Kind: purpose.ErasureRight})
	assert.Equal(t, rights.Refused, o.Result)
	assert.Equal(t, rights.CodeNothingHeld, code(o, ""))
	assert.NotContains(t, o.Obligations, rights.NotifyRecipients)
}

// A request that names categories is about those alone, held in the list or not.
func TestARequestReachesTheCategoriesThatItNames(t *testing.T) {
	w := newWorld(t)
	formerly(w)
	o := w.ask("2024-04-15", rights.Request{Kind: purpose.ErasureRight, Categories: []string{"finance", "aml.record"}, Holdings: held("finance.income", "contact.name")})
	var parts []string
	for _, x := range o.Items {
		parts = append(parts, x.Part)
	}
	assert.Equal(t, []string{"finance.income", "aml.record"}, parts)
	assert.Equal(t, -1, o.Items[1].Holding, "the category was named, and nothing listed for it")
}
