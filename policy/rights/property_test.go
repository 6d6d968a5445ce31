package rights_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

var kinds = []purpose.RightKind{purpose.AccessRight, purpose.CopyRight, purpose.RectificationRight, purpose.ErasureRight, purpose.RestrictionRight, purpose.PortabilityRight,
	purpose.ObjectionRight, purpose.MarketingObjectionRight, purpose.WithdrawalRight, purpose.ReviewRight, purpose.ComplaintRight}

var leaves = []string{"contact.name", "contact.email", "finance.income", "finance.score", "aml.record", "aml.suspicion", "books.invoice", "visit.page", "news.signup", "gender", "partner.name",
	"health", "history", "orphan", "census"}

// story is what may happen to a person, one step a month.
func story(r *rapid.T, w *world) {
	day := on("2018-07-01")
	for range rapid.IntRange(0, 20).Draw(r, "steps") {
		day = day.AddDate(0, rapid.IntRange(0, 7).Draw(r, "months"), 3)
		if day.After(on("2026-01-01")) {
			return
		}
		w.now = day
		events := []string{"signed", "ended", "booked", "visited", "applied", "closed", "signed", "ended", "visited", "subscribed", "partnered", "checked", "booked", "claimed", "settled"}
		occurs := rapid.Map(rapid.SampledFrom(events), func(e string) basis.Body { return basis.Occurred{Event: e} })
		body := rapid.OneOf(occurs, occurs, occurs,
			rapid.Map(rapid.SampledFrom([]string{"letter", "profile"}), func(s string) basis.Body { return basis.ConsentGiven{Scope: s, Quality: basis.GoodConsent()} }),
			rapid.Map(rapid.SampledFrom([]string{"letter", "profile"}), func(s string) basis.Body { return basis.ConsentWithdrawn{Scope: s} }),
			rapid.Map(rapid.SampledFrom([]basis.Ground{basis.Marketing, basis.OwnSituation}), func(g basis.Ground) basis.Body { return basis.ObjectionRaised{Ground: g} }),
			rapid.Map(rapid.SampledFrom([]string{"partner", "report"}), func(s string) basis.Body { return basis.NecessityJudged{Rule: s, Necessary: true} }),
			rapid.Map(rapid.SampledFrom([]string{"contact", "aml", "gender"}), func(s string) basis.Body { return basis.HoldPlaced{Categories: []string{s}, Reason: "claim"} }),
			rapid.Map(rapid.SampledFrom([]string{"finance", "news"}), func(s string) basis.Body {
				return basis.RestrictionImposed{Categories: []string{s}, Reason: "unlawful"}
			}),
		).Draw(r, "event")
		require.NoError(r, w.ledger.Record(context.Background(), basis.Event{DataSubject: person, ValidAt: day, Body: body}))
	}
}

func anything(r *rapid.T) rights.Request {
	req := rights.Request{Kind: rapid.SampledFrom(kinds).Draw(r, "kind"), Identity: rights.Identity(rapid.IntRange(0, 2).Draw(r, "identity")),
		Ground: rights.Ground(rapid.IntRange(0, 11).Draw(r, "ground")), Holdings: held(rapid.SliceOfDistinct(rapid.SampledFrom(leaves), func(s string) string { return s }).Draw(r, "held")...)}
	if rapid.Bool().Draw(r, "found") {
		req.Finding = rights.Finding{Verdict: rights.Finds(rapid.IntRange(0, 4).Draw(r, "verdict")), By: "u1", Reference: "f1"}
	}
	if rapid.Bool().Draw(r, "stated") {
		req.Stated = []string{"changes"}
	}
	if rapid.Bool().Draw(r, "calm") {
		req.Facts = calm
	}
	if rapid.Bool().Draw(r, "named") {
		req.DecisionID, req.Reviewer = decision, "u1"
	}
	return req
}

// An erasure never takes what a law or a hold keeps, whatever the request says and whatever has happened. The floor is worked
// out anew, from the rule and the events alone.
func TestErasureNeverTakesWhatALawKeeps(t *testing.T) {
	granted, kept := 0, 0
	rapid.Check(t, func(r *rapid.T) {
		w := newWorld(t)
		story(r, w)
		req := anything(r)
		req.Kind, req.Finding.By = purpose.ErasureRight, ""
		req.Identity, req.Holdings = rights.Proven, held(leaves...)
		if rapid.Bool().Draw(r, "founded") {
			req.Finding = rights.Finding{Verdict: rights.Founded, By: "u1"}
		}
		o := w.ask("2026-02-02", req)
		st := w.state()
		last := func(event string) (at time.Time) {
			for _, x := range st.Occurrences {
				if x.Event == event {
					at = x.Last
				}
			}
			return at
		}
		runs := map[string]bool{}
		if ended := last("ended"); !ended.IsZero() && last("signed").Before(ended) {
			through := period("P5Y").From(retention.DateOf(ended, w.register.Zone()))
			runs["aml.record"] = w.now.Before(through.EndIn(w.register.Zone()))
			runs["aml.suspicion"] = runs["aml.record"]
		}
		if booked := last("booked"); !booked.IsZero() {
			runs["books.invoice"] = w.now.Year() <= booked.In(w.register.Zone()).Year()+5
		}
		for _, x := range o.Items {
			held := slices.ContainsFunc(st.Holds, func(h basis.Hold) bool { return w.register.Within(x.Part, h.Categories[0]) })
			if runs[x.Part] {
				kept++
				assert.Equal(r, rights.Refused, x.Result, x.Part)
				assert.Equal(r, rights.CodeLegalObligation, x.Reasons[0].Code)
			}
			if held {
				assert.NotEqual(r, rights.Granted, x.Result, "%s is on hold: %v", x.Part, x.Reasons)
			}
			if x.Result == rights.Granted {
				granted++
			}
		}
	})
	if !testing.Short() { // a fifth of the worlds then
		assert.Greater(t, granted, 20, "the control: something was granted")
		assert.Greater(t, kept, 5, "the control: something was kept")
	}
}

