package rights

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// Keeper says how long what is held on a person is kept. It reads the register and the ledger and changes nothing. It is
// safe for concurrent use.
type Keeper struct {
	reg        *purpose.Register
	ledger     basis.Ledger
	now        func() time.Time
	timeout    time.Duration // of one call of the ledger
	spec       purpose.Spec
	vocab      basis.Vocabulary
	activities []activity
	datasets   map[string]*purpose.Dataset
	recipients map[string]*purpose.Recipient
	facts      map[string]*purpose.Fact
	wide       bool // the ledger has assessments on file
	foreign    bool // some dataset is another controller's
}

// activity is an entry of the register with its references resolved.
type activity struct {
	*purpose.Activity
	leaves     []string    // purposes
	categories purpose.Set // with all below
	stores     bool        // what stores nothing keeps nothing
	rules      []rule
}

type rule struct {
	*retention.Rule
	categories, purposes purpose.Set // nil: all
}

// NewKeeper ties a register to the ledger of its data subjects.
func NewKeeper(register *purpose.Register, ledger basis.Ledger, options ...Option) (*Keeper, error) {
	o, err := settings(options)
	if err != nil {
		return nil, err
	}
	return newKeeper(register, ledger, o)
}

func newKeeper(register *purpose.Register, ledger basis.Ledger, o *options) (*Keeper, error) {
	if register == nil || isNil(ledger) {
		return nil, errors.New("rights: a register and a ledger are needed: one of them is nil")
	}
	k := &Keeper{reg: register, ledger: ledger, now: o.now, timeout: o.stateTimeout, spec: register.Spec(), vocab: register.Vocabulary(),
		datasets: map[string]*purpose.Dataset{}, recipients: map[string]*purpose.Recipient{}, facts: map[string]*purpose.Fact{}}
	s := &k.spec
	for i := range s.Datasets {
		k.datasets[s.Datasets[i].Key] = &s.Datasets[i]
		k.foreign = k.foreign || s.Datasets[i].Role == purpose.AsProcessor
	}
	for i := range s.Recipients {
		k.recipients[s.Recipients[i].Key] = &s.Recipients[i]
	}
	for i := range s.Facts {
		k.facts[s.Facts[i].Key] = &s.Facts[i]
	}
	k.wide = slices.ContainsFunc(s.Assessments, func(a purpose.Assessment) bool { return a.Ledger })
	rules := map[string]*retention.Rule{}
	for i := range s.Retention {
		rules[s.Retention[i].Key] = &s.Retention[i]
	}
	for i := range s.Activities {
		k.activities = append(k.activities, k.activity(&s.Activities[i], rules))
	}
	return k, nil
}

func (k *Keeper) activity(x *purpose.Activity, rules map[string]*retention.Rule) activity {
	purposes, categories := k.reg.Purposes(), k.reg.Categories()
	a := activity{Activity: x, categories: categories.Below(x.Categories...),
		stores: len(x.Actions) == 0 || slices.Contains(x.Actions, purpose.Store)}
	for id := range purposes.Below(x.Purposes...).All {
		if purposes.Leaf(id) {
			a.leaves = append(a.leaves, purposes.Key(id))
		}
	}
	for _, key := range x.Retention {
		if r := rules[key]; r != nil {
			a.rules = append(a.rules, rule{r, below(categories, r.Categories), below(purposes, r.Purposes)})
		}
	}
	return a
}

// below is the set under nodes, nil for none.
func below(t *purpose.Tree, nodes []string) purpose.Set {
	if len(nodes) == 0 {
		return nil
	}
	return t.Below(nodes...)
}

// bearing are the rules of an activity that are stated for a category and a purpose.
func (a *activity) bearing(category, leaf purpose.ID) (list []*retention.Rule) {
	for i := range a.rules {
		r := &a.rules[i]
		if (r.categories == nil || r.categories.Has(category)) && (r.purposes == nil || r.purposes.Has(leaf)) {
			list = append(list, r.Rule)
		}
	}
	return list
}

// Query asks about one datum of one person.
type Query struct {
	DataSubject string
	Holding     Holding
	Facts       purpose.Facts // that conditions and rules ask for
	// At is the instant to judge by, KnownAt the instant whose knowledge to use; zero means now.
	At, KnownAt time.Time
}

// Evaluate says what must happen to a datum, for all purposes that keep it. An error, of the query or of the ledger, comes
// with the zero Keeping: a person decides.
func (k *Keeper) Evaluate(ctx context.Context, q Query) (Keeping, error) {
	p, err := k.person(ctx, q.DataSubject, q.At, q.KnownAt)
	if err == nil {
		err = k.checkFacts(q.Facts)
	}
	if err == nil {
		err = k.checkHolding(&q.Holding, false)
	}
	if err != nil {
		return Keeping{}, err
	}
	return k.keeping(p, &q.Holding, q.Facts)
}

