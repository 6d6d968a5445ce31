package rights_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// What must happen to a datum, by whatever keeps it.
func TestKeeping(t *testing.T) {
	for name, c := range map[string]struct {
		given   func(*world)
		holding rights.Holding
		facts   []purpose.NamedValue
		want    retention.Status
		reason  retention.Reason
		rule    string
		through string
		trigger string
	}{
		"a running agreement":            {customer, rights.Holding{Category: "finance.income"}, nil, retention.MayKeep, retention.NotStarted, "run", "", ""},
		"a ceiling passed":               {formerly, rights.Holding{Category: "finance.income"}, nil, retention.MustErase, retention.CeilingPassed, "run", "2022-12-31", "2022-12-31"},
		"the last of two purposes ended": {formerly, rights.Holding{Category: "contact.name"}, nil, retention.MustErase, retention.CeilingPassed, "serve", "2023-12-31", "2022-12-31"},
		"a floor runs":                   {formerly, rights.Holding{Category: "aml.record"}, nil, retention.MustKeep, retention.FloorRunning, "aml", "2027-12-31", "2022-12-31"},
		"all below a node, the firmest":  {formerly, rights.Holding{Category: "aml"}, nil, retention.MustKeep, retention.FloorRunning, "aml", "2027-12-31", "2022-12-31"},
		"nobody was ever there":          {customer, rights.Holding{Category: "visit.page"}, nil, retention.PersonDecides, retention.NoRule, "", "", ""},
		"no activity has it":             {customer, rights.Holding{Category: "health"}, nil, retention.PersonDecides, retention.NoRule, "", "", ""},
		"a hold on what nothing keeps":   {func(w *world) { customer(w); w.record("2023-01-01", basis.HoldPlaced{Reason: "claim"}) }, rights.Holding{Category: "health"}, nil, retention.MustKeep, retention.OnHold, "", "", ""},
		"a hold came too late":           {func(w *world) { formerly(w); w.record("2024-02-01", basis.HoldPlaced{Reason: "claim"}) }, rights.Holding{Category: "finance.income"}, nil, retention.PersonDecides, retention.HoldLate, "", "", ""},
		"a hold on other data": {func(w *world) {
			formerly(w)
			w.record("2022-12-31", basis.HoldPlaced{Reason: "claim", Categories: []string{"contact"}})
		}, rights.Holding{Category: "finance.income"}, nil, retention.MustErase, retention.CeilingPassed, "run", "2022-12-31", "2022-12-31"},
		"a restriction in time": {func(w *world) {
			customer(w)
			w.record("2022-12-01", basis.RestrictionImposed{Reason: "unlawful"})
			w.happened("2022-12-31", "ended")
		}, rights.Holding{Category: "finance.income"}, nil, retention.MayKeep, retention.Restricted, "", "", ""},
		"a restriction on other data": {func(w *world) {
			customer(w)
			w.record("2022-12-01", basis.RestrictionImposed{Reason: "unlawful", Categories: []string{"contact"}})
			w.happened("2022-12-31", "ended")
		}, rights.Holding{Category: "finance.income"}, nil, retention.MustErase, retention.CeilingPassed, "run", "2022-12-31", "2022-12-31"},
		"a restriction too late": {func(w *world) { formerly(w); w.record("2023-12-01", basis.RestrictionImposed{Reason: "unlawful"}) }, rights.Holding{Category: "finance.income"}, nil, retention.MustErase, retention.CeilingPassed, "run", "2022-12-31", "2022-12-31"},
		"consent was withdrawn":  {func(w *world) { subscriber(w); w.record("2024-04-10", basis.ConsentWithdrawn{Scope: "letter"}) }, rights.Holding{Category: "news.signup"}, nil, retention.MustErase, rights.ConsentEnded, "", "2024-04-10", ""},
		"consent was withdrawn and given again": {func(w *world) {
			subscriber(w)
			w.record("2024-04-10", basis.ConsentWithdrawn{Scope: "letter"})
			w.consented("2024-04-11", "letter")
		}, rights.Holding{Category: "news.signup"}, nil, retention.MayKeep, retention.CeilingRunning, "news", "2073-01-01", "2023-01-01"},
		"consent was withdrawn under restriction": {func(w *world) {
			subscriber(w)
			w.record("2024-04-01", basis.RestrictionImposed{Reason: "legal-claims"})
			w.record("2024-04-10", basis.ConsentWithdrawn{Scope: "letter"})
		}, rights.Holding{Category: "news.signup"}, nil, retention.MayKeep, retention.Restricted, "", "", ""},
		"consent was withdrawn, then restricted": {func(w *world) {
			subscriber(w)
			w.record("2024-04-01", basis.ConsentWithdrawn{Scope: "letter"})
			w.record("2024-04-10", basis.RestrictionImposed{Reason: "legal-claims"})
		}, rights.Holding{Category: "news.signup"}, nil, retention.MustErase, rights.ConsentEnded, "", "2024-04-01", ""},
		"consent was withdrawn under a hold": {func(w *world) {
			subscriber(w)
			w.record("2024-04-01", basis.HoldPlaced{Reason: "claim"})
			w.record("2024-04-10", basis.ConsentWithdrawn{Scope: "letter"})
		}, rights.Holding{Category: "news.signup"}, nil, retention.MustKeep, retention.OnHold, "", "", ""},
		"consent was withdrawn, and then a hold": {func(w *world) {
			subscriber(w)
			w.record("2024-04-01", basis.ConsentWithdrawn{Scope: "letter"})
			w.record("2024-04-10", basis.HoldPlaced{Reason: "claim"})
		}, rights.Holding{Category: "news.signup"}, nil, retention.MustKeep, retention.OnHold, "", "", ""},
		"an end without a beginning": {func(w *world) { w.happened("2022-12-31", "ended") }, rights.Holding{Category: "finance.income"}, nil, retention.MustErase, retention.CeilingPassed, "run", "2022-12-31", "2022-12-31"},
		"both ended, and then a hold": {func(w *world) {
			customer(w)
			w.consented("2020-02-01", "profile")
			w.happened("2022-12-31", "ended")
			w.record("2023-06-01", basis.HoldPlaced{Reason: "claim"})
			w.record("2024-01-01", basis.ConsentWithdrawn{Scope: "profile"})
		}, rights.Holding{Category: "gender"}, nil, retention.PersonDecides, retention.HoldLate, "", "", ""},
		"consent was never given": {customer, rights.Holding{Category: "gender"}, nil, retention.PersonDecides, retention.NoRule, "", "", ""},
		"a category was taken out": {func(w *world) {
			customer(w)
			w.consented("2024-01-01", "profile")
			w.record("2024-02-01", basis.ConsentNarrowed{Scope: "profile", Categories: []string{"gender"}})
		}, rights.Holding{Category: "gender"}, nil, retention.MustErase, rights.ConsentEnded, "", "2024-02-01", ""},
		"withdrawn, but an agreement needs it": {func(w *world) {
			customer(w)
			subscriber(w)
			w.record("2024-04-10", basis.ConsentWithdrawn{Scope: "letter"})
		}, rights.Holding{Category: "contact.email"}, nil, retention.MayKeep, retention.NotStarted, "run", "", ""},
		"nobody was told of an answer": {partner, rights.Holding{Category: "partner.name"}, nil, retention.PersonDecides, retention.Unanswered, "partner", "", ""},
		"a person found it necessary": {func(w *world) {
			partner(w)
			w.record("2024-01-01", basis.NecessityJudged{Rule: "partner", Necessary: true})
		}, rights.Holding{Category: "partner.name"}, nil, retention.MayKeep, retention.Necessary, "partner", "", ""},
		"and the review is overdue": {func(w *world) {
			partner(w)
			w.record("2023-03-01", basis.NecessityJudged{Rule: "partner", Necessary: true})
		}, rights.Holding{Category: "partner.name"}, nil, retention.PersonDecides, retention.ReviewOverdue, "partner", "", ""},
		"a day among the facts":                     {customer, rights.Holding{Category: "orphan"}, []purpose.NamedValue{{Fact: "limitation_until", Value: purpose.InstantValue(on("2025-06-30"))}}, retention.MayKeep, retention.CeilingRunning, "limit", "2025-06-30", "2025-06-30"},
		"a day of the datum goes before":            {customer, rights.Holding{Category: "orphan", Days: []retention.GivenDay{{Key: "limitation_until", Day: retention.MustDate("2024-02-29")}}}, []purpose.NamedValue{{Fact: "limitation_until", Value: purpose.InstantValue(on("2025-06-30"))}}, retention.MustErase, retention.CeilingPassed, "limit", "2024-02-29", "2024-02-29"},
		"an event of its own":                       {func(w *world) { formerly(w); w.happened("2023-05-05", "booked") }, rights.Holding{Category: "books.invoice", Events: []retention.Event{{Key: "booked", At: on("2019-03-03")}}}, nil, retention.MustKeep, retention.FloorRunning, "books", "2024-12-31", "2019-12-31"},
		"the events of the person":                  {func(w *world) { formerly(w); w.happened("2023-05-05", "booked") }, rights.Holding{Category: "books.invoice"}, nil, retention.MustKeep, retention.FloorRunning, "books", "2028-12-31", "2023-12-31"},
		"a floor of an activity that was never his": {func(w *world) { visitor(w); w.happened("2023-05-05", "booked") }, rights.Holding{Category: "books.invoice"}, nil, retention.MustKeep, retention.FloorRunning, "books", "2028-12-31", "2023-12-31"},
		"a purpose was taken out": {func(w *world) {
			customer(w)
			w.consented("2024-01-01", "profile")
			w.record("2024-02-01", basis.ConsentNarrowed{Scope: "profile", Purposes: []string{"relations"}})
		}, rights.Holding{Category: "gender"}, nil, retention.MustErase, rights.ConsentEnded, "", "2024-02-01", ""},
		"it had ended before": {func(w *world) {
			customer(w)
			w.consented("2020-02-01", "profile")
			w.happened("2022-12-31", "ended")
			w.record("2024-04-01", basis.ConsentWithdrawn{Scope: "profile"})
		}, rights.Holding{Category: "gender"}, nil, retention.MustErase, retention.CeilingPassed, "run", "2022-12-31", "2022-12-31"},
		"obtained for what has ended, though another keeps the like": {func(w *world) {
			customer(w)
			w.happened("2021-01-01", "checked")
			w.record("2024-01-01", basis.NecessityJudged{Rule: "report"})
		}, rights.Holding{Category: "contact.name", ObtainedFor: []string{"reports"}}, nil, retention.MustErase, retention.NotNecessary, "report", "2024-01-01", ""},
		"in a dataset for what has ended": {func(w *world) {
			customer(w)
			w.happened("2021-01-01", "checked")
			w.record("2024-01-01", basis.NecessityJudged{Rule: "report"})
		}, rights.Holding{Category: "contact.name", Dataset: "databank"}, nil, retention.MustErase, retention.NotNecessary, "report", "2024-01-01", ""},
		"obtained for what a compatible purpose still needs": {func(w *world) {
			customer(w)
			w.happened("2021-01-01", "checked")
			w.record("2024-01-01", basis.NecessityJudged{Rule: "report"})
		}, rights.Holding{Category: "contact.name", ObtainedFor: []string{"reports", "loan"}}, nil, retention.MayKeep, retention.NotStarted, "run", "", ""},
		"obtained for something else":                 {func(w *world) { checked(w); customer(w) }, rights.Holding{Category: "contact.name", ObtainedFor: []string{"reports"}}, nil, retention.MayKeep, retention.Necessary, "report", "", ""},
		"in a dataset for something else":             {func(w *world) { checked(w); customer(w) }, rights.Holding{Category: "contact.name", Dataset: "databank"}, nil, retention.MayKeep, retention.Necessary, "report", "", ""},
		"a claim that was settled":                    {func(w *world) { formerly(w); w.happened("2023-02-01", "claimed"); w.happened("2024-03-01", "settled") }, rights.Holding{Category: "finance.income"}, nil, retention.MustErase, retention.CeilingPassed, "claim", "2024-03-01", "2024-03-01"},
		"a claim that is pending":                     {func(w *world) { formerly(w); w.happened("2023-02-01", "claimed") }, rights.Holding{Category: "finance.income"}, nil, retention.MayKeep, retention.NotStarted, "claim", "", ""},
		"a claim that is said not to be his":          {func(w *world) { formerly(w); w.happened("2023-02-01", "claimed") }, rights.Holding{Category: "finance.income"}, calm, retention.MustErase, retention.CeilingPassed, "run", "2022-12-31", "2022-12-31"},
		"a claim that nobody speaks of keeps nothing": {formerly, rights.Holding{Category: "finance.income"}, nil, retention.MustErase, retention.CeilingPassed, "run", "2022-12-31", "2022-12-31"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			c.given(w)
			k := w.keep("2024-04-15", c.holding, c.facts...)
			assert.Equal(t, c.want, k.Status, "%v", k.Because)
			assert.Equal(t, c.reason, k.Because.Reason)
			assert.Equal(t, c.rule, k.Because.Rule)
			assert.Equal(t, c.through, k.LastDay.String())
			assert.Equal(t, c.trigger, k.Trigger.String())
		})
	}
}

