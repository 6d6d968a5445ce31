package purpose

import (
	"slices"

	"github.com/purposebound/purposebound/basis"
)

func (c *compiler) activities() {
	c.served = make([]Set, len(c.r.spec.Retention))
	c.closing()
	for i := range c.r.spec.Activities {
		c.activity(at("activities", i), &c.r.spec.Activities[i])
	}
	c.floors()
}

func (c *compiler) activity(p string, a *Activity) {
	r := c.r
	need := func(code, field string, have int, what string) {
		if have == 0 {
			c.problem(code, at(p, field), "an activity needs at least one %s", what)
		}
	}
	need("activity.purposes", "purposes", len(a.Purposes), "purpose")
	need("activity.capacities", "capacities", len(a.Capacities), "capacity of the data subjects")
	need("activity.categories", "categories", len(a.Categories), "data category")
	need("activity.claims", "claims", len(a.Claims), "legal basis (GDPR Art. 6(1))")
	need("activity.retention", "retention", len(a.Retention), "retention rule (GDPR Art. 5(1)(e))")
	c.clause(p, a.Clause)
	c.assumed(p, a.Key, a.Assumed, a.Note)
	purposes := c.nodes("purposes", r.purposes, at(p, "purposes"), a.Purposes)
	categories := c.nodes("categories", r.categories, at(p, "categories"), a.Categories)
	c.aims(p, purposes)
	c.purposes, c.categories = c.purposes.or(purposes), c.categories.or(categories)
	if !a.Anyone() {
		c.refs("capacities", r.capacities, at(p, "capacities"), a.Capacities)
	}
	c.refs("sources", r.sources, at(p, "sources"), a.Sources)
	c.each(at(p, "notices"), a.Notices, c.version)
	c.each(at(p, "obligations"), a.Obligations, c.key)
	c.actions(at(p, "actions"), a.Actions)
	c.conditions(at(p, "conditions"), a.Conditions)
	for j := range a.Claims {
		c.consentAlone(at(p, "claims", j), &a.Claims[j], purposes)
		c.closedBases(at(p, "claims", j), &a.Claims[j], purposes)
		c.claim(at(p, "claims", j), &a.Claims[j], a, purposes, 0)
	}
	c.retentionOf(p, a, purposes, categories)
	c.overlays(p, a, purposes, categories)
	c.grants(p, a, purposes, categories)
	c.automation(at(p, "automated"), a)
	c.closed(p, purposes, categories)
}

// consentAlone refuses a basis beside consent for what rests on consent alone: it would survive the withdrawal.
func (c *compiler) consentAlone(p string, k *basis.Claim, purposes Set) {
	if k.Basis == basis.Consent {
		return
	}
	for id := range purposes.All {
		if c.r.consentOnly[id] {
			c.problem("consent.hidden-basis", at(p, "basis"), "%q rests on consent alone; %s would survive its withdrawal unseen", clip(c.r.purposes.Key(id)), k.Basis)
			return
		}
	}
}

// closedBases refuses a basis that a purpose does not leave open.
func (c *compiler) closedBases(p string, k *basis.Claim, purposes Set) {
	for i := range c.r.spec.Purposes {
		x := &c.r.spec.Purposes[i]
		if len(x.Bases) == 0 || slices.Contains(x.Bases, k.Basis) || !c.r.purposes.Below(x.Key).meets(purposes) {
			continue
		}
		c.problem("claim.closed", at(p, "basis"), "%q rests on %q alone", clip(x.Key), x.Bases)
		return
	}
}

