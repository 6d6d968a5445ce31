package rights_test

import (
	"context"
	"errors"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/purpose"
)

// bodies of what the desk recorded in the ledger.
func (w *world) effects() (list []basis.Body) {
	for e, err := range w.ledger.Events(context.Background(), person) {
		require.NoError(w.t, err)
		if strings.HasPrefix(e.ID, "right:") {
			list = append(list, e.Body)
		}
	}
	return list
}

// What a right does to the state of the person.
func TestEffects(t *testing.T) {
	ground := rights.Finding{Verdict: rights.Overridden, By: "u1", Reference: "weighing 3"}
	for name, c := range map[string]struct {
		req    rights.Request
		result rights.Result
		want   []basis.Body
	}{
		"16 changes no state":   {rights.Request{Kind: purpose.RectificationRight, Identity: rights.Proven, Stated: []string{"changes"}, Categories: []string{"contact"}}, rights.Granted, nil},
		"17 changes no state":   {rights.Request{Kind: purpose.ErasureRight, Categories: []string{"gender"}}, rights.Granted, nil},
		"18(1)(a) contested":    {rights.Request{Kind: purpose.RestrictionRight, Ground: rights.Inaccurate, Categories: []string{"finance.income", "contact"}}, rights.Granted, []basis.Body{basis.RestrictionImposed{Categories: []string{"contact", "finance.income"}, Reason: "accuracy-contested"}}},
		"18(1)(b) unlawful":     {rights.Request{Kind: purpose.RestrictionRight, Ground: rights.Unlawful}, rights.Granted, []basis.Body{basis.RestrictionImposed{Reason: "unlawful"}}},
		"18(1)(c) needed":       {rights.Request{Kind: purpose.RestrictionRight, Ground: rights.LegalClaims}, rights.Granted, []basis.Body{basis.RestrictionImposed{Reason: "legal-claims"}}},
		"18(1)(d) weighing":     {rights.Request{Kind: purpose.RestrictionRight, Ground: rights.ObjectionPending}, rights.Granted, []basis.Body{basis.RestrictionImposed{Reason: "objection-pending"}}},
		"18 without a ground":   {rights.Request{Kind: purpose.RestrictionRight}, rights.Refused, nil},
		"18 on another ground":  {rights.Request{Kind: purpose.RestrictionRight, Ground: rights.Irrelevant}, rights.Refused, nil},
		"18 found unfounded":    {rights.Request{Kind: purpose.RestrictionRight, Ground: rights.Unlawful, Finding: rights.Finding{Verdict: rights.Unfounded, By: "u1"}}, rights.Refused, nil},
		"18 part is another's":  {rights.Request{Kind: purpose.RestrictionRight, Ground: rights.Unlawful, Holdings: []rights.Holding{{Category: "contact.name", Dataset: "own"}, {Category: "history", Dataset: "client"}}}, rights.Partial, []basis.Body{basis.RestrictionImposed{Categories: []string{"contact.name"}, Reason: "unlawful"}}},
		"18 all is another's":   {rights.Request{Kind: purpose.RestrictionRight, Ground: rights.Unlawful, Holdings: []rights.Holding{{Category: "history", Dataset: "client"}}}, rights.Referred, nil},
		"21(1) own situation":   {rights.Request{Kind: purpose.ObjectionRight, Ground: rights.OwnSituation, Purposes: []string{"statistics"}}, rights.Granted, []basis.Body{basis.ObjectionRaised{Ground: basis.OwnSituation, Purposes: []string{"statistics"}}}},
		"21(1) to everything":   {rights.Request{Kind: purpose.ObjectionRight, Ground: rights.OwnSituation}, rights.Granted, []basis.Body{basis.ObjectionRaised{Ground: basis.OwnSituation}}},
		"21(1) public task":     {rights.Request{Kind: purpose.ObjectionRight, Ground: rights.OwnSituation, Purposes: []string{"public"}}, rights.Granted, []basis.Body{basis.ObjectionRaised{Ground: basis.OwnSituation, Purposes: []string{"public"}}}},
		"21(1) to an agreement": {rights.Request{Kind: purpose.ObjectionRight, Ground: rights.OwnSituation, Purposes: []string{"loan.run"}}, rights.Refused, nil},
		"21(1) in part":         {rights.Request{Kind: purpose.ObjectionRight, Ground: rights.OwnSituation, Purposes: []string{"loan.run", "statistics"}}, rights.Partial, []basis.Body{basis.ObjectionRaised{Ground: basis.OwnSituation, Purposes: []string{"statistics"}}}},
		"21(1) overridden":      {rights.Request{Kind: purpose.ObjectionRight, Ground: rights.OwnSituation, Purposes: []string{"statistics"}, Finding: ground}, rights.Refused, []basis.Body{basis.ObjectionRaised{Ground: basis.OwnSituation, Purposes: []string{"statistics"}}, basis.ObjectionRefused{Objection: "right:" + decision + ":0", Reference: "weighing 3"}}},
		"21(1) no record of it": {rights.Request{Kind: purpose.ObjectionRight, Ground: rights.OwnSituation, Purposes: []string{"statistics"}, Finding: rights.Finding{Verdict: rights.Overridden, By: "u1"}}, rights.Escalated, []basis.Body{basis.ObjectionRaised{Ground: basis.OwnSituation, Purposes: []string{"statistics"}}}},
		"21(1) by nobody":       {rights.Request{Kind: purpose.ObjectionRight, Ground: rights.OwnSituation, Purposes: []string{"statistics"}, Finding: rights.Finding{Verdict: rights.Overridden, Reference: "f"}}, rights.Granted, []basis.Body{basis.ObjectionRaised{Ground: basis.OwnSituation, Purposes: []string{"statistics"}}}},
		"21(2) marketing":       {rights.Request{Kind: purpose.MarketingObjectionRight}, rights.Granted, []basis.Body{basis.ObjectionRaised{Ground: basis.Marketing}}},
		"21(2) one kind":        {rights.Request{Kind: purpose.MarketingObjectionRight, Purposes: []string{"news.calls"}}, rights.Granted, []basis.Body{basis.ObjectionRaised{Ground: basis.Marketing, Purposes: []string{"news.calls"}}}},
		"21(2) not overridden":  {rights.Request{Kind: purpose.MarketingObjectionRight, Finding: ground}, rights.Granted, []basis.Body{basis.ObjectionRaised{Ground: basis.Marketing}}},
		"21(2) as an objection": {rights.Request{Kind: purpose.ObjectionRight, Purposes: []string{"news"}, Finding: ground}, rights.Granted, []basis.Body{basis.ObjectionRaised{Ground: basis.Marketing, Purposes: []string{"news.calls", "news.letter"}}}},
		"21 both":               {rights.Request{Kind: purpose.ObjectionRight, Ground: rights.OwnSituation, Purposes: []string{"news.calls", "statistics"}, Finding: ground}, rights.Partial, []basis.Body{basis.ObjectionRaised{Ground: basis.Marketing, Purposes: []string{"news.calls"}}, basis.ObjectionRaised{Ground: basis.OwnSituation, Purposes: []string{"statistics"}}, basis.ObjectionRefused{Objection: "right:" + decision + ":1", Reference: "weighing 3"}}},
		"7(3) a scope":          {rights.Request{Kind: purpose.WithdrawalRight, Scopes: []string{"letter"}}, rights.Granted, []basis.Body{basis.ConsentWithdrawn{Scope: "letter"}}},
		"7(3) everything":       {rights.Request{Kind: purpose.WithdrawalRight}, rights.Granted, []basis.Body{basis.ConsentWithdrawn{Scope: "letter"}, basis.ConsentWithdrawn{Scope: "profile"}}},
		"7(3) a purpose":        {rights.Request{Kind: purpose.WithdrawalRight, Purposes: []string{"score"}}, rights.Granted, []basis.Body{basis.ConsentNarrowed{Scope: "profile", Purposes: []string{"score"}}}},
		"7(3) all its purposes": {rights.Request{Kind: purpose.WithdrawalRight, Purposes: []string{"score", "relations"}}, rights.Granted, []basis.Body{basis.ConsentWithdrawn{Scope: "profile"}}},
		"7(3) change":           {rights.Request{Kind: purpose.WithdrawalRight, Scopes: []string{"profile"}, Categories: []string{"gender"}}, rights.Granted, []basis.Body{basis.ConsentNarrowed{Scope: "profile", Categories: []string{"gender"}}}},
		"7(3) nothing was":      {rights.Request{Kind: purpose.WithdrawalRight, Purposes: []string{"books"}}, rights.Refused, nil},
		"7(3) never given":      {rights.Request{Kind: purpose.WithdrawalRight, Scopes: []string{"late"}}, rights.Refused, nil},
		"7(3) given in part":    {rights.Request{Kind: purpose.WithdrawalRight, Scopes: []string{"late", "letter"}}, rights.Partial, []basis.Body{basis.ConsentWithdrawn{Scope: "letter"}}},
		"18 marketing, limited": {rights.Request{Kind: purpose.RestrictionRight, Purposes: []string{"news.calls"}}, rights.Granted, []basis.Body{basis.ObjectionRaised{Ground: basis.Marketing, Purposes: []string{"news.calls"}}}},
		"22(3) changes nothing": {rights.Request{Kind: purpose.ReviewRight, Facts: calm, DecisionID: decision, Reviewer: "u1"}, rights.Granted, nil},
		"77 changes nothing":    {rights.Request{Kind: purpose.ComplaintRight}, rights.Granted, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			customer(w)
			visitor(w)
			w.consented("2024-01-02", "letter")
			w.consented("2024-01-02", "profile")
			c.req.ID = decision
			o := w.serve("2024-04-15", c.req)
			assert.Equal(t, c.result, o.Result, "%v %v", o.Reasons, o.Items)
			assert.Equal(t, c.want, w.effects())
			if c.want == nil {
				return
			}
			for e := range w.ledger.Events(context.Background(), person) {
				if strings.HasPrefix(e.ID, "right:") {
					assert.True(t, e.ValidAt.Equal(on("2024-04-15")), "in effect from the day of receipt")
				}
			}
		})
	}
}

