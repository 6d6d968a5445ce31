package purpose

import (
	"slices"

	"github.com/purposebound/purposebound/basis"
)

// defaultActions are those of an activity that lists none. Deciding must be listed.
var defaultActions = []Action{Collect, Read, Use, Store, Share}

func (c *compiler) activities() {
	for i := range c.r.spec.Activities {
		c.activity(at("activities", i), &c.r.spec.Activities[i])
	}
}

func (c *compiler) activity(p string, a *Activity) {
	r := c.r
	for _, need := range []struct {
		empty bool
		field string
		what  string
	}{
		{len(a.Purposes) == 0, "purposes", "purpose"},
		{len(a.Capacities) == 0, "capacities", "capacity of the data subjects"},
		{len(a.Categories) == 0, "categories", "data category"},
		{len(a.Claims) == 0, "claims", "legal basis (GDPR Art. 6(1))"},
		{len(a.Retention) == 0, "retention", "retention rule (GDPR Art. 5(1)(e))"},
	} {
		if need.empty {
			c.problem("activity."+need.field, at(p, need.field), "an activity needs at least one %s", need.what)
		}
	}
	c.clause(p, a.Clause)
	c.assumed(p, a.Key, a.Assumed, a.Note)
	purposes := c.nodes("purposes", r.purposes, at(p, "purposes"), a.Purposes)
	categories := c.nodes("categories", r.categories, at(p, "categories"), a.Categories)
	for j, k := range a.Capacities {
		c.ref("capacities", r.capacities, at(p, "capacities", j), k)
	}
	for j, k := range a.Sources {
		c.ref("sources", r.sources, at(p, "sources", j), k)
	}
	for j, v := range a.Notices {
		if !slices.ContainsFunc(r.notices, func(n notice) bool { return n.version == v }) {
			c.problem("ref.unknown", at(p, "notices", j), "%q is no notice version", clip(v))
		}
	}
	for j, k := range a.Obligations {
		if !ValidKey(k) {
			c.problem("key.syntax", at(p, "obligations", j), "%q is no key", clip(k))
		}
	}
	c.actions(at(p, "actions"), a.Actions)
	c.conditions(at(p, "conditions"), a.Conditions)
	for j := range a.Claims {
		c.claim(at(p, "claims", j), &a.Claims[j], a, purposes, 0)
	}
	c.retentionOf(p, a, categories)
	c.overlays(p, a, categories)
	c.grants(p, a, purposes, categories)
	c.automation(at(p, "automated"), a)
	c.lockedOut(p, a, purposes, categories)
}

// claim checks that a claim can ever be tested and, for consent, withdrawn.
func (c *compiler) claim(p string, k *basis.Claim, a *Activity, purposes Set, depth int) {
	r := c.r
	if depth == 0 {
		c.assumed(p, a.Key+" "+k.Basis.String(), k.Assumed, k.Note)
	}
	if k.Basis != basis.Consent {
		for id := range c.members(r.purposes, purposes) {
			if r.consentOnly[id] {
				c.problem("consent.hidden-basis", at(p, "basis"), "%q rests on consent alone; %s would survive its withdrawal unseen", r.purposes.Key(id), k.Basis)
				break
			}
		}
	}
	switch k.Basis {
	case basis.Consent:
		if k.Scope == "" {
			c.problem("claim.scope", at(p, "scope"), "consent without a scope can be neither checked nor withdrawn")
		} else if c.ref("scopes", r.scopes, at(p, "scope"), k.Scope) {
			covers := func(sp ScopedPurpose) bool {
				id, ok := r.purposes.ID(sp.Purpose)
				return ok && purposes.Has(id)
			}
			if !slices.ContainsFunc(r.spec.Scopes[r.scopes[k.Scope]].Purposes, covers) {
				c.problem("claim.scope", at(p, "scope"), "scope %q covers no purpose of the activity", k.Scope)
			}
		}
	case basis.Contract:
		if k.Relation != "" && !slices.ContainsFunc(r.spec.Events, func(e Event) bool { return e.Relation == k.Relation }) {
			c.problem("ref.unknown", at(p, "relation"), "no event declares the relation %q", clip(k.Relation))
		}
	case basis.LegalObligation, basis.PublicTask:
		if len(k.Laws) == 0 {
			c.problem("claim.laws", at(p, "laws"), "%s names the law (GDPR Art. 6(3))", k.Basis)
		}
	case basis.LegitimateInterests:
		c.interest(p, k, purposes)
	case basis.VitalInterests:
	default:
		c.problem("claim.basis", at(p, "basis"), "a claim names one of the six bases of GDPR Art. 6(1)")
	}
	for j, l := range k.Laws {
		c.ref("laws", r.laws, at(p, "laws", j), l)
	}
	for j, x := range k.Capacities {
		if c.ref("capacities", r.capacities, at(p, "capacities", j), x) && !slices.Contains(a.Capacities, x) {
			c.problem("rule.unreachable", at(p, "capacities", j), "%q is no capacity of the activity", x)
		}
	}
	if depth == maxClaims {
		c.problem("claim.depth", at(p, "all"), "claims are nested more than %d deep", maxClaims)
		return
	}
	for j := range k.All {
		c.claim(at(p, "all", j), &k.All[j], a, nil, depth+1)
	}
}