// A purpose that ended is lost, though another keeps the datum.
func TestPurposesLostAndLeft(t *testing.T) {
	w := newWorld(t)
	customer(w)
	w.happened("2021-01-10", "checked")
	w.record("2024-01-01", basis.NecessityJudged{Rule: "report"})
	k := w.keep("2024-04-15", rights.Holding{Category: "contact.name"})
	assert.Equal(t, retention.MayKeep, k.Status)
	assert.Equal(t, []string{"reports"}, k.Lost())
	assert.Equal(t, []string{"loan.run", "loan.serve", "news.calls"}, k.Left())

	w.record("2024-04-20", basis.ObjectionRaised{Ground: basis.Marketing})
	k = w.keep("2024-04-21", rights.Holding{Category: "contact.name"})
	assert.Equal(t, []string{"news.calls", "reports"}, k.Lost(), "direct marketing ends with the objection (Art. 21(3))")
	for _, u := range k.Uses {
		if u.Purpose == "news.calls" {
			assert.Equal(t, rights.ObjectedTo, u.Answer.Because.Reason)
		}
	}
}

// A purpose whose basis does not hold is not left.
func TestAPurposeWithoutABasisIsNotLeft(t *testing.T) {
	w := newWorld(t)
	visitor(w)
	assert.Equal(t, []string{"statistics"}, w.keep("2024-04-15", rights.Holding{Category: "visit.page"}).Left())
	w.record("2024-04-16", basis.ObjectionRaised{Ground: basis.OwnSituation})
	assert.Empty(t, w.keep("2024-04-17", rights.Holding{Category: "visit.page"}).Left())
}

