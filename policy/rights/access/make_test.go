package access_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/index"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/policy/rights/access"
	"github.com/purposebound/purposebound/purpose"
)

// make makes a report, which must succeed.
func (w *world) make(req rights.Request, release access.Release) *access.Report {
	w.t.Helper()
	r, _, err := w.maker.Make(context.Background(), req, release)
	require.NoError(w.t, err)
	return r
}

func datum(t *testing.T, r *access.Report, category string) *access.Datum {
	t.Helper()
	for i := range r.Data {
		if r.Data[i].Category.Key == category {
			return &r.Data[i]
		}
	}
	t.Fatalf("no datum of %s", category)
	return nil
}

func TestAReportHasEveryPointOfArticle15(t *testing.T) {
	w := newWorld(t)
	w.work()
	r := w.make(w.ask(), w.release())

	assert.Equal(t, "Lender A/S", r.Controller.Name)
	assert.Equal(t, "Datatilsynet", r.Authority)
	require.Len(t, r.Data, 4)

	d := datum(t, r, "contact.name")
	var purposes []string
	for _, u := range d.Uses {
		purposes = append(purposes, u.Purpose.Key)
		if u.Activity.Key == "lend" {
			assert.Equal(t, []basis.Basis{basis.Contract}, u.Bases)
			assert.True(t, u.Live)
			assert.Equal(t, []string{"erased at most 1 year after latest ended, unless signed came after it"}, u.Periods)
		}
	}
	assert.ElementsMatch(t, []string{"loan", "aml", "answer"}, purposes, "the purpose of reports is left out")
	assert.Equal(t, "person", d.Source.Key)
	assert.Equal(t, rights.Provided, d.Origin)
	require.NotNil(t, d.Value)
	assert.Equal(t, name, *d.Value)
	assert.Empty(t, datum(t, r, "finance.score").Source)
	assert.Equal(t, "The person", datum(t, r, "finance.score").Possible[0].Title, "the sources of the register where none is recorded")

	require.Len(t, r.Recipients, 2, "the insurer got nothing, the authority is not told of")
	bank := r.Recipients[0]
	assert.Equal(t, "The bank", bank.Title)
	require.Len(t, bank.Occasions, 1)
	assert.Equal(t, index.Delivered, bank.Occasions[0].Delivery)
	assert.Equal(t, "Name", bank.Occasions[0].Categories[0].Title)
	assert.Equal(t, "gdpr:6-1-b", bank.Occasions[0].Basis)
	assert.Equal(t, index.Unknown, r.Recipients[1].Occasions[0].Delivery)
	require.Len(t, r.MayReceive, 1)
	assert.Equal(t, "insurer", r.MayReceive[0].Key)

	require.Len(t, r.Transfers, 1)
	assert.True(t, r.Transfers[0].Happened)
	assert.Equal(t, "IN", r.Transfers[0].Country)
	assert.Equal(t, "clauses 2021/914", r.Transfers[0].Safeguards[0].Reference)

	require.Len(t, r.Automated, 2)
	assert.Equal(t, "income less costs, against a limit", r.Automated[0].Logic)
	assert.Equal(t, "no loan", r.Automated[0].Effects)
	assert.Equal(t, "The bank", r.Automated[1].Recipient.Title, "C-634/21")

	require.NotEmpty(t, r.Consultations)
	assert.Equal(t, audit.AccessRead, r.Consultations[0].What)
	assert.Len(t, r.Rights, 11)
	assert.Equal(t, "6.3", r.Rights[2].Clause)
	assert.EqualValues(t, 1, r.Known.From)
}

func TestPeriodsAreCountedForThePerson(t *testing.T) {
	w := newWorld(t)
	require.NoError(t, w.ledger.Record(t.Context(), basis.Event{DataSubject: person, Body: basis.Occurred{Event: "ended"}}))
	w.now = w.now.AddDate(0, 6, 0)
	r := w.make(w.ask(), nil)
	d := datum(t, r, "finance.income")
	assert.Equal(t, "2024-01-10", d.Kept.Counted)
	assert.NotEmpty(t, d.Kept.LastDay)
	assert.False(t, r.Copy)
	assert.Nil(t, d.Value)
}

func TestOtherPeopleAreLeftOut(t *testing.T) {
	w := newWorld(t)
	w.work()
	r := w.make(w.ask(), w.release())
	for _, d := range r.Data {
		assert.NotEqual(t, "guarantor.name", d.Category.Key)
	}
	require.Len(t, r.LeftOut, 1)
	assert.Equal(t, rights.CodeAnotherPerson, r.LeftOut[0].Code)

	// Also where the application forgot to say whose the field is.
	req := w.ask()
	req.Holdings[5].Person = ""
	r = w.make(req, w.release())
	d := datum(t, r, "guarantor.name")
	assert.Nil(t, d.Value)
	assert.Equal(t, string(rights.CodeAnotherPerson), d.Withheld)
	for _, format := range []func(*access.Report) string{asJSON(t), asHTML(t)} {
		assert.NotContains(t, format(r), "Somebody")
	}
}

