package basis_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/basis"
)

func given(scope string, change ...func(*basis.ConsentGiven)) basis.ConsentGiven {
	g := basis.ConsentGiven{Scope: scope, Quality: basis.GoodConsent()}
	for _, c := range change {
		c(&g)
	}
	return g
}

func notice(v string) func(*basis.ConsentGiven) {
	return func(g *basis.ConsentGiven) { g.Notice = v }
}

func until(t time.Time) func(*basis.ConsentGiven) {
	return func(g *basis.ConsentGiven) { g.Until = t }
}

func TestConsentStatusFollowsItsLatestInterval(t *testing.T) {
	invalid := given("newsletter", func(g *basis.ConsentGiven) { g.Quality.Specific = false })
	withdrawn := basis.ConsentWithdrawn{Scope: "newsletter"}
	for name, c := range map[string]struct {
		events []basis.Event
		at     time.Time
		status basis.ConsentStatus
		since  time.Time
		event  string
	}{
		"never given":                        {at: day(1)},
		"before it was given":                {[]basis.Event{event("a", day(2), given("newsletter"))}, day(2).Add(-time.Microsecond), basis.NotGiven, time.Time{}, ""},
		"from the instant it was given":      {[]basis.Event{event("a", day(2), given("newsletter"))}, day(2), basis.Standing, day(2), "a"},
		"until just before the withdrawal":   {[]basis.Event{event("a", day(2), given("newsletter")), event("b", day(5), withdrawn)}, day(5).Add(-time.Microsecond), basis.Standing, day(2), "a"},
		"withdrawn at its instant":           {[]basis.Event{event("a", day(2), given("newsletter")), event("b", day(5), withdrawn)}, day(5), basis.Withdrawn, day(5), "b"},
		"withdrawal wins at one instant":     {[]basis.Event{event("b", day(2), withdrawn), event("c", day(2), given("newsletter"))}, day(2), basis.Withdrawn, day(2), "b"},
		"the first withdrawal counts":        {[]basis.Event{event("a", day(2), given("newsletter")), event("b", day(5), withdrawn), event("c", day(6), withdrawn)}, day(7), basis.Withdrawn, day(5), "b"},
		"given anew after a withdrawal":      {[]basis.Event{event("a", day(2), given("newsletter")), event("b", day(5), withdrawn), event("c", day(6), given("newsletter"))}, day(7), basis.Standing, day(6), "c"},
		"late news of an older consent":      {[]basis.Event{event("b", day(5), withdrawn), {ID: "z", DataSubject: person, ValidAt: day(2), RecordedAt: day(9), Body: given("newsletter")}}, day(9), basis.Withdrawn, day(5), "b"},
		"withdrawn though never given":       {[]basis.Event{event("b", day(5), withdrawn)}, day(6), basis.Withdrawn, day(5), "b"},
		"silence is no consent":              {[]basis.Event{event("a", day(2), invalid)}, day(3), basis.Invalid, day(2), "a"},
		"an invalid renewal ends a good one": {[]basis.Event{event("a", day(2), given("newsletter")), event("b", day(3), invalid)}, day(3), basis.Invalid, day(3), "b"},
		"just before its expiry":             {[]basis.Event{event("a", day(2), given("newsletter", until(day(8))))}, day(8).Add(-time.Microsecond), basis.Standing, day(2), "a"},
		"expired at its end":                 {[]basis.Event{event("a", day(2), given("newsletter", until(day(8))))}, day(8), basis.Expired, day(8), "a"},
		"renewed without expiry":             {[]basis.Event{event("a", day(2), given("newsletter", until(day(8)))), event("b", day(7), given("newsletter"))}, day(9), basis.Standing, day(7), "b"},
		"withdrawn after its expiry":         {[]basis.Event{event("a", day(2), given("newsletter", until(day(4)))), event("b", day(5), withdrawn)}, day(6), basis.Withdrawn, day(5), "b"},
	} {
		t.Run(name, func(t *testing.T) {
			got := fold(t, c.at, c.events...).Consent("newsletter")
			assert.Equal(t, c.status, got.Status)
			assert.Equal(t, c.since, got.Since)
			assert.Equal(t, c.event, got.Event)
			assert.Equal(t, c.status == basis.Standing, len(got.Purposes) > 0, "only a standing consent covers anything")
		})
	}
}