// A withdrawal that was asked for last week ends the consent from last week on, and reaches no further back (Art. 7(3)).
func TestAWithdrawalCountsFromItsReceipt(t *testing.T) {
	w := newWorld(t)
	subscriber(w)
	w.serve("2024-04-15", rights.Request{Kind: purpose.WithdrawalRight, Received: on("2024-04-08")})
	for at, want := range map[string]basis.ConsentStatus{"2024-04-07": basis.Standing, "2024-04-08": basis.Withdrawn, "2024-04-15": basis.Withdrawn} {
		st, err := w.ledger.StateAt(context.Background(), person, on(at), time.Time{})
		require.NoError(t, err)
		assert.Equal(t, want, st.Consent("letter").Status, at)
	}
}

// Serving again, after an error or by mistake, has no second effect, and the state stays as it is.
func TestServingAgainHasNoSecondEffect(t *testing.T) {
	w := newWorld(t)
	subscriber(w)
	req := rights.Request{ID: decision, Kind: purpose.WithdrawalRight, Received: on("2024-04-15"), Scopes: []string{"letter"}}
	w.serve("2024-04-15", req)
	first := w.state()
	w.serve("2024-04-16", req)
	assert.Equal(t, first.Version, w.state().Version)
	assert.Len(t, w.effects(), 1)
}