// claim checks that a claim can ever be tested and, for consent, withdrawn.
func (c *compiler) claim(p string, k *basis.Claim, a *Activity, purposes Set, depth int) {
	r := c.r
	c.assumed(p, a.Key+" "+k.Basis.String(), k.Assumed, k.Note)
	switch k.Basis {
	case basis.Consent:
		c.consent(p, k, purposes)
	case basis.Contract:
		if k.Relation != "" && !slices.ContainsFunc(r.spec.Events, func(e Event) bool { return e.Relation == k.Relation }) {
			c.problem("ref.unknown", at(p, "relation"), "no event declares the relation %q", clip(k.Relation))
		} else if !slices.ContainsFunc(r.spec.Events, func(e Event) bool { return leadsTo(&e, k) }) {
			c.advise("claim.never", p, "no event brings a relation to a stage in which this claim holds")
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
	c.refs("laws", r.laws, at(p, "laws"), k.Laws)
	if k.Named && k.Basis != basis.LegalObligation && k.Basis != basis.PublicTask {
		c.problem("claim.laws", at(p, "named"), "%s rests on no law that a request could name", k.Basis)
	}
	c.each(at(p, "capacities"), k.Capacities, func(p, x string) {
		if c.ref("capacities", r.capacities, p, x) && !a.Anyone() && !slices.Contains(a.Capacities, x) {
			c.problem("rule.unreachable", p, "%q is no capacity of the activity", clip(x))
		}
	})
	if depth == maxClaims {
		c.problem("claim.depth", at(p, "all"), "claims are nested more than %d deep", maxClaims)
		return
	}
	for j := range k.All {
		c.claim(at(p, "all", j), &k.All[j], a, purposes, depth+1)
	}
}

// consent checks a claim of consent: its scope has to show a purpose of the activity.
func (c *compiler) consent(p string, k *basis.Claim, purposes Set) {
	r := c.r
	p = at(p, "scope")
	if k.Scope == "" {
		c.problem("claim.scope", p, "consent without a scope can be neither checked nor withdrawn")
		return
	}
	if !c.ref("scopes", r.scopes, p, k.Scope) {
		return
	}
	s := &r.spec.Scopes[r.scopes[k.Scope]]
	if !slices.ContainsFunc(s.Purposes, func(sp ScopedPurpose) bool {
		id, ok := r.purposes.ID(sp.Purpose)
		return ok && purposes.Has(id)
	}) {
		c.problem("claim.scope", p, "scope %q covers no purpose of the activity", clip(k.Scope))
	}
	if k.Explicit && !s.Explicit {
		c.problem("claim.scope", p, "scope %q asks for no express statement, the claim needs one", clip(k.Scope))
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
		for id := range purposes.All {
			if r.purposes.Leaf(id) && !covered.Has(id) {
				c.problem("claim.assessment", at(p, "assessment"), "assessment %q does not cover %q", clip(k.Assessment), clip(r.purposes.Key(id)))
				break
			}
		}
	}
	if !slices.ContainsFunc(r.notices, func(n notice) bool { return n.objection }) {
		c.problem("claim.objection", p, "no notice version has a clause on the right to object (GDPR Art. 21(4))")
	}
}

// overlays checks that special, criminal, national-id and third-party data have their extra ground.
func (c *compiler) overlays(p string, a *Activity, purposes, categories Set) {
	r := c.r
	var grounded Set
	for j := range a.Overlays {
		o, p := &a.Overlays[j], at(p, "overlays", j)
		c.ground(p, o, a, purposes)
		c.nodes("categories", r.categories, at(p, "categories"), o.Categories)
		reach := below(r.categories, o.Categories)
		c.actions(at(p, "actions"), o.Actions)
		touches := false
		for id := range categories.All {
			if r.class[id] == o.Class && reach.Has(id) {
				grounded.add(id)
				touches = true
			}
		}
		if !touches {
			c.problem("rule.unreachable", p, "the overlay reaches no %s category of the activity", o.Class)
		}
	}
	missing := map[Class]bool{}
	for id := range categories.All {
		if cl := r.class[id]; cl.needsGround() && !grounded.Has(id) && !missing[cl] {
			missing[cl] = true
			c.problem("overlay.missing", at(p, "overlays"), "%q is %s data and needs its extra ground", clip(r.categories.Key(id)), cl)
		}
	}
}

func (c Class) needsGround() bool {
	return c == Special || c == Criminal || c == NationalID || c == ThirdParty
}

// ground checks an overlay against the article it invokes.
func (c *compiler) ground(p string, o *Overlay, a *Activity, purposes Set) {
	if !o.Class.needsGround() {
		c.problem("overlay.class", at(p, "class"), "%q data needs no extra ground", o.Class)
		return
	}
	if o.Ground == Attestation && o.Class == ThirdParty {
		if o.Claim.Basis != 0 {
			c.problem("overlay.claim", at(p, "claim"), "an attestation takes no claim")
		}
		return
	}
	shipped := basis.Conditions(o.Class.String(), c.r.spec.Controller.Country)
	i := slices.IndexFunc(shipped, func(x basis.Condition) bool { return x.ID == o.Ground })
	if i < 0 && (o.Class != NationalID || !c.ref("laws", c.r.laws, at(p, "ground"), o.Ground)) {
		if o.Class != NationalID {
			c.problem("overlay.ground", at(p, "ground"), "%q is no ground for %s data; known: %q", clip(o.Ground), o.Class, groundsOf(o.Class, shipped))
		}
		return
	}
	c.claim(at(p, "claim"), &o.Claim, a, purposes, 1)
	if i < 0 { // a law of the register's own: the claim must be of a kind that some rule of the country takes
		i = slices.IndexFunc(shipped, func(x basis.Condition) bool { return x.Fits(&o.Claim) })
		if i < 0 && o.Claim.Basis.Valid() {
			c.problem("overlay.claim", at(p, "claim"), "%s is no ground for %s data in %s", o.Claim.Basis, o.Class, clip(c.r.spec.Controller.Country))
		}
		return
	}
	c.fits(p, o, &shipped[i])
}

// fits checks the claim and the operations of an overlay against the condition that it invokes.
func (c *compiler) fits(p string, o *Overlay, x *basis.Condition) {
	switch {
	case !o.Claim.Basis.Valid():
	case x.Needs == basis.NeedsLaw && len(o.Claim.Laws) == 0:
		c.problem("overlay.claim", at(p, "claim", "laws"), "%s needs a law that provides for it", x.Cite)
	case !x.Fits(&o.Claim):
		c.problem("overlay.claim", at(p, "claim"), "%s is not met by a claim of %s", x.Cite, o.Claim.Basis)
	}
	if len(x.Actions) > 0 && len(o.Actions) == 0 {
		c.problem("overlay.action", at(p, "actions"), "%s is for %q: list those that are meant", x.Cite, x.Actions)
	}
	for j, a := range o.Actions {
		if !x.Allows(a.String()) {
			c.problem("overlay.action", at(p, "actions", j), "%s is for %q", x.Cite, x.Actions)
		}
	}
	if x.Counsel {
		c.advise("counsel", p, "%s is a national rule as this library knows it: have counsel confirm it", x.Cite)
	}
}

// Attestation is the ground of third-party data: who gave it may do so.
const Attestation = "attestation"

func groundsOf(class Class, shipped []basis.Condition) (ids []string) {
	if class == ThirdParty {
		return []string{Attestation}
	}
	for i := range shipped {
		ids = append(ids, shipped[i].ID)
	}
	return ids
}

func (c *compiler) grants(p string, a *Activity, purposes, categories Set) {
	r := c.r
	for j := range a.Recipients {
		g, p := &a.Recipients[j], at(p, "recipients", j)
		if !c.ref("recipients", r.recipients, at(p, "recipient"), g.Recipient) {
			continue
		}
		c.conditions(at(p, "conditions"), g.Conditions)
		c.via(at(p, "via"), g.Via)
		for k, node := range g.Categories {
			id, ok := r.categories.ID(node)
			switch {
			case !ok:
				unknown(c, "categories", at(p, "categories", k), node, r.categories.ids)
			case !categories.Has(id):
				c.problem("rule.unreachable", at(p, "categories", k), "%q is not among the activity's categories", clip(node))
			}
		}
		x := &r.spec.Recipients[r.recipients[g.Recipient]]
		if x.Agreement == nil || len(x.Agreement.Purposes) == 0 {
			continue
		}
		instructed := r.purposes.Below(x.Agreement.Purposes...)
		usable := false
		for id := range purposes.All {
			usable = usable || r.purposes.Leaf(id) && instructed.Has(id)
		}
		if !usable {
			c.problem("role.contradiction", at(p, "recipient"), "%q is instructed for no purpose of the activity: the grant could never be used", clip(x.Key))
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
	}
	if !slices.Contains(a.Actions, Decide) {
		c.problem("automated.action", p, "an activity that decides lists the action %q", Decide)
	}
}
