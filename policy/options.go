package policy

import (
	"fmt"
	"slices"
	"time"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/purpose"
)

// Option changes a Guard from its safe defaults.
type Option func(*Guard)

// WithPolicies adds policies: a field needs the permit of one and the denial of none.
func WithPolicies(more ...Decider) Option {
	return func(g *Guard) { g.deciders = append(g.deciders, more...) }
}

// WithClock replaces time.Now.
func WithClock(now func() time.Time) Option {
	return func(g *Guard) { g.now, g.wall = now, false }
}

// WithPseudonyms replaces the default, which is random to the process: with it the trail keeps no
// link to a person once the process ends, and can answer no access request. Give a durable one
// where the trail must.
func WithPseudonyms(p audit.Pseudonymizer) Option { return func(g *Guard) { g.pseudonyms = p } }

// WithPolicyTimeout replaces the time that a policy may take, 250 ms.
func WithPolicyTimeout(d time.Duration) Option { return func(g *Guard) { g.policyTimeout = d } }

// WithStateTimeout replaces the time that the ledger may take, 2 s.
func WithStateTimeout(d time.Duration) Option { return func(g *Guard) { g.stateTimeout = d } }

// WithTrailTimeout replaces the time that the trail may take, 2 s. It runs whatever the caller's
// context says: a caller that goes away leaves its record.
func WithTrailTimeout(d time.Duration) Option { return func(g *Guard) { g.trailTimeout = d } }

// WithDenialBudget replaces the number of denials, 10,000, that are recorded one by one in a minute. Beyond it they are
// counted, and the trail says how many (trail.suppressed), so that a flood of them cannot fill it. Releases always are recorded one by one.
func WithDenialBudget(perMinute int) Option {
	return func(g *Guard) { g.denials.limit = perMinute }
}

// Observing makes the guard record what it would refuse and release it all the same; every event
// says so. It is for rolling out on a service that already reads without a guard, and refuses
// nothing but what it could not record.
func Observing() Option { return func(g *Guard) { g.mode = audit.Observe } }

// WithAlert is called, before the release, for every emergency access. Without it there is none.
func WithAlert(alert func(Alert)) Option { return func(g *Guard) { g.alert = alert } }

// WithTypes binds record and view types when the guard is made, so that a bad tag or view is an
// error at start-up: pass Type and View.
func WithTypes(bindings ...Binding) Option {
	return func(g *Guard) { g.atStart = append(g.atStart, bindings...) }
}

// Binding is a type that a guard can bind beforehand; Type and View make them.
type Binding func(*Guard) error

// Type binds a record type.
func Type[R any]() Binding {
	return func(g *Guard) error {
		_, err := recordOf[R](g)
		return err
	}
}

// View binds a view type to a record type.
func View[V, R any]() Binding {
	return func(g *Guard) error {
		_, err := projectionOf[V, R](g)
		return err
	}
}

// Alert tells of an emergency access.
type Alert struct {
	DecisionID string
	Principal  string
	Purpose    string
	Reason     string
	Until      time.Time
	Fields     []string
	Record     string // name of the record type
}

// Schema binds a schema for maps, rows and documents.
func (g *Guard) Schema(s purpose.Schema) (*purpose.Plan, error) {
	if !g.made() {
		return nil, errNoGuard
	}
	p, err := g.tables.reg.BindSchema(s)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBinding, err)
	}
	g.tables.forPlan(p) // so that Untagged knows of it
	return p, nil
}

// Untagged lists the data categories that activities of the register name and that no type or schema bound so far has
// a field for: what is declared and never read through this guard. Bind everything first, with WithTypes.
func (g *Guard) Untagged() []string {
	if !g.made() {
		return nil
	}
	seen := map[purpose.ID]bool{}
	mark := func(p *purpose.Plan) {
		for i := range p.Fields {
			seen[p.Fields[i].Category] = true
		}
	}
	for _, p := range g.bindings.plans() {
		mark(p)
	}
	g.tables.plans.Range(func(p, _ any) bool {
		if p, ok := p.(*purpose.Plan); ok {
			mark(p)
		}
		return true
	})
	tree := g.tables.reg.Categories()
	var list []string
	for id := purpose.ID(0); int(id) < tree.Len(); id++ {
		if tree.Leaf(id) && !seen[id] && slices.ContainsFunc(g.tables.activities, func(a activity) bool { return a.categories.has(id) }) {
			list = append(list, tree.Key(id))
		}
	}
	return list
}