// Every step is in the trail before it takes effect, without a value, an id or a name.
func TestTheTrailHasTheDecisionBeforeItsEffect(t *testing.T) {
	w := newWorld(t)
	subscriber(w)
	var before int
	ledger := &spyLedger{Memory: w.ledger, onRecord: func() { before = len(w.trail.Events()) }}
	desk, err := rights.NewDesk(w.register, ledger, w.trail, rights.WithClock(func() time.Time { return w.now }), rights.WithPseudonyms(w.names))
	require.NoError(t, err)
	o, err := desk.Serve(context.Background(), w.fill(rights.Request{Kind: purpose.WithdrawalRight, Handler: "clerk-17", Scopes: []string{"letter"}, TraceID: strings.Repeat("a1", 16)}))
	require.NoError(t, err)
	assert.Equal(t, 1, before, "the decision, and not yet that it has taken effect")
	events := w.trail.Events()
	require.Len(t, events, 2)
	alias, err := w.names.Alias(context.Background(), audit.DataSubject, person)
	require.NoError(t, err)
	for _, e := range events {
		assert.Equal(t, audit.RightsWithdrawal, e.Name)
		assert.Equal(t, o.ID, e.DecisionID)
		assert.Equal(t, []string{alias}, e.DataSubjectRefs)
		assert.NotEmpty(t, e.PrincipalRef)
		assert.Equal(t, uint64(w.now.Unix()), e.N)
		assert.Equal(t, w.register.Digest(), e.RegisterDigest)
		assert.Equal(t, "withdrawal", e.Action)
	}
	assert.Equal(t, audit.Permitted, events[0].Outcome)
	assert.Equal(t, []audit.Outcome{audit.Done, audit.Permitted}, []audit.Outcome{events[1].Outcome, events[0].Outcome})
	assert.Equal(t, "right:"+o.ID+":0", events[1].BasisRef)
	for _, secret := range []string{person, "clerk-17"} {
		assert.NotContains(t, string(w.trail.Bytes()), secret)
	}
}