// Data serves what it was obtained for, and what is compatible with it on a valid assessment (GDPR Art. 6(4)).
func TestCompatiblePurposesKeepToo(t *testing.T) {
	w := newWorld(t, func(s *purpose.Spec) {
		s.Assessments = append(s.Assessments, purpose.Assessment{Key: "compat", Reference: "file 9", Purposes: []string{"statistics"}, From: "2018-06-01", Through: "2023-12-31"})
		s.Compatible = []purpose.Compatible{{From: "loan.run", To: "statistics", Categories: []string{"visit"}, Assessment: "compat"}}
	})
	visitor(w)
	h := rights.Holding{Category: "visit.page", ObtainedFor: []string{"loan.run"}}
	assert.Equal(t, retention.PersonDecides, w.keep("2024-04-15", h).Status, "the assessment is out of date")
	w = newWorld(t, func(s *purpose.Spec) {
		s.Assessments = append(s.Assessments, purpose.Assessment{Key: "compat", Reference: "file 9", Purposes: []string{"statistics"}, From: "2018-06-01"})
		s.Compatible = []purpose.Compatible{{From: "loan.run", To: "statistics", Categories: []string{"visit"}, Assessment: "compat"}}
	})
	visitor(w)
	assert.Equal(t, retention.MayKeep, w.keep("2024-04-15", h).Status)
	h.ObtainedFor = []string{"loan.serve"}
	assert.Equal(t, retention.PersonDecides, w.keep("2024-04-15", h).Status)
}

