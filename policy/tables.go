package policy

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// tables is the register in the form that decisions read: what does not depend on the request is
// worked out once, per activity here and per (type, purpose) in a kase.
type tables struct {
	reg        *purpose.Register
	spec       purpose.Spec // without purposes and categories
	activities []activity
	recipients map[string]*recipient
	datasets   map[string]*purpose.Dataset
	facts      map[string]*purpose.Fact
	onLedger   bool // some assessment must be on file in the ledger
	years      retention.FinancialYears

	plans sync.Map // *purpose.Plan -> *planCases
}

// activity is an entry of the register with its references resolved.
type activity struct {
	*purpose.Activity
	index      int
	purposes   reach
	categories reach
	actions    uint32 // bit a set: action a
	notices    uint64 // bit n set: notice version n
	rules      []rule
	grants     []grant
	laws       map[string]bool // of the register
}

type rule struct {
	*retention.Rule
	categories reach // nil: all
}

type grant struct {
	*purpose.Grant
	to         *recipient
	categories reach // nil: those of the activity
}

type recipient struct {
	*purpose.Recipient
	purposes, categories reach // instructed; nil: not limited
}

func newTables(reg *purpose.Register) *tables {
	t := &tables{reg: reg, years: reg.FinancialYears(), spec: reg.Spec(), recipients: map[string]*recipient{}, datasets: map[string]*purpose.Dataset{},
		facts: map[string]*purpose.Fact{}}
	s := &t.spec
	rules := map[string]*retention.Rule{}
	for i := range s.Retention {
		rules[s.Retention[i].Key] = &s.Retention[i]
	}
	for i := range s.Facts {
		t.facts[s.Facts[i].Key] = &s.Facts[i]
	}
	for i := range s.Datasets {
		t.datasets[s.Datasets[i].Key] = &s.Datasets[i]
	}
	for i := range s.Recipients {
		r := &recipient{Recipient: &s.Recipients[i]}
		if a := r.Agreement; a != nil {
			r.purposes, r.categories = limit(reg.Purposes(), a.Purposes), limit(reg.Categories(), a.Categories)
		}
		t.recipients[r.Key] = r
	}
	t.onLedger = slices.ContainsFunc(s.Assessments, func(x purpose.Assessment) bool { return x.Ledger })
	laws := map[string]bool{}
	for i := range s.Laws {
		laws[s.Laws[i].Key] = true
	}
	for i := range s.Activities {
		t.activities = append(t.activities, t.activity(i, rules, laws))
	}
	s.Purposes, s.Categories = nil, nil // the register has them in its trees
	return t
}

// recipient finds one; nil when there is none of that key.
func (t *tables) recipient(key string) *recipient {
	if key == "" {
		return nil
	}
	return t.recipients[key]
}

// objectionClause is where a notice version brings the right to object to attention.
func (t *tables) objectionClause(notice int) string {
	if notice < 0 || notice >= len(t.spec.Notices) {
		return ""
	}
	return t.spec.Notices[notice].ObjectionClause
}

func (t *tables) activity(i int, rules map[string]*retention.Rule, laws map[string]bool) activity {
	a := activity{Activity: &t.spec.Activities[i], index: i, laws: laws}
	a.purposes = reachOf(t.reg.Purposes(), a.Purposes)
	a.categories = reachOf(t.reg.Categories(), a.Categories)
	actions := a.Actions
	if len(actions) == 0 {
		actions = []purpose.Action{purpose.Collect, purpose.Read, purpose.Use, purpose.Store, purpose.Share}
	}
	for _, x := range actions {
		a.actions |= 1 << x
	}
	for n := range t.spec.Notices {
		if len(a.Notices) == 0 || slices.Contains(a.Notices, t.spec.Notices[n].Version) {
			a.notices |= 1 << n
		}
	}
	for _, k := range a.Retention {
		r := rules[k]
		a.rules = append(a.rules, rule{r, limit(t.reg.Categories(), r.Categories)})
	}
	for j := range a.Recipients {
		g := &a.Recipients[j]
		a.grants = append(a.grants, grant{g, t.recipients[g.Recipient], limit(t.reg.Categories(), g.Categories)})
	}
	return a
}

