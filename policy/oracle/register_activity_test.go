package oracle_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
)

func (b builder) recipients() {
	s := b.s
	if b.chance(0.7) {
		s.Transfers.Mechanisms = []purpose.Mechanism{purpose.Adequacy, purpose.SCC, purpose.BCR, purpose.Derogation}
	}
	if b.chance(0.2) {
		s.Transfers.Area = purpose.EU
	}
	if len(s.Transfers.Mechanisms) > 0 && b.chance(0.5) {
		for _, c := range some(b.dice, 1, 2, "US", "GB", "IN") {
			x := purpose.AdequacyDecision{Country: c, Reference: "decision", Recipients: maybe(b.dice, 0.3, 2, 4, recipientKeys...),
				Only: maybe(b.dice, 0.3, 2, 3, purpose.Processor, purpose.SeparateController, purpose.Authority, purpose.Group)}
			x.From, x.Through = b.span()
			s.Transfers.Adequacy = append(s.Transfers.Adequacy, x)
		}
	}
	kinds := []purpose.RecipientKind{purpose.Processor, purpose.Processor, purpose.JointController, purpose.SeparateController, purpose.Authority, purpose.Group}
	for i, k := range recipientKeys {
		r := purpose.Recipient{Key: k, Kind: kinds[i], Countries: []string{pick(b.dice, "DK", "DE", "SE")}, Conditions: b.conditions(0.15)}
		if b.chance(0.3) {
			r.Countries = append(r.Countries, "FI")
		}
		if b.chance(0.15) {
			r.Countries = append(r.Countries, "NO")
		}
		if len(s.Transfers.Mechanisms) > 0 && b.chance(0.5) {
			for _, c := range some(b.dice, 1, 2, "US", "GB", "IN") {
				r.Countries = append(r.Countries, c)
				for range b.between(1, 2) {
					if g := b.safeguard(c); g.Mechanism != purpose.Derogation || !slices.ContainsFunc(r.Safeguards, func(x purpose.Safeguard) bool {
						return x.Mechanism == g.Mechanism && x.Countries[0] == c // one derogation for each country
					}) {
						r.Safeguards = append(r.Safeguards, g)
					}
				}
			}
			if b.chance(0.3) {
				r.Countries = r.Countries[len(r.Countries)-1:]
			}
		}
		for _, c := range r.Countries {
			if b.s.Transfers.Area == purpose.EU && c == "NO" {
				if len(s.Transfers.Mechanisms) == 0 {
					r.Countries = slices.DeleteFunc(r.Countries, func(c string) bool { return c == "NO" })
					break
				}
				r.Safeguards = append(r.Safeguards, b.safeguard("NO"))
			}
		}
		if r.Kind == purpose.Processor || r.Kind == purpose.JointController {
			a := &purpose.Agreement{Reference: "dpa", Ledger: k == "proc-ledger"}
			a.From, a.Through = b.span()
			a.Purposes = maybe(b.dice, 0.5, 2, 4, "service", "marketing", "legal", "risk")
			a.Categories = maybe(b.dice, 0.4, 3, 6, "contact", "finance", "address", "health", "ids", "social.friend", "crime", "meta")
			r.Agreement = a
		}
		r.Statute = r.Kind == purpose.Authority && b.chance(0.6)
		r.Decisive = r.Kind == purpose.SeparateController && b.chance(0.4)
		s.Recipients = append(s.Recipients, r)
	}
}

func (b builder) safeguard(country string) purpose.Safeguard {
	g := purpose.Safeguard{Mechanism: pick(b.dice, purpose.Adequacy, purpose.SCC, purpose.BCR, purpose.Derogation, purpose.Derogation), Countries: []string{country}, Reference: "doc"}
	if g.Mechanism == purpose.Derogation {
		g.Claim = pick(b.dice, basis.Claim{Basis: basis.Contract}, basis.Claim{Basis: basis.Consent, Scope: "sensitive", Explicit: true},
			basis.Claim{Basis: basis.VitalInterests}, basis.Claim{Basis: basis.LegalObligation, Laws: []string{"law.tax"}})
	}
	if b.chance(0.6) {
		g.From, g.Through = b.span()
	}
	return g
}