// An activity of an earlier notice keeps what was collected under it, and nothing newer.
func TestActivitiesOfAnEarlierNotice(t *testing.T) {
	w := newWorld(t, func(s *purpose.Spec) {
		s.Notices = append(s.Notices, purpose.Notice{Version: "2", From: "2024-01-01", ObjectionClause: "6.6"})
		for i := range s.Activities {
			if s.Activities[i].Key == "count" {
				s.Activities[i].Notices = []string{"1"}
			}
		}
	})
	visitor(w)
	for collected, want := range map[string]retention.Status{"": retention.MayKeep, "2023-12-31": retention.MayKeep, "2024-01-02": retention.PersonDecides} {
		h := rights.Holding{Category: "visit.page"}
		if collected != "" {
			h.CollectedAt = on(collected)
		}
		assert.Equal(t, want, w.keep("2024-04-15", h).Status, collected)
	}
}

// A withdrawal that was acknowledged by a ledger whose clock is ahead is seen at once.
func TestALedgerWhoseClockIsAheadIsSeen(t *testing.T) {
	w := newWorld(t)
	ahead := basis.NewMemory(w.register.Vocabulary(), basis.WithClock(func() time.Time { return w.now.Add(time.Hour) }))
	w.ledger = ahead
	desk, err := rights.NewDesk(w.register, ahead, w.trail, rights.WithClock(func() time.Time { return w.now }), rights.WithPseudonyms(w.names))
	require.NoError(t, err)
	w.desk = desk
	w.at("2024-01-01")
	for _, b := range []basis.Body{basis.Occurred{Event: "visited"}, basis.ObjectionRaised{Ground: basis.OwnSituation}} {
		require.NoError(t, ahead.Record(context.Background(), basis.Event{DataSubject: person, Body: b}))
	}
	o := w.ask("2024-01-01", rights.Request{Kind: purpose.ErasureRight, Holdings: held("visit.page")})
	assert.Equal(t, rights.Granted, o.Result, "the objection stands")
	assert.True(t, o.At.After(w.now))
}

