package retention_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/retention"
)

func TestZeroValuesPermitNothingAndEraseNothing(t *testing.T) {
	var a retention.Answer
	assert.Equal(t, retention.PersonDecides, a.Status)
	assert.False(t, a.Readable || a.Storable)
	assert.Equal(t, retention.PersonDecides, retention.Combine().Status)
	assert.Equal(t, retention.NoRule, retention.Combine().Because.Reason)

	f := &retention.Facts{Zone: copenhagen}
	at := instant(t, "2024-04-15", copenhagen)
	a = decide(t, f, at)
	assert.Equal(t, retention.PersonDecides, a.Status)
	assert.Equal(t, retention.NoRule, a.ReadBecause.Reason)

	a = decide(t, f, at, nil, &retention.Rule{})
	assert.Equal(t, retention.PersonDecides, a.Status)
	assert.Equal(t, retention.RuleInvalid, a.ReadBecause.Reason)
	ok, reason := (*retention.Rule)(nil).ReadableAt(f, at)
	assert.False(t, ok)
	assert.Equal(t, retention.RuleInvalid, reason)
}

func TestMalformedFactsAreErrorsAndNotReadable(t *testing.T) {
	at := instant(t, "2024-04-15", copenhagen)
	good := func() *retention.Facts {
		return &retention.Facts{Zone: copenhagen, Events: events(t, copenhagen, "e", "2024-04-01")}
	}
	rule := ceilingRule("r", "e", "P1Y")
	require.True(t, decide(t, good(), at, rule).Readable, "the control")

	for name, c := range map[string]struct {
		spoil func(*retention.Facts)
		want  error
	}{
		"no zone":          {func(f *retention.Facts) { f.Zone = nil }, retention.ErrZone},
		"machine's zone":   {func(f *retention.Facts) { f.Zone = time.Local }, retention.ErrZone},
		"event without at": {func(f *retention.Facts) { f.Events[0].At = time.Time{} }, retention.ErrFacts},
		"event at no time": {func(f *retention.Facts) { f.Events[0].At = time.Date(-40, 1, 1, 0, 0, 0, 0, time.UTC) }, retention.ErrFacts},
		"event at the end": {func(f *retention.Facts) { f.Events[0].At = time.Date(20000, 1, 1, 0, 0, 0, 0, time.UTC) }, retention.ErrFacts},
		"event no key":     {func(f *retention.Facts) { f.Events[0].Key = "" }, retention.ErrFacts},
		"day no key":       {func(f *retention.Facts) { f.Days = []retention.GivenDay{{Day: date("2024-01-01")}} }, retention.ErrFacts},
		"day missing":      {func(f *retention.Facts) { f.Days = []retention.GivenDay{{Key: "d"}} }, retention.ErrFacts},
		"day twice": {func(f *retention.Facts) {
			f.Days = []retention.GivenDay{{Key: "d", Day: date("2024-01-01")}, {Key: "d", Day: date("2025-01-01")}}
		}, retention.ErrFacts},
		"length missing": {func(f *retention.Facts) { f.Lengths = []retention.GivenLength{{Table: "t"}} }, retention.ErrFacts},
		"length no key":  {func(f *retention.Facts) { f.Lengths = []retention.GivenLength{{Length: period("P1D")}} }, retention.ErrFacts},
		"length twice": {func(f *retention.Facts) {
			f.Lengths = []retention.GivenLength{{Table: "t", Length: period("P1D")}, {Table: "t", Length: period("P9D")}}
		}, retention.ErrFacts},
		"answer without at":  {func(f *retention.Facts) { f.Answers = []retention.Necessity{{Question: "q", Necessary: true}} }, retention.ErrFacts},
		"answer no question": {func(f *retention.Facts) { f.Answers = []retention.Necessity{{At: at}} }, retention.ErrFacts},
		"hold no start":      {func(f *retention.Facts) { f.Holds = []retention.Span{{Ref: "H"}} }, retention.ErrFacts},
		"hold backwards":     {func(f *retention.Facts) { f.Holds = []retention.Span{{From: at, Until: at.Add(-1)}} }, retention.ErrFacts},
		"restriction no start": {func(f *retention.Facts) {
			f.Restrictions = []retention.Span{{Until: at}}
		}, retention.ErrFacts},
	} {
		f := good()
		c.spoil(f)
		a, err := retention.Decide([]*retention.Rule{rule}, f, at)
		require.ErrorIs(t, err, c.want, name)
		assert.Equal(t, retention.PersonDecides, a.Status, name)
		assert.False(t, a.Readable, name)
		assert.Equal(t, retention.FactsInvalid, a.Because.Reason, name)
	}

	_, err := retention.Decide([]*retention.Rule{rule}, nil, at)
	require.ErrorIs(t, err, retention.ErrFacts)
	_, err = retention.Decide([]*retention.Rule{rule}, good(), time.Time{})
	require.ErrorIs(t, err, retention.ErrFacts)

	// The read path does not check every fact, and still does not open on what it needs.
	zoneless, timeless := good(), good()
	zoneless.Zone, timeless.Events[0].At = nil, time.Time{}
	for name, call := range map[string]func() (bool, retention.Cause){
		"no facts": func() (bool, retention.Cause) { return retention.Readable([]*retention.Rule{rule}, nil, at) },
		"no zone":  func() (bool, retention.Cause) { return retention.Readable([]*retention.Rule{rule}, zoneless, at) },
		"no instant": func() (bool, retention.Cause) {
			return retention.Readable([]*retention.Rule{rule}, good(), time.Time{})
		},
		"bad event": func() (bool, retention.Cause) { return retention.Readable([]*retention.Rule{rule}, timeless, at) },
	} {
		ok, cause := call()
		assert.False(t, ok, name)
		assert.Equal(t, retention.FactsInvalid, cause.Reason, name)
	}
	for _, f := range []*retention.Facts{nil, zoneless, timeless} {
		ok, reason := rule.ReadableAt(f, at)
		assert.False(t, ok)
		assert.Equal(t, retention.FactsInvalid, reason)
	}
	timeless.Events = append(timeless.Events, events(t, copenhagen, "ended", "2024-04-01")...)
	timeless.Answers = []retention.Necessity{{Question: "q", Necessary: true}}
	broken := func(change func(*retention.Rule)) *retention.Rule {
		r := ceilingRule("r", "other", "P1Y")
		change(r)
		return r
	}
	for name, r := range map[string]*retention.Rule{
		"condition": broken(func(r *retention.Rule) { r.When.NotHappened = []string{"e"} }),
		"later of":  broken(func(r *retention.Rule) { r.Anchor = anchor(retention.OnLaterOf, "ended", "e") }),
		"reopened": broken(func(r *retention.Rule) {
			r.Anchor = retention.Anchor{Kind: retention.OnCaseEnd, Events: []string{"ended"}, Reopened: []string{"e"}}
		}),
		"criterion": {Key: "c", Clause: "T-1", Criterion: retention.Criterion{Question: "q", Review: period("P1Y")}},
	} {
		ok, reason := r.ReadableAt(timeless, at)
		assert.False(t, ok, name)
		assert.Equal(t, retention.FactsInvalid, reason, name)
	}
}