func (c *compiler) interest(p string, k *basis.Claim, purposes Set) {
	r := c.r
	if k.Interest == "" {
		c.problem("claim.interest", at(p, "interest"), "legitimate interests are stated (GDPR Art. 13(1)(d))")
	}
	if k.Assessment == "" {
		c.problem("claim.assessment", at(p, "assessment"), "legitimate interests need a balancing test on file")
	} else if c.ref("assessments", r.assessments, at(p, "assessment"), k.Assessment) {
		covered := r.purposes.Below(r.spec.Assessments[r.assessments[k.Assessment]].Purposes...)
		for id := range c.members(r.purposes, purposes) {
			if r.purposes.Leaf(id) && !covered.Has(id) {
				c.problem("claim.assessment", at(p, "assessment"), "assessment %q does not cover %q", k.Assessment, r.purposes.Key(id))
				break
			}
		}
	}
	if !slices.ContainsFunc(r.notices, func(n notice) bool { return n.objection }) {
		c.problem("claim.objection", p, "no notice version has a clause on the right to object (GDPR Art. 21(4))")
	}
}

// members yields the nodes of a tree that are in a set.
func (c *compiler) members(t *Tree, s Set) func(func(ID) bool) {
	return func(yield func(ID) bool) {
		for id := ID(0); int(id) < t.Len(); id++ {
			if s.Has(id) && !yield(id) {
				return
			}
		}
	}
}

// retentionOf checks that a rule answers for every category.
func (c *compiler) retentionOf(p string, a *Activity, categories Set) {
	r := c.r
	var ruled Set
	all := false
	for j, k := range a.Retention {
		if !c.ref("retention", r.rules, at(p, "retention", j), k) {
			continue
		}
		nodes := r.spec.Retention[r.rules[k]].Categories
		all = all || len(nodes) == 0
		reach := r.categories.Below(nodes...)
		touches := len(nodes) == 0
		for id := range c.members(r.categories, reach) {
			ruled.add(id)
			touches = touches || categories.Has(id)
		}
		if !touches {
			c.problem("rule.unreachable", at(p, "retention", j), "rule %q covers no category of the activity", k)
		}
	}
	for id := range c.members(r.categories, categories) {
		if !all && r.categories.Leaf(id) && !ruled.Has(id) && len(a.Retention) > 0 {
			c.problem("activity.retention", at(p, "retention"), "no rule of the activity says how long %q is kept", r.categories.Key(id))
		}
	}
}

// overlays checks that special, criminal, national-id and third-party data have their extra ground.
func (c *compiler) overlays(p string, a *Activity, categories Set) {
	r := c.r
	var grounded Set
	for j := range a.Overlays {
		o, p := &a.Overlays[j], at(p, "overlays", j)
		c.ground(p, o, a)
		reach := r.categories.Below(o.Categories...)
		c.nodes("categories", r.categories, at(p, "categories"), o.Categories)
		c.actions(at(p, "actions"), o.Actions)
		touches := false
		for id := range c.members(r.categories, categories) {
			if r.class[id] == o.Class && (len(o.Categories) == 0 || reach.Has(id)) {
				grounded.add(id)
				touches = true
			}
		}
		if !touches {
			c.problem("rule.unreachable", p, "the overlay reaches no %s category of the activity", o.Class)
		}
	}
	missing := map[Class]bool{}
	for id := range c.members(r.categories, categories) {
		if cl := r.class[id]; cl.needsGround() && !grounded.Has(id) && !missing[cl] {
			missing[cl] = true
			c.problem("overlay.missing", at(p, "overlays"), "%q is %s data and needs its extra ground", r.categories.Key(id), cl)
		}
	}
}

func (c Class) needsGround() bool {
	return c == Special || c == Criminal || c == NationalID || c == ThirdParty
}

