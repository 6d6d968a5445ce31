package rights

import (
	"fmt"
	"slices"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
)

// objection stops what rests on a public task or on legitimate interests (GDPR Art. 21(1)), and direct marketing whatever it
// rests on (Art. 21(2)). It stands from the day of receipt; refusing it later needs recorded grounds.
func (d *Desk) objection(p *person, req *Request, o *Outcome) error {
	leaves := d.leaves(req.Purposes)
	var own, marketing []string
	for _, leaf := range leaves {
		x := Item{Part: leaf, Holding: -1, Result: Granted}
		switch {
		case d.marketing(leaf):
			marketing = append(marketing, leaf)
		case d.objectable(p, leaf):
			own = append(own, leaf)
		default:
			x.Result, x.Reasons = Refused, []Reason{{Code: CodeNotObjectable, Param: leaf}}
		}
		o.Items = append(o.Items, x)
	}
	if len(marketing) > 0 {
		o.effects = append(o.effects, effect{body: basis.ObjectionRaised{Ground: basis.Marketing, Purposes: marketing}})
	}
	if len(leaves) > 0 && len(own) == 0 {
		o.settle(Refused)
		return nil
	}
	raised := effect{body: basis.ObjectionRaised{Ground: basis.OwnSituation, Purposes: own}}
	refused := (req.Finding.Verdict == Overridden || req.Finding.Verdict == Unfounded) && req.Finding.counts()
	if !refused {
		o.effects = append(o.effects, raised)
		o.settle(Granted)
		return nil
	}
	result, why := Refused, Reason{Code: CodeOverridden, Evidence: req.Finding.Reference}
	if req.Finding.Verdict == Unfounded {
		why.Code = CodeUnfounded
	}
	if req.Finding.Reference == "" {
		result, why.Code = Escalated, CodeReferenceMissing
	}
	for i := range o.Items {
		if slices.Contains(own, o.Items[i].Part) {
			o.Items[i].Result, o.Items[i].Reasons = result, []Reason{why}
		}
	}
	o.effects = append(o.effects, raised) // it stands until the grounds are on record
	if result == Refused {
		o.effects = append(o.effects, effect{refers: len(o.effects) - 1, make: func(id string) basis.Body {
			return basis.ObjectionRefused{Objection: id, Reference: req.Finding.Reference}
		}})
	}
	if o.settle(result); len(leaves) == 0 {
		o.Reasons = append(o.Reasons, why)
	}
	return nil
}

// objectable reports whether some activity of a purpose may rest on what can be objected to: of those that concern the person,
// or, where the ledger knows of none, of all.
func (d *Desk) objectable(p *person, leaf string) bool {
	known, found := false, false
	for i := range d.activities {
		a := &d.activities[i]
		if !slices.Contains(a.leaves, leaf) {
			continue
		}
		theirs := len(a.Capacities) == 0 || slices.ContainsFunc(a.Capacities, p.was)
		rests := slices.ContainsFunc(a.Claims, func(c basis.Claim) bool { return objectable(&c, p, theirs) })
		switch {
		case theirs && !known:
			known, found = true, rests
		case theirs == known:
			found = found || rests
		}
	}
	return found
}

// objectable reports whether a claim can be objected to, by this person where it is theirs.
func objectable(c *basis.Claim, p *person, theirs bool) bool {
	if theirs && len(c.Capacities) > 0 && !slices.ContainsFunc(c.Capacities, p.was) {
		return false
	}
	return c.Basis.Objectable() || slices.ContainsFunc(c.All, func(c basis.Claim) bool { return objectable(&c, p, theirs) })
}

// marketingObjection stops direct marketing at once, without a reason and whoever doubts it (GDPR Art. 21(2), (3)).
func (d *Desk) marketingObjection(req *Request, o *Outcome) error {
	var leaves []string
	for _, leaf := range d.leaves(req.Purposes) {
		if d.marketing(leaf) {
			leaves = append(leaves, leaf)
			o.Items = append(o.Items, Item{Part: leaf, Holding: -1, Result: Granted})
		}
	}
	if len(req.Purposes) > 0 && len(leaves) == 0 {
		return fmt.Errorf("%w: purposes: none is direct marketing", ErrRequest)
	}
	o.effects = append(o.effects, effect{body: basis.ObjectionRaised{Ground: basis.Marketing, Purposes: leaves}})
	o.settle(Granted)
	return nil
}

// withdrawal ends consents from the day of receipt, wholly or for what is named (GDPR Art. 7(3)).
func (d *Desk) withdrawal(p *person, req *Request, o *Outcome) error {
	leaves := d.leaves(req.Purposes)
	for i := range d.spec.Scopes {
		s := &d.spec.Scopes[i]
		covered := slices.DeleteFunc(slices.Clone(s.Purposes), func(x purpose.ScopedPurpose) bool { return !slices.Contains(leaves, x.Purpose) })
		named := slices.Contains(req.Scopes, s.Key)
		given := p.state.Consent(s.Key).Status != basis.NotGiven
		switch {
		case len(req.Scopes) > 0 && !named, len(leaves) > 0 && len(covered) == 0, !named && len(leaves) == 0 && !given:
			continue
		}
		x := Item{Part: s.Key, Holding: -1, Result: Granted}
		if !given {
			if x.Reasons = []Reason{{Code: CodeConsentNone, Param: s.Key, Clause: s.Clause}}; named {
				x.Result = Refused
			} else {
				x.Result = Outside // the purpose has another consent that may have been given
			}
			o.Items = append(o.Items, x)
			continue
		}
		var body basis.Body = basis.ConsentWithdrawn{Scope: s.Key}
		if part := len(leaves) > 0 && len(covered) < len(s.Purposes); part || len(req.Categories) > 0 {
			n := basis.ConsentNarrowed{Scope: s.Key, Categories: req.Categories}
			if part {
				for _, c := range covered {
					n.Purposes = append(n.Purposes, c.Purpose)
				}
			}
			body = n
		}
		o.effects = append(o.effects, effect{body: body})
		o.Items = append(o.Items, x)
	}
	if o.settle(Refused); o.Result == Refused && len(req.Scopes) == 0 {
		o.because(CodeConsentNone, "")
	}
	return nil
}