func (b builder) activity(i int) {
	a := purpose.Activity{Key: fmt.Sprintf("act-%d", i), Clause: "2"}
	a.Purposes = some(b.dice, 1, 2, "service", "service.support", "marketing.email", "marketing", "legal", "legal.aml", "risk", "risk.score", "service.contract")
	if b.consentOnly(a.Purposes) {
		a.Purposes = []string{"marketing.profile"}
	}
	a.Capacities = some(b.dice, 2, 4, capacityKeys...)
	if b.chance(0.06) {
		a.Capacities = []string{purpose.Anybody}
	}
	a.Categories = some(b.dice, 2, 6, "contact", "address", "finance", "contact.name", "address.city", "finance.income", "health", "crime", "ids", "social", "meta")
	a.Sources = maybe(b.dice, 0.85, 1, 3, sourceKeys...)
	a.Actions = maybe(b.dice, 0.4, 2, 5, purpose.Collect, purpose.Read, purpose.Use, purpose.Store, purpose.Share)
	a.Conditions = b.conditions(0.2)
	a.Provenance = b.chance(0.18)
	a.Bound = b.chance(0.08)
	a.Obligations = maybe(b.dice, 0.4, 1, 2, "notify", "strip", "return-to-sender")
	if b.chance(0.1) {
		a.Notices = some(b.dice, 1, 2, "v1")
		if n := len(b.s.Notices); n > 1 {
			a.Notices = []string{b.s.Notices[n-1].Version}
		}
	}
	a.Retention = []string{"general"}
	for _, r := range b.s.Retention[2:] {
		if b.chance(0.12) && b.ruleFits(r.Categories, a.Categories) {
			a.Retention = append(a.Retention, r.Key)
		}
	}
	if b.chance(0.3) && len(a.Retention) > 1 && b.covered(&a) {
		a.Retention = a.Retention[1:]
	}
	for range b.between(1, 3) {
		a.Claims = append(a.Claims, b.claim(&a, 0))
	}
	if a.Claims[0].Basis == basis.VitalInterests && b.chance(0.6) {
		a.Claims = a.Claims[:1]
	}
	b.automate(&a)
	b.overlays(&a)
	for _, r := range some(b.dice, 0, 5, recipientKeys...) {
		if b.instructed(r, a.Purposes) {
			g := purpose.Grant{Recipient: r, Categories: maybe(b.dice, 0.3, 1, 2, a.Categories...), Conditions: b.conditions(0.15)}
			if b.chance(0.15) {
				g.Via = disclosed
			}
			a.Recipients = append(a.Recipients, g)
		}
	}
	b.s.Activities = append(b.s.Activities, a)
}

// covered says whether the rules beside the first reach all categories of an activity.
func (b builder) covered(a *purpose.Activity) bool {
	for _, r := range b.s.Retention {
		if slices.Contains(a.Retention[1:], r.Key) && len(r.Categories) == 0 {
			return true
		}
	}
	return false
}

func (b builder) ruleFits(of, want []string) bool {
	return len(of) == 0 || slices.ContainsFunc(want, func(c string) bool {
		return slices.ContainsFunc(of, func(n string) bool { return under(c, n) || under(n, c) })
	})
}

// instructed says whether the register's agreement lets a recipient serve all the purposes: else the grant is refused at load.
func (b builder) instructed(recipient string, purposes []string) bool {
	for _, r := range b.s.Recipients {
		if r.Key == recipient && r.Agreement != nil && len(r.Agreement.Purposes) > 0 {
			for _, p := range purposes {
				if !slices.ContainsFunc(r.Agreement.Purposes, func(n string) bool { return under(p, n) }) {
					return false
				}
			}
		}
	}
	return true
}

func (b builder) consentOnly(nodes []string) bool {
	return slices.ContainsFunc(b.s.Purposes, func(p purpose.Purpose) bool {
		return p.ConsentOnly && slices.ContainsFunc(nodes, func(n string) bool { return under(p.Key, n) })
	})
}

// scopeFor is a scope that shows a purpose of the activity.
func (b builder) scopeFor(a *purpose.Activity, explicit bool) string {
	var fit []string
	for _, s := range b.s.Scopes {
		if explicit && !s.Explicit {
			continue
		}
		for _, p := range s.Purposes {
			if slices.ContainsFunc(a.Purposes, func(n string) bool { return under(p.Purpose, n) }) {
				fit = append(fit, s.Key)
				break
			}
		}
	}
	if len(fit) == 0 {
		return ""
	}
	return pick(b.dice, fit...)
}

func (b builder) claim(a *purpose.Activity, depth int) basis.Claim {
	consent := func(explicit bool) (basis.Claim, bool) {
		scope := b.scopeFor(a, explicit)
		return basis.Claim{Basis: basis.Consent, Scope: scope, Explicit: explicit}, scope != ""
	}
	if b.consentOnly(a.Purposes) {
		c, _ := consent(false)
		return c
	}
	var c basis.Claim
	switch b.IntN(7) {
	case 0, 1:
		c.Basis, c.Stages = basis.Contract, maybe(b.dice, 0.3, 1, 3, basis.Applied, basis.Active, basis.Ended, basis.Settled)
		if b.chance(0.3) {
			c.Relation = pick(b.dice, "guarantee", b.s.Events[0].Relation)
		}
	case 2:
		ok := false
		if c, ok = consent(b.chance(0.3)); !ok {
			c = basis.Claim{Basis: basis.Contract}
		}
	case 3:
		c.Basis, c.Laws = basis.LegalObligation, some(b.dice, 1, 2, lawKeys...)
	case 4:
		if c.Basis = basis.VitalInterests; b.chance(0.25) {
			c.Basis, c.Laws = basis.LegalObligation, []string{"law.aml"}
		}
	case 5:
		c.Basis, c.Laws = basis.PublicTask, some(b.dice, 1, 1, lawKeys...)
	default:
		c = basis.Claim{Basis: basis.LegitimateInterests, Interest: "i", Assessment: "lia.all"}
	}
	c.Named = len(c.Laws) > 0 && b.chance(0.1)
	if c.Capacities = maybe(b.dice, 0.15, 1, 2, a.Capacities...); a.Anyone() {
		c.Capacities = maybe(b.dice, 0.15, 1, 2, capacityKeys...)
	}
	if depth < 2 && b.chance(0.15) {
		c.All = append(c.All, b.claim(a, depth+1))
	}
	return c
}