func asJSON(t *testing.T) func(*access.Report) string {
	return func(r *access.Report) string {
		var b bytes.Buffer
		require.NoError(t, r.WriteJSON(&b))
		return b.String()
	}
}

func asHTML(t *testing.T) func(*access.Report) string {
	return func(r *access.Report) string {
		var b bytes.Buffer
		require.NoError(t, r.WriteHTML(&b))
		return b.String()
	}
}

// A suspicion leaves no trace: not the report of it, not that it was read, not to whom it went, not under which law.
func TestWhatALawKeepsSilentLeavesNoTrace(t *testing.T) {
	w := newWorld(t)
	w.work()
	r := w.make(w.ask(), w.release())
	for _, format := range []func(*access.Report) string{asJSON(t), asHTML(t)} {
		text := strings.ToLower(format(r))
		for _, trace := range []string{"suspicion", "fiu", "intelligence", "aml2", "withheld-by-law"} {
			assert.NotContains(t, text, trace)
		}
	}
	// The control: without the exception all of it is there.
	w = newWorld(t, func(s *purpose.Spec) { s.Rights[0].Except = nil })
	w.work()
	text := strings.ToLower(asJSON(t)(w.make(w.ask(), w.release())))
	for _, trace := range []string{"suspicion", "fiu", "intelligence", "aml2"} {
		assert.Contains(t, text, trace)
	}
}

func TestARecipientThatALawKeepsSilentIsNotAmongThoseThatMayReceive(t *testing.T) {
	w := newWorld(t, func(s *purpose.Spec) { s.Rights[0].Except[0].Recipients = []string{"insurer"} })
	r := w.make(w.ask(), nil)
	var keys []string
	for _, x := range r.MayReceive {
		keys = append(keys, x.Key)
	}
	assert.Equal(t, []string{"bank", "desk"}, keys)
}

func TestAnExceptionThatIsNotSilentIsTold(t *testing.T) {
	w := newWorld(t, func(s *purpose.Spec) { s.Rights[0].Except[0].Silent = false })
	r := w.make(w.ask(), nil)
	found := false
	for _, l := range r.LeftOut {
		found = found || l.Code == rights.CodeWithheld && l.Part.Key == "aml.suspicion" && l.Law == "Money Laundering Act"
	}
	assert.True(t, found, "%v", r.LeftOut)
}

func TestAHoldingWithheldByLawHidesItsCategoryEverywhere(t *testing.T) {
	w := newWorld(t, func(s *purpose.Spec) { s.Rights[0].Except = nil })
	w.work()
	req := w.ask()
	req.Holdings[2].Withheld = "hvl" // the income
	text := asJSON(t)(w.make(req, w.release()))
	assert.NotContains(t, text, "finance.income", "nor in what the bank received")
	assert.Contains(t, text, "finance.score")
}

func TestWhoOfTheControllerLookedIsNotSaid(t *testing.T) {
	w := newWorld(t)
	w.work()
	req := w.ask()
	req.Handler = "clerk-1"
	r := w.make(req, w.release())
	for _, format := range []func(*access.Report) string{asJSON(t), asHTML(t)} {
		text := format(r)
		for _, trace := range []string{"clerk", "pr-", "ds-", person} {
			assert.NotContains(t, text, trace)
		}
	}
}

func TestTheCopyGoesThroughTheGuard(t *testing.T) {
	w := newWorld(t, func(s *purpose.Spec) {
		a := &s.Activities[4] // answering may not read the score
		a.Categories = []string{"contact", "finance.income", "guarantor", "aml", "books"}
	})
	before := len(w.events(audit.AccessRead))
	r := w.make(w.ask(), w.release())
	assert.Len(t, w.events(audit.AccessRead), before+3, "every value that is out is on record")
	d := datum(t, r, "finance.score")
	assert.Nil(t, d.Value)
	assert.Equal(t, string(policy.CodeNotCovered), d.Withheld)
	assert.Contains(t, d.Why, "purpose.category")
	assert.Equal(t, income, *datum(t, r, "finance.income").Value)
	assert.Contains(t, asHTML(t)(r), "Not in this copy")
}

type maskEmail struct{ permitAll }

func (maskEmail) Decide(_ context.Context, in *policy.Input) (policy.Verdict, error) {
	i, _ := in.Plan.Index("email")
	var masked purpose.FieldSet
	masked.Add(i)
	return policy.Verdict{Permit: in.Fields, Redactions: []policy.Redaction{{Fields: masked, Mask: policy.LastFour}}}, nil
}