// A partial answer is in the trail part by part, with the rule that keeps what is kept.
func TestTheTrailHasEveryPartOfAnAnswer(t *testing.T) {
	w := newWorld(t)
	formerly(w)
	w.serve("2024-04-15", rights.Request{Kind: purpose.ErasureRight, Holdings: []rights.Holding{
		{Category: "aml.record", Field: "KYC.Record", Dataset: "own"}, {Category: "finance.income", Field: "Income", Dataset: "own"}, {Category: "orphan", Dataset: "own"}, {Category: "history", Dataset: "client"}}})
	events := w.trail.Events()
	require.Len(t, events, 4)
	type line struct {
		outcome    audit.Outcome
		reason     string
		rule       string
		categories string
	}
	var got []line
	for _, e := range events {
		got = append(got, line{e.Outcome, e.Reason, e.RetentionRule, strings.Join(e.Categories, " ")})
	}
	assert.Equal(t, []line{
		{audit.Partial, "", "", "finance.income"},
		{audit.Denied, "right.legal-obligation", "aml", "aml.record"},
		{audit.Denied, "right.held-as-processor", "", "history"},
		{audit.Aborted, "right.retention-undecided", "limit", "orphan"},
	}, got)
	assert.Equal(t, []string{"Income"}, events[0].Fields)
	assert.Contains(t, events[0].Obligations, rights.NotifyRecipients)
}

func TestAnAnswerOfManyPartsFitsTheTrail(t *testing.T) {
	w := newWorld(t, func(s *purpose.Spec) {
		for _, a := range "abcdefghijklmnopqrstuvwxyz" {
			for _, b := range "abcdefghij" {
				s.Categories = append(s.Categories, purpose.Category{Key: "many." + string(a) + string(b)})
			}
		}
	})
	customer(w)
	o := w.serve("2024-04-15", rights.Request{Kind: purpose.AccessRight, Categories: []string{"many"}})
	require.Len(t, o.Items, 260)
	seen := map[string]bool{}
	for _, e := range w.trail.Events() {
		for _, c := range e.Categories {
			seen[c] = true
		}
	}
	assert.Len(t, seen, 260)
}

type spyLedger struct {
	*basis.Memory
	onRecord func()
	fail     error
	hang     chan struct{}
	panics   bool
	after    bool // fails after it has recorded
	stateErr error
}

func (l *spyLedger) Record(ctx context.Context, events ...basis.Event) error {
	if l.onRecord != nil {
		l.onRecord()
	}
	switch {
	case l.panics:
		panic("canary")
	case l.hang != nil:
		<-l.hang
		return errors.New("too late")
	case l.fail != nil && !l.after:
		return l.fail
	}
	if err := l.Memory.Record(ctx, events...); err != nil {
		return err
	}
	return l.fail
}

