package oracle_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// tally counts what a property met, so that it cannot hold for want of cases.
type tally struct {
	sync.Mutex
	t       *testing.T
	denials map[string]int // denied fields that a tightening was tried on
	closed  map[string]int // fields that it closed
	wrong   int
}

func newTally(t *testing.T) *tally {
	return &tally{t: t, denials: map[string]int{}, closed: map[string]int{}}
}

// compare holds an answer to the one before a tightening: nothing that was denied is permitted.
func (y *tally) compare(what string, w *world, i uint64, q *question, before, after *policy.Decision) {
	y.Lock()
	defer y.Unlock()
	y.denials[what] += len(read(q, before).fields) - len(permits(q, before))
	y.closed[what] += len(opened(q, after, before)) // what it closed is what its absence opens: the control
	for _, path := range opened(q, before, after) {
		if y.wrong++; y.wrong <= 5 {
			y.t.Errorf("PURPOSEBOUND_SEED=%d:%d %s opens %s, which was denied for %v", w.seed, i, what, path, before.Reasons(path))
		}
	}
}

// opened are the fields that one decision denies and another permits.
func opened(q *question, denied, permitted *policy.Decision) (paths []string) {
	was := permits(q, denied)
	for path := range permits(q, permitted) {
		if !was[path] {
			paths = append(paths, path)
		}
	}
	return paths
}

// tried asserts that every tightening met denials, and closed something at least once.
func (y *tally) tried(names ...string) {
	slices.Sort(names)
	for _, n := range slices.Compact(names) {
		y.t.Logf("%s: %d denials kept, %d permits closed", n, y.denials[n], y.closed[n])
		assert.NotZero(y.t, y.denials[n], "%s met no denial", n)
		if !testing.Short() {
			assert.NotZero(y.t, y.closed[n], "%s closed nothing: it may not be in effect", n)
		}
	}
}

const requestsForTwins = 30

// worldsForTwins is how many worlds the properties that need others beside them are tried in.
func worldsForTwins() uint64 { return min(max(numberOfWorlds()/10, 20), 400) }

// tightening changes the register or adds to the history of everybody.
type tightening struct {
	name   string
	change func(d dice, s *purpose.Spec)
	later  func(d dice, who string, w *world) []basis.Body
}

