package oracle_test

import (
	"slices"
	"strings"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
)

func (t *trial) recipient(key string) *purpose.Recipient {
	for i := range t.spec.Recipients {
		if t.spec.Recipients[i].Key == key {
			return &t.spec.Recipients[i]
		}
	}
	return nil
}

// inRole says whether the principal's organisation and the dataset stand under an instruction or a responsibility
// of the controller for this purpose.
func (t *trial) inRole(category string) bool {
	org, own := t.req.Principal.Organisation, t.spec.Controller.Key
	switch {
	case org == "" && own != "":
		return false
	case org != "" && org != own && t.bent != organisationIgnored:
		x := t.recipient(org)
		if x == nil || x.Agreement == nil || !t.agreed(x, category, t.country(t.recipient(t.req.Recipient))) || (len(x.Agreement.Purposes) == 0 || len(x.Agreement.Categories) == 0) && !t.named(x.Key, category) {
			return false
		}
	}
	if len(t.spec.Datasets) == 0 {
		return t.req.Dataset == ""
	}
	for _, d := range t.spec.Datasets {
		if d.Key == t.req.Dataset {
			return len(d.Purposes) == 0 || t.covers(t.req.Purpose, d.Purposes) || t.bent == datasetIgnored
		}
	}
	return false
}

// received says whether a recipient may have anything at all, and the category under its instruction.
func (t *trial) received(category string) bool {
	if t.req.Action != purpose.Share {
		return t.req.Recipient == ""
	}
	x := t.recipient(t.req.Recipient)
	if x == nil {
		return false
	}
	if x.Statute && t.bent != statuteIgnored && !t.inForce(t.req.Statute, t.view("nobody")) {
		return false
	}
	return x.Agreement == nil || t.agreed(x, category, t.country(x))
}

// agreed says whether the agreement with a recipient is in force and instructs it for purpose and category.
func (t *trial) agreed(x *purpose.Recipient, category, country string) bool {
	a := x.Agreement
	if !t.within(a.From, a.Through, t.at) && t.bent != agreementAnytime {
		return false
	}
	if t.bent == instructionIgnored {
		return true
	}
	if len(a.Purposes) > 0 && !underAny(t.req.Purpose, a.Purposes) || len(a.Categories) > 0 && !underAny(category, a.Categories) {
		return false
	}
	return !a.Ledger || t.signed(x.Key, category, country)
}

// named says whether an activity for the purpose and category names a recipient.
func (t *trial) named(recipient, category string) bool {
	for _, a := range t.spec.Activities {
		if t.covers(t.req.Purpose, a.Purposes) && t.covers(category, a.Categories) &&
			slices.ContainsFunc(a.Recipients, func(g purpose.Grant) bool { return g.Recipient == recipient }) {
			return true
		}
	}
	return false
}

// signed says whether the ledger has an agreement that instructs a recipient for this.
func (t *trial) signed(recipient, category, country string) bool {
	v := t.view(basis.ControllerWide)
	for _, e := range v.events {
		b, ok := body[basis.AgreementSigned](e)
		if !ok || b.Recipient != recipient || !v.running(b.Until) || !underAny(t.req.Purpose, b.Purposes) ||
			len(b.Categories) > 0 && !underAny(category, b.Categories) ||
			len(b.Actions) > 0 && !slices.Contains(b.Actions, t.req.Action.String()) ||
			len(b.Countries) > 0 && t.req.Action == purpose.Share && !slices.Contains(b.Countries, country) {
			continue
		}
		ended := slices.ContainsFunc(v.events, func(x basis.Event) bool {
			end, ok := body[basis.AgreementEnded](x)
			return ok && end.Agreement == e.ID
		})
		if !ended {
			return true
		}
	}
	return t.bent == ledgerAgreementIgnored
}

// country to which the data goes; none where the recipient is not in the one that is stated.
func (t *trial) country(x *purpose.Recipient) string {
	if x != nil && t.req.Country == "" && len(x.Countries) == 1 {
		return x.Countries[0]
	}
	if x != nil && !slices.Contains(x.Countries, t.req.Country) {
		return ""
	}
	return t.req.Country
}

// inArea says whether data moves freely to a country.
func (t *trial) inArea(country string) bool {
	area := strings.Fields("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK")
	if t.spec.Transfers.Area == purpose.EEA || t.bent == areaIgnored {
		area = append(area, "IS", "LI", "NO")
	}
	return slices.Contains(area, country)
}

// transferred says whether data may go where it goes, and be seen from where it is seen (GDPR chapter V).
func (t *trial) transferred(f field, whose []*view) bool {
	if c := t.req.Principal.Country; c != "" && c != t.spec.Controller.Country && !t.inArea(c) && t.bent != remoteIgnored {
		org := t.recipient(t.req.Principal.Organisation)
		if org == nil || !slices.Contains(org.Countries, c) || !t.safe(org, c, f, whose) {
			return false
		}
	}
	x := t.recipient(t.req.Recipient)
	if t.req.Action != purpose.Share || x == nil {
		return true // a country goes with sharing
	}
	c := t.country(x)
	return slices.Contains(x.Countries, c) && (t.inArea(c) || t.bent == transferIgnored || t.safe(x, c, f, whose))
}

// safe says whether a recipient outside the area has a safeguard by the mechanism that the request names. A derogation
// must hold of every person.
func (t *trial) safe(x *purpose.Recipient, country string, f field, whose []*view) bool {
	if t.req.Mechanism == purpose.Adequacy || t.bent == mechanismUnnamed {
		for _, d := range t.spec.Transfers.Adequacy {
			if d.Country == country && (len(d.Only) == 0 || slices.Contains(d.Only, x.Kind)) && (len(d.Recipients) == 0 || slices.Contains(d.Recipients, x.Key)) &&
				t.within(d.From, d.Through, t.at) {
				return true
			}
		}
	}
	for _, g := range x.Safeguards {
		if g.Mechanism != t.req.Mechanism && t.bent != mechanismUnnamed || !slices.Contains(g.Countries, country) ||
			!t.within(g.From, g.Through, t.at) && t.bent != safeguardAnytime {
			continue
		}
		if g.Mechanism == purpose.Derogation && t.bent != derogationIgnored && slices.ContainsFunc(whose, func(v *view) bool {
			_, ok := v.holds(&g.Claim, t.matter(f))
			return !ok
		}) {
			continue
		}
		return true
	}
	return false
}