func (l *spyLedger) StateAt(ctx context.Context, id string, at, known time.Time) (*basis.State, error) {
	if l.stateErr != nil {
		return nil, l.stateErr
	}
	return l.Memory.StateAt(ctx, id, at, known)
}

func (l *spyLedger) Events(ctx context.Context, id string) iter.Seq2[basis.Event, error] {
	return l.Memory.Events(ctx, id)
}

// A trail that fails in whatever way lets nothing take effect, and tells nothing of what it was given.
func TestATrailThatFailsLetsNothingHappen(t *testing.T) {
	for _, mood := range []audittest.Mood{audittest.Fails, audittest.Hangs, audittest.Panics, audittest.FailsAfter} {
		w := newWorld(t)
		subscriber(w)
		trail := audittest.NewFaulty(mood, nil)
		defer trail.Release()
		desk, err := rights.NewDesk(w.register, w.ledger, trail, rights.WithClock(func() time.Time { return w.now }), rights.WithPseudonyms(w.names), rights.WithTrailTimeout(20*time.Millisecond))
		require.NoError(t, err)
		version := w.state().Version
		o, err := desk.Serve(context.Background(), w.fill(rights.Request{Kind: purpose.WithdrawalRight, Scopes: []string{"letter"}}))
		require.ErrorIs(t, err, rights.ErrRecord, mood)
		assert.Equal(t, rights.Refused, o.Result, mood)
		assert.NotEmpty(t, o.ID, "to serve it again")
		assert.Empty(t, o.Items, mood)
		assert.Equal(t, version, w.state().Version, mood)
		assert.NotContains(t, err.Error(), person)
	}
	w := newWorld(t)
	subscriber(w)
	trail := audittest.NewFaulty(audittest.Good, nil) // the control
	desk, err := rights.NewDesk(w.register, w.ledger, trail, rights.WithClock(func() time.Time { return w.now }), rights.WithPseudonyms(w.names))
	require.NoError(t, err)
	_, err = desk.Serve(context.Background(), w.fill(rights.Request{Kind: purpose.WithdrawalRight, Scopes: []string{"letter"}}))
	require.NoError(t, err)
	assert.Len(t, w.effects(), 1)
}

// A ledger that fails grants nothing; serving again under the ID mends it.
func TestALedgerThatFailsGrantsNothing(t *testing.T) {
	hang := make(chan struct{})
	defer close(hang)
	for name, edit := range map[string]func(*spyLedger){
		"fails":       func(l *spyLedger) { l.fail = errors.New("canary") },
		"hangs":       func(l *spyLedger) { l.hang = hang },
		"panics":      func(l *spyLedger) { l.panics = true },
		"fails after": func(l *spyLedger) { l.fail, l.after = errors.New("canary"), true },
	} {
		w := newWorld(t)
		subscriber(w)
		ledger := &spyLedger{Memory: w.ledger}
		edit(ledger)
		over := func(l *spyLedger, timeout time.Duration) *rights.Desk {
			desk, err := rights.NewDesk(w.register, l, w.trail, rights.WithClock(func() time.Time { return w.now }), rights.WithPseudonyms(w.names), rights.WithStateTimeout(timeout))
			require.NoError(t, err)
			return desk
		}
		req := w.fill(rights.Request{Kind: purpose.WithdrawalRight, Scopes: []string{"letter"}})
		o, err := over(ledger, 50*time.Millisecond).Serve(context.Background(), req)
		require.ErrorIs(t, err, rights.ErrEffect, name)
		assert.NotContains(t, err.Error(), "canary", name)
		assert.Equal(t, rights.Refused, o.Result, name)
		assert.Len(t, w.trail.Events(), 1, "%s: decided, not in effect", name)

		req.ID = o.ID
		o, err = over(&spyLedger{Memory: w.ledger}, time.Minute).Serve(context.Background(), req)
		require.NoError(t, err, name)
		assert.Equal(t, rights.Granted, o.Result, name)
		assert.Len(t, w.effects(), 1, name)
	}
}

