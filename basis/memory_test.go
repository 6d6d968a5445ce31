package basis_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/basis"
)

func newMemory(at time.Time) (*basis.Memory, *clock) {
	c := newClock(at)
	return basis.NewMemory(vocabulary(), basis.WithClock(c.Now)), c
}

func offer(id string, body basis.Body) basis.Event {
	return basis.Event{ID: id, DataSubject: person, Body: body}
}

func TestSameStateIsReturnedWhileNothingCanHaveChanged(t *testing.T) {
	m, c := newMemory(day(1))
	record(t, m, offer("a", given("newsletter", until(day(5)))))
	first := stateAt(t, m, day(2), time.Time{})
	assert.Same(t, first, stateAt(t, m, day(3), time.Time{}))
	expired := stateAt(t, m, day(5), time.Time{})
	assert.NotSame(t, first, expired)
	assert.Equal(t, basis.Expired, expired.Consent("newsletter").Status)
	assert.Equal(t, basis.Standing, stateAt(t, m, day(4), time.Time{}).Consent("newsletter").Status, "earlier again")
	c.Set(day(6))
	record(t, m, offer("b", basis.Occurred{Event: "called"}))
	assert.Equal(t, uint64(2), stateAt(t, m, day(6), time.Time{}).Version)
}

func TestCachedStateIsReadWithoutAllocation(t *testing.T) {
	m, _ := newMemory(day(1))
	record(t, m, offer("a", given("newsletter")))
	ctx := context.Background()
	stateAt(t, m, day(2), time.Time{})
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		if _, err := m.StateAt(ctx, person, day(2), time.Time{}); err != nil {
			t.Fatal(err)
		}
	}))
}

// stale answers with a state that it keeps although the person's events have grown.
type stale struct {
	basis.Ledger
	kept sync.Map
}

func (s *stale) StateAt(ctx context.Context, dataSubject string, validAt, knownAt time.Time) (*basis.State, error) {
	if kept, ok := s.kept.Load(dataSubject); ok && kept.(*basis.State).Covers(validAt) {
		return kept.(*basis.State), nil
	}
	got, err := s.Ledger.StateAt(ctx, dataSubject, validAt, knownAt)
	if err == nil {
		s.kept.Store(dataSubject, got)
	}
	return got, err
}

// stalePermits races a withdrawal against a reader and counts consents still seen standing by reads
// that began after the withdrawal was acknowledged.
func stalePermits(t *testing.T, recorder basis.Recorder, ledger basis.Ledger, rounds int) (stale, raced int) {
	ctx := context.Background()
	at := time.Now().Add(time.Hour)
	for i := range rounds {
		who := fmt.Sprint("p", i)
		require.NoError(t, recorder.Record(ctx, basis.Event{DataSubject: who, Body: given("newsletter")}))
		var acknowledged atomic.Bool
		var done sync.WaitGroup
		done.Go(func() {
			for range rand.IntN(3) {
				_, _ = ledger.StateAt(ctx, who, at, time.Time{})
			}
			if err := recorder.Record(ctx, basis.Event{DataSubject: who, Body: basis.ConsentWithdrawn{Scope: "newsletter"}}); err != nil {
				t.Error(err)
			}
			acknowledged.Store(true)
		})
		for last := false; !last; runtime.Gosched() {
			last = acknowledged.Load()
			s, err := ledger.StateAt(ctx, who, at, time.Time{})
			require.NoError(t, err)
			standing := s.Consent("newsletter").Status == basis.Standing
			if standing && last {
				stale++
			}
			if standing && !last {
				raced++
			}
		}
		done.Wait()
	}
	return stale, raced
}

func TestAcknowledgedWithdrawalIsSeenByTheNextRead(t *testing.T) {
	m := basis.NewMemory(vocabulary())
	n := 100_000
	if testing.Short() {
		n = 20_000
	}
	seen, raced := stalePermits(t, m, m, n)
	assert.Zero(t, seen)
	assert.Greater(t, raced, n/100, "reads must fall before the acknowledgement too")

	m = basis.NewMemory(vocabulary())
	seen, _ = stalePermits(t, m, &stale{Ledger: m}, 1_000)
	assert.NotZero(t, seen, "a stale cache must be noticed")
}