func TestThePeriodIsThatOfTheDecidingRule(t *testing.T) {
	w := newWorld(t)
	formerly(w)
	assert.Equal(t, period("P5Y"), w.keep("2024-04-15", rights.Holding{Category: "aml.record"}).Period)
	assert.Equal(t, period("P1Y"), w.keep("2024-04-15", rights.Holding{Category: "contact.name"}).Period)
	assert.Zero(t, w.keep("2024-04-15", rights.Holding{Category: "health"}).Period)
}

// Each application has its own clock: events of another one do not concern it.
func TestARecordHasTheEventsOfItsOwnContract(t *testing.T) {
	w := newWorld(t)
	for _, e := range []struct{ at, event, ref string }{{"2022-01-15", "applied", "A1"}, {"2022-02-01", "closed", "A1"}, {"2023-01-15", "applied", "A2"}} {
		w.record(e.at, basis.Occurred{Event: e.event, Reference: e.ref})
	}
	first, second := rights.Holding{Category: "history", Reference: "A1"}, rights.Holding{Category: "history", Reference: "A2"}
	apply := func(k rights.Keeping) (a retention.Answer) {
		for _, u := range k.Uses {
			if u.Activity == "apply" {
				a = u.Answer
			}
		}
		return a
	}
	assert.Equal(t, retention.MayKeep, apply(w.keep("2023-02-01", first)).Status)
	assert.Equal(t, retention.MustErase, apply(w.keep("2023-02-02", first)).Status)
	assert.Equal(t, retention.NoRule, apply(w.keep("2023-02-02", second)).Because.Reason, "the second was never closed")
}

// The past is asked as it was, and as it was known.
func TestThePastAsItWasKnown(t *testing.T) {
	w := newWorld(t)
	formerly(w)
	ask := func(at, known string) retention.Status {
		q := rights.Query{DataSubject: person, Holding: rights.Holding{Category: "finance.income"}, At: on(at)}
		if known != "" {
			q.KnownAt = on(known)
		}
		k, err := w.keeper.Evaluate(context.Background(), q)
		require.NoError(t, err)
		return k.Status
	}
	w.at("2024-04-15")
	assert.Equal(t, retention.MayKeep, ask("2022-06-01", ""))
	assert.Equal(t, retention.MustErase, ask("2024-04-15", ""))
	assert.Equal(t, retention.MayKeep, ask("2024-04-15", "2022-06-01"), "the end was not known yet")
}