// planCases holds the cases of one plan, made when first asked for.
type planCases struct {
	plan   *purpose.Plan
	people []purpose.FieldSet // fields by person
	all    purpose.FieldSet
	cases  []atomic.Pointer[kase]
	nearby [16]atomic.Pointer[kase]   // some of the cases
	rules  map[string]*retention.Rule // those that tags name
}

// kase is what the register says about the fields of one plan for one purpose.
type kase struct {
	key       string
	leaf      purpose.ID
	marketing bool
	asks      bool             // some gate looks at facts
	tagged    purpose.FieldSet // the tags let the purpose in
	covered   purpose.FieldSet // by some activity
	special   purpose.FieldSet // special data (GDPR Art. 9(1))
	locks     []lockFields
	bans      []banFields
	acts      []actFields
	concluded atomic.Bool // some decision was kept
}

type lockFields struct {
	*purpose.Lock
	fields purpose.FieldSet
}

type banFields struct {
	*purpose.Prohibition
	actions uint32 // 0: all
	fields  purpose.FieldSet
}

// actFields is one activity over the fields of a plan.
type actFields struct {
	*activity
	fields   purpose.FieldSet
	claims   []claimFields
	overlays []overlayFields
	ground   purpose.FieldSet // fields that need an overlay
	rules    []ruleFields
	grants   []purpose.FieldSet // by activity.grants
	ruled    purpose.FieldSet   // fields that some rule answers for
}

type claimFields struct {
	*basis.Claim
	fields purpose.FieldSet // that the tags let rest on it
}

type overlayFields struct {
	*purpose.Overlay
	actions uint32 // 0: all
	law     bool   // the ground is a law of the register
	filed   bool   // an assessment on file is enough
	fields  purpose.FieldSet
}

// ruleFields are the fields that one combination of rules answers for.
type ruleFields struct {
	rules     []*retention.Rule
	collected string // key of a rule that asks when the data was collected; empty: none does
	fields    purpose.FieldSet
}

func (t *tables) forPlan(p *purpose.Plan) *planCases {
	if pc, ok := t.plans.Load(p); ok {
		return pc.(*planCases)
	}
	pc := &planCases{plan: p, all: purpose.AllFields(len(p.Fields)), people: make([]purpose.FieldSet, len(p.People)), cases: make([]atomic.Pointer[kase], t.reg.Purposes().Len()),
		rules: map[string]*retention.Rule{}}
	for i := range p.Fields {
		pc.people[p.Fields[i].Person].Add(i)
		for _, k := range p.Fields[i].Rules {
			for j := range t.spec.Retention {
				if t.spec.Retention[j].Key == k {
					pc.rules[k] = &t.spec.Retention[j]
				}
			}
		}
	}
	got, _ := t.plans.LoadOrStore(p, pc)
	return got.(*planCases)
}

// kase finds or makes the case of a leaf purpose.
func (t *tables) kase(pc *planCases, leaf purpose.ID) *kase {
	if k := pc.cases[leaf].Load(); k != nil {
		return k
	}
	k := t.newKase(pc, leaf)
	pc.cases[leaf].CompareAndSwap(nil, k)
	k = pc.cases[leaf].Load()
	pc.near(k.key).Store(k)
	return k
}

// near is where the case of a purpose is found without looking the purpose up, if it is there.
func (pc *planCases) near(key string) *atomic.Pointer[kase] {
	n := len(key)
	if n == 0 {
		return &pc.nearby[0]
	}
	return &pc.nearby[(n+int(key[0])+3*int(key[n-1]))%len(pc.nearby)]
}