func TestConsentCoversTheLeavesOfTheNoticeShown(t *testing.T) {
	narrowed := func(id string, at time.Time, b basis.ConsentNarrowed) basis.Event {
		b.Scope = "ads"
		return event(id, at, b)
	}
	for name, c := range map[string]struct {
		events     []basis.Event
		notice     string
		purposes   []string
		recipients []string
		without    []string
	}{
		"first notice in force":     {[]basis.Event{event("a", day(1), given("ads"))}, "v1", []string{"marketing.mail"}, []string{"adnet", "printer"}, nil},
		"later notice in force":     {[]basis.Event{event("a", day(10), given("ads"))}, "v2", []string{"marketing.ads.offsite", "marketing.mail"}, []string{"adnet", "printer"}, nil},
		"earlier notice was shown":  {[]basis.Event{event("a", day(11), given("ads", notice("v1")))}, "v1", []string{"marketing.mail"}, []string{"adnet", "printer"}, nil},
		"unknown notice":            {[]basis.Event{event("a", day(11), given("ads", notice("v7")))}, "", nil, nil, nil},
		"before the first notice":   {[]basis.Event{event("a", day(-1), given("ads"))}, "", nil, nil, nil},
		"a leaf of no known notice": {[]basis.Event{event("a", day(11), given("ads", notice("v2")))}, "v2", []string{"marketing.ads.offsite", "marketing.mail"}, []string{"adnet", "printer"}, nil},
		"named recipients replace":  {[]basis.Event{event("a", day(1), given("ads", func(g *basis.ConsentGiven) { g.Recipients = []string{"hausbank"} }))}, "v1", []string{"marketing.mail"}, []string{"hausbank"}, nil},
		"narrowed by a node above": {[]basis.Event{event("a", day(11), given("ads")), narrowed("b", day(12), basis.ConsentNarrowed{Purposes: []string{"marketing.ads"}, Recipients: []string{"adnet"}})},
			"v2", []string{"marketing.mail"}, []string{"printer"}, nil},
		"narrowed at one instant": {[]basis.Event{narrowed("b", day(11), basis.ConsentNarrowed{Purposes: []string{"marketing"}}), event("c", day(11), given("ads"))}, "v2", nil, []string{"adnet", "printer"}, nil},
		"narrowed by category": {[]basis.Event{event("a", day(11), given("ads")), narrowed("b", day(12), basis.ConsentNarrowed{Categories: []string{"contact"}})},
			"v2", []string{"marketing.ads.offsite", "marketing.mail"}, []string{"adnet", "printer"}, []string{"contact", "contact.mail", "contact.name"}},
		"given anew resets narrowing": {[]basis.Event{event("a", day(11), given("ads")), narrowed("b", day(12), basis.ConsentNarrowed{Purposes: []string{"marketing"}, Categories: []string{"contact"}}), event("c", day(13), given("ads"))},
			"v2", []string{"marketing.ads.offsite", "marketing.mail"}, []string{"adnet", "printer"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got := fold(t, day(20), c.events...).Consent("ads")
			assert.Equal(t, basis.Standing, got.Status)
			assert.Equal(t, c.notice, got.Notice)
			assert.ElementsMatch(t, c.purposes, got.Purposes)
			assert.ElementsMatch(t, c.recipients, got.Recipients)
			assert.Equal(t, c.without, got.Without)
		})
	}
}

func TestObjectionStandsUntilRefusedUnlessMarketingOrUpheld(t *testing.T) {
	raised := func(g basis.Ground) basis.Event {
		return event("o", day(1), basis.ObjectionRaised{Ground: g, Purposes: []string{"service"}})
	}
	refused := event("r", day(3), basis.ObjectionRefused{Objection: "o", Reference: "case"})
	upheld := event("u", day(5), basis.ObjectionUpheld{Objection: "o"})
	for name, c := range map[string]struct {
		events []basis.Event
		at     time.Time
		stands bool
	}{
		"raised":               {[]basis.Event{raised(basis.OwnSituation)}, day(1), true},
		"not yet raised":       {[]basis.Event{raised(basis.OwnSituation)}, day(0), false},
		"before the refusal":   {[]basis.Event{raised(basis.OwnSituation), refused}, day(2), true},
		"refused":              {[]basis.Event{raised(basis.OwnSituation), refused}, day(3), false},
		"upheld after refusal": {[]basis.Event{raised(basis.OwnSituation), refused, upheld}, day(5), true},
		"marketing refused":    {[]basis.Event{raised(basis.Marketing), refused}, day(4), true},
	} {
		t.Run(name, func(t *testing.T) {
			s := fold(t, c.at, c.events...)
			assert.Equal(t, c.stands, len(s.Objections) == 1)
			if c.stands {
				assert.Equal(t, day(1), s.Objections[0].Since)
			}
		})
	}
}