func TestFutureFactsAreIgnoredAndReported(t *testing.T) {
	rule := ceilingRule("r", "e", "P0D")
	f := &retention.Facts{Zone: copenhagen, Events: events(t, copenhagen, "e", "2024-05-01T10:00:00+02:00")}
	before := decide(t, f, instant(t, "2024-05-01T09:59:59+02:00", copenhagen), rule)
	assert.Equal(t, retention.MayKeep, before.Status)
	assert.Equal(t, retention.NotStarted, before.Because.Reason)
	assert.True(t, before.IgnoredFuture)
	assert.Equal(t, instant(t, "2024-05-01T10:00:00+02:00", copenhagen).UTC(), before.NextChange.UTC())

	now := decide(t, f, instant(t, "2024-05-01T10:00:00+02:00", copenhagen), rule)
	assert.Equal(t, retention.MustErase, now.Status)
	assert.False(t, now.IgnoredFuture)

	// A visit that is still to come does not restart the clock today.
	visits := &retention.Facts{Zone: copenhagen, Events: events(t, copenhagen, "site_visit", "2023-01-01", "site_visit", "2025-01-01")}
	a := decide(t, visits, instant(t, "2024-06-01", copenhagen), notices["fx.ret.own_cookies"])
	assert.Equal(t, retention.MustErase, a.Status)
	assert.True(t, a.IgnoredFuture)
}