// tightenings are all that add a refusal.
func tightenings() []tightening {
	event := func(bodies ...basis.Body) func(dice, string, *world) []basis.Body {
		return func(dice, string, *world) []basis.Body { return bodies }
	}
	eachOf := func(kind string, f func(id string) basis.Body) func(dice, string, *world) []basis.Body {
		return func(_ dice, who string, w *world) (list []basis.Body) {
			for _, e := range w.events {
				if e.DataSubject == who && e.Body.Kind() == kind {
					list = append(list, f(e.ID))
				}
			}
			return list
		}
	}
	return []tightening{
		{name: "an objection to marketing", later: event(basis.ObjectionRaised{Ground: basis.Marketing})},
		{name: "an objection on the own situation", later: event(basis.ObjectionRaised{Ground: basis.OwnSituation})},
		{name: "an objection upheld", later: eachOf("objection.raised", func(id string) basis.Body { return basis.ObjectionUpheld{Objection: id} })},
		{name: "a withdrawal", later: func(dice, string, *world) (list []basis.Body) {
			for _, k := range scopeKeys {
				list = append(list, basis.ConsentWithdrawn{Scope: k})
			}
			return list
		}},
		{name: "a narrower consent", later: func(d dice, _ string, _ *world) (list []basis.Body) {
			for _, k := range scopeKeys {
				list = append(list, basis.ConsentNarrowed{Scope: k, Categories: []string{pick(d, "contact", "finance", "health")},
					Purposes: maybe(d, 0.5, 1, 1, "marketing", "service", "risk.score"), Recipients: maybe(d, 0.5, 1, 3, recipientKeys...)})
			}
			return list
		}},
		{name: "a restriction", later: func(d dice, _ string, _ *world) []basis.Body {
			return []basis.Body{basis.RestrictionImposed{Categories: maybe(d, 0.6, 1, 2, "contact", "finance.income", "address"), Reason: "unlawful"}}
		}},
		{name: "a judgement of no need", later: event(basis.NecessityJudged{Rule: "needed"})},
		{name: "the end of agreements", later: eachOf("agreement.signed", func(id string) basis.Body { return basis.AgreementEnded{Agreement: id} })},
		{name: "a prohibition", change: func(d dice, s *purpose.Spec) {
			p := purpose.Prohibition{Key: "more", Clause: "8", Categories: some(d, 1, 3, "contact", "finance", "address.city", "health")}
			p.Purposes = maybe(d, 0.5, 1, 2, "marketing", "risk", "service")
			p.Actions = maybe(d, 0.3, 1, 2, purpose.Read, purpose.Share)
			s.Prohibited = append(s.Prohibited, p)
		}},
		{name: "a lock", change: func(d dice, s *purpose.Spec) {
			s.Locks = append(s.Locks, purpose.Lock{Key: "more", Categories: some(d, 1, 2, "contact", "finance"), Purposes: some(d, 1, 2, "legal", "risk.score", "service"), Law: "law.aml"})
		}},
		{name: "a condition of every access", change: func(d dice, s *purpose.Spec) {
			s.Controller.Conditions = append(s.Controller.Conditions, builder{d, s}.condition())
		}},
		{name: "a condition of an activity", change: eachActivity(func(d dice, s *purpose.Spec, a *purpose.Activity) {
			a.Conditions = append(a.Conditions, builder{d, s}.condition())
		})},
		{name: "a condition of a recipient", change: func(d dice, s *purpose.Spec) {
			for i := range s.Recipients {
				s.Recipients[i].Conditions = append(s.Recipients[i].Conditions, builder{d, s}.condition())
			}
		}},
		{name: "a statute asked for", change: func(_ dice, s *purpose.Spec) {
			for i := range s.Recipients {
				s.Recipients[i].Statute = true
			}
		}},
		{name: "one basis fewer", change: eachActivity(func(d dice, _ *purpose.Spec, a *purpose.Activity) {
			if n := len(a.Claims); n > 1 {
				a.Claims = slices.Delete(a.Claims, n-1, n)
			}
		})},
		{name: "a further part of every basis", change: eachActivity(func(_ dice, _ *purpose.Spec, a *purpose.Activity) {
			for i := range a.Claims {
				a.Claims[i].All = append(a.Claims[i].All, basis.Claim{Basis: basis.LegalObligation, Laws: []string{"law.old"}})
			}
		})},
		{name: "no grants", change: eachActivity(func(_ dice, _ *purpose.Spec, a *purpose.Activity) { a.Recipients = nil })},
		{name: "fewer sources", change: eachActivity(func(_ dice, _ *purpose.Spec, a *purpose.Activity) { a.Sources = a.Sources[:len(a.Sources)/2] })},
		{name: "provenance asked for", change: eachActivity(func(_ dice, _ *purpose.Spec, a *purpose.Activity) { a.Provenance = true })},
		{name: "no compatible purposes", change: func(_ dice, s *purpose.Spec) { s.Compatible = nil }},
		{name: "one activity fewer", change: func(d dice, s *purpose.Spec) {
			i := d.IntN(len(s.Activities))
			s.Activities = slices.Delete(s.Activities, i, i+1)
		}},
		{name: "a further retention rule", change: func(d dice, s *purpose.Spec) { // whose question nobody has answered
			s.Retention = append(s.Retention, retention.Rule{Key: "unasked", Clause: "5", Criterion: retention.Criterion{Question: "unasked", Review: retention.MustPeriod("P1Y")}})
			eachActivity(func(_ dice, _ *purpose.Spec, a *purpose.Activity) { a.Retention = append(a.Retention, "unasked") })(d, s)
		}},
		{name: "no safeguards", change: func(_ dice, s *purpose.Spec) {
			s.Transfers.Adequacy = nil
			for i := range s.Recipients {
				for j := range s.Recipients[i].Safeguards {
					s.Recipients[i].Safeguards[j].From, s.Recipients[i].Safeguards[j].Through = "2009-01-01", "2010-01-01"
				}
			}
		}},
		{name: "no notice any more", change: func(_ dice, s *purpose.Spec) {
			if n := &s.Notices[len(s.Notices)-1]; n.Through == "" || n.Through > "2025-01-01" {
				n.Through = "2025-01-01"
			}
		}},
		{name: "an expired law", change: func(_ dice, s *purpose.Spec) {
			for i := range s.Laws {
				s.Laws[i].From, s.Laws[i].Through = "2000-01-01", "2001-01-01"
			}
		}},
	}
}