// ground checks an overlay against the article it invokes.
func (c *compiler) ground(p string, o *Overlay, a *Activity) {
	if !o.Class.needsGround() {
		c.problem("overlay.class", at(p, "class"), "%q data needs no extra ground", o.Class)
		return
	}
	ok := slices.Contains(groundsOf[o.Class], o.Ground)
	if o.Class == NationalID && !ok {
		ok = c.ref("laws", c.r.laws, at(p, "ground"), o.Ground)
	} else if !ok {
		c.problem("overlay.ground", at(p, "ground"), "%q is no ground for %s data; known: %q", clip(o.Ground), o.Class, groundsOf[o.Class])
	}
	if !ok || o.Ground == Attestation {
		return
	}
	c.claim(at(p, "claim"), &o.Claim, a, nil, 1)
	switch o.Ground {
	case "gdpr:9-2-a":
		if o.Claim.Basis != basis.Consent || !o.Claim.Explicit {
			c.problem("overlay.claim", at(p, "claim"), "the ground is explicit consent: the claim must be that")
		}
	case "gdpr:9-2-b", "gdpr:9-2-g", "gdpr:9-2-h", "gdpr:9-2-i", "gdpr:9-2-j", "gdpr:10":
		if len(o.Claim.Laws) == 0 {
			c.problem("overlay.claim", at(p, "claim", "laws"), "the ground needs a law that provides for it")
		}
	case "gdpr:9-2-c":
		if o.Claim.Basis != basis.VitalInterests {
			c.problem("overlay.claim", at(p, "claim"), "the ground is vital interests: the claim must be that")
		}
	}
}

// Attestation is the ground of third-party data: who gave it may do so.
const Attestation = "attestation"

var groundsOf = map[Class][]string{
	Special: {"gdpr:9-2-a", "gdpr:9-2-b", "gdpr:9-2-c", "gdpr:9-2-d", "gdpr:9-2-e", "gdpr:9-2-f",
		"gdpr:9-2-g", "gdpr:9-2-h", "gdpr:9-2-i", "gdpr:9-2-j"},
	Criminal:   {"gdpr:10"},
	NationalID: {"gdpr:87"},
	ThirdParty: {Attestation},
}

func (c *compiler) grants(p string, a *Activity, purposes, categories Set) {
	r := c.r
	for j := range a.Recipients {
		g, p := &a.Recipients[j], at(p, "recipients", j)
		if !c.ref("recipients", r.recipients, at(p, "recipient"), g.Recipient) {
			continue
		}
		c.conditions(at(p, "conditions"), g.Conditions)
		for k, node := range g.Categories {
			id, ok := r.categories.ID(node)
			switch {
			case !ok:
				c.problem("ref.unknown", at(p, "categories", k), "%q is not among the categories%s", clip(node), near(node, r.categories.ids))
			case !categories.Has(id):
				c.problem("rule.unreachable", at(p, "categories", k), "%q is not among the activity's categories", node)
			}
		}
		x := &r.spec.Recipients[r.recipients[g.Recipient]]
		if x.Agreement == nil || len(x.Agreement.Purposes) == 0 {
			continue
		}
		instructed := r.purposes.Below(x.Agreement.Purposes...)
		for id := range c.members(r.purposes, purposes) {
			if r.purposes.Leaf(id) && !instructed.Has(id) {
				c.problem("role.contradiction", at(p, "recipient"), "%q is not instructed for %q: the grant could never be used", x.Key, r.purposes.Key(id))
				break
			}
		}
	}
}

func (c *compiler) automation(p string, a *Activity) {
	has := func(want func(*basis.Claim) bool) bool {
		for i := range a.Claims {
			if want(&a.Claims[i]) {
				return true
			}
		}
		return false
	}
	switch a.Automated {
	case NotAutomated:
		return
	case ForContract:
		if !has(func(k *basis.Claim) bool { return k.Basis == basis.Contract }) {
			c.problem("automated.claim", p, "the ground is the contract: the activity must claim it (GDPR Art. 22(2)(a))")
		}
	case ByLaw:
		if !has(func(k *basis.Claim) bool { return len(k.Laws) > 0 }) {
			c.problem("automated.claim", p, "the ground is a law: the activity must cite one (GDPR Art. 22(2)(b))")
		}
	case ExplicitConsent:
		if !has(func(k *basis.Claim) bool { return k.Basis == basis.Consent && k.Explicit }) {
			c.problem("automated.claim", p, "the ground is explicit consent: the activity must claim it (GDPR Art. 22(2)(c))")
		}
	default:
		c.problem("value.invalid", p, "a ground of automation is one of %q", automationNames[1:])
	}
	if !slices.Contains(a.Actions, Decide) {
		c.problem("automated.action", p, "an activity that decides lists the action %q", Decide)
	}
}

// lockedOut advises of categories that a statute keeps from a purpose of the activity.
func (c *compiler) lockedOut(p string, a *Activity, purposes, categories Set) {
	r := c.r
	for i := range r.spec.Locks {
		l := &r.spec.Locks[i]
		locked, open := r.categories.Below(l.Categories...), r.purposes.Below(l.Purposes...)
		for cat := range c.members(r.categories, categories) {
			if !locked.Has(cat) {
				continue
			}
			for pu := range c.members(r.purposes, purposes) {
				if r.purposes.Leaf(pu) && !open.Has(pu) {
					c.advise("lock.closed", p, "lock %q keeps %q from %q", l.Key, r.categories.Key(cat), r.purposes.Key(pu))
				}
			}
		}
	}
}