// GDPR Art. 18 and AMB-08.
func TestRestrictionSuspendsCeilingsInTime(t *testing.T) {
	rule := ceilingRule("r", "e", "P1Y") // first erasable on 2024-01-02
	facts := func(spans ...string) *retention.Facts {
		f := &retention.Facts{Zone: copenhagen, Events: events(t, copenhagen, "e", "2023-01-01T12:00:00+01:00")}
		for i := 0; i < len(spans); i += 2 {
			s := retention.Span{Ref: "R-1", From: instant(t, spans[i], copenhagen)}
			if spans[i+1] != "" {
				s.Until = instant(t, spans[i+1], copenhagen)
			}
			f.Restrictions = append(f.Restrictions, s)
		}
		return f
	}
	for _, c := range []struct {
		name  string
		spans []string
		at    string
		want  retention.Status
		why   retention.Reason
		end   string
	}{
		{"in force since before", []string{"2023-12-01", ""}, "2024-06-01", retention.MayKeep, retention.Restricted, ""},
		{"in force, until known", []string{"2023-12-01", "2024-07-01"}, "2024-06-01", retention.MayKeep, retention.Restricted, "2024-07-01"},
		{"lifted", []string{"2023-12-01", "2024-05-01"}, "2024-06-01", retention.MustErase, retention.CeilingPassed, "2024-05-01"},
		{"lifted this instant", []string{"2023-12-01", "2024-06-01"}, "2024-06-01", retention.MustErase, retention.CeilingPassed, "2024-06-01"},
		{"lifted before the end", []string{"2023-11-01", "2023-12-01"}, "2024-06-01", retention.MustErase, retention.CeilingPassed, "2024-01-02"},
		{"imposed too late", []string{"2024-02-01", ""}, "2024-06-01", retention.MustErase, retention.CeilingPassed, "2024-01-02"},
		{"imposed at the end", []string{"2024-01-02", ""}, "2024-06-01", retention.MustErase, retention.CeilingPassed, "2024-01-02"},
		{"imposed a moment before", []string{"2024-01-01T23:59:59.999999999+01:00", ""}, "2024-06-01", retention.MayKeep, retention.Restricted, ""},
		{"one after the other", []string{"2023-12-01", "2024-02-01", "2024-02-01", "2024-07-01"}, "2024-06-01", retention.MayKeep, retention.Restricted, "2024-07-01"},
		{"with a gap between", []string{"2023-12-01", "2024-02-01", "2024-02-02", ""}, "2024-06-01", retention.MustErase, retention.CeilingPassed, "2024-02-01"},
		{"ceiling still to come", []string{"2023-12-01", "2024-02-01"}, "2023-12-15", retention.MayKeep, retention.CeilingRunning, "2024-02-01"},
		{"ceiling still to come, open", []string{"2023-12-01", ""}, "2023-12-15", retention.MayKeep, retention.CeilingRunning, ""},
	} {
		a := decide(t, facts(c.spans...), instant(t, c.at, copenhagen), rule)
		assert.Equal(t, c.want, a.Status, c.name)
		assert.Equal(t, c.why, a.Because.Reason, c.name)
		if c.end == "" {
			assert.Zero(t, a.Term, c.name)
		} else {
			assert.Equal(t, instant(t, c.end, copenhagen).UTC(), a.FirstErasable.UTC(), c.name)
			assert.Equal(t, date(c.end).AddDays(-1), a.LastDay, c.name)
		}
		if a.Because.Reason == retention.Restricted {
			assert.False(t, a.Readable, "storage only: %s", c.name)
			assert.Equal(t, "R-1", a.Because.Ref)
		}
	}
}