func TestAMaskedValueIsSaidToBeMasked(t *testing.T) {
	w := newWorld(t)
	guard, err := policy.NewGuard(w.register, w.ledger, w.trail, maskEmail{}, policy.WithClock(func() time.Time { return w.now }), policy.WithPseudonyms(w.names))
	require.NoError(t, err)
	r := w.make(w.ask(), access.Guarded(guard, w.request("answer"), w.plan, w.record))
	assert.True(t, datum(t, r, "contact.email").Masked)
	assert.NotEqual(t, email, *datum(t, r, "contact.email").Value)
	assert.False(t, datum(t, r, "contact.name").Masked)
}

func TestMakingAReportIsOnRecordBeforeItIsReturned(t *testing.T) {
	w := newWorld(t)
	_, o, err := w.maker.Make(t.Context(), w.ask(), w.release())
	require.NoError(t, err)
	events := w.events(audit.RightsAccess)
	require.NotEmpty(t, events)
	last := events[len(events)-1]
	assert.Equal(t, audit.Done, last.Outcome)
	assert.Equal(t, string(rights.CodeCarriedOut), last.Reason)
	assert.Equal(t, o.ID, last.DecisionID)

	// A trail that takes everything but the last event lets no report out.
	w = newWorld(t)
	n := 0
	release := w.release()
	r, _, err := w.maker.Make(t.Context(), w.ask(), func(ctx context.Context, h rights.Holding) (access.Value, error) {
		v, err := release(ctx, h)
		if n++; n == 4 {
			w.trail.FailNext(errors.New("full: " + income))
		}
		return v, err
	})
	assert.ErrorIs(t, err, rights.ErrRecord)
	assert.Nil(t, r)
	assert.NotContains(t, err.Error(), income)
}

func TestARequestThatIsNotGrantedMakesNoReport(t *testing.T) {
	w := newWorld(t)
	req := w.ask()
	req.Kind = purpose.CopyRight // needs proof of identity
	r, o, err := w.maker.Make(t.Context(), req, w.release())
	assert.ErrorIs(t, err, access.ErrNotGranted)
	assert.Nil(t, r)
	assert.Equal(t, rights.Refused, o.Result)
	assert.Contains(t, o.Missing, "identity")
	assert.Empty(t, w.events(audit.AccessRead), "no value was asked for")
	req.Identity, req.Received = rights.Proven, w.now
	assert.NotNil(t, w.make(req, w.release()))
}

func TestOfNothingThatIsHeldTheReportSaysSo(t *testing.T) {
	w := newWorld(t)
	req := w.ask()
	req.Holdings = nil
	r := w.make(req, w.release())
	assert.Empty(t, r.Data)
	assert.Contains(t, asHTML(t)(r), "Nothing of what you asked about is held on you.")
	req = w.ask()
	req.Holdings, req.Categories = req.Holdings[:1], []string{"contact"}
	r = w.make(req, nil)
	require.Len(t, r.Data, 1)
	req.Holdings = nil
	r = w.make(req, nil)
	assert.Len(t, r.NotHeld, 2)
}

// broken is a trail that answers wrongly.
type broken struct {
	access.Disclosures
	update, ask, person func() error
	seen                func(index.Listing) index.Listing
}

func (b *broken) Update(ctx context.Context) (int, error) {
	if b.update != nil {
		return 0, b.update()
	}
	return b.Disclosures.Update(ctx)
}

func (b *broken) ByDecision(ctx context.Context, who index.Asker, id string) (index.Listing, error) {
	if b.ask != nil {
		return index.Listing{}, b.ask()
	}
	l, err := b.Disclosures.ByDecision(ctx, who, id)
	if b.seen != nil {
		l = b.seen(l)
	}
	return l, err
}

func (b *broken) ForPerson(ctx context.Context, who index.Asker, refs []string) (index.PersonReport, error) {
	if b.person != nil {
		return index.PersonReport{}, b.person()
	}
	return b.Disclosures.ForPerson(ctx, who, refs)
}

func TestATrailThatCannotBeReadInFullMakesNoReport(t *testing.T) {
	fail := func() error { return errors.New("cannot read " + income) }
	late := func() error { time.Sleep(time.Minute); return nil }
	for title, b := range map[string]*broken{
		"update fails": {update: fail}, "asking fails": {ask: fail}, "person fails": {person: fail}, "update panics": {update: func() error { panic(income) }},
		"person panics": {person: func() error { panic(income) }}, "hangs": {person: late},
		"behind":        {update: func() error { return nil }},
		"another trail": {seen: func(index.Listing) index.Listing { return index.Listing{} }},
		"another person": {seen: func(l index.Listing) index.Listing {
			l.Entries[0].Event.DataSubjectRefs = []string{"ds-other"}
			return l
		}},
	} {
		t.Run(title, func(t *testing.T) {
			w := newWorld(t)
			w.work()
			b.Disclosures = w.index
			maker, err := access.New(w.register, w.desk, b, w.names, access.WithTimeout(300*time.Millisecond))
			require.NoError(t, err)
			r, o, err := maker.Make(t.Context(), w.ask(), w.release())
			require.ErrorIs(t, err, access.ErrTrail)
			assert.Nil(t, r)
			assert.Equal(t, rights.Granted, o.Result, "the desk's answer is there")
			assert.NotContains(t, err.Error(), income)
		})
	}
}