func TestLaterWillDecidesBetweenMarketingObjectionAndConsent(t *testing.T) {
	records := records{within: true}
	objection := event("o", day(5), basis.ObjectionRaised{Ground: basis.Marketing, Purposes: []string{"marketing"}})
	for name, c := range map[string]struct {
		events []basis.Event
		stops  bool
	}{
		"objection alone":                {[]basis.Event{objection}, true},
		"consent before":                 {[]basis.Event{event("c", day(4), given("newsletter")), objection}, true},
		"consent at the same instant":    {[]basis.Event{event("c", day(5), given("newsletter")), objection}, true},
		"consent after":                  {[]basis.Event{objection, event("c", day(6), given("newsletter"))}, false},
		"consent after, then withdrawn":  {[]basis.Event{objection, event("c", day(6), given("newsletter")), event("w", day(7), basis.ConsentWithdrawn{Scope: "newsletter"})}, true},
		"consent after to other purpose": {[]basis.Event{objection, event("c", day(6), given("ads", func(g *basis.ConsentGiven) { g.Notice = "v7" }))}, true},
		"objection again":                {[]basis.Event{objection, event("c", day(6), given("newsletter")), event("p", day(7), basis.ObjectionRaised{Ground: basis.Marketing})}, true},
	} {
		t.Run(name, func(t *testing.T) {
			_, stops := fold(t, day(9), c.events...).MarketingObjection("marketing.mail", records)
			assert.Equal(t, c.stops, stops)
		})
	}
	t.Run("only a standing consent lifts it", func(t *testing.T) {
		s := basis.State{Objections: []basis.Objection{{Ground: basis.Marketing, Since: day(1)}},
			Consents: []basis.ConsentState{{Status: basis.Withdrawn, Given: day(2), Purposes: []string{"marketing.mail"}}}}
		_, stops := s.MarketingObjection("marketing.mail", records)
		assert.True(t, stops)
		s.Consents[0].Status = basis.Standing
		_, stops = s.MarketingObjection("marketing.mail", records)
		assert.False(t, stops)
	})
	t.Run("other purposes are not reached", func(t *testing.T) {
		_, stops := fold(t, day(9), objection).MarketingObjection("service.billing", tree{})
		assert.False(t, stops)
		_, stops = fold(t, day(9), objection).MarketingObjection("marketing.ads.offsite", tree{})
		assert.True(t, stops, "an objection reaches every descendant")
		_, stops = fold(t, day(9), objection).MarketingObjection("service.billing", nil)
		assert.True(t, stops, "without records every objection reaches")
	})
}

func TestRestrictionEndsOnlyAfterThePersonWasTold(t *testing.T) {
	imposed := event("r", day(1), basis.RestrictionImposed{Categories: []string{"contact"}, Reason: "unlawful"})
	lift := func(informed time.Time) basis.Event {
		return event("l", day(5), basis.RestrictionLifted{Restriction: "r", InformedAt: informed})
	}
	for name, c := range map[string]struct {
		lift   basis.Event
		at     time.Time
		stands bool
	}{
		"told before":         {lift(day(4)), day(5), false},
		"told at that moment": {lift(day(5)), day(5), false},
		"not yet lifted":      {lift(day(4)), day(5).Add(-time.Microsecond), true},
		"told afterwards":     {lift(day(6)), day(9), true},
		"never told":          {lift(time.Time{}), day(9), true},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.stands, len(fold(t, c.at, imposed, c.lift).Restrictions) == 1)
		})
	}
}

