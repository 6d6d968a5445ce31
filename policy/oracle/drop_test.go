package oracle_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// drop takes one input out of a request. It returns false where the request has none, or where leaving it out is
// no loss by design; why says so.
type drop struct {
	name string
	from func(w *world, q *question) bool
	why  string
}

func drops() []drop {
	text := func(field func(*policy.Request) *string) func(*world, *question) bool {
		return func(_ *world, q *question) bool {
			p := field(&q.req)
			had := *p != ""
			*p = ""
			return had
		}
	}
	fact := func(which func(n int) int) func(*world, *question) bool {
		return func(_ *world, q *question) bool {
			if len(q.req.Facts) == 0 {
				return false
			}
			i := which(len(q.req.Facts))
			q.req.Facts = slices.Delete(slices.Clone(q.req.Facts), i, i+1)
			return true
		}
	}
	return []drop{
		{name: "the principal", from: text(func(r *policy.Request) *string { return &r.Principal.ID })},
		{name: "the roles", from: func(_ *world, q *question) bool { q.req.Principal.Roles = nil; return true }},
		{name: "the organisation", from: func(w *world, q *question) bool {
			had := q.req.Principal.Organisation != "" && w.spec.Controller.Key != ""
			q.req.Principal.Organisation = ""
			return had
		}, why: "a register that names no controller among organisations takes a principal without one for its own; naming one narrows"},
		{name: "the action", from: func(_ *world, q *question) bool { q.req.Action = 0; return !q.target.release }},
		{name: "the purpose", from: text(func(r *policy.Request) *string { return &r.Purpose })},
		{name: "the data subject", from: func(_ *world, q *question) bool {
			q.req.DataSubject = ""
			return q.target.roles[0].byAsk
		}, why: "where the record says whose it is, the request's own word is a cross-check"},
		{name: "the recipient", from: func(_ *world, q *question) bool {
			had := q.req.Recipient != "" && !q.target.release
			q.req.Recipient = ""
			return had
		}, why: "a map is shared or read by whether a recipient is named: without one it is another request"},
		{name: "the recipient's country", from: text(func(r *policy.Request) *string { return &r.Country })},
		{name: "the mechanism", from: func(_ *world, q *question) bool {
			had := q.req.Mechanism != 0
			q.req.Mechanism = 0
			return had
		}},
		{name: "the statute", from: text(func(r *policy.Request) *string { return &r.Statute })},
		{name: "the dataset", from: text(func(r *policy.Request) *string { return &r.Dataset })},
		{name: "the source", from: func(w *world, q *question) bool {
			had := q.req.Provenance.Source != "" && asked(w, q)
			q.req.Provenance.Source = ""
			return had
		}, why: "where no activity asks for provenance, stating it narrows"},
		{name: "what it was obtained for", from: func(w *world, q *question) bool {
			had := len(q.req.Provenance.ObtainedFor) > 0 && asked(w, q)
			q.req.Provenance.ObtainedFor = nil
			return had
		}, why: "where no activity asks for provenance, stating it narrows"},
		{name: "when it was collected", from: func(_ *world, q *question) bool {
			had := !q.req.Provenance.CollectedAt.IsZero()
			q.req.Provenance.CollectedAt = time.Time{}
			return had
		}},
		{name: "the first fact", from: fact(func(int) int { return 0 })},
		{name: "the last fact", from: fact(func(n int) int { return n - 1 })},
		{name: "all facts", from: func(_ *world, q *question) bool {
			had := len(q.req.Facts) > 0
			q.req.Facts = nil
			return had
		}},
		{name: "the reviewer", from: text(func(r *policy.Request) *string { return &r.Reviewer })},
		{name: "that the effect is minor", from: func(_ *world, q *question) bool {
			had := q.req.Minor
			q.req.Minor = false
			return had
		}},
		{name: "the permits of the policies", from: func(_ *world, q *question) bool {
			q.scripts = slices.Clone(q.scripts)
			for i, s := range q.scripts {
				own := *s
				own.permit = nil
				q.scripts[i] = &own
			}
			return true
		}},
	}
	// Not among them, by design: Principal.Country, where none means inside the area; At and KnownAt, where none means
	// now; Principal.Tasks and TraceID, which no gate reads.
}

