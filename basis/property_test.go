package basis_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/basis"
)

// instants are all times at which a history can change, and just before each.
func instants(events []basis.Event) (all []time.Time) {
	add := func(t time.Time) {
		if !t.IsZero() {
			all = append(all, t.Add(-time.Microsecond), t)
		}
	}
	for _, e := range events {
		add(e.ValidAt)
		switch b := e.Body.(type) {
		case basis.ConsentGiven:
			add(b.Until)
		case basis.RestrictionExcepted:
			add(b.Until)
		case basis.IncidentOpened:
			add(b.Until)
		case basis.AssessmentFiled:
			add(b.Until)
		case basis.AgreementSigned:
			add(b.Until)
		}
	}
	slices.SortFunc(all, time.Time.Compare)
	return slices.CompactFunc(all, time.Time.Equal)
}

func TestStateIsTheSameBetweenFromAndUntil(t *testing.T) {
	same, differ := 0, 0
	for seed := range nightly(300, 10_000) {
		g := newGenerator(uint64(seed))
		events := g.history(g.IntN(30))
		times := instants(events)
		states := make([]*basis.State, len(times))
		for i, at := range times {
			var err error
			states[i], err = basis.Fold(&g.vocab, person, events, at, time.Time{})
			require.NoError(t, err)
			require.True(t, states[i].Covers(at))
		}
		for i, s := range states {
			for j, other := range states {
				if s.Covers(times[j]) {
					require.Equal(t, s, other, "seed %d: state of %v at %v", seed, times[i], times[j])
					same++
				} else if !assert.ObjectsAreEqual(plain(s), plain(other)) {
					differ++
				}
			}
		}
	}
	assert.Greater(t, same, 1000)
	assert.Greater(t, differ, 1000, "the histories must change over time, or the property shows nothing")
}

func TestPastKnowledgeIsNotChangedByLaterEvents(t *testing.T) {
	corrected := 0
	for seed := range nightly(300, 10_000) {
		g := newGenerator(uint64(seed))
		events := g.history(2 + g.IntN(30))
		cut := 1 + g.IntN(len(events)-1)
		for range 5 {
			at := g.instant()
			then, err := basis.Fold(&g.vocab, person, events[:cut], at, time.Time{})
			require.NoError(t, err)
			again, err := basis.Fold(&g.vocab, person, events, at, then.KnownAt)
			require.NoError(t, err)
			assert.Equal(t, uint64(len(events)), again.Version)
			again.Version = then.Version
			require.Equal(t, then, again, "seed %d", seed)
			now, err := basis.Fold(&g.vocab, person, events, at, time.Time{})
			require.NoError(t, err)
			if !assert.ObjectsAreEqual(plain(then), plain(now)) {
				corrected++
			}
		}
	}
	assert.Greater(t, corrected, 100, "later events must matter with today's knowledge, or the property shows nothing")
}

func TestEmptyHistoryCanBeAskedForAgain(t *testing.T) {
	vocab := vocabulary()
	empty, err := basis.Fold(&vocab, person, nil, day(3), time.Time{})
	require.NoError(t, err)
	require.False(t, empty.KnownAt.IsZero(), "zero would mean everything known")
	again, err := basis.Fold(&vocab, person, []basis.Event{event("a", day(1), given("ads"))}, day(3), empty.KnownAt)
	require.NoError(t, err)
	assert.Empty(t, again.Consents)
}

func TestOrderOfEventsAndRepetitionDoNotMatter(t *testing.T) {
	for seed := range nightly(200, 5_000) {
		g := newGenerator(uint64(seed))
		events := g.history(1 + g.IntN(30))
		want := fold(t, day(13), events...)
		mixed := append(slices.Clone(events), events[g.IntN(len(events))])
		g.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		require.Equal(t, want, fold(t, day(13), mixed...), "seed %d", seed)

		line, err := basis.NewTimeline(&g.vocab, person, nil)
		require.NoError(t, err)
		for len(mixed) > 0 {
			n := 1 + g.IntN(len(mixed))
			line, err = line.Append(mixed[:n]...)
			require.NoError(t, err)
			mixed = mixed[n:]
		}
		got, err := line.StateAt(day(13), time.Time{})
		require.NoError(t, err)
		require.Equal(t, len(events), line.Len(), "seed %d", seed)
		require.Equal(t, want, got, "seed %d", seed)
	}
}