// person is a data subject with what is known about them at an instant.
type person struct {
	id      string
	at      time.Time
	state   *basis.State
	records purpose.Filed
	current map[string]bool // capacities
	ever    map[string]bool // capacities that the person stands or stood in
}

// was reports whether the person stands or stood in a capacity.
func (p *person) was(capacity string) bool { return capacity == purpose.Anybody || p.ever[capacity] }

// person reads the state of a data subject. A request for now is judged no earlier than the latest recording that it rests
// on, as the guard does.
func (k *Keeper) person(ctx context.Context, id string, at, known time.Time) (*person, error) {
	now := at.IsZero() && known.IsZero()
	if at.IsZero() {
		at = k.now()
	}
	switch {
	case ctx == nil:
		return nil, fmt.Errorf("%w: no context", ErrRequest)
	case id == "" || id == basis.ControllerWide:
		return nil, fmt.Errorf("%w: data_subject: missing", ErrRequest)
	case at.IsZero() || at.After(k.now()):
		return nil, fmt.Errorf("%w: at: lies in the future", ErrRequest)
	}
	p := &person{id: id, at: at, current: map[string]bool{}, ever: map[string]bool{}}
	var err error
	if p.state, err = k.stateAt(ctx, id, at, known); err != nil {
		return nil, err
	}
	if now && p.state.KnownAt.After(at) { // the ledger's clock is ahead
		p.at = p.state.KnownAt
		if p.state, err = k.stateAt(ctx, id, p.at, known); err != nil {
			return nil, err
		}
	}
	p.records = purpose.Filed{Register: k.reg}
	if k.wide {
		if p.records.Wide, err = k.stateAt(ctx, basis.ControllerWide, p.at, known); err != nil {
			return nil, err
		}
	}
	for _, c := range p.state.Capacities {
		p.current[c.Key], p.ever[c.Key] = true, true
	}
	for _, o := range p.state.Occurrences {
		m := k.vocab.Events[o.Event]
		for _, key := range m.Gives {
			p.ever[key] = true
		}
		if m.Stage == basis.Ended || m.Stage == basis.Settled {
			for _, key := range m.Ends {
				p.ever[key] = true
			}
		}
	}
	return p, nil
}

// stateAt asks the ledger, and refuses an answer that is about somebody or sometime else.
func (k *Keeper) stateAt(ctx context.Context, id string, at, known time.Time) (*basis.State, error) {
	st, err := apart(ctx, k.timeout, func(ctx context.Context) (*basis.State, error) { return k.ledger.StateAt(ctx, id, at, known) })
	switch {
	case err != nil:
		return nil, &failure{ErrState, err}
	case st == nil || st.DataSubject != id || !st.Covers(at):
		return nil, ErrState
	}
	return st, nil
}

// checkFacts refuses facts that the register does not declare, or not so.
func (k *Keeper) checkFacts(facts purpose.Facts) error {
	for i := range facts {
		decl, ok := k.facts[facts[i].Fact]
		_, again := facts[i+1:].Lookup(facts[i].Fact)
		switch {
		case !ok:
			return fmt.Errorf("%w: facts[%d]: not in the register", ErrRequest, i)
		case facts[i].Value.Type() != decl.Type:
			return fmt.Errorf("%w: facts[%d]: another type than declared", ErrRequest, i)
		case again:
			return fmt.Errorf("%w: facts[%d]: stated twice", ErrRequest, i)
		case len(decl.Values) > 0 && decl.Type == purpose.Text && !slices.Contains(decl.Values, facts[i].Value.Text()):
			return fmt.Errorf("%w: facts[%d]: not in its list", ErrRequest, i)
		}
	}
	return nil
}

// checkHolding refuses what the register does not know. A whole dataset needs no category.
func (k *Keeper) checkHolding(h *Holding, whole bool) error {
	if _, ok := k.reg.Categories().ID(h.Category); !ok && !whole {
		return fmt.Errorf("%w: category: not in the register", ErrRequest)
	}
	if _, ok := k.datasets[h.Dataset]; !ok && h.Dataset != "" {
		return fmt.Errorf("%w: dataset: not in the register", ErrRequest)
	}
	for i, key := range h.ObtainedFor {
		if _, ok := k.reg.Purposes().ID(key); !ok {
			return fmt.Errorf("%w: obtained_for[%d]: not in the register", ErrRequest, i)
		}
	}
	if h.Source != "" && !slices.ContainsFunc(k.spec.Sources, func(s purpose.Source) bool { return s.Key == h.Source }) {
		return fmt.Errorf("%w: source: not in the register", ErrRequest)
	}
	if h.Withheld != "" && !slices.ContainsFunc(k.spec.Laws, func(l purpose.Law) bool { return l.Key == h.Withheld }) {
		return fmt.Errorf("%w: withheld: not a law of the register", ErrRequest)
	}
	if h.Basis != 0 && !h.Basis.Valid() || int(h.Origin) >= len(originNames) {
		return fmt.Errorf("%w: basis or origin: outside its list", ErrRequest)
	}
	return nil
}
