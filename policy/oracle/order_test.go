package oracle_test

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

func shuffle[T any](d dice, list []T) {
	d.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
}

// disorder is a change of order that must change nothing; loose: but which of several bases is relied on.
type disorder struct {
	name    string
	loose   bool
	spec    func(d dice, s *purpose.Spec)
	request func(d dice, q *question)
	ledger  func(d dice, w *world) basis.Ledger
}

func disorders() []disorder {
	return []disorder{
		{name: "claims", loose: true, spec: eachActivity(func(d dice, _ *purpose.Spec, a *purpose.Activity) { shuffle(d, a.Claims) })},
		{name: "activities", loose: true, spec: func(d dice, s *purpose.Spec) { shuffle(d, s.Activities) }},
		{name: "the lists of an activity", spec: eachActivity(func(d dice, _ *purpose.Spec, a *purpose.Activity) {
			shuffle(d, a.Purposes)
			shuffle(d, a.Capacities)
			shuffle(d, a.Categories)
			shuffle(d, a.Sources)
			shuffle(d, a.Actions)
			shuffle(d, a.Overlays)
			shuffle(d, a.Recipients)
			shuffle(d, a.Retention)
			shuffle(d, a.Conditions)
		})},
		{name: "the lists of the register", spec: func(d dice, s *purpose.Spec) {
			shuffle(d, s.Purposes)
			shuffle(d, s.Categories)
			shuffle(d, s.Prohibited)
			shuffle(d, s.Capacities)
			shuffle(d, s.Events)
			shuffle(d, s.Facts)
			shuffle(d, s.Sources)
			shuffle(d, s.Laws)
			shuffle(d, s.Assessments)
			shuffle(d, s.Scopes)
			shuffle(d, s.Recipients)
			shuffle(d, s.Datasets)
			shuffle(d, s.Retention)
			shuffle(d, s.Locks)
			shuffle(d, s.Compatible)
			for i := range s.Recipients {
				shuffle(d, s.Recipients[i].Safeguards)
				shuffle(d, s.Recipients[i].Countries)
			}
		}},
		{name: "the lists of a request", request: func(d dice, q *question) {
			q.req.Facts = slices.Clone(q.req.Facts)
			shuffle(d, q.req.Facts)
			q.req.Principal.Roles = slices.Clone(q.req.Principal.Roles)
			shuffle(d, q.req.Principal.Roles)
			q.req.Provenance.ObtainedFor = slices.Clone(q.req.Provenance.ObtainedFor)
			shuffle(d, q.req.Provenance.ObtainedFor)
			q.paths = slices.Clone(q.paths)
			shuffle(d, q.paths)
		}},
		{name: "events", ledger: func(d dice, w *world) basis.Ledger { return &shuffled{d, w} }},
	}
}

// shuffled is a ledger that keeps its events in no order.
type shuffled struct {
	dice
	w *world
}

func (l *shuffled) StateAt(_ context.Context, who string, at, known time.Time) (*basis.State, error) {
	var own []basis.Event
	for _, e := range l.w.events {
		if e.DataSubject == who {
			own = append(own, e)
		}
	}
	shuffle(l.dice, own)
	v := l.w.reg.Vocabulary()
	return basis.Fold(&v, who, own, at, known)
}

func TestOrderNeverMatters(t *testing.T) {
	var asked, permitted, seen atomic.Int64
	everyWorld(worldsForTwins(), func(w *world) {
		for n, x := range disorders() {
			d := newDice(w.seed, 8000+uint64(n))
			g := w.guard
			if x.spec != nil {
				ok := false
				g, ok = w.twin(func(s *purpose.Spec) { x.spec(d, s) }, w.events)
				require.True(t, ok, "%s of register %d", x.name, w.seed)
			}
			if x.ledger != nil {
				g = w.guardOf(w.reg, x.ledger(d, w), w.clerks)
			}
			for i := range uint64(requestsForTwins) {
				q := questionOf(w, i)
				before, err := w.ask(w.guard, q)
				require.NoError(t, err)
				other := *q
				if x.request != nil {
					x.request(d, &other)
				}
				after, err := w.ask(g, &other)
				require.NoError(t, err)
				a, b := read(q, &before), read(q, &after)
				if x.loose {
					if !assert.ObjectsAreEqual(a, b) {
						seen.Add(1)
					}
					forget(&a)
					forget(&b)
				}
				if asked.Add(1); a.outcome != policy.OutcomeDenied {
					permitted.Add(1)
				}
				if !assert.Equal(t, a, b, "PURPOSEBOUND_SEED=%d:%d the order of %s matters", w.seed, i, x.name) {
					return
				}
			}
		}
	})
	require.Greater(t, permitted.Load()*10, asked.Load())
	require.NotZero(t, seen.Load(), "no other order was ever relied on: the comparison may not see any")
}

// forget leaves out what may depend on the order in which alternatives are declared: which one is relied on, and what
// its activity demands.
func forget(a *answer) {
	a.obligations = nil
	for i := range a.fields {
		a.fields[i].grounds = nil
	}
}

// TestFieldsAreJudgedForThemselves asks about each field alone: the answer about one does not depend on the others that are asked for.
func TestFieldsAreJudgedForThemselves(t *testing.T) {
	var permitted atomic.Int64
	everyWorld(worldsForTwins(), func(w *world) {
		for i := range uint64(requestsForTwins) {
			q := questionOf(w, i)
			if q.target.release || slices.Contains(q.paths, "Nome") {
				continue // wholly or not at all
			}
			d, err := w.ask(w.guard, q)
			require.NoError(t, err)
			for _, f := range read(q, &d).fields {
				one := *q
				one.paths = []string{f.path}
				alone, err := w.ask(w.guard, &one)
				require.NoError(t, err)
				if d.Permits(f.path) {
					permitted.Add(1)
				}
				if !assert.Equal(t, f, read(&one, &alone).fields[0], fmt.Sprintf("PURPOSEBOUND_SEED=%d:%d %s alone", w.seed, i, f.path)) {
					return
				}
			}
		}
	})
	require.NotZero(t, permitted.Load())
}