func eachActivity(f func(dice, *purpose.Spec, *purpose.Activity)) func(dice, *purpose.Spec) {
	return func(d dice, s *purpose.Spec) {
		for i := range s.Activities {
			f(d, s, &s.Activities[i])
		}
	}
}

func TestNoRefusalEverOpensAnything(t *testing.T) {
	y := newTally(t)
	list := tightenings()
	everyWorld(worldsForTwins(), func(w *world) {
		for n, x := range list {
			d := newDice(w.seed, 9000+uint64(n))
			var later []basis.Event
			if x.later != nil {
				for _, who := range append([]string{basis.ControllerWide}, people...) {
					for j, b := range x.later(d, who, w) {
						later = append(later, basis.Event{ID: fmt.Sprintf("later-%s-%d", strings.ReplaceAll(who, "*", "org"), j), DataSubject: who, Body: b})
					}
				}
			}
			var change func(*purpose.Spec)
			if x.change != nil {
				change = func(s *purpose.Spec) { x.change(d, s) }
			}
			g, ok := w.twin(change, w.events, later...)
			if !ok {
				continue
			}
			for i := range uint64(requestsForTwins) {
				q := questionOf(w, i)
				if x.later != nil {
					q.req.At, q.req.KnownAt = time.Time{}, time.Time{} // what happens now does not reach back
				}
				before, err := w.ask(w.guard, q)
				if err != nil || !wellFormed(&before) {
					continue
				}
				after, err := w.ask(g, q)
				if assert.NoError(t, err) {
					y.compare(x.name, w, i, q, &before, &after)
				}
			}
		}
	})
	var names []string
	for _, x := range list {
		names = append(names, x.name)
	}
	y.tried(names...)
}

func TestADenyingPolicyOpensNothing(t *testing.T) {
	y := newTally(t)
	everyWorld(worldsForTwins(), func(w *world) {
		more := &clerk{name: "more", script: &script{}}
		all := append(slices.Clone(w.clerks), more)
		backwards := slices.Clone(all)
		slices.Reverse(backwards)
		g, h := w.guardOf(w.reg, w.ledger, all), w.guardOf(w.reg, w.ledger, backwards)
		for i := range uint64(3 * requestsForTwins) {
			q := questionOf(w, i)
			before, err := w.ask(w.guard, q)
			require.NoError(t, err)
			d := newDice(w.seed, 9900+i)
			more.script = &script{deny: map[string]bool{}, fail: pick(d, "", "", "", "error", "panic", "late")}
			for _, f := range q.target.fields {
				more.script.deny[f.path] = d.chance(0.3)
			}
			after, err := w.ask(g, q)
			require.NoError(t, err)
			if wellFormed(&before) {
				y.compare("a denying policy", w, i, q, &before, &after)
			}
			again, err := w.ask(h, q)
			require.NoError(t, err)
			if a, b := read(q, &after), read(q, &again); !assert.Equal(t, a, b, "PURPOSEBOUND_SEED=%d:%d the order of policies matters", w.seed, i) {
				return
			}
		}
	})
	y.tried("a denying policy")
}