// asked says whether every activity that might cover a field of the question asks for provenance, or the action does.
func asked(w *world, q *question) bool {
	if q.req.Action == purpose.Collect {
		return true
	}
	return !slices.ContainsFunc(w.spec.Activities, func(a purpose.Activity) bool { return underAny(q.req.Purpose, a.Purposes) && !a.Provenance })
}

func TestNothingIsOpenedByLeavingItOut(t *testing.T) {
	y := newTally(t)
	list := drops()
	everyWorld(3*worldsForTwins(), func(w *world) {
		for i := range uint64(2 * requestsForTwins) {
			q := questionOf(w, i)
			before, err := w.ask(w.guard, q)
			require.NoError(t, err)
			if !wellFormed(&before) {
				continue
			}
			for _, x := range list {
				less := *q
				if !x.from(w, &less) {
					continue
				}
				after, err := w.ask(w.guard, &less)
				require.NoError(t, err)
				y.compare(x.name, w, i, q, &before, &after)
			}
		}
	})
	for _, x := range list {
		y.tried(x.name)
	}
}

// supports are the kinds of events that open something, and the only ones of which a single one may go missing without
// opening anything. Not among them, by design: a single relationship event, for a retention clock that it starts then
// stands still, and an end that it is leaves the relation open ("the events must be complete"); a single
// consent, for the one before may have been wider. Of those all go missing at once.
func supports() map[string]func(e basis.Event, nth int) bool {
	kind := func(kinds ...string) func(basis.Event, int) bool {
		return func(e basis.Event, _ int) bool { return slices.Contains(kinds, e.Body.Kind()) }
	}
	one := func(k string) func(basis.Event, int) bool {
		return func(e basis.Event, nth int) bool { return e.Body.Kind() == k && nth%2 == 0 }
	}
	return map[string]func(basis.Event, int) bool{
		"all consents":                   kind("consent.given"),
		"all relationship events":        kind("relationship.occurred"),
		"every other attestation":        one("attestation.given"),
		"all incidents":                  kind("incident.opened"),
		"every other exception":          one("restriction.excepted"),
		"every other lifting":            one("restriction.lifted"),
		"every other refused objection":  one("objection.refused"),
		"every other agreement":          one("agreement.signed"),
		"all filed assessments":          kind("assessment.filed"),
		"all answers to criteria":        kind("necessity.judged"),
		"all that was ever recorded":     func(basis.Event, int) bool { return true },
		"holds, which authorise nothing": kind("hold.placed", "hold.released"),
	}
}

func TestNothingIsOpenedByAnEventThatIsMissing(t *testing.T) {
	y := newTally(t)
	list := supports()
	everyWorld(worldsForTwins(), func(w *world) {
		if slices.ContainsFunc(w.spec.Activities, func(a purpose.Activity) bool { return a.Anyone() }) {
			return // what starts a clock and gives no capacity that anybody needs is a refusal when its time is over
		}
		for name, missing := range list {
			nth := 0
			history := slices.DeleteFunc(slices.Clone(w.events), func(e basis.Event) bool {
				nth++
				return missing(e, nth)
			})
			if name == "all that was ever recorded" {
				history = slices.DeleteFunc(slices.Clone(w.events), func(e basis.Event) bool {
					refusal := []string{"restriction.imposed", "objection.raised", "objection.upheld"} // to forget one is to forget a refusal
					return e.DataSubject != basis.ControllerWide && !slices.Contains(refusal, e.Body.Kind())
				})
			}
			g, _ := w.twin(nil, history)
			for i := range uint64(2 * requestsForTwins) {
				q := questionOf(w, i)
				before, err := w.ask(w.guard, q)
				require.NoError(t, err)
				after, err := w.ask(g, q)
				require.NoError(t, err)
				if wellFormed(&before) {
					y.compare(name, w, i, q, &before, &after)
				}
			}
		}
	})
	for name := range list {
		if name == "holds, which authorise nothing" {
			require.Zero(t, y.closed[name])
			continue
		}
		y.tried(name)
	}
}