// GDPR Art. 17(3)(e): a hold suspends erasure and authorises nothing.
func TestHoldSuspendsErasureAndAuthorisesNothing(t *testing.T) {
	rule := ceilingRule("r", "e", "P1Y") // first erasable on 2024-01-02
	f := &retention.Facts{Zone: copenhagen, Events: events(t, copenhagen, "e", "2023-01-01T12:00:00+01:00")}
	f.Holds = []retention.Span{{Ref: "H-7", From: instant(t, "2023-06-01", copenhagen), Until: instant(t, "2024-03-01", copenhagen)}}

	running := decide(t, f, instant(t, "2023-07-01", copenhagen), rule)
	assert.Equal(t, retention.MustKeep, running.Status, "not even voluntary erasure")
	assert.True(t, running.Readable, "the purpose is as open as it was")
	assert.Equal(t, retention.Cause{Reason: retention.OnHold, Ref: "H-7"}, running.Because)

	ended := decide(t, f, instant(t, "2024-02-01", copenhagen), rule)
	assert.Equal(t, retention.MustKeep, ended.Status)
	assert.False(t, ended.Readable)
	assert.Equal(t, retention.CeilingPassed, ended.ReadBecause.Reason)
	assert.Equal(t, "2024-02-29", ended.LastDay.String())
	assert.Equal(t, ended.FirstErasable, ended.NextChange, "release queues it again")

	released := decide(t, f, ended.NextChange, rule)
	assert.Equal(t, retention.MustErase, released.Status)
	assert.Equal(t, "2024-02-29", released.LastDay.String())

	// Of several holds the longest one is named.
	f.Holds = append(f.Holds, retention.Span{Ref: "H-8", From: instant(t, "2023-09-01", copenhagen)})
	assert.Equal(t, retention.Cause{Reason: retention.OnHold, Ref: "H-8"}, decide(t, f, instant(t, "2024-02-01", copenhagen), rule).Because)
	f.Holds = f.Holds[:1]

	// Placed when the data should have gone already: nobody erases evidence on a rule's word, nobody keeps it either.
	f.Holds[0].From = instant(t, "2024-01-02", copenhagen)
	late := decide(t, f, instant(t, "2024-02-01", copenhagen), rule)
	assert.Equal(t, retention.PersonDecides, late.Status)
	assert.Equal(t, retention.Cause{Reason: retention.HoldLate, Ref: "H-7"}, late.Because)

	// A hold without an end gives no instant to wake up at; its release is a fact, and queues the datum at once.
	f.Holds[0] = retention.Span{Ref: "H-7", From: instant(t, "2023-06-01", copenhagen)}
	endless := decide(t, f, instant(t, "2024-02-01", copenhagen), rule)
	assert.Equal(t, retention.MustKeep, endless.Status)
	assert.Zero(t, endless.NextChange)
	f.Holds[0].Until = instant(t, "2024-03-01", copenhagen)
	assert.Equal(t, retention.MustErase, decide(t, f, f.Holds[0].Until, rule).Status)
	f.Holds[0].From = instant(t, "2024-01-02", copenhagen)

	// While a floor kept it lawfully there, a hold was in time.
	floor := ceilingRule("law", "e", "P13M")
	floor.Law, floor.Floor, floor.Ceiling = "t.law", period("P13M"), retention.Period{}
	f.Holds[0].Until = time.Time{}
	kept := decide(t, f, instant(t, "2025-02-01", copenhagen), rule, floor)
	assert.Equal(t, retention.MustKeep, kept.Status)
	assert.Equal(t, retention.OnHold, kept.Because.Reason)

	// The hold keeps also what nobody has decided about.
	open := &retention.Rule{Key: "c", Clause: "T-1", Criterion: retention.Criterion{Question: "q", Review: period("P1Y")}}
	unasked := decide(t, f, instant(t, "2024-02-01", copenhagen), open)
	assert.Equal(t, retention.MustKeep, unasked.Status)
	assert.False(t, unasked.Readable)
}

// AMB-03: a bare floor is no licence to keep for ever.
func TestBareFloor(t *testing.T) {
	floor := &retention.Rule{Key: "law", Law: "t.law", Anchor: anchor(retention.OnEvent, "e"), Floor: period("P5Y")}
	f := &retention.Facts{Zone: stockholm, Events: events(t, stockholm, "e", "2020-02-29")}
	during := decide(t, f, instant(t, "2025-02-28T23:59:59+01:00", stockholm), floor)
	assert.Equal(t, retention.MustKeep, during.Status)
	assert.True(t, during.Readable, "for the purpose that cites the law")
	after := decide(t, f, during.FirstErasable, floor)
	assert.Equal(t, retention.PersonDecides, after.Status)
	assert.Equal(t, retention.FloorOver, after.Because.Reason)
	assert.False(t, after.Readable)

	// Another rule of the purpose may say how long after.
	criterion := notices["fx.ret.partner"]
	f.Answers = []retention.Necessity{{Question: "relevant_or_documentation", Necessary: true, At: instant(t, "2025-01-01", stockholm)}}
	assert.Equal(t, retention.MayKeep, decide(t, f, during.FirstErasable, floor, criterion).Status)

	// A ceiling that passes before the law's time can start is a contradiction for a person, not an erasure.
	waiting := &retention.Rule{Key: "law", Law: "t.law", Anchor: anchor(retention.OnCaseEnd, "ended"), Floor: period("P5Y")}
	a := decide(t, f, instant(t, "2024-01-01", stockholm), ceilingRule("r", "e", "P1Y"), waiting)
	assert.Equal(t, retention.PersonDecides, a.Status)
	assert.Equal(t, retention.Cause{Reason: retention.FloorPending, Rule: "law", Law: "t.law"}, a.Because)
	assert.False(t, a.Readable)
}