func TestAStateThatCannotBeReadDecidesNothing(t *testing.T) {
	w := newWorld(t)
	customer(w)
	for name, ledger := range map[string]rights.Ledger{
		"fails":        &spyLedger{Memory: w.ledger, stateErr: errors.New("canary")},
		"of another":   &liar{w.ledger, func(s *basis.State) { s.DataSubject = "somebody-else" }},
		"at another":   &liar{w.ledger, func(s *basis.State) { s.From = w.now.AddDate(1, 0, 0) }},
		"is no answer": &liar{w.ledger, nil},
	} {
		desk, err := rights.NewDesk(w.register, ledger, w.trail, rights.WithClock(func() time.Time { return w.now }), rights.WithPseudonyms(w.names))
		require.NoError(t, err)
		o, err := desk.Serve(context.Background(), w.fill(rights.Request{Kind: purpose.AccessRight}))
		require.ErrorIs(t, err, rights.ErrState, name)
		assert.NotContains(t, err.Error(), "canary", name)
		assert.Equal(t, rights.Refused, o.Result, name)
		assert.Empty(t, w.trail.Events(), name)
	}
}

type liar struct {
	*basis.Memory
	edit func(*basis.State)
}

func (l *liar) StateAt(ctx context.Context, id string, at, known time.Time) (*basis.State, error) {
	st, err := l.Memory.StateAt(ctx, id, at, known)
	if err != nil || l.edit == nil {
		return nil, err
	}
	other := *st
	l.edit(&other)
	return &other, nil
}

// A name that cannot be replaced by a pseudonym stays out of the trail, and nothing happens.
func TestWithoutAPseudonymNothingHappens(t *testing.T) {
	w := newWorld(t)
	subscriber(w)
	for name, p := range map[string]audit.Pseudonymizer{"fails": namer{err: errors.New(person)}, "gives none": namer{}, "gives the id": namer{alias: person}} {
		desk, err := rights.NewDesk(w.register, w.ledger, w.trail, rights.WithClock(func() time.Time { return w.now }), rights.WithPseudonyms(p))
		require.NoError(t, err)
		_, err = desk.Serve(context.Background(), w.fill(rights.Request{Kind: purpose.WithdrawalRight, Scopes: []string{"letter"}}))
		require.Error(t, err, name)
		assert.NotContains(t, err.Error(), person, name)
		assert.Empty(t, w.trail.Events(), name)
		assert.Empty(t, w.effects(), name)
	}
}

type namer struct {
	alias string
	err   error
}

func (n namer) Alias(context.Context, audit.Class, string) (string, error) { return n.alias, n.err }

func TestADeskNeedsItsParts(t *testing.T) {
	w := newWorld(t)
	var noTrail *audittest.Recorder
	var noLedger *basis.Memory
	with := rights.WithPseudonyms(w.names)
	for name, f := range map[string]func() (*rights.Desk, error){
		"no register":   func() (*rights.Desk, error) { return rights.NewDesk(nil, w.ledger, w.trail, with) },
		"no ledger":     func() (*rights.Desk, error) { return rights.NewDesk(w.register, nil, w.trail, with) },
		"a nil ledger":  func() (*rights.Desk, error) { return rights.NewDesk(w.register, noLedger, w.trail, with) },
		"no trail":      func() (*rights.Desk, error) { return rights.NewDesk(w.register, w.ledger, nil, with) },
		"a nil trail":   func() (*rights.Desk, error) { return rights.NewDesk(w.register, w.ledger, noTrail, with) },
		"no pseudonyms": func() (*rights.Desk, error) { return rights.NewDesk(w.register, w.ledger, w.trail) },
		"no clock": func() (*rights.Desk, error) {
			return rights.NewDesk(w.register, w.ledger, w.trail, with, rights.WithClock(nil))
		},
		"no time": func() (*rights.Desk, error) {
			return rights.NewDesk(w.register, w.ledger, w.trail, with, rights.WithTrailTimeout(0))
		},
		"a nil option": func() (*rights.Desk, error) { return rights.NewDesk(w.register, w.ledger, w.trail, with, nil) },
	} {
		d, err := f()
		assert.Error(t, err, name)
		assert.Nil(t, d, name)
	}
}