func TestQueriesThatCannotBeAnswered(t *testing.T) {
	w := newWorld(t)
	customer(w)
	good := rights.Query{DataSubject: person, Holding: rights.Holding{Category: "contact.name"}}
	for name, edit := range map[string]func(*rights.Query){
		"nobody":         func(q *rights.Query) { q.DataSubject = "" },
		"everybody":      func(q *rights.Query) { q.DataSubject = "*" },
		"tomorrow":       func(q *rights.Query) { q.At = w.now.AddDate(0, 0, 1) },
		"no category":    func(q *rights.Query) { q.Holding.Category = "" },
		"undated events": func(q *rights.Query) { q.Holding.Events = []retention.Event{{Key: "booked"}} },
		"other facts":    func(q *rights.Query) { q.Facts = purpose.Facts{{Fact: "nothing", Value: purpose.True()}} },
	} {
		q := good
		edit(&q)
		k, err := w.keeper.Evaluate(context.Background(), q)
		assert.Error(t, err, name)
		assert.Zero(t, k, name)
	}
	_, err := w.keeper.Evaluate(context.Background(), good)
	require.NoError(t, err, "the control")
	_, err = rights.NewKeeper(w.register, nil)
	assert.Error(t, err)
}

// Activities of special data need the ground of Art. 9 to be in use.
func TestSpecialDataNeedsItsGroundToBeInUse(t *testing.T) {
	w := newWorld(t, func(s *purpose.Spec) {
		s.Scopes = append(s.Scopes, purpose.Scope{Key: "express", Purposes: []purpose.ScopedPurpose{{Purpose: "loan.run"}}, Explicit: true})
		s.Activities = append(s.Activities, purpose.Activity{Key: "care", Purposes: []string{"loan.run"}, Capacities: []string{"customer"}, Categories: []string{"health"}, Sources: []string{"person"},
			Claims:   []basis.Claim{{Basis: basis.Contract, Relation: "loan"}},
			Overlays: []purpose.Overlay{{Class: purpose.Special, Ground: "gdpr:9-2-a", Claim: basis.Claim{Basis: basis.Consent, Scope: "express", Explicit: true}}}, Retention: []string{"care"}, Clause: "2.14"})
		s.Retention = append(s.Retention, retention.Rule{Key: "care", Clause: "5.care", Anchor: retention.After("ended"), Ceiling: period("P0D")})
	})
	customer(w)
	req := rights.Request{Kind: purpose.ErasureRight, Holdings: held("health")}
	assert.Equal(t, rights.Granted, w.ask("2024-04-15", req).Result, "no ground, no use")
	q := basis.GoodConsent()
	q.Explicit = true
	w.record("2024-04-16", basis.ConsentGiven{Scope: "express", Quality: q})
	assert.Equal(t, rights.Refused, w.ask("2024-04-17", req).Result)
}

// A ground that is a law has to be in force.
func TestAGroundThatIsALawHasToBeInForce(t *testing.T) {
	for through, want := range map[string]rights.Result{"": rights.Refused, "2023-12-31": rights.Granted} {
		w := newWorld(t, func(s *purpose.Spec) {
			s.Laws = append(s.Laws, purpose.Law{Key: "dk.id", Through: through})
			s.Categories = append(s.Categories, purpose.Category{Key: "id.number", Class: purpose.NationalID})
			s.Activities = append(s.Activities, purpose.Activity{Key: "number", Purposes: []string{"loan.run"}, Capacities: []string{"customer"}, Categories: []string{"id"}, Sources: []string{"person"},
				Claims:   []basis.Claim{{Basis: basis.Contract, Relation: "loan"}},
				Overlays: []purpose.Overlay{{Class: purpose.NationalID, Ground: "dk.id", Claim: basis.Claim{Basis: basis.LegalObligation, Laws: []string{"dk.hvl"}}}}, Retention: []string{"number"}, Clause: "2.15"})
			s.Retention = append(s.Retention, retention.Rule{Key: "number", Clause: "5.n", Anchor: retention.After("ended"), Ceiling: period("P0D")})
		})
		customer(w)
		o := w.ask("2024-04-15", rights.Request{Kind: purpose.ErasureRight, Holdings: held("id.number")})
		assert.Equal(t, want, o.Result, "through %q", through)
	}
}
