package purpose_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
)

// advice is what is legal and worth a look: "path code".
var advice = []struct {
	name   string
	change func(s *purpose.Spec)
	want   string
}{
	{"assumed activity", func(*purpose.Spec) {}, "activities[0] assumed"},
	{"assumed claim inside a claim", func(s *purpose.Spec) {
		s.Activities[1].Claims[0].All[0].Assumed, s.Activities[1].Claims[0].All[0].Note = true, "silent"
	}, "activities[1].claims[0].all[0] assumed"},
	{"assumed overlay", func(s *purpose.Spec) {
		s.Activities[1].Overlays[0].Claim.Assumed, s.Activities[1].Overlays[0].Claim.Note = true, "silent"
	}, "activities[1].overlays[0].claim assumed"},
	{"national rule that counsel must confirm", func(s *purpose.Spec) { s.Activities[1].Overlays[0].Ground = "dk.dbl.11.2.1" }, "activities[1].overlays[0] counsel"},
	{"unused fact", func(s *purpose.Spec) { s.Facts = append(s.Facts, purpose.Fact{Key: "x", Type: purpose.Int}) }, "facts[3] unused"},
	{"unused capacity", func(s *purpose.Spec) { s.Capacities = append(s.Capacities, purpose.Capacity{Key: "x"}) }, "capacities[2] unused"},
	{"unused source", func(s *purpose.Spec) { s.Sources = append(s.Sources, purpose.Source{Key: "x"}) }, "sources[1] unused"},
	{"unused law", func(s *purpose.Spec) { s.Laws = append(s.Laws, purpose.Law{Key: "x"}) }, "laws[2] unused"},
	{"unused assessment", func(s *purpose.Spec) { s.Compatible = nil }, "assessments[1] unused"},
	{"unused scope", func(s *purpose.Spec) { s.Activities = s.Activities[:4] }, "scopes[0] unused"},
	{"unused rule", func(s *purpose.Spec) { s.Activities[2].Retention = []string{"keep"} }, "retention[2] unused"},
	{"unused recipient", func(s *purpose.Spec) { s.Activities[0].Recipients = nil }, "recipients[2] unused"},
	{"purpose that no activity serves", func(s *purpose.Spec) { s.Purposes = append(s.Purposes, purpose.Purpose{Key: "x"}) }, "purposes[6] unused"},
	{"category that no activity needs", func(s *purpose.Spec) { s.Categories = append(s.Categories, purpose.Category{Key: "hobby"}) }, "categories[9] unused"},
	{"capacity that no event gives", func(*purpose.Spec) {}, "capacities[1] capacity.never"},
	{"contract at a stage that no event leads to", func(s *purpose.Spec) {
		s.Activities[0].Claims[0].Stages = []basis.Stage{basis.Offered}
	}, "activities[0].claims[0] claim.never"},
	{"contract of a relation that never begins", func(s *purpose.Spec) {
		s.Activities[0].Claims[0].Stages = nil
		s.Events[0].Stage = basis.Settled
	}, "activities[0].claims[0] claim.never"},
	{"contract of a relation that another event begins", func(s *purpose.Spec) {
		s.Activities[0].Claims[0].Stages = nil
		s.Events[0].Relation = "loan"
	}, "activities[0].claims[0] claim.never"},
	{"weaker class below", func(s *purpose.Spec) {
		s.Categories = append(s.Categories, purpose.Category{Key: "health.diet", Class: purpose.Ordinary})
		s.Categories = append(s.Categories, purpose.Category{Key: "health.illness"})
	}, "categories[9].class class.weaker"},
	{"lock keeps data from its purpose", func(s *purpose.Spec) { s.Locks[0].Categories = []string{"contact"} }, "activities[0] lock.closed"},
	{"prohibition of what an activity needs", func(s *purpose.Spec) {
		s.Prohibited[0] = purpose.Prohibition{Key: "no-name", Categories: []string{"contact.name"}, Clause: "6"}
	}, "activities[0] prohibition.closed"},
}

func TestAdvice(t *testing.T) {
	for _, a := range advice {
		t.Run(a.name, func(t *testing.T) {
			s := sound()
			a.change(&s)
			r, err := purpose.Compile(s)
			require.NoError(t, err)
			var got []string
			for _, p := range r.Advice() {
				got = append(got, p.Path+" "+p.Code)
			}
			assert.Contains(t, got, a.want)
		})
	}
}

func TestNothingIsAdvisedWithoutCause(t *testing.T) {
	r, err := purpose.Compile(sound())
	require.NoError(t, err)
	var got []string
	for _, p := range r.Advice() {
		got = append(got, p.Path+" "+p.Code)
	}
	assert.Equal(t, []string{"controller.financial_years assumed", "assessments[0] assumed", "rights[0].except[0] assumed", "rights[0] assumed", "measures[0] assumed", "retention[3] assumed", "notices[1].annexes[0] assumed", "recipients[0] assumed", "activities[0] assumed", "activities[2].claims[0] assumed", "capacities[1] capacity.never"}, got)
	got[0] = "changed"
	assert.NotEqual(t, got[0], r.Advice()[0].Path, "a copy")
}

// Rules of different purposes may keep the same data for different times.
func TestFloorMayExceedTheCeilingOfAnotherPurpose(t *testing.T) {
	s := sound()
	s.Retention[1].Purposes, s.Retention[1].Categories = nil, nil
	s.Retention = append(s.Retention, s.Retention[1])
	short := &s.Retention[4]
	short.Key, short.Floor, short.Ceiling, short.Law, short.Clause = "short", short.Criterion.Review, s.Retention[0].Ceiling, "", "9"
	s.Activities[4].Retention = []string{"short"}
	_, err := purpose.Compile(s)
	require.NoError(t, err)

	s.Activities[1].Retention = append(s.Activities[1].Retention, "short")
	_, err = purpose.Compile(s)
	var ps purpose.Problems
	require.ErrorAs(t, err, &ps)
	require.Len(t, ps, 1)
	assert.Equal(t, "retention.floor-above-ceiling", ps[0].Code)
}
