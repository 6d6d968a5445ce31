package policy

import (
	"slices"
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// person is a data subject of a record with what is known about them.
type person struct {
	role  int // index in Plan.People
	id    string
	state *basis.State
	view  *stateView
	facts *retention.Facts
}

// evaluation decides one request. It is pooled: nothing in it outlives the call.
type evaluation struct {
	workings
	place
}

// place is for who has a session and a decision nowhere else, and needs none that outlives the evaluation.
type place struct {
	decision Decision
	made     Request // of the session
	session  session
	target   target
}

// workings are what it takes to decide.
type workings struct {
	standing // what the gates find

	t       *tables
	d       *Decision
	req     Request
	pc      *planCases
	k       *kase
	want    purpose.FieldSet
	people  []person
	facts   factsPool
	notice  int
	to      *recipient   // of a share; nil when unknown or not shared
	org     *basis.State // ControllerWide; nil when not needed
	records purpose.Filed
	failed  purpose.FieldSet // by the activity under test
	began   time.Time        // by the guard's clock
	answer  *answer          // of the gates, that the decision shares with others; nil: it has its own
	lasting bool             // so are the verdicts of all policies
	until   time.Time        // as long as that; zero is for ever

	room    []use  // for those of the decision, from somebody who knows that nobody else has it
	heard   *heard // of the policies about others of a batch; nil: nothing
	input   Input
	digests []string
}

// standing is what the gates find, all but the policies.
type standing struct {
	blocked    purpose.FieldSet // by what no activity can change
	passed     purpose.FieldSet // by some activity
	findings   []finding
	uses       []use
	rejections []rejection
	duties     []string
	referTo    string
	automated  bool // a solely automated decision with significant effect
}

// reset makes e ready for another request and lets go of what it held.
func (e *evaluation) reset() {
	e.workings.reset()
	states, named, absent := wipe(e.session.states), wipe(e.target.people), wipe(e.target.absent)
	e.place = place{}
	e.session.states, e.target.people, e.target.absent = states, named, absent
}

func (w *workings) reset() {
	findings, uses, rejections, duties := wipe(w.findings), wipe(w.uses), wipe(w.rejections), wipe(w.duties)
	people, digests, capacities := wipe(w.people), wipe(w.digests), wipe(w.input.Capacities)
	w.facts.empty()
	facts := w.facts
	*w = workings{}
	w.facts, w.people, w.digests, w.input.Capacities = facts, people, digests, capacities
	w.findings, w.uses, w.rejections, w.duties = findings, uses, rejections, duties
}

// wipe empties a slice and forgets what it held, but keeps its room. Whoever makes one shorter in another way leaves
// something behind.
func wipe[T any](s []T) []T {
	if len(s) > 0 {
		clear(s)
	}
	return s[:0]
}

// own is a copy without room to spare; nil of nothing.
func own[T any](s []T) []T {
	if len(s) == 0 {
		return nil
	}
	return slices.Clip(slices.Clone(s)) // decisions share it: whoever appends must not write into what another has
}

// ownUses is own of the uses, in the room that was given, if there is enough.
func (e *evaluation) ownUses() []use {
	if len(e.uses) == 0 {
		return nil
	}
	e.room = append(e.room[:0], e.uses...)
	return e.room
}

// block denies fields whatever the activity.
func (e *evaluation) block(code Code, fields purpose.FieldSet, param, evidence string) {
	e.blocked = e.blocked.Or(fields)
	e.findings = append(e.findings, finding{code: code, param: param, evidence: evidence, fields: fields})
}

// cite gives the last finding a clause of its own.
func (e *evaluation) cite(clause string) { e.findings[len(e.findings)-1].clause = clause }

// fail denies fields under one activity.
func (e *evaluation) fail(code Code, a *activity, fields purpose.FieldSet, param, evidence string) {
	e.failed = e.failed.Or(fields)
	e.findings = append(e.findings, finding{code: code, act: a, param: param, evidence: evidence, fields: fields})
}

// gates runs every gate but the policies. The order of the code is the order of the gates, but for
// those that depend on the activity, which are run together for each.
func (e *evaluation) gates() {
	e.records = purpose.Filed{Register: e.t.reg, Wide: e.org}
	if e.notice < 0 {
		e.block(CodeNoNotice, e.want, "", "")
	}
	e.factsGate()
	e.roleGate()
	e.prohibitionGate()
	e.restrictionGate()
	for i := range e.k.locks {
		if fs := e.k.locks[i].fields.And(e.want); !fs.Empty() {
			e.block(CodeLocked, fs, e.k.locks[i].Law, "")
			e.cite(e.k.locks[i].Clause)
		}
	}
	if fs := e.want.Without(e.k.tagged); !fs.Empty() {
		e.block(CodeTagPurpose, fs, "", "")
	}
	for i := range e.want.Without(e.k.covered).All {
		var fs purpose.FieldSet
		fs.Add(i)
		e.block(CodeNotCovered, fs, e.t.reg.Categories().Key(e.pc.plan.Fields[i].Category), "")
	}
	e.objectionGate()
	e.recipientGate()
	for i := range e.k.acts {
		e.activity(&e.k.acts[i])
	}
}

// activity runs the gates that depend on the activity over the fields that no earlier one passed.
func (e *evaluation) activity(a *actFields) {
	fields := a.fields.And(e.want).Without(e.passed)
	if fields.Empty() {
		return
	}
	e.failed = purpose.FieldSet{}
	if e.notice >= 0 && a.notices&(1<<e.notice) == 0 {
		e.fail(CodeNoticeBefore, a.activity, fields, a.Key, "")
	}
	if a.actions&(1<<e.req.Action) == 0 {
		e.fail(CodeAction, a.activity, fields, a.Key, "")
	}
	for i := range e.people {
		p := &e.people[i]
		if fs := fields.And(e.pc.people[p.role]); !fs.Empty() && !a.Anyone() && !slices.ContainsFunc(a.Capacities, p.state.HasCapacity) {
			e.fail(CodeCapacity, a.activity, fs, a.Key, "")
		}
	}
	e.conditions(a.Conditions, CodeCondition, a.activity, fields)
	e.sourceGate(a, fields)
	if e.req.Action != purpose.Collect {
		e.retentionGate(a, fields)
	}
	mark := len(e.uses)
	e.basisGate(a, fields)
	if !a.ground.Empty() {
		e.overlayGate(a, fields)
	}
	e.automatedGate(a, fields)
	if e.req.Action == purpose.Share {
		e.grantGate(a, fields)
	}
	e.passed = e.passed.Or(fields.Without(e.failed))
	e.keepUses(mark)
}

// keepUses drops, from the uses added since mark, the fields that another gate of the activity failed.
func (e *evaluation) keepUses(mark int) {
	if e.failed.Empty() {
		return
	}
	for i := mark; i < len(e.uses); i++ {
		u := &e.uses[i]
		u.fields = u.fields.Without(e.failed)
	}
}

// basisGate tries the claims in order, for every person whose fields are asked for.
func (e *evaluation) basisGate(a *actFields, fields purpose.FieldSet) {
	for i := range e.people {
		p := &e.people[i]
		left := fields.And(e.pc.people[p.role])
		if left.Empty() {
			continue
		}
		cc := e.circumstances(p)
		for j := range a.claims {
			c := &a.claims[j]
			fs := left.And(c.fields)
			if fs.Empty() {
				continue
			}
			r := c.Test(&cc)
			switch {
			case r.Status == basis.Holds:
				e.uses = append(e.uses, use{a.activity, c.Claim, r.Evidence, fs})
				left = left.Without(fs)
			case r.Code == basis.CodeConsentCategory:
				left = left.Without(e.perCategory(a, c, cc, fs))
			default:
				e.rejections = append(e.rejections, rejection{a.activity, c.Claim, r, fs})
			}
			if left.Empty() {
				break
			}
		}
		if !left.Empty() {
			e.noBasis(a, &cc, left)
		}
	}
}

// perCategory tests a claim that covers some categories only, field by field.
func (e *evaluation) perCategory(a *actFields, c *claimFields, cc basis.Circumstances, fields purpose.FieldSet) (held purpose.FieldSet) {
	for f := range fields.All {
		var one purpose.FieldSet
		one.Add(f)
		cc.Category = e.t.reg.Categories().Key(e.pc.plan.Fields[f].Category)
		if r := c.Test(&cc); r.Status == basis.Holds {
			held.Add(f)
			e.uses = append(e.uses, use{a.activity, c.Claim, r.Evidence, one})
		} else {
			e.rejections = append(e.rejections, rejection{a.activity, c.Claim, r, one})
		}
	}
	return held
}

// noBasis says of each claim why it does not hold for the fields that are left.
func (e *evaluation) noBasis(a *actFields, cc *basis.Circumstances, left purpose.FieldSet) {
	for j := range a.claims {
		c := &a.claims[j]
		if outside := left.Without(c.fields); !outside.Empty() {
			e.fail(CodeBasisTag, a.activity, outside, c.Basis.String(), "")
		}
		fs := left.And(c.fields)
		if fs.Empty() {
			continue
		}
		if r := c.Test(cc); r.Status != basis.Holds {
			e.fail(claimCode(r.Code), a.activity, fs, claimParam(c.Claim, r), r.Evidence)
		}
	}
	e.failed = e.failed.Or(left)
}

// claimCode is the reason that a claim's code makes.
func claimCode(c basis.Code) Code {
	if code := Code("basis." + string(c)); codes[code].text != "" {
		return code
	}
	return CodeBasis
}

// claimParam is the key that the text of the reason speaks of.
func claimParam(c *basis.Claim, r basis.Result) string {
	switch {
	case c.Basis == basis.Consent && len(c.All) == 0:
		return c.Scope
	case r.Code == basis.CodeLawNotInForce:
		return r.Evidence
	case c.Scope != "":
		return c.Scope
	case c.Assessment != "":
		return c.Assessment
	}
	return c.Basis.String()
}

// finish joins what the register and the policies say and keeps the findings that explain a denial.
func (e *evaluation) finish() {
	d := e.d
	d.ReferTo, d.machine = e.referTo, e.automated
	if e.answer == nil {
		d.used, d.rejected, d.duties = e.ownUses(), own(e.rejections), own(e.duties)
	}
	d.permitted = e.passed.And(e.want).Without(e.blocked)
	denied := e.want.Without(d.permitted)
	switch {
	case d.permitted.Empty():
		d.Outcome = OutcomeDenied
	case denied.Empty():
		d.Outcome = OutcomePermitted
	default:
		d.Outcome = OutcomePartial
	}
	kept := e.findings[:0]
	for i := range e.findings {
		f := e.findings[i]
		f.fields = f.fields.And(denied)
		if f.act != nil {
			f.fields = f.fields.Without(e.passed)
		}
		if !f.fields.Empty() {
			kept = append(kept, f)
		}
	}
	d.findings = own(kept)
	d.redacts = purpose.FieldSet{}
	for i := range d.redactions {
		d.redacts = d.redacts.Or(d.redactions[i].Fields.And(d.permitted))
	}
}

// personDecides reports whether some field waits for a person and for nothing else: all that one activity finds against it
// is left to a person, and nothing stands in the way whatever the activity.
func personDecides(findings []finding) bool {
	for i := range findings {
		if !findings[i].code.leftToPerson() {
			continue
		}
		fields := findings[i].fields
		for j := range findings {
			if f := &findings[j]; !f.code.leftToPerson() && (f.act == nil || f.act == findings[i].act) {
				fields = fields.Without(f.fields)
			}
		}
		if !fields.Empty() {
			return true
		}
	}
	return false
}

func (c Code) leftToPerson() bool { return c == CodeRetentionUndecided || c == CodeAutomatedPerson }