// AMB-05: silence never means keep, and an overdue review is reported.
func TestCriterion(t *testing.T) {
	rule := notices["fx.ret.partner"]
	at := instant(t, "2024-04-15T10:00:00+02:00", copenhagen)
	type answer = retention.Necessity
	yes := func(day, reviewBy string) answer {
		a := answer{Question: "relevant_or_documentation", Necessary: true, At: instant(t, day, copenhagen)}
		if reviewBy != "" {
			a.ReviewBy = date(reviewBy)
		}
		return a
	}
	no := answer{Question: "relevant_or_documentation", At: instant(t, "2024-03-01", copenhagen)}
	for _, c := range []struct {
		name    string
		answers []answer
		want    retention.Status
		why     retention.Reason
		next    string
	}{
		{"silence", nil, retention.PersonDecides, retention.Unanswered, ""},
		{"another question", []answer{{Question: "q", Necessary: true, At: at}}, retention.PersonDecides, retention.Unanswered, ""},
		{"yes", []answer{yes("2024-01-10", "")}, retention.MayKeep, retention.Necessary, "2025-01-11"},
		{"yes, on the last day", []answer{yes("2023-04-15", "")}, retention.MayKeep, retention.Necessary, "2024-04-16"},
		{"yes, overdue", []answer{yes("2023-04-14", "")}, retention.PersonDecides, retention.ReviewOverdue, ""},
		{"yes, sooner review", []answer{yes("2024-01-10", "2024-05-31")}, retention.MayKeep, retention.Necessary, "2024-06-01"},
		{"yes, sooner review overdue", []answer{yes("2024-01-10", "2024-04-14")}, retention.PersonDecides, retention.ReviewOverdue, ""},
		{"yes, later review does not stretch the rule", []answer{yes("2023-04-14", "2030-01-01")}, retention.PersonDecides, retention.ReviewOverdue, ""},
		{"no", []answer{no}, retention.MustErase, retention.NotNecessary, ""},
		{"yes, then no", []answer{yes("2024-01-10", ""), no}, retention.MustErase, retention.NotNecessary, ""},
		{"no, then yes", []answer{no, yes("2024-04-01", "")}, retention.MayKeep, retention.Necessary, "2025-04-02"},
		{"yes and no at once", []answer{yes("2024-03-01", ""), no}, retention.MustErase, retention.NotNecessary, ""},
		{"two reviews at once", []answer{yes("2024-01-10", ""), yes("2024-01-10", "2024-05-31"), yes("2024-01-10", "2024-06-30")},
			retention.MayKeep, retention.Necessary, "2024-06-01"},
		{"two reviews at once, in another order", []answer{yes("2024-01-10", "2024-06-30"), yes("2024-01-10", "2024-05-31"), yes("2024-01-10", "")},
			retention.MayKeep, retention.Necessary, "2024-06-01"},
		{"answered tomorrow", []answer{yes("2024-04-16", "")}, retention.PersonDecides, retention.Unanswered, "2024-04-16"},
	} {
		f := &retention.Facts{Zone: copenhagen, Answers: c.answers}
		a := decide(t, f, at, rule)
		assert.Equal(t, c.want, a.Status, c.name)
		assert.Equal(t, c.why, a.Because.Reason, c.name)
		assert.Equal(t, c.want == retention.MayKeep, a.Readable, c.name)
		if c.next == "" {
			assert.Zero(t, a.NextChange, c.name)
		} else {
			assert.Equal(t, instant(t, c.next, copenhagen).UTC(), a.NextChange.UTC(), c.name)
		}
	}
}

