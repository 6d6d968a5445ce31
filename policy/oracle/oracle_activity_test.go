package oracle_test

import (
	"slices"
	"strings"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// activities looks for one that covers the field and lets it through: any one is enough.
func (t *trial) activities(f field, notice string, whose []*view, fa *fieldAnswer, obligations map[string]bool) {
	var failures gateSet
	covered := false
	for i := range t.spec.Activities {
		a := &t.spec.Activities[i]
		if !t.covers(t.req.Purpose, a.Purposes) || !t.covers(f.category, a.Categories) {
			continue
		}
		covered = true
		failed, grounds, owed := t.activity(a, f, notice, whose)
		if failed != 0 {
			failures |= failed
			continue
		}
		if fa.failed == 0 && len(whose) > 0 {
			fa.grounds = grounds
			for _, k := range append(owed, a.Obligations...) {
				obligations[k] = true
			}
		}
		return
	}
	if !covered {
		failures = gateOf(policy.GatePurpose)
	}
	fa.failed |= failures
}

// activity says which gates a field does not pass under one activity, and on what it rests if it passes them all.
func (t *trial) activity(a *purpose.Activity, f field, notice string, whose []*view) (failed gateSet, grounds, owed []string) {
	fail := func(g policy.Gate, if_ bool) {
		if if_ {
			failed |= gateOf(g)
		}
	}
	actions := a.Actions
	if len(actions) == 0 {
		actions = []purpose.Action{purpose.Collect, purpose.Read, purpose.Use, purpose.Store, purpose.Share}
	}
	fail(policy.GateFacts, !t.met(a.Conditions))
	fail(policy.GatePurpose, !slices.Contains(actions, t.req.Action) && t.bent != actionIgnored)
	fail(policy.GatePurpose, notice != "" && len(a.Notices) > 0 && !slices.Contains(a.Notices, notice) && t.bent != noticesIgnored)
	fail(policy.GateSource, !t.sourced(a, f.category))
	if t.req.Action == purpose.Share && !t.granted(a, f.category) {
		fail(policy.GateRecipient, true)
		fail(policy.GateSource, slices.ContainsFunc(t.grants(a, f.category), func(g purpose.Grant) bool {
			return g.Via != "" && !slices.Contains(t.req.Provenance.ObtainedFor, g.Via)
		}))
		fail(policy.GateFacts, slices.ContainsFunc(t.grants(a, f.category), func(g purpose.Grant) bool { return !t.stated(g.Conditions) }))
	}
	fail(policy.GateAutomated, t.machine() && (a.Automated == purpose.NotAutomated || a.Automated == purpose.ByPerson && t.bent != machineForPerson))
	rules := t.rulesFor(a, f)
	m := t.matter(f)
	for _, v := range whose {
		fail(policy.GatePurpose, !slices.Contains(a.Capacities, purpose.Anybody) && !v.acts(a.Capacities) && t.bent != capacityIgnored)
		if t.req.Action != purpose.Collect { // what is collected now has not been kept yet
			read, store := v.readable(rules, t.datum())
			fail(policy.GateRetention, !read && t.bent != retentionIgnored || t.req.Action == purpose.Store && !store)
		}
		ground := ""
		for i := range a.Claims {
			c := &a.Claims[i]
			if t.bent == claimsBackwards {
				c = &a.Claims[len(a.Claims)-1-i]
			}
			if len(f.bases) > 0 && !slices.Contains(f.bases, c.Basis) && t.bent != tagBasisIgnored {
				continue
			}
			if evidence, ok := v.holds(c, m); ok {
				ground = strings.Join([]string{a.Key, c.Basis.String(), evidence}, " ")
				break
			}
		}
		fail(policy.GateBasis, ground == "")
		grounds = append(grounds, ground)
		fail(policy.GateOverlay, !t.grounded(a, f, m, v, nil))
		ok, also := t.automated(a, f, m, v)
		fail(policy.GateAutomated, !ok)
		owed = append(owed, also...)
	}
	slices.Sort(grounds)
	return failed, slices.Compact(grounds), owed
}

// sourced says whether the data came from where it may, for what it may.
func (t *trial) sourced(a *purpose.Activity, category string) bool {
	p := &t.req.Provenance
	if t.bent == provenanceIgnored {
		return true
	}
	if (a.Provenance || t.req.Action == purpose.Collect) && p.Source == "" || p.Source != "" && !slices.Contains(a.Sources, p.Source) {
		return false
	}
	if t.req.Action == purpose.Collect {
		return true // it is obtained for the purpose of the request
	}
	if len(p.ObtainedFor) == 0 {
		return !a.Provenance && (!a.Bound || t.bent == boundIgnored)
	}
	return slices.ContainsFunc(p.ObtainedFor, func(from string) bool { return t.compatible(from, category, 2) })
}

// compatible says whether data obtained for one leaf may serve the purpose of the request.
func (t *trial) compatible(from, category string, depth int) bool {
	if from == t.req.Purpose || depth == 0 || t.bent == anyPurposeServes {
		return from == t.req.Purpose || t.bent == anyPurposeServes
	}
	for _, e := range t.spec.Compatible {
		if e.From != from || len(e.Categories) > 0 && !underAny(category, e.Categories) {
			continue
		}
		if e.To == t.req.Purpose && t.assessed(e.Assessment, t.req.Purpose, t.view("nobody")) || t.bent == compatibleTransitive && t.compatible(e.To, category, depth-1) {
			return true
		}
	}
	return false
}

// granted says whether an activity lets the recipient have the category.
func (t *trial) granted(a *purpose.Activity, category string) bool {
	return t.bent == grantIgnored || slices.ContainsFunc(t.grants(a, category), func(g purpose.Grant) bool {
		return t.met(g.Conditions) && (g.Via == "" || t.bent == viaIgnored || slices.Contains(t.req.Provenance.ObtainedFor, g.Via))
	})
}

// grants of an activity to the recipient that reach the category.
func (t *trial) grants(a *purpose.Activity, category string) (list []purpose.Grant) {
	for _, g := range a.Recipients {
		if g.Recipient == t.req.Recipient && (len(g.Categories) == 0 || underAny(category, g.Categories) || t.bent == maskIgnored) {
			list = append(list, g)
		}
	}
	return list
}

// grounded says whether the extra ground of special, criminal, national-id or third-party data is met; with only, by
// one of these grounds.
func (t *trial) grounded(a *purpose.Activity, f field, m matter, v *view, only []string) bool {
	class := t.class(f.category)
	if class != purpose.Special && class != purpose.Criminal && class != purpose.NationalID && class != purpose.ThirdParty || t.bent == overlayIgnored {
		return true
	}
	for i := range a.Overlays {
		o := &a.Overlays[i]
		if o.Class != class || len(o.Categories) > 0 && !underAny(f.category, o.Categories) ||
			len(o.Actions) > 0 && !slices.Contains(o.Actions, t.req.Action) || only != nil && !slices.Contains(only, o.Ground) {
			continue
		}
		if o.Ground == purpose.Attestation {
			if v.attested(f.category) {
				return true
			}
			continue
		}
		if strings.HasPrefix(o.Ground, "law.") && !t.inForce(o.Ground, v) {
			continue
		}
		if _, ok := v.holds(&o.Claim, m); ok {
			return true
		}
	}
	return false
}

// class of a category: its own, or that of the nearest node above.
func (o *oracle) class(category string) purpose.Class {
	for _, k := range above(category) {
		for _, c := range o.spec.Categories {
			if c.Key == k && c.Class != 0 {
				return c.Class
			}
		}
	}
	return purpose.Ordinary
}

// machine says whether a decision with significant effect is taken without a person.
func (t *trial) machine() bool {
	decides := t.req.Action == purpose.Decide
	if t.req.Action == purpose.Share && t.bent != decisiveIgnored {
		for _, x := range t.spec.Recipients {
			decides = decides || x.Key == t.req.Recipient && x.Decisive // C-634/21
		}
	}
	return decides && t.req.Reviewer == "" && !t.req.Minor && t.bent != automationIgnored
}

// automated says whether a decision without a person has its ground (GDPR Art. 22), and what is owed then.
func (t *trial) automated(a *purpose.Activity, f field, m matter, v *view) (ok bool, owed []string) {
	if !t.machine() {
		return true, nil
	}
	held := func(want func(*basis.Claim) bool) bool {
		return slices.ContainsFunc(a.Claims, func(c basis.Claim) bool {
			_, ok := v.holds(&c, m)
			return ok && want(&c) && (len(f.bases) == 0 || slices.Contains(f.bases, c.Basis))
		})
	}
	switch a.Automated {
	case purpose.ByPerson:
		ok = t.bent == machineForPerson
	case purpose.ForContract:
		ok = held(func(c *basis.Claim) bool { return c.Basis == basis.Contract })
	case purpose.ByLaw:
		ok = held(func(c *basis.Claim) bool { return len(c.Laws) > 0 })
	case purpose.ExplicitConsent:
		ok = held(func(c *basis.Claim) bool { return c.Basis == basis.Consent && c.Explicit })
	}
	if a.Automated == purpose.ForContract || a.Automated == purpose.ExplicitConsent {
		owed = []string{policy.ObligationContest, policy.ObligationIntervention}
	}
	if t.class(f.category) == purpose.Special && t.bent != specialAutomated {
		ok = ok && t.grounded(a, f, m, v, []string{"gdpr:9-2-a", "gdpr:9-2-g"})
	}
	return ok, owed
}