func TestRecordedTimesIncreaseThoughTheClockGoesBack(t *testing.T) {
	m, c := newMemory(day(5))
	for i, at := range []time.Time{day(5), day(5), day(4), day(4), day(5), day(6).Add(300 * time.Nanosecond), day(1)} {
		c.Set(at)
		record(t, m, offer(number("e", i), basis.Occurred{Event: "called"}))
	}
	var last time.Time
	for e, err := range m.Events(context.Background(), person) {
		require.NoError(t, err)
		assert.True(t, e.RecordedAt.After(last))
		assert.Zero(t, e.RecordedAt.Nanosecond()%1000)
		assert.Equal(t, e.RecordedAt, e.ValidAt)
		last = e.RecordedAt
	}
	assert.Equal(t, day(6).Add(time.Microsecond), last)
}

func TestClockBefore1970RecordsNothing(t *testing.T) {
	m, _ := newMemory(time.Time{})
	require.ErrorIs(t, m.Record(context.Background(), offer("a", given("ads"))), basis.ErrUnavailable)
	assert.Zero(t, stateAt(t, m, day(1), time.Time{}).Version)
}

func TestKnowledgeOfTheFutureIsRefused(t *testing.T) {
	m, c := newMemory(day(5))
	ctx := context.Background()
	_, err := m.StateAt(ctx, person, day(5), day(5).Add(time.Microsecond))
	require.ErrorIs(t, err, basis.ErrKnownLater)
	_, err = m.StateAt(ctx, person, day(9), day(5))
	require.NoError(t, err, "what will be valid may be asked")
	record(t, m, offer("a", given("ads")))
	c.Set(day(1))
	_, err = m.StateAt(ctx, person, day(5), day(5))
	require.NoError(t, err, "the latest recording is past, whatever the clock says")
}

func TestEraseForgetsAllButMarketingObjections(t *testing.T) {
	ctx := context.Background()
	m, _ := newMemory(day(5))
	record(t, m, offer("a", given("newsletter")), offer("h", basis.HoldPlaced{Reason: "claim"}),
		offer("o", basis.ObjectionRaised{Ground: basis.Marketing}), offer("s", basis.ObjectionRaised{Ground: basis.OwnSituation}))
	_, err := m.Erase(ctx, person)
	require.ErrorIs(t, err, basis.ErrHeld)
	assert.Equal(t, uint64(4), stateAt(t, m, day(6), time.Time{}).Version, "nothing is gone")

	record(t, m, offer("r", basis.HoldReleased{Hold: "h"}), offer("i", basis.RestrictionImposed{Reason: "unlawful"}))
	_, err = m.Erase(ctx, person)
	require.ErrorIs(t, err, basis.ErrHeld, "a restriction stands")
	record(t, m, offer("l", basis.RestrictionLifted{Restriction: "i", InformedAt: day(5)}))

	n, err := m.Erase(ctx, person)
	require.NoError(t, err)
	assert.Equal(t, 6, n)
	s := stateAt(t, m, day(6), time.Time{})
	assert.Equal(t, uint64(1), s.Version)
	assert.Empty(t, s.Consents)
	require.Len(t, s.Objections, 1)
	assert.Equal(t, "o", s.Objections[0].Event)

	n, err = m.Erase(ctx, person)
	require.NoError(t, err)
	assert.Zero(t, n)
	record(t, m, offer("a", given("ads")))
	require.ErrorIs(t, m.Record(ctx, offer("o", given("ads"))), basis.ErrConflict, "kept ids stay taken")
	_, err = m.Erase(ctx, basis.ControllerWide)
	require.Error(t, err)
}

func TestEveryAcknowledgedChangeIsCounted(t *testing.T) {
	m, _ := newMemory(day(5))
	last := m.Changes()
	changed := func() bool {
		before := last
		last = m.Changes()
		return last != before
	}
	record(t, m, offer("a", given("ads")))
	require.True(t, changed())
	require.Error(t, m.Record(context.Background(), offer("a", given("news"))))
	_, err := m.StateAt(context.Background(), person, day(5), time.Time{})
	require.NoError(t, err)
	require.False(t, changed())
	_, err = m.Erase(context.Background(), person)
	require.NoError(t, err)
	require.True(t, changed())
	require.NoError(t, m.Close())
	require.True(t, changed())
}