func TestAValueThatDoesNotComeMakesNoReport(t *testing.T) {
	for title, release := range map[string]access.Release{
		"fails": func(context.Context, rights.Holding) (access.Value, error) {
			return access.Value{}, errors.New("no " + income)
		},
		"panics": func(context.Context, rights.Holding) (access.Value, error) { panic(income) },
		"hangs": func(ctx context.Context, _ rights.Holding) (access.Value, error) {
			time.Sleep(time.Minute)
			return access.Value{}, nil
		},
	} {
		t.Run(title, func(t *testing.T) {
			w := newWorld(t)
			maker, err := access.New(w.register, w.desk, w.index, w.names, access.WithTimeout(300*time.Millisecond))
			require.NoError(t, err)
			r, _, err := maker.Make(t.Context(), w.ask(), release)
			assert.ErrorIs(t, err, access.ErrCopy)
			assert.Nil(t, r)
			assert.NotContains(t, err.Error(), income)
		})
	}
	// The guard's trail fails: that is no refusal to be put into the report.
	w := newWorld(t)
	release := w.release()
	_, _, err := w.maker.Make(t.Context(), w.ask(), func(ctx context.Context, h rights.Holding) (access.Value, error) {
		w.trail.FailNext(errors.New("full"))
		return release(ctx, h)
	})
	assert.ErrorIs(t, err, access.ErrCopy)
}

func TestAMakerNeedsAllItsParts(t *testing.T) {
	w := newWorld(t)
	for title, f := range map[string]func() (*access.Maker, error){
		"register": func() (*access.Maker, error) { return access.New(nil, w.desk, w.index, w.names) },
		"desk":     func() (*access.Maker, error) { return access.New(w.register, nil, w.index, w.names) },
		"trail":    func() (*access.Maker, error) { return access.New(w.register, w.desk, (*index.Index)(nil), w.names) },
		"names":    func() (*access.Maker, error) { return access.New(w.register, w.desk, w.index, nil) },
		"clock": func() (*access.Maker, error) {
			return access.New(w.register, w.desk, w.index, w.names, access.WithClock(nil))
		},
		"option": func() (*access.Maker, error) { return access.New(w.register, w.desk, w.index, w.names, nil) },
		"time": func() (*access.Maker, error) {
			return access.New(w.register, w.desk, w.index, w.names, access.WithTimeout(0))
		},
		"a reader": func() (*access.Maker, error) {
			return access.New(w.register, w.desk, w.index, w.names, access.WithSystem(""))
		},
		"authority": func() (*access.Maker, error) {
			return access.New(edited(t, func(s *purpose.Spec) { s.Controller.Authority = "" }), w.desk, w.index, w.names)
		},
		"measures": func() (*access.Maker, error) {
			return access.New(edited(t, func(s *purpose.Spec) { s.Measures = nil }), w.desk, w.index, w.names)
		},
	} {
		m, err := f()
		assert.Error(t, err, title)
		assert.Nil(t, m, title)
	}
	req := w.ask()
	req.Kind = purpose.ErasureRight
	_, _, err := w.maker.Make(t.Context(), req, w.release())
	assert.ErrorIs(t, err, access.ErrRequest)
	req.Kind = purpose.CopyRight
	_, _, err = w.maker.Make(t.Context(), req, nil)
	assert.ErrorIs(t, err, access.ErrRequest)
	other, err := access.New(edited(t, func(s *purpose.Spec) { s.Controller.Name = "Another A/S" }), w.desk, w.index, w.names)
	require.NoError(t, err)
	_, _, err = other.Make(t.Context(), w.ask(), nil)
	assert.ErrorIs(t, err, access.ErrRegister, "the desk answers by another register")
}

func edited(t testing.TB, edit func(*purpose.Spec)) *purpose.Register {
	s := lender()
	edit(&s)
	r, err := purpose.Compile(s)
	require.NoError(t, err)
	return r
}

func TestAPrunedTrailIsSaid(t *testing.T) {
	w := newWorld(t)
	w.work()
	require.NoError(t, w.trail.Append(t.Context(), []audit.Event{{Name: audit.TrailPruned, N: 2}}))
	r := w.make(w.ask(), nil)
	assert.True(t, r.Known.Pruned())
	assert.Contains(t, asHTML(t)(r), "what was disclosed before is no longer on record")
}