// DF-2.3: used for the assessment, never stored, gone when it ends.
func TestTransientDataIsUsedAndNotStored(t *testing.T) {
	rule := notices["df.ret.sublet_sensitive"]
	f := &retention.Facts{Zone: copenhagen}
	during := decide(t, f, instant(t, "2024-04-15", copenhagen), rule)
	assert.True(t, during.Readable)
	assert.False(t, during.Storable)
	assert.Equal(t, retention.MayKeep, during.Status)
	assert.Equal(t, retention.InTransit, during.Because.Reason)

	// Another rule of the purpose does not make it storable; another purpose may store its own copy.
	storing := ceilingRule("r", "filed", "P1Y")
	assert.False(t, decide(t, f, instant(t, "2024-04-15", copenhagen), rule, storing).Storable)
	other := decide(t, f, instant(t, "2024-04-15", copenhagen), storing)
	assert.True(t, other.Storable)
	assert.True(t, retention.Combine(during, other).Storable)

	f.Events = events(t, copenhagen, "assessment_ended", "2024-04-15T14:00:00+02:00")
	after := decide(t, f, instant(t, "2024-04-15T14:00:00+02:00", copenhagen), rule)
	assert.Equal(t, retention.MustErase, after.Status)
	assert.False(t, after.Readable)
}

// FX-5.1: third-party cookies live as long as the table says.
func TestCeilingFromATableKeptElsewhere(t *testing.T) {
	rule := notices["fx.ret.third_party_cookies"]
	f := &retention.Facts{Zone: copenhagen, Events: events(t, copenhagen, "cookie_set", "2024-01-31")}
	at := instant(t, "2024-03-01", copenhagen)
	missing := decide(t, f, at, rule)
	assert.Equal(t, retention.PersonDecides, missing.Status)
	assert.Equal(t, retention.LengthMissing, missing.Because.Reason)

	f.Lengths = []retention.GivenLength{{Table: "cookie_policy", Length: period("P1M")}}
	assert.Equal(t, retention.MustErase, decide(t, f, at, rule).Status)
	assert.Equal(t, "2024-02-29", decide(t, f, at, rule).LastDay.String())
	f.Lengths[0].Length = period("P13M")
	assert.Equal(t, retention.MayKeep, decide(t, f, at, rule).Status)

	elapsed := *rule
	elapsed.Unit = retention.ElapsedTime
	assert.Equal(t, retention.LengthMissing, decide(t, f, at, &elapsed).Because.Reason, "months are no elapsed time")
}

// AR-2.1-T: each outcome has its own rule.
func TestRuleAppliesToItsOutcomeOnly(t *testing.T) {
	rule := notices["ar.ret.prospect"]
	at := instant(t, "2024-05-06", copenhagen)
	f := &retention.Facts{Zone: copenhagen, Events: events(t, copenhagen, "application_filed", "2023-01-15", "application_closed", "2023-02-01")}
	assert.Equal(t, retention.MustErase, decide(t, f, at, rule).Status)
	f.Events = append(f.Events, events(t, copenhagen, "customer_relation_started", "2023-03-01")...)
	a := decide(t, f, at, rule)
	assert.Equal(t, retention.PersonDecides, a.Status)
	assert.Equal(t, retention.Cause{Reason: retention.NoRule}, a.Because)
	ok, reason := rule.ReadableAt(f, at)
	assert.False(t, ok)
	assert.Equal(t, retention.NoRule, reason)
	before := decide(t, f, instant(t, "2023-02-15", copenhagen), rule)
	assert.Equal(t, retention.MayKeep, before.Status, "the outcome is that of the instant asked about")
}

// A renewal that carries the date of the end: the data of a customer who stayed must not run out, nor must that of one
// who left be kept.
func TestEndAndReopeningAtTheSameInstant(t *testing.T) {
	f := &retention.Facts{Zone: copenhagen, Events: events(t, copenhagen,
		"customer_relation_started", "2010-01-01", "customer_relation_ended", "2015-01-01", "customer_relation_started", "2015-01-01")}
	a := decide(t, f, instant(t, "2024-01-01", copenhagen), notices["ar.ret.customer"])
	assert.Equal(t, retention.PersonDecides, a.Status)
	assert.Equal(t, retention.OrderUnclear, a.Because.Reason)
	assert.False(t, a.Readable)
	f.Events[1].At = f.Events[1].At.Add(-time.Second)
	assert.Equal(t, retention.MayKeep, decide(t, f, instant(t, "2024-01-01", copenhagen), notices["ar.ret.customer"]).Status)
	f.Events[1].At = f.Events[1].At.Add(2 * time.Second)
	assert.Equal(t, retention.MustErase, decide(t, f, instant(t, "2024-01-01", copenhagen), notices["ar.ret.customer"]).Status)
}