func TestClosedMemoryAnswersNothing(t *testing.T) {
	ctx := context.Background()
	m, _ := newMemory(day(5))
	record(t, m, offer("a", given("ads")))
	require.NoError(t, m.Close())
	_, err := m.StateAt(ctx, person, day(5), time.Time{})
	require.ErrorIs(t, err, basis.ErrClosed)
	require.ErrorIs(t, m.Record(ctx, offer("b", given("ads"))), basis.ErrClosed)
	_, err = m.Erase(ctx, person)
	require.ErrorIs(t, err, basis.ErrClosed)
	for _, err := range m.Events(ctx, person) {
		require.ErrorIs(t, err, basis.ErrClosed)
	}
}

func TestRefusalsNameThePlaceAndNoValue(t *testing.T) {
	const canary = "canary-5550100"
	ctx := context.Background()
	long := strings.Repeat("x", basis.MaxID+1)
	for name, c := range map[string]struct {
		event basis.Event
		err   error
		place string
	}{
		"no data subject":            {basis.Event{Body: given("ads")}, basis.ErrEvent, "data_subject: missing"},
		"long data subject":          {basis.Event{DataSubject: long, Body: given("ads")}, basis.ErrEvent, "data_subject: too long"},
		"control character":          {basis.Event{DataSubject: "a\x00b", Body: given("ads")}, basis.ErrEvent, "data_subject: contains"},
		"not UTF-8":                  {basis.Event{ID: "\xff", DataSubject: canary, Body: given("ads")}, basis.ErrEvent, "id: not UTF-8"},
		"no body":                    {basis.Event{DataSubject: canary}, basis.ErrEvent, "body: unknown kind"},
		"nil pointer":                {basis.Event{DataSubject: canary, Body: (*basis.Occurred)(nil)}, basis.ErrEvent, "body: unknown kind"},
		"text not UTF-8":             {basis.Event{DataSubject: canary, Body: basis.HoldPlaced{Reason: "\xff"}}, basis.ErrEvent, "body"},
		"recorded time given":        {basis.Event{DataSubject: canary, RecordedAt: day(1), Body: given("ads")}, basis.ErrEvent, "recorded_at: assigned"},
		"future":                     {basis.Event{DataSubject: canary, ValidAt: day(5).Add(time.Second), Body: given("ads")}, basis.ErrFuture, "valid_at"},
		"consent on the controller":  {basis.Event{DataSubject: "*", Body: given("ads")}, basis.ErrEvent, "data_subject: concerns one person"},
		"agreement with a person":    {basis.Event{DataSubject: canary, Body: basis.AgreementSigned{Recipient: "printer", Purposes: []string{"service"}, Reference: "r"}}, basis.ErrEvent, "data_subject: controller-wide"},
		"unknown scope":              {offer("", given(canary)), basis.ErrEvent, "consent.given: scope"},
		"unknown notice":             {offer("", given("ads", notice(canary))), basis.ErrEvent, "consent.given: notice"},
		"no notice in force":         {basis.Event{DataSubject: canary, ValidAt: day(-5), Body: given("ads")}, nil, ""},
		"unknown recipient":          {offer("", given("ads", func(g *basis.ConsentGiven) { g.Recipients = []string{"printer", canary} })), basis.ErrEvent, "consent.given: recipients"},
		"consent over before given":  {basis.Event{DataSubject: canary, ValidAt: day(3), Body: given("ads", until(day(3)))}, basis.ErrEvent, "consent.given: until"},
		"withdrawal of nothing":      {offer("", basis.ConsentWithdrawn{Scope: canary}), basis.ErrEvent, "consent.withdrawn: scope"},
		"narrowing nothing":          {offer("", basis.ConsentNarrowed{Scope: "ads"}), basis.ErrEvent, "consent.narrowed: purposes"},
		"narrowing the unknown":      {offer("", basis.ConsentNarrowed{Scope: "ads", Categories: []string{canary}}), basis.ErrEvent, "consent.narrowed: categories"},
		"no ground":                  {offer("", basis.ObjectionRaised{}), basis.ErrEvent, "body"},
		"objection to the unknown":   {offer("", basis.ObjectionRaised{Ground: basis.Marketing, Purposes: []string{canary}}), basis.ErrEvent, "objection.raised: purposes"},
		"refusing nothing":           {offer("", basis.ObjectionRefused{Objection: canary, Reference: "r"}), basis.ErrEvent, "objection.refused: objection"},
		"refusing a consent":         {offer("", basis.ObjectionRefused{Objection: "consent", Reference: "r"}), basis.ErrEvent, "objection.refused: objection"},
		"refusing marketing":         {offer("", basis.ObjectionRefused{Objection: "marketing", Reference: "r"}), basis.ErrEvent, "cannot be refused"},
		"refusing without grounds":   {offer("", basis.ObjectionRefused{Objection: "own"}), basis.ErrEvent, "objection.refused: reference"},
		"refusing before it":         {basis.Event{DataSubject: person, ValidAt: day(1), Body: basis.ObjectionRefused{Objection: "own", Reference: "r"}}, basis.ErrEvent, "valid later"},
		"refusing another person's":  {basis.Event{DataSubject: canary, Body: basis.ObjectionRefused{Objection: "own", Reference: "r"}}, basis.ErrEvent, "of this data subject"},
		"upholding nothing":          {offer("", basis.ObjectionUpheld{Objection: canary}), basis.ErrEvent, "objection.upheld: objection"},
		"restriction for no reason":  {offer("", basis.RestrictionImposed{Reason: canary}), basis.ErrEvent, "restriction.imposed: reason"},
		"restriction of unknown":     {offer("", basis.RestrictionImposed{Reason: "unlawful", Categories: []string{canary}}), basis.ErrEvent, "restriction.imposed: categories"},
		"lifting untold":             {offer("", basis.RestrictionLifted{Restriction: "restriction"}), basis.ErrEvent, "restriction.lifted: informed_at"},
		"lifting before telling":     {basis.Event{DataSubject: person, ValidAt: day(4), Body: basis.RestrictionLifted{Restriction: "restriction", InformedAt: day(4).Add(time.Second)}}, basis.ErrEvent, "restriction.lifted: informed_at"},
		"lifting nothing":            {offer("", basis.RestrictionLifted{Restriction: canary, InformedAt: day(4)}), basis.ErrEvent, "restriction.lifted: restriction"},
		"exception for no purpose":   {offer("", basis.RestrictionExcepted{Restriction: "restriction", Exception: basis.ByConsent, Reference: "r"}), basis.ErrEvent, "restriction.excepted: purposes"},
		"exception without evidence": {offer("", basis.RestrictionExcepted{Restriction: "restriction", Exception: basis.ByConsent, Purposes: []string{"service"}}), basis.ErrEvent, "restriction.excepted: reference"},
		"unknown event":              {offer("", basis.Occurred{Event: canary}), basis.ErrEvent, "relationship.occurred: event"},
		"incident without end":       {offer("", basis.IncidentOpened{Reference: "r", Purposes: []string{"rescue"}}), basis.ErrEvent, "incident.opened: until"},
		"incident too long":          {offer("", basis.IncidentOpened{Reference: "r", Purposes: []string{"rescue"}, Until: day(8).Add(time.Second)}), basis.ErrEvent, "incident.opened: until"},
		"hold for no reason":         {offer("", basis.HoldPlaced{}), basis.ErrEvent, "hold.placed: reason"},
		"releasing a restriction":    {offer("", basis.HoldReleased{Hold: "restriction"}), basis.ErrEvent, "hold.released: hold"},
		"unknown rule":               {offer("", basis.NecessityJudged{Rule: canary}), basis.ErrEvent, "necessity.judged: rule"},
		"review already due":         {offer("", basis.NecessityJudged{Rule: "rule.mail", ReviewAt: day(5)}), basis.ErrEvent, "necessity.judged: review_at"},
		"attestation by nobody":      {offer("", basis.AttestationGiven{Categories: []string{"contact"}}), basis.ErrEvent, "attestation.given: by"},
		"attestation of nothing":     {offer("", basis.AttestationGiven{By: canary}), basis.ErrEvent, "attestation.given: categories"},
		"assessment unnamed":         {basis.Event{DataSubject: "*", Body: basis.AssessmentFiled{Purposes: []string{"service"}, Reference: "r"}}, basis.ErrEvent, "assessment.filed: assessment"},
		"agreement with unknown":     {basis.Event{DataSubject: "*", Body: basis.AgreementSigned{Recipient: canary, Purposes: []string{"service"}, Reference: "r"}}, basis.ErrEvent, "agreement.signed: recipient"},
		"agreement for no purpose":   {basis.Event{DataSubject: "*", Body: basis.AgreementSigned{Recipient: "printer", Reference: "r"}}, basis.ErrEvent, "agreement.signed: purposes"},
		"agreement in no country":    {basis.Event{DataSubject: "*", Body: basis.AgreementSigned{Recipient: "printer", Purposes: []string{"service"}, Countries: []string{"dk"}, Reference: "r"}}, basis.ErrEvent, "agreement.signed: countries"},
		"ending no agreement":        {basis.Event{DataSubject: "*", Body: basis.AgreementEnded{Agreement: canary}}, basis.ErrEvent, "agreement.ended: agreement"},
		"id of another event":        {offer("own", given("ads")), basis.ErrConflict, "id: used by another event"},
	} {
		t.Run(name, func(t *testing.T) {
			m, _ := newMemory(day(5))
			record(t, m, offer("consent", given("ads")), offer("marketing", basis.ObjectionRaised{Ground: basis.Marketing}),
				offer("own", basis.ObjectionRaised{Ground: basis.OwnSituation}),
				basis.Event{ID: "restriction", DataSubject: person, ValidAt: day(3), Body: basis.RestrictionImposed{Reason: "unlawful"}})
			before := stateAt(t, m, day(5).Add(time.Second), time.Time{})
			err := m.Record(ctx, offer("good", given("newsletter")), c.event)
			if c.err == nil {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, c.err)
			assert.True(t, basis.Refused(err))
			assert.Contains(t, err.Error(), c.place)
			assert.Contains(t, err.Error(), "event 1", "the position in the batch")
			assert.NotContains(t, err.Error(), canary)
			assert.NotContains(t, err.Error(), person)
			assert.Same(t, before, stateAt(t, m, day(5).Add(time.Second), time.Time{}), "nothing of the batch is recorded")
		})
	}
}

