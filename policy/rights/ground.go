package rights

import (
	"slices"
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
)

// consentState is what an activity that rests on consent rests on.
type consentState struct {
	only  bool      // no claim holds without consent
	given bool      // a scope was ever given, or the category was taken out of one
	ended bool      // and none of them holds
	since time.Time // when the last ended
}

// bases fills in which of the activity's claims hold.
func (k *Keeper) bases(p *person, u *Use, a *activity, category string) consentState {
	c := consentState{only: len(a.Claims) > 0}
	cc := basis.Circumstances{At: p.at, Purpose: u.Purpose, Category: category, State: p.state, Records: &p.records}
	for i := range a.Claims {
		claim := &a.Claims[i]
		r := claim.Test(&cc)
		if r.Status == basis.Holds && !slices.Contains(u.Bases, claim.Basis) {
			u.Bases = append(u.Bases, claim.Basis)
		}
		if r.Status == basis.Holds {
			u.Laws = appendNew(u.Laws, claim.Laws...)
		}
		scopes := scopesOf(claim, nil)
		if c.only = c.only && len(scopes) > 0; !c.only {
			continue
		}
		for _, s := range scopes {
			st := p.state.Consent(s)
			if st.Status == basis.NotGiven || st.Status == basis.Standing && r.Code == basis.CodeConsentPurpose && !k.shown(s, u.Purpose, st.Notice) {
				continue
			}
			since := st.Since
			if st.Status == basis.Standing { // something was taken out of it: the state is as it is from then on
				since = p.state.From
			}
			c.given = true
			if since.After(c.since) {
				c.since = since
			}
		}
	}
	c.ended = c.given && len(u.Bases) == 0
	return c
}

// shown reports whether a scope showed a purpose to those who consented under a version of the notice.
func (k *Keeper) shown(scope, leaf, version string) bool {
	place := func(v string) int {
		return slices.IndexFunc(k.spec.Notices, func(n purpose.Notice) bool { return n.Version == v })
	}
	for i := range k.spec.Scopes {
		if s := &k.spec.Scopes[i]; s.Key == scope {
			return slices.ContainsFunc(s.Purposes, func(x purpose.ScopedPurpose) bool {
				return x.Purpose == leaf && (x.Since == "" || place(version) >= place(x.Since))
			})
		}
	}
	return false
}

// scopesOf lists the consents that a claim cannot do without.
func scopesOf(c *basis.Claim, list []string) []string {
	if c.Basis == basis.Consent {
		list = append(list, c.Scope)
	}
	for i := range c.All {
		list = scopesOf(&c.All[i], list)
	}
	return list
}

func appendNew(list []string, more ...string) []string {
	for _, s := range more {
		if !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}

// grounded reports whether the extra ground of the category's class is there (GDPR Art. 9(2), 10, 87).
func (k *Keeper) grounded(p *person, a *activity, leaf string, category purpose.ID) bool {
	class := k.reg.ClassOf(category)
	switch class {
	case purpose.Special, purpose.Criminal, purpose.NationalID, purpose.ThirdParty:
	default:
		return true
	}
	key := k.reg.Categories().Key(category)
	cc := basis.Circumstances{At: p.at, Purpose: leaf, Category: key, State: p.state, Records: &p.records}
	return slices.ContainsFunc(a.Overlays, func(o purpose.Overlay) bool {
		switch {
		case o.Class != class, len(o.Categories) > 0 && !k.reg.Categories().Below(o.Categories...).Has(category):
			return false
		case o.Ground == purpose.Attestation:
			return slices.ContainsFunc(p.state.Attestations, func(t basis.Attestation) bool { return k.reaches(t.Categories, key) && len(t.Categories) > 0 })
		case slices.ContainsFunc(k.spec.Laws, func(l purpose.Law) bool { return l.Key == o.Ground }) && !k.reg.LawInForce(o.Ground, p.at):
			return false
		}
		return o.Claim.Test(&cc).Status == basis.Holds
	})
}