func TestRestrictionExceptionsAreOpenForTheirTime(t *testing.T) {
	events := []basis.Event{
		event("r", day(1), basis.RestrictionImposed{Reason: "accuracy-contested"}),
		event("x", day(2), basis.RestrictionExcepted{Restriction: "r", Exception: basis.LegalClaims, Purposes: []string{"service"}, Reference: "case", Until: day(4)}),
		event("y", day(3), basis.RestrictionExcepted{Restriction: "r", Exception: basis.ByConsent, Purposes: []string{"service.billing"}, Reference: "form"}),
		event("n", day(3), basis.RestrictionExcepted{Restriction: "r", Exception: basis.ByConsent, Reference: "names no purpose"}),
		event("m", day(3), basis.RestrictionExcepted{Restriction: "nothing", Exception: basis.ByConsent, Purposes: []string{"service"}, Reference: "form"}),
	}
	open := func(at time.Time) (ids []string) {
		for _, x := range fold(t, at, events...).Restrictions[0].Exceptions {
			ids = append(ids, x.Event)
		}
		return ids
	}
	assert.Empty(t, open(day(1)))
	assert.Equal(t, []string{"x"}, open(day(2)))
	assert.Equal(t, []string{"x", "y"}, open(day(3)))
	assert.Equal(t, []string{"y"}, open(day(4)))
}

func TestRelationsFollowTheirContract(t *testing.T) {
	happened := func(id string, at time.Time, key, reference string) basis.Event {
		return event(id, at, basis.Occurred{Event: key, Reference: reference})
	}
	stages := func(s *basis.State) map[string]basis.Stage {
		m := make(map[string]basis.Stage)
		for _, r := range s.Relations {
			m[r.Name+"/"+r.Reference] = r.Stage
		}
		return m
	}
	for name, c := range map[string]struct {
		events []basis.Event
		stages map[string]basis.Stage
		lessee bool
	}{
		"one contract":          {[]basis.Event{happened("a", day(1), "enquired", ""), happened("b", day(2), "signed", "")}, map[string]basis.Stage{"lease/": basis.Active}, true},
		"ended":                 {[]basis.Event{happened("a", day(1), "signed", ""), happened("b", day(2), "returned", "")}, map[string]basis.Stage{"lease/": basis.Ended}, false},
		"one of two ended":      {[]basis.Event{happened("a", day(1), "signed", "A"), happened("b", day(2), "signed", "B"), happened("c", day(3), "returned", "A")}, map[string]basis.Stage{"lease/A": basis.Ended, "lease/B": basis.Active}, true},
		"ended without case":    {[]basis.Event{happened("a", day(1), "signed", "A"), happened("b", day(2), "signed", "B"), happened("c", day(3), "returned", "")}, map[string]basis.Stage{"lease/A": basis.Ended, "lease/B": basis.Ended, "lease/": basis.Ended}, false},
		"began without case":    {[]basis.Event{happened("a", day(1), "signed", ""), happened("c", day(3), "returned", "A")}, map[string]basis.Stage{"lease/A": basis.Ended, "lease/": basis.Ended}, false},
		"an end is no way back": {[]basis.Event{happened("a", day(1), "signed", "A"), happened("b", day(2), "settled", "A"), happened("c", day(3), "returned", "")}, map[string]basis.Stage{"lease/A": basis.Settled, "lease/": basis.Ended}, false},
		"signed again":          {[]basis.Event{happened("a", day(1), "signed", ""), happened("b", day(2), "returned", ""), happened("c", day(3), "signed", "")}, map[string]basis.Stage{"lease/": basis.Active}, true},
		"gained and lost":       {[]basis.Event{happened("a", day(1), "retried", "")}, map[string]basis.Stage{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := fold(t, day(9), c.events...)
			assert.Equal(t, c.stages, stages(s))
			assert.Equal(t, c.lessee, s.HasCapacity("lessee"))
			assert.False(t, s.HasCapacity("prospect") && c.lessee)
		})
	}
}

func TestStageBeginsWithTheEventThatEnteredIt(t *testing.T) {
	s := fold(t, day(9),
		event("a", day(1), basis.Occurred{Event: "signed"}), event("b", day(3), basis.Occurred{Event: "signed"}))
	require.Len(t, s.Relations, 1)
	assert.Equal(t, basis.Relation{Name: "lease", Stage: basis.Active, Since: day(1), Event: "a"}, s.Relations[0])
	assert.Equal(t, []basis.Occurrence{{Event: "signed", First: day(1), Last: day(3), ID: "b"}}, s.Occurrences)
	assert.Equal(t, []basis.Capacity{{Key: "lessee", Since: day(1), Event: "a"}}, s.Capacities)
}

