package policy

import (
	"slices"

	"github.com/purposebound/purposebound/purpose"
)

// recipientGate tests what concerns the recipient whatever the activity, and the country.
func (e *evaluation) recipientGate() {
	area := e.t.spec.Transfers.Area
	e.remoteAccess(area)
	if e.req.Action != purpose.Share {
		if e.req.Recipient != "" {
			e.block(CodeRecipientUnexpected, e.want, "", "")
		}
		return
	}
	if e.req.Recipient == "" {
		e.block(CodeRecipientMissing, e.want, "", "")
		return
	}
	if e.to == nil {
		e.block(CodeRecipientUnknown, e.want, "", "")
		return
	}
	e.conditions(e.to.Conditions, CodeRecipientCondition, nil, e.want)
	if e.to.Agreement != nil {
		e.instruction(e.to, CodeAgreement, CodeInstruction)
	}
	if e.to.Statute && (e.req.Statute == "" || !e.t.reg.LawInForce(e.req.Statute, e.req.At)) {
		e.block(CodeStatuteMissing, e.want, e.to.Key, "")
		e.cite(e.to.Clause)
	}
	e.transferGate(area)
}

// transferGate asks for a safeguard where the country lies outside the area (GDPR Art. 44 to 49).
func (e *evaluation) transferGate(area purpose.Area) {
	country := e.d.Country
	switch {
	case country == "" && e.req.Country == "":
		e.block(CodeCountryMissing, e.want, e.to.Key, "")
		e.cite(e.to.Clause)
		return
	case country == "":
		e.block(CodeCountryDiffers, e.want, e.to.Key, "")
		e.cite(e.to.Clause)
		return
	}
	if area.Contains(country) {
		return
	}
	if e.req.Mechanism == 0 {
		e.block(CodeMechanismMissing, e.want, "", "")
		return
	}
	if fs := e.want.Without(e.safeguarded(e.to, country)); !fs.Empty() {
		e.block(CodeSafeguard, fs, country, "")
	}
}

// remoteAccess treats access from outside the area as the transfer that it is: it needs an organisation with a safeguard
// for that country, by the mechanism that the request names.
func (e *evaluation) remoteAccess(area purpose.Area) {
	country := e.req.Principal.Country
	if country == "" || area.Contains(country) || country == e.t.spec.Controller.Country {
		return
	}
	from := e.t.recipients[e.req.Principal.Organisation]
	if from == nil || e.req.Mechanism == 0 || !slices.Contains(from.Countries, country) {
		e.block(CodeRemoteAccess, e.want, "", "")
	} else if fs := e.want.Without(e.safeguarded(from, country)); !fs.Empty() {
		e.block(CodeRemoteAccess, fs, "", "")
	}
}

// safeguarded are the fields that a recipient in a third country may receive by the mechanism of the request. A
// derogation must hold of every person, each time (GDPR Art. 49(1)).
func (e *evaluation) safeguarded(r *recipient, country string) purpose.FieldSet {
	t := &e.t.spec.Transfers
	claim, ok := e.t.reg.SafeguardInForce(r.Key, country, e.req.Mechanism, e.req.At)
	if !ok || !slices.Contains(t.Mechanisms, e.req.Mechanism) || len(t.Only) > 0 && !slices.Contains(t.Only, r.Kind) {
		return purpose.FieldSet{}
	}
	fs := e.want
	if claim == nil {
		return fs
	}
	for i := range e.people {
		p := &e.people[i]
		cc := e.circumstances(p)
		asked := fs.And(e.pc.people[p.role])
		held, _ := e.held(claim, &cc, asked)
		fs = fs.Without(asked.Without(held))
	}
	return fs
}

// grantGate lets a recipient have what an activity grants it.
func (e *evaluation) grantGate(a *actFields, fields purpose.FieldSet) {
	named := false
	mark := len(e.findings)
	var open purpose.FieldSet
	for i := range a.activity.grants {
		g := &a.activity.grants[i]
		if g.Recipient != e.req.Recipient {
			continue
		}
		named = true
		met := true
		for j := range g.Conditions {
			holds, stated := g.Conditions[j].Holds(e.req.Facts)
			if holds {
				continue
			}
			met = false
			why := CodeRecipientCondition
			if !stated {
				why = CodeFactMissing
			}
			e.findings = append(e.findings, finding{code: why, act: a.activity, param: g.Conditions[j].Fact, fields: fields.And(a.grants[i]), clause: g.Clause})
		}
		if g.Via != "" && !slices.Contains(e.req.Provenance.ObtainedFor, g.Via) {
			met = false
			why := finding{code: CodeObtainedFor, act: a.activity, param: a.Key, fields: fields.And(a.grants[i]), clause: g.Clause}
			if len(e.req.Provenance.ObtainedFor) == 0 {
				why.code = CodeObtainedForMissing
			}
			e.findings = append(e.findings, why)
		}
		if met {
			open = open.Or(a.grants[i])
		}
	}
	for i := mark; i < len(e.findings); i++ { // what another grant opens lacks nothing
		e.findings[i].fields = e.findings[i].fields.Without(open)
	}
	switch fs := fields.Without(open); {
	case !named:
		e.fail(CodeRecipientNotDeclared, a.activity, fields, a.Key, "")
	case !fs.Empty():
		e.fail(CodeRecipientMask, a.activity, fs, a.Key, "")
	}
}