// automate lets an activity decide, mostly with the claim that its ground asks for.
func (b builder) automate(a *purpose.Activity) {
	if !b.chance(0.4) || b.consentOnly(a.Purposes) {
		return
	}
	a.Actions = append(slices.DeleteFunc(slices.Clone(a.Actions), func(x purpose.Action) bool { return x == purpose.Decide }), purpose.Decide)
	if len(a.Actions) == 1 {
		a.Actions = append(a.Actions, purpose.Read, purpose.Use, purpose.Share)
	}
	switch b.IntN(5) {
	case 4:
		a.Automated = purpose.ByPerson
	case 0:
		a.Automated = purpose.ForContract
		a.Claims = append(a.Claims, basis.Claim{Basis: basis.Contract})
	case 1:
		a.Automated = purpose.ByLaw
		a.Claims = append(a.Claims, basis.Claim{Basis: basis.LegalObligation, Laws: []string{pick(b.dice, lawKeys...)}})
	case 2:
		if scope := b.scopeFor(a, true); scope != "" {
			a.Automated = purpose.ExplicitConsent
			a.Claims = append(a.Claims, basis.Claim{Basis: basis.Consent, Scope: scope, Explicit: true})
		}
	}
	b.Shuffle(len(a.Claims), func(i, j int) { a.Claims[i], a.Claims[j] = a.Claims[j], a.Claims[i] })
}

// classAt is the class of a category as the tree says it.
func (b builder) classAt(key string) purpose.Class {
	for _, k := range above(key) {
		for _, c := range b.s.Categories {
			if c.Key == k && c.Class != 0 {
				return c.Class
			}
		}
	}
	return purpose.Ordinary
}

// overlays grounds every class of data that the activity touches.
func (b builder) overlays(a *purpose.Activity) {
	touched := map[purpose.Class]string{}
	for _, c := range b.s.Categories {
		if slices.ContainsFunc(a.Categories, func(n string) bool { return under(c.Key, n) }) {
			touched[b.classAt(c.Key)] = c.Key
		}
	}
	for class := purpose.Special; class <= purpose.ThirdParty; class++ {
		node, ok := touched[class]
		if !ok {
			continue
		}
		for i := range b.between(1, 2) { // the first reaches the whole class, as loading demands
			o := purpose.Overlay{Class: class, Actions: maybe(b.dice, 0.3, 2, 4, purpose.Read, purpose.Use, purpose.Share, purpose.Decide, purpose.Collect)}
			if i > 0 && b.chance(0.5) {
				o.Categories = []string{node}
			}
			b.ground(a, &o)
			a.Overlays = append(a.Overlays, o)
		}
	}
}

func (b builder) ground(a *purpose.Activity, o *purpose.Overlay) {
	lawful := basis.Claim{Basis: basis.LegalObligation, Laws: []string{pick(b.dice, "law.aml", "law.tax", "law.old")}}
	switch o.Class {
	case purpose.ThirdParty:
		o.Ground = purpose.Attestation
	case purpose.Criminal:
		o.Ground, o.Claim = "gdpr:10", lawful
	case purpose.NationalID:
		o.Ground, o.Claim = pick(b.dice, "gdpr:87", "law.id", "law.old"), lawful
		if scope := b.scopeFor(a, false); scope != "" && b.chance(0.5) {
			o.Claim = basis.Claim{Basis: basis.Consent, Scope: scope}
		}
	default:
		o.Ground, o.Claim = pick(b.dice, "gdpr:9-2-b", "gdpr:9-2-g", "gdpr:9-2-h"), lawful
		if scope := b.scopeFor(a, true); scope != "" && b.chance(0.5) {
			o.Ground, o.Claim = "gdpr:9-2-a", basis.Claim{Basis: basis.Consent, Scope: scope, Explicit: true}
		} else if b.chance(0.2) {
			o.Ground, o.Claim = "gdpr:9-2-c", basis.Claim{Basis: basis.VitalInterests}
		} else if b.chance(0.2) && !strings.HasPrefix(a.Purposes[0], "marketing") {
			o.Ground, o.Claim = "gdpr:9-2-f", basis.Claim{Basis: basis.Contract}
		}
	}
}

// under says whether a key is a node or lies below it.
func under(key, node string) bool { return key == node || strings.HasPrefix(key, node+".") }

// underAny says whether a key is covered by one of the nodes.
func underAny(key string, nodes []string) bool {
	return slices.ContainsFunc(nodes, func(n string) bool { return under(key, n) })
}
