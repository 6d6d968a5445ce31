package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/retention"
)

// evening is the service at the end of the day, with who withdrew consent.
func evening(t *testing.T, at time.Time) (*service, *people) {
	t.Helper()
	now := minute(0)
	clock := func() time.Time { return now }
	s, err := newService(audittest.NewRecorder(clock), clock)
	require.NoError(t, err)
	p := newPeople()
	require.NoError(t, s.ledger.Record(t.Context(), append(p.past(), formerly()...)...))
	now = minute(11)
	require.NoError(t, s.ledger.Record(t.Context(), basis.Event{DataSubject: p.anna.ID, Body: basis.ConsentWithdrawn{Scope: "newsletter"}}))
	now = at
	return s, p
}

// Every letter and every paper has an answer of its own: with another expectation there is a surprise.
func TestAWrongExpectationOfTheEveningIsASurprise(t *testing.T) {
	s, p := evening(t, minute(30))
	list := letters(p)
	got, err := s.answer(t.Context(), list)
	require.NoError(t, err)
	for i, a := range got {
		assert.Empty(t, a.Surprise, a.What)
		list[i].want = (list[i].want + 1) % (rights.Granted + 1)
	}
	got, err = s.answer(t.Context(), list)
	require.NoError(t, err)
	for _, a := range got {
		assert.NotEmpty(t, a.Surprise, a.What)
	}

	s, _ = evening(t, midnight())
	papers := archive()
	night, err := s.tonight(t.Context(), papers)
	require.NoError(t, err)
	for i, k := range night {
		assert.Empty(t, k.Surprise, k.What)
		papers[i].want = (papers[i].want + 1) % (retention.MustKeep + 1)
	}
	night, err = s.tonight(t.Context(), papers)
	require.NoError(t, err)
	for _, k := range night {
		assert.NotEmpty(t, k.Surprise, k.What)
	}
}

// A second before midnight the first paper has to be kept still.
func TestTheNightTurnsAtMidnight(t *testing.T) {
	s, _ := evening(t, midnight().Add(-time.Second))
	night, err := s.tonight(t.Context(), archive()[:1])
	require.NoError(t, err)
	assert.Equal(t, retention.MustKeep, night[0].Status)
	assert.NotEmpty(t, night[0].Surprise)
}