func (t *tables) newKase(pc *planCases, leaf purpose.ID) *kase {
	p := pc.plan
	k := &kase{key: t.reg.Purposes().Key(leaf), leaf: leaf, marketing: t.reg.Marketing(leaf)}
	for i := range p.Fields {
		f := &p.Fields[i]
		if f.Purposes == nil || f.Purposes.Has(leaf) {
			k.tagged.Add(i)
		}
		if f.Class == purpose.Special {
			k.special.Add(i)
		}
	}
	for i := range t.spec.Locks {
		l := &t.spec.Locks[i]
		if !reachOf(t.reg.Purposes(), l.Purposes).has(leaf) {
			if fs := fieldsOf(p, reachOf(t.reg.Categories(), l.Categories)); !fs.Empty() {
				k.locks = append(k.locks, lockFields{l, fs})
			}
		}
	}
	for i := range t.spec.Prohibited {
		b := &t.spec.Prohibited[i]
		if limit(t.reg.Purposes(), b.Purposes).has(leaf) {
			if fs := fieldsOf(p, reachOf(t.reg.Categories(), b.Categories)); !fs.Empty() {
				k.bans = append(k.bans, banFields{b, actionBits(b.Actions), fs})
			}
		}
	}
	for i := range t.activities {
		if a := &t.activities[i]; a.purposes.has(leaf) {
			if fs := fieldsOf(p, a.categories); !fs.Empty() {
				k.covered = k.covered.Or(fs)
				k.acts = append(k.acts, actFieldsOf(pc, a, fs))
			}
		}
	}
	k.asks = t.asks(k)
	return k
}

// asks reports whether the gates may look at facts of a request, those of a recipient apart.
func (t *tables) asks(k *kase) bool {
	return len(t.spec.Controller.Conditions) > 0 ||
		slices.ContainsFunc(k.bans, func(b banFields) bool { return len(b.Unless) > 0 }) ||
		slices.ContainsFunc(k.acts, func(a actFields) bool {
			return len(a.Conditions) > 0 || slices.ContainsFunc(a.activity.grants, func(g grant) bool { return len(g.Conditions) > 0 })
		})
}

func actionBits(list []purpose.Action) (bits uint32) {
	for _, a := range list {
		bits |= 1 << a
	}
	return bits
}

func actFieldsOf(pc *planCases, a *activity, fields purpose.FieldSet) actFields {
	p := pc.plan
	af := actFields{activity: a, fields: fields}
	for i := range a.Claims {
		c := claimFields{Claim: &a.Claims[i]}
		for f := range fields.All {
			if p.Fields[f].AllowsBasis(c.Basis) {
				c.fields.Add(f)
			}
		}
		af.claims = append(af.claims, c)
	}
	for f := range fields.All {
		switch p.Fields[f].Class {
		case purpose.Special, purpose.Criminal, purpose.NationalID, purpose.ThirdParty:
			af.ground.Add(f)
		}
	}
	for i := range a.Overlays {
		o := &a.Overlays[i]
		within := limit(p.Register.Categories(), o.Categories)
		of := overlayFields{Overlay: o, actions: actionBits(o.Actions), law: a.laws[o.Ground], filed: filed(o, p.Register)}
		for f := range af.ground.All {
			if p.Fields[f].Class == o.Class && within.has(p.Fields[f].Category) {
				of.fields.Add(f)
			}
		}
		if !of.fields.Empty() {
			af.overlays = append(af.overlays, of)
		}
	}
	for i := range a.grants {
		fs := fields
		if a.grants[i].categories != nil {
			fs = fs.And(fieldsOf(p, a.grants[i].categories))
		}
		af.grants = append(af.grants, fs)
	}
	for f := range fields.All {
		af.addRules(pc, f)
	}
	return af
}

// addRules puts a field with the others that the same rules answer for.
func (af *actFields) addRules(pc *planCases, f int) {
	var rules []*retention.Rule
	for i := range af.activity.rules {
		if r := &af.activity.rules[i]; r.categories.has(pc.plan.Fields[f].Category) {
			rules = append(rules, r.Rule)
		}
	}
	if len(rules) == 0 {
		return
	}
	af.ruled.Add(f)
	for _, k := range pc.plan.Fields[f].Rules {
		if r := pc.rules[k]; !slices.Contains(rules, r) {
			rules = append(rules, r)
		}
	}
	for i := range af.rules {
		if slices.Equal(af.rules[i].rules, rules) {
			af.rules[i].fields.Add(f)
			return
		}
	}
	rf := ruleFields{rules: rules}
	for _, r := range rules {
		if slices.Contains(slices.Concat(r.Anchor.Events, r.Anchor.Reopened, r.When.Happened, r.When.NotHappened), purpose.EventCollected) {
			rf.collected = r.Key
		}
	}
	rf.fields.Add(f)
	af.rules = append(af.rules, rf)
}