// Each contract or case has occurrences of its own: two applications are two clocks.
func TestEachCaseHasItsOccurrences(t *testing.T) {
	s := fold(t, day(9),
		event("a", day(1), basis.Occurred{Event: "signed", Reference: "one"}), event("b", day(3), basis.Occurred{Event: "signed", Reference: "two"}),
		event("c", day(4), basis.Occurred{Event: "signed"}), event("d", day(5), basis.Occurred{Event: "signed", Reference: "one"}))
	assert.Equal(t, []basis.Occurrence{
		{Event: "signed", Reference: "one", First: day(1), Last: day(5), ID: "d"},
		{Event: "signed", Reference: "two", First: day(3), Last: day(3), ID: "b"},
		{Event: "signed", First: day(4), Last: day(4), ID: "c"},
	}, s.Occurrences)
}

func TestIncidentIsOpenForAtMost72Hours(t *testing.T) {
	incident := func(d time.Duration) basis.Event {
		return event("i", day(1), basis.IncidentOpened{Reference: "flood", Purposes: []string{"rescue"}, Until: day(1).Add(d)})
	}
	assert.Len(t, fold(t, day(1), incident(72*time.Hour)).Incidents, 1)
	assert.Len(t, fold(t, day(4).Add(-time.Microsecond), incident(72*time.Hour)).Incidents, 1)
	assert.Empty(t, fold(t, day(4), incident(72*time.Hour)).Incidents, "the end is exclusive")
	assert.Empty(t, fold(t, day(1), incident(72*time.Hour+time.Microsecond)).Incidents, "too long never opens")
	assert.Empty(t, fold(t, day(1), event("i", day(1), basis.IncidentOpened{Reference: "flood", Purposes: []string{"rescue"}})).Incidents)
}

func TestHistoryThatCannotBeFoldedIsAnError(t *testing.T) {
	vocab := vocabulary()
	for name, body := range map[string]basis.Body{
		"unknown event":             basis.Occurred{Event: "vanished"},
		"objection to the unknown":  basis.ObjectionRaised{Ground: basis.Marketing, Purposes: []string{"vanished"}},
		"restriction of unknown":    basis.RestrictionImposed{Categories: []string{"vanished"}},
		"hold of the unknown":       basis.HoldPlaced{Categories: []string{"vanished"}},
		"narrowing by the unknown":  basis.ConsentNarrowed{Scope: "ads", Purposes: []string{"vanished"}},
		"narrowing unknown data":    basis.ConsentNarrowed{Scope: "ads", Categories: []string{"vanished"}},
		"no body":                   nil,
		"a pointer to a body":       &basis.ConsentGiven{},
		"a nil pointer to a body":   (*basis.ConsentGiven)(nil),
		"something around one body": struct{ basis.ConsentGiven }{},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := basis.Fold(&vocab, person, []basis.Event{event("a", day(1), body)}, day(2), time.Time{})
			require.ErrorIs(t, err, basis.ErrHistory)
			assert.NotContains(t, err.Error(), person)
		})
	}
	_, err := basis.Fold(&vocab, person, []basis.Event{{ID: "a", DataSubject: "other", ValidAt: day(1), RecordedAt: day(1), Body: given("ads")}}, day(2), time.Time{})
	require.ErrorIs(t, err, basis.ErrHistory)
	_, err = basis.Fold(nil, person, nil, day(2), time.Time{})
	require.ErrorIs(t, err, basis.ErrHistory)
	_, err = basis.Fold(&vocab, person, nil, time.Time{}, time.Time{})
	require.ErrorIs(t, err, basis.ErrHistory, "no time is no question")
	s, err := basis.Fold(&vocab, person, []basis.Event{event("a", day(1), given("vanished"))}, day(2), time.Time{})
	require.NoError(t, err, "a permission to the unknown opens nothing")
	assert.Empty(t, s.Consent("vanished").Purposes)
}