// Deciding changes nothing and records nothing; a refusal for want of identity changes nothing either; serving says what
// deciding said.
func TestDecidingChangesNothing(t *testing.T) {
	refused := 0
	rapid.Check(t, func(r *rapid.T) {
		w := newWorld(t)
		story(r, w)
		req := w.fill(anything(r))
		w.now = on("2026-02-02")
		req.Received, req.ID = w.now, decision
		before, lines := w.state(), len(w.trail.Events())
		decided, err := w.desk.Decide(context.Background(), req)
		require.NoError(r, err)
		assert.Equal(r, before, w.state())
		assert.Len(r, w.trail.Events(), lines)
		served, err := w.desk.Serve(context.Background(), req)
		require.NoError(r, err)
		assert.Equal(r, decided.Result, served.Result)
		assert.Equal(r, decided.Told(), served.Told())
		assert.Greater(r, len(w.trail.Events()), lines, "every answer is on record")
		if len(served.Reasons) > 0 && (served.Reasons[0].Code == rights.CodeIdentityMissing || served.Reasons[0].Code == rights.CodeIdentityDoubted) {
			refused++
			assert.Equal(r, before.Version, w.state().Version)
		}
		if served.Result != rights.Granted && served.Result != rights.Partial {
			for _, x := range served.Items {
				assert.NotEqual(r, rights.Granted, x.Result)
			}
		}
	})
	assert.True(t, testing.Short() || refused > 0, "the control")
}

// What protects the person, a withdrawal or an objection, never makes an erasure harder; what protects others, a hold, never
// makes it easier.
func TestProtectionsPointOneWay(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := newWorld(t)
		story(r, w)
		req := anything(r)
		req.Kind, req.Identity, req.Stated = purpose.ErasureRight, rights.Proven, []string{"changes"}
		before := w.ask("2026-02-02", req)
		milder := rapid.SampledFrom([]basis.Body{basis.ConsentWithdrawn{Scope: "letter"}, basis.ConsentWithdrawn{Scope: "profile"}, basis.ObjectionRaised{Ground: basis.Marketing},
			basis.ObjectionRaised{Ground: basis.OwnSituation}}).Draw(r, "protection")
		require.NoError(r, w.ledger.Record(context.Background(), basis.Event{DataSubject: person, ValidAt: w.now, Body: milder}))
		after := w.ask("2026-02-03", req)
		for i := range before.Items {
			if before.Items[i].Result == rights.Granted {
				assert.Equal(r, rights.Granted, after.Items[i].Result, "%T on %s: %v", milder, before.Items[i].Part, after.Items[i].Reasons)
			}
		}
		require.NoError(r, w.ledger.Record(context.Background(), basis.Event{DataSubject: person, ValidAt: w.now, Body: basis.HoldPlaced{Reason: "claim"}}))
		held := w.ask("2026-02-04", req)
		for i := range after.Items {
			if after.Items[i].Result != rights.Granted {
				assert.NotEqual(r, rights.Granted, held.Items[i].Result, after.Items[i].Part)
			}
		}
	})
}

// The order in which data is listed never matters.
func TestTheOrderOfHoldingsNeverMatters(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := newWorld(t)
		story(r, w)
		req := anything(r)
		one := w.ask("2026-02-02", req)
		slices.Reverse(req.Holdings)
		two := w.ask("2026-02-02", req)
		assert.Equal(r, one.Result, two.Result)
		for _, result := range []rights.Result{rights.Granted, rights.Refused, rights.Escalated, rights.Outside, rights.Referred} {
			assert.ElementsMatch(r, one.Of(result), two.Of(result))
		}
	})
}

// Keeper and desk never disagree: what retention says must be kept is not erased, and what it says must go is not refused as
// needed.
func TestDeskAndKeeperAgree(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := newWorld(t)
		story(r, w)
		leaf := rapid.SampledFrom(leaves).Draw(r, "leaf")
		k := w.keep("2026-02-02", rights.Holding{Category: leaf})
		o := w.ask("2026-02-02", rights.Request{Kind: purpose.ErasureRight, Holdings: held(leaf)})
		switch k.Status {
		case retention.MustKeep:
			assert.NotEqual(r, rights.Granted, o.Result)
		case retention.MustErase:
			assert.NotEqual(r, rights.Refused, o.Result, "%v", o.Items[0].Reasons)
		}
		for _, u := range k.Uses {
			if u.Live {
				assert.True(r, u.Answer.Readable && u.Heard && u.Current && len(u.Bases) > 0)
			}
		}
		assert.Empty(r, intersect(k.Left(), k.Lost()))
	})
}

func intersect(a, b []string) (both []string) {
	for _, s := range a {
		if slices.Contains(b, s) {
			both = append(both, s)
		}
	}
	return both
}
