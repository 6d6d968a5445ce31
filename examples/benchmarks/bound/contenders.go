package bound

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/examples/benchmarks/world"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// form is how a guard is asked.
type form int

const (
	structs   form = iota // a record of a struct type
	plans                 // a plan of a schema, and the person's id
	explained             // a record, with an explanation
	others                // a record, about somebody else each time
	varied                // a record, with other facts each time
	changing              // a record, by somebody with another role each time
)

// many is how many others there are: more than a guard remembers anything about.
const many = 20_000

// Contenders are purposebound with each kind of rules.
func Contenders() []world.Contender {
	load := func(rules Rules, f form, facts ...purpose.NamedValue) func(*world.World) (world.Loaded, error) {
		return func(w *world.World) (world.Loaded, error) { return hold(w, rules, f, facts) }
	}
	return []world.Contender{
		{Key: "bound.native", Family: "purposebound", Name: "native gates, selectors; a struct", First: true, Load: load(Selectors, structs)},
		{Key: "bound.plan", Family: "purposebound", Name: "native gates, selectors; a plan", Load: load(Selectors, plans)},
		{Key: "bound.native.new", Family: "purposebound", Name: "the same, about somebody else each time", First: true, Load: load(Selectors, others)},
		{Key: "bound.cel", Family: "purposebound", Name: "three matching rules with conditions in CEL", First: true, Load: load(Conditions, structs, stated...)},
		{Key: "bound.cel.plan", Family: "purposebound", Name: "the same; a plan", Load: load(Conditions, plans, stated...)},
		{Key: "bound.cel.new", Family: "purposebound", Name: "three matching rules with conditions in CEL, other facts each time", First: true, Load: load(Conditions, varied, stated...)},
		{Key: "bound.rego", Family: "purposebound", Name: "need to know in Rego", First: true, Load: load(Rego, structs)},
		{Key: "bound.rego.plan", Family: "purposebound", Name: "the same; a plan", Load: load(Rego, plans)},
		{Key: "bound.rego.new", Family: "purposebound", Name: "need to know in Rego, other roles each time", First: true, Load: load(Rego, changing)},
		{Key: "bound.explain", Family: "purposebound", Name: "native gates, with a full explanation", First: true, Load: load(Selectors, explained)},
	}
}

func hold(w *world.World, rules Rules, f form, facts purpose.Facts) (*Held, error) {
	g, ledger, err := Guard(w, rules, Forgets{})
	if err != nil {
		return nil, err
	}
	h := &Held{Guard: g, w: w, form: f, facts: facts}
	if f == others {
		if h.crowd, err = crowd(ledger); err != nil {
			return nil, err
		}
	}
	h.plans, err = Plans(g, w)
	return h, err
}

// crowd puts many customers on record.
func crowd(ledger *basis.Memory) (ids []string, err error) {
	for i := range many {
		id := fmt.Sprintf("other-%d", i)
		e := basis.Event{DataSubject: id, ValidAt: time.Now().Add(-time.Hour), Body: basis.Occurred{Event: "signed"}}
		if err := ledger.Record(context.Background(), e); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// variants are facts with another number of days each, under which the conditions hold as well.
func variants(facts purpose.Facts) (all []purpose.Facts) {
	for days := range int64(30) {
		v := slices.Clone(facts)
		for i := range v {
			if v[i].Fact == "days-late" {
				v[i].Value = purpose.IntValue(days)
			}
		}
		all = append(all, v)
	}
	return all
}

// Plans binds the record types of a world.
func Plans(g *policy.Guard, w *world.World) (plans []*purpose.Plan, err error) {
	for _, r := range w.Records {
		s := purpose.Schema{Name: r.Name}
		for i, name := range r.Fields {
			s.Fields = append(s.Fields, purpose.SchemaField{Name: name, Tags: purpose.Tags{Personal: r.Categories[i]}})
		}
		plan, err := g.Schema(s)
		if err != nil {
			return nil, err
		}
		plans = append(plans, plan)
	}
	return plans, nil
}