// A broken rule might be the floor that forbids erasure, or the ceiling that ends the purpose.
func TestInvalidRuleBlocksItsNeighbours(t *testing.T) {
	f := &retention.Facts{Zone: copenhagen, Events: events(t, copenhagen, "e", "2023-01-01")}
	broken := &retention.Rule{Key: "broken", Law: "t.law", Floor: period("P5Y")}
	over, running := ceilingRule("over", "e", "P1Y"), ceilingRule("running", "e", "P9Y")
	at := instant(t, "2024-06-01", copenhagen)
	require.Equal(t, retention.MustErase, decide(t, f, at, over).Status, "the control")
	require.True(t, decide(t, f, at, running).Readable, "the control")

	a := decide(t, f, at, over, broken)
	assert.Equal(t, retention.PersonDecides, a.Status)
	assert.Equal(t, retention.RuleInvalid, a.Because.Reason)
	b := decide(t, f, at, running, broken)
	assert.Equal(t, retention.PersonDecides, b.Status)
	assert.False(t, b.Readable)
}

func TestDecidingRuleIsNamed(t *testing.T) {
	at := instant(t, "2024-06-01", copenhagen)
	f := &retention.Facts{Zone: copenhagen, Events: events(t, copenhagen, "e", "2023-01-01")}
	long, short := ceilingRule("long", "e", "P3Y"), ceilingRule("short", "e", "P2Y")
	short.Then = retention.Anonymise
	a := decide(t, f, at, long, short)
	assert.Equal(t, retention.Cause{Reason: retention.CeilingRunning, Rule: "short", Clause: "T-1"}, a.Because)
	assert.Equal(t, retention.Anonymise, a.Then)
	assert.Equal(t, "2025-01-01", a.LastDay.String())

	erase, err := short.Answer(f, instant(t, "2025-01-02", copenhagen))
	require.NoError(t, err)
	assert.Equal(t, retention.MustErase, erase.Status)
	assert.Equal(t, retention.Anonymise, erase.Then)

	twin := ceilingRule("another", "e", "P2Y")
	assert.Equal(t, "another", decide(t, f, at, short, twin).Because.Rule, "ties go by key")
	assert.Equal(t, "another", decide(t, f, at, twin, short).Because.Rule)
}

func TestCombineKeepsWithTheLastPurpose(t *testing.T) {
	at := instant(t, "2024-06-01", copenhagen)
	f := &retention.Facts{Zone: copenhagen, Events: events(t, copenhagen, "e", "2023-01-01")}
	over, later := decide(t, f, at, ceilingRule("a", "e", "P1Y")), decide(t, f, at, ceilingRule("b", "e", "P1Y3M"))
	running, endless := decide(t, f, at, ceilingRule("c", "e", "P2Y")), decide(t, f, at, ceilingRule("d", "never", "P2Y"))
	unasked := decide(t, f, at, notices["fx.ret.partner"])
	for _, c := range []struct {
		name    string
		answers []retention.Answer
		want    retention.Status
		rule    string
	}{
		{"all ended: the last one", []retention.Answer{over, later}, retention.MustErase, "b"},
		{"one runs", []retention.Answer{over, running, later}, retention.MayKeep, "c"},
		{"one has no end", []retention.Answer{running, endless}, retention.MayKeep, "d"},
		{"one is unknown", []retention.Answer{over, unasked}, retention.PersonDecides, "fx.ret.partner"},
		{"one runs, one is unknown", []retention.Answer{unasked, running}, retention.MayKeep, "c"},
	} {
		for range 2 {
			got := retention.Combine(c.answers...)
			assert.Equal(t, c.want, got.Status, c.name)
			assert.Equal(t, c.rule, got.Because.Rule, c.name)
			assert.False(t, got.Readable, c.name)
			for i, j := 0, len(c.answers)-1; i < j; i, j = i+1, j-1 {
				c.answers[i], c.answers[j] = c.answers[j], c.answers[i]
			}
		}
	}
	assert.Equal(t, running.NextChange, retention.Combine(over, running, unasked).NextChange)
}
