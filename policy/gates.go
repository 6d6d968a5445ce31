package policy

import (
	"slices"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// conditions tests facts; every one must hold.
func (e *evaluation) conditions(list []purpose.Condition, code Code, a *activity, fields purpose.FieldSet) {
	for i := range list {
		holds, stated := list[i].Holds(e.req.Facts)
		why := code
		switch {
		case holds:
			continue
		case !stated:
			why = CodeFactMissing
		}
		if a == nil {
			e.block(why, fields, list[i].Fact, "")
		} else {
			e.fail(why, a, fields, list[i].Fact, "")
		}
	}
}

// factsGate refuses facts that the register does not declare, and tests the controller's conditions.
func (e *evaluation) factsGate() {
	for i := range e.req.Facts {
		f := &e.req.Facts[i]
		decl, ok := e.t.facts[f.Fact]
		switch {
		case !ok:
			e.block(CodeFactUndeclared, e.want, "", "")
		case f.Value.Type() != decl.Type:
			e.block(CodeFactType, e.want, decl.Key, "")
		case !inList(decl.Values, f.Value):
			e.block(CodeFactValue, e.want, decl.Key, "")
		}
		if _, again := e.req.Facts[i+1:].Lookup(f.Fact); again {
			e.block(CodeFactRepeated, e.want, factKey(decl), "")
		}
	}
	e.conditions(e.t.spec.Controller.Conditions, CodeCondition, nil, e.want)
}

// factKey is the key of a declared fact: what a request calls facts is never repeated.
func factKey(decl *purpose.Fact) string {
	if decl == nil {
		return ""
	}
	return decl.Key
}

func inList(list []string, v purpose.Value) bool {
	if len(list) == 0 {
		return true
	}
	if v.Type() == purpose.TextList {
		for _, s := range v.Texts() {
			if !slices.Contains(list, s) {
				return false
			}
		}
		return true
	}
	return slices.Contains(list, v.Text())
}

// roleGate asks for whom the principal works and whose data it is (GDPR Art. 28, 29).
func (e *evaluation) roleGate() {
	own, org := e.t.spec.Controller.Key, e.req.Principal.Organisation
	switch {
	case own == "" && org == "", own != "" && org == own:
	case org == "":
		e.block(CodeOrganisationMissing, e.want, "", "")
	default:
		if r, ok := e.t.recipients[org]; !ok || r.Kind != purpose.Processor && r.Kind != purpose.JointController {
			e.block(CodeOrganisationUnknown, e.want, "", "")
		} else {
			e.instruction(r, CodeOutsideInstruction, CodeOutsideInstruction)
			e.namedOnly(r)
		}
	}
	if len(e.t.datasets) == 0 && e.req.Dataset == "" {
		return
	}
	switch ds, ok := e.t.datasets[e.req.Dataset]; {
	case e.req.Dataset == "":
		e.block(CodeDatasetMissing, e.want, "", "")
	case !ok:
		e.block(CodeDatasetUnknown, e.want, "", "")
	case len(ds.Purposes) > 0 && !e.within(ds.Purposes):
		e.referTo = ds.OnBehalfOf
		if ds.Role == purpose.AsProcessor {
			e.block(CodeOutsideInstruction, e.want, ds.Key, "")
		} else {
			e.block(CodeOtherController, e.want, ds.Key, "")
		}
	}
}

// within reports whether the requested purpose lies at or below one of the nodes.
func (e *evaluation) within(nodes []string) bool {
	for _, n := range nodes {
		if e.t.reg.Within(e.k.key, n) {
			return true
		}
	}
	return false
}

// instruction tests the agreement with a processor or joint controller: in force, for the purpose, for the categories,
// and on the ledger where the register says so. Missing and outside are the reasons to give.
func (e *evaluation) instruction(r *recipient, missing, outside Code) {
	if !e.t.reg.AgreementInForce(r.Key, e.req.At) {
		e.block(missing, e.want, r.Key, "")
	}
	if !r.purposes.has(e.k.leaf) {
		e.block(outside, e.want, r.Key, "")
	}
	if r.categories != nil {
		if fs := e.want.Without(fieldsOf(e.pc.plan, r.categories)); !fs.Empty() {
			e.block(outside, fs, r.Key, "")
		}
	}
	if r.Agreement != nil && r.Agreement.Ledger {
		e.agreementOnRecord(r, missing, outside)
	}
}

// namedOnly holds an organisation whose agreement lists no purposes or no categories to those of the activities that name it.
func (e *evaluation) namedOnly(r *recipient) {
	if r.purposes != nil && r.categories != nil {
		return
	}
	left := e.want
	for i := range e.k.acts {
		a := &e.k.acts[i]
		if slices.ContainsFunc(a.Recipients, func(g purpose.Grant) bool { return g.Recipient == r.Key }) {
			left = left.Without(a.fields)
		}
	}
	if !left.Empty() {
		e.block(CodeOutsideInstruction, left, r.Key, "")
	}
}

// agreementOnRecord tests agreements that the ledger holds.
func (e *evaluation) agreementOnRecord(r *recipient, missing, outside Code) {
	if e.org == nil {
		e.block(missing, e.want, r.Key, "")
		return
	}
	signed, instructed := false, purpose.FieldSet{}
	for i := range e.org.Agreements {
		a := &e.org.Agreements[i]
		if a.Recipient != r.Key {
			continue
		}
		signed = true
		if !e.within(a.Purposes) || len(a.Actions) > 0 && !slices.Contains(a.Actions, e.req.Action.String()) ||
			len(a.Countries) > 0 && e.req.Action == purpose.Share && !slices.Contains(a.Countries, e.d.Country) {
			continue
		}
		if len(a.Categories) == 0 {
			instructed = e.want
			continue
		}
		instructed = instructed.Or(fieldsOf(e.pc.plan, reachOf(e.t.reg.Categories(), a.Categories)))
	}
	if !signed {
		e.block(missing, e.want, r.Key, "")
	} else if fs := e.want.Without(instructed); !fs.Empty() {
		e.block(outside, fs, r.Key, "")
	}
}

func (e *evaluation) prohibitionGate() {
	for i := range e.k.bans {
		b := &e.k.bans[i]
		fs := b.fields.And(e.want)
		if fs.Empty() || b.actions != 0 && b.actions&(1<<e.req.Action) == 0 ||
			len(b.Recipients) > 0 && !slices.Contains(b.Recipients, e.req.Recipient) {
			continue
		}
		lifted := len(b.Unless) > 0
		for j := range b.Unless {
			holds, _ := b.Unless[j].Holds(e.req.Facts)
			lifted = lifted && holds
		}
		if !lifted {
			e.block(CodeProhibited, fs, b.Key, "")
			e.cite(b.Clause)
			e.duties = append(e.duties, b.Obligations...)
		}
	}
}

// restrictionGate lets restricted data be stored and no more, but for the exceptions on record (GDPR Art. 18).
func (e *evaluation) restrictionGate() {
	if e.req.Action == purpose.Store {
		return
	}
	for i := range e.people {
		p := &e.people[i]
		for j := range p.state.Restrictions {
			r := &p.state.Restrictions[j]
			if slices.ContainsFunc(r.Exceptions, func(x basis.RestrictionException) bool { return e.within(x.Purposes) }) {
				continue
			}
			fs := e.want.And(e.pc.people[p.role])
			if len(r.Categories) > 0 {
				fs = fs.And(fieldsOf(e.pc.plan, reachOf(e.t.reg.Categories(), r.Categories)))
			}
			if !fs.Empty() {
				e.block(CodeRestricted, fs, r.Reason, r.Event)
			}
		}
	}
}

// sourceGate holds data to where it came from and what it was obtained for (GDPR Art. 5(1)(b), 6(4)).
func (e *evaluation) sourceGate(a *actFields, fields purpose.FieldSet) {
	p := &e.req.Provenance
	collect := e.req.Action == purpose.Collect
	switch {
	case p.Source != "" && !slices.Contains(a.Sources, p.Source):
		e.fail(CodeSourceUndeclared, a.activity, fields, a.Key, "")
	case p.Source == "" && (collect || a.Provenance):
		e.fail(CodeSourceMissing, a.activity, fields, a.Key, "")
	}
	if collect {
		return
	}
	if len(p.ObtainedFor) == 0 {
		if a.Provenance || a.Bound {
			e.fail(CodeObtainedForMissing, a.activity, fields, a.Key, "")
		}
		return
	}
	if slices.Contains(p.ObtainedFor, e.k.key) {
		return
	}
	left := fields
	for i := range e.t.spec.Compatible {
		c := &e.t.spec.Compatible[i]
		if c.To != e.k.key || !slices.Contains(p.ObtainedFor, c.From) {
			continue
		}
		if _, valid := e.records.AssessmentValid(c.Assessment, e.k.key, e.req.At); !valid {
			continue
		}
		reach := left
		if len(c.Categories) > 0 {
			reach = fieldsOf(e.pc.plan, reachOf(e.t.reg.Categories(), c.Categories))
		}
		left = left.Without(reach)
	}
	if !left.Empty() {
		e.fail(CodeObtainedFor, a.activity, left, a.Key, "")
	}
}

// retentionGate denies a purpose that has expired, though another may still keep the data.
func (e *evaluation) retentionGate(a *actFields, fields purpose.FieldSet) {
	if fs := fields.Without(a.ruled); !fs.Empty() {
		e.fail(CodeRetentionUnanswered, a.activity, fs, "", "")
	}
	for i := range e.people {
		p := &e.people[i]
		for j := range a.rules {
			rf := &a.rules[j]
			fs := fields.And(rf.fields).And(e.pc.people[p.role])
			if fs.Empty() {
				continue
			}
			if e.req.Action == purpose.Store {
				for _, r := range rf.rules {
					if r.Transient {
						e.fail(CodeRetentionNotStored, a.activity, fs, r.Key, "")
					}
				}
			}
			if at := e.req.Provenance.CollectedAt; rf.collected != "" && (at.IsZero() || at.After(e.req.At)) {
				e.fail(CodeCollectedMissing, a.activity, fs, rf.collected, "")
			}
			ok, cause := retention.Readable(rf.rules, p.facts, e.req.At)
			if ok {
				continue
			}
			switch cause.Reason {
			case retention.CeilingPassed, retention.NotNecessary:
				e.fail(CodeExpired, a.activity, fs, cause.Rule, "")
			case retention.NoRule:
				e.fail(CodeRetentionUnanswered, a.activity, fs, cause.Rule, "")
			default:
				e.fail(CodeRetentionUndecided, a.activity, fs, cause.Rule, "")
			}
		}
	}
}

// objectionGate stops direct marketing whatever the basis (GDPR Art. 21(3)). A consent to the same given later lifts the
// objection as far as it goes: not for a recipient or a category that it does not cover.
func (e *evaluation) objectionGate() {
	if !e.k.marketing {
		return
	}
	for i := range e.people {
		p := &e.people[i]
		o, stands := p.state.AgainstMarketing(e.k.key, e.t.reg)
		if !stands {
			continue
		}
		fs := e.want.And(e.pc.people[p.role])
		for f := range fs.All {
			if e.lifts(p, &o, e.t.reg.Categories().Key(e.pc.plan.Fields[f].Category)) {
				var one purpose.FieldSet
				one.Add(f)
				fs = fs.Without(one)
			}
		}
		if !fs.Empty() {
			e.block(CodeObjectionMarketing, fs, "", o.Event)
			e.cite(e.t.objectionClause(e.notice))
		}
	}
}

// lifts reports whether a standing consent that the person gave after an objection covers the request and a category.
func (e *evaluation) lifts(p *person, o *basis.Objection, category string) bool {
	return slices.ContainsFunc(p.state.Consents, func(c basis.ConsentState) bool {
		return c.Status == basis.Standing && c.Given.After(o.Since) && slices.Contains(c.Purposes, e.k.key) && !slices.Contains(c.Without, category) &&
			(e.req.Action != purpose.Share || e.req.Recipient == "" || slices.Contains(c.Recipients, e.req.Recipient))
	})
}