func TestTooLargeBatchIsRefused(t *testing.T) {
	m, _ := newMemory(day(5))
	batch := make([]basis.Event, basis.MaxBatch+1)
	for i := range batch {
		batch[i] = offer("", basis.Occurred{Event: "called"})
	}
	require.ErrorIs(t, m.Record(context.Background(), batch...), basis.ErrEvent)
	record(t, m, batch[1:]...)
}

// longHistory is a ledger with n events of one person: a mix of kinds, a tenth of them late.
func longHistory(tb testing.TB, n int) *basis.Memory {
	c := newClock(day(1000))
	m := basis.NewMemory(vocabulary(), basis.WithClock(c.Now))
	g := newGenerator(1)
	batch := make([]basis.Event, 0, n)
	for i := range n {
		e := offer(number("e", i), basis.Occurred{Event: pick(g, g.vocab.Events), Reference: number("case", g.IntN(50))})
		switch i % 10 {
		case 0:
			e.Body = given(pick(g, g.vocab.Scopes))
		case 1:
			e.Body = basis.ConsentWithdrawn{Scope: pick(g, g.vocab.Scopes)}
		case 2:
			e.Body = basis.ObjectionRaised{Ground: basis.OwnSituation, Purposes: []string{"service"}}
		case 3:
			e.Body = basis.ObjectionRefused{Objection: number("e", i-1), Reference: "r"}
		case 4:
			e.Body = basis.NecessityJudged{Rule: "rule.mail", Necessary: true}
		}
		e.ValidAt = day(0).Add(time.Duration(i) * time.Hour / 24)
		if i%10 == 9 {
			e.ValidAt = e.ValidAt.Add(-100 * time.Hour)
		}
		batch = append(batch, e)
	}
	record(tb, m, batch...)
	return m
}

func BenchmarkStateAtOf10000Events(b *testing.B) {
	m := longHistory(b, 10_000)
	ctx := context.Background()
	for name, at := range map[string][2]time.Time{
		"folded": {day(17), day(17).Add(8 * time.Hour)}, // alternating, so that no state can be used again
		"cached": {day(30), day(31)},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if _, err := m.StateAt(ctx, person, at[i%2], time.Time{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkRecordOneEvent(b *testing.B) {
	m := basis.NewMemory(vocabulary())
	ctx := context.Background()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if err := m.Record(ctx, basis.Event{DataSubject: number("p", i%1000), Body: basis.Occurred{Event: "called"}}); err != nil {
			b.Fatal(err)
		}
	}
}