// holding lists what the state opens: claims of every basis for every purpose.
func holding(s *basis.State, at time.Time) (open []string) {
	v := vocabulary()
	r := tree{records{laws: map[string]bool{"law": true}, known: true, valid: true, told: true}}
	claims := map[string]basis.Claim{
		"f": {Basis: basis.LegitimateInterests, Interest: "x", Assessment: "lia"},
		"e": {Basis: basis.PublicTask, Laws: []string{"law"}},
	}
	for scope := range v.Scopes {
		claims["a "+scope] = basis.Claim{Basis: basis.Consent, Scope: scope}
	}
	for name, c := range claims {
		for purpose := range v.Purposes {
			for _, recipient := range []string{"", "adnet", "printer", "hausbank"} {
				cc := basis.Circumstances{At: at, Purpose: purpose, Recipient: recipient, Category: "contact.name", State: s, Records: r}
				if c.Test(&cc).Status != basis.Holds {
					continue
				}
				open = append(open, name+" "+purpose+" "+recipient)
				if _, stopped := s.MarketingObjection(purpose, r); !stopped {
					open = append(open, "unobjected "+name+" "+purpose+" "+recipient)
				}
			}
		}
	}
	for category := range v.Categories {
		if !slices.ContainsFunc(s.Restrictions, func(r basis.Restriction) bool {
			return len(r.Categories) == 0 || slices.Contains(r.Categories, category)
		}) {
			open = append(open, "unrestricted "+category)
		}
	}
	return open
}

func TestRestrictingEventsNeverOpenAnything(t *testing.T) {
	closed := 0
	for seed := range nightly(120, 20_000) {
		g := newGenerator(uint64(seed))
		events := g.history(g.IntN(25))
		var body basis.Body
		switch g.IntN(5) {
		case 0:
			body = basis.ConsentWithdrawn{Scope: pick(g, g.vocab.Scopes)}
		case 1:
			body = basis.ConsentNarrowed{Scope: pick(g, g.vocab.Scopes), Purposes: several(g, g.vocab.Purposes), Categories: several(g, g.vocab.Categories)}
		case 2:
			body = basis.ObjectionRaised{Ground: basis.Ground(1 + g.IntN(2)), Purposes: several(g, g.vocab.Purposes)}
		case 3:
			body = basis.RestrictionImposed{Categories: several(g, g.vocab.Categories)}
		case 4:
			id := "none"
			if len(events) > 0 {
				id = events[g.IntN(len(events))].ID
			}
			body = basis.ObjectionUpheld{Objection: id}
		}
		extra := basis.Event{ID: "extra", DataSubject: person, ValidAt: g.instant(), RecordedAt: day(90), Body: body}
		for _, at := range instants(events) {
			before := holding(fold(t, at, events...), at)
			after := holding(fold(t, at, append(slices.Clip(events), extra)...), at)
			for _, open := range after {
				require.Contains(t, before, open, "seed %d: %s opens it", seed, body.Kind())
			}
			if len(after) < len(before) {
				closed++
			}
		}
	}
	assert.Greater(t, closed, 100, "the events must close something, or the property shows nothing")
}

func TestTimelineIsUnchangedByItsSuccessors(t *testing.T) {
	g := newGenerator(1)
	events := g.history(40)
	base, err := basis.NewTimeline(&g.vocab, person, nil)
	require.NoError(t, err)
	for _, e := range events[:20] { // one by one, so that there is room behind the end
		base, err = base.Append(e)
		require.NoError(t, err)
	}
	want, err := basis.Fold(&g.vocab, person, events[:20], day(13), time.Time{})
	require.NoError(t, err)
	one, err := base.Append(events[20:22]...)
	require.NoError(t, err)
	two, err := base.Append(events[22:24]...)
	require.NoError(t, err)
	for _, c := range []struct {
		line   *basis.Timeline
		events []basis.Event
	}{{base, events[:20]}, {one, events[:22]}, {two, append(slices.Clone(events[:20]), events[22:24]...)}} {
		assert.Equal(t, c.events, c.line.Events())
		got, err := c.line.StateAt(day(13), time.Time{})
		require.NoError(t, err)
		direct, err := basis.Fold(&g.vocab, person, c.events, day(13), time.Time{})
		require.NoError(t, err)
		assert.Equal(t, direct, got)
	}
	got, err := base.StateAt(day(13), time.Time{})
	require.NoError(t, err)
	assert.Equal(t, want, got)
}

func TestManyCasesForkWithoutDisturbingEachOther(t *testing.T) {
	g := newGenerator(3)
	var events []basis.Event
	for i := range 120 {
		e := event(number("e", 100+i), day(0).Add(time.Duration(i)*time.Hour), basis.Occurred{Event: pick(g, g.vocab.Events), Reference: number("case", g.IntN(40))})
		events = append(events, e)
	}
	line, err := basis.NewTimeline(&g.vocab, person, nil)
	require.NoError(t, err)
	for i := range 100 {
		// Two successors at once; the line goes on with one of them.
		next := make([]*basis.Timeline, 2)
		var done sync.WaitGroup
		for w := range next {
			done.Go(func() {
				var err error
				next[w], err = line.Append(events[i+w*10])
				assert.NoError(t, err)
			})
		}
		done.Wait()
		for w, n := range next {
			want, err := basis.Fold(&g.vocab, person, append(slices.Clone(events[:i]), events[i+w*10]), day(30), time.Time{})
			require.NoError(t, err)
			got, err := n.StateAt(day(30), time.Time{})
			require.NoError(t, err)
			require.Equal(t, want, got)
			require.Equal(t, plain(newOracle(g.vocab, n.Events(), day(30), time.Time{}).state()), plain(got))
		}
		line = next[0]
	}
}
