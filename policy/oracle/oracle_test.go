package oracle_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// gateSet is the gates that failed, as bits.
type gateSet uint32

func gateOf(gs ...policy.Gate) (s gateSet) {
	for _, g := range gs {
		s |= 1 << g
	}
	return s
}

func (s gateSet) String() string {
	var names []string
	for g := policy.GateRequest; g <= policy.GateRelease; g++ {
		if s&(1<<g) != 0 {
			names = append(names, g.String())
		}
	}
	return fmt.Sprint(names)
}

// fieldAnswer is what the oracle, or the guard, says of one field.
type fieldAnswer struct {
	path     string
	failed   gateSet // empty: permitted
	redacted bool
	mask     policy.Mask
	grounds  []string // activity, basis and evidence
}

// answer to a question.
type answer struct {
	fields      []fieldAnswer
	outcome     policy.Outcome
	obligations []string
	released    bool // by the guard, which then shows no decision
}

// trial is one question under judgement.
type trial struct {
	*oracle
	q     *question
	req   policy.Request
	at    time.Time
	seen  map[string]*view
	known time.Time
}

// view of a person at the time of the question.
func (t *trial) view(who string) *view {
	if v, ok := t.seen[who]; ok {
		return v
	}
	v := t.see(who, t.at, t.known)
	t.seen[who] = v
	return v
}

// judge answers a question.
func (o *oracle) judge(q *question) answer {
	t := &trial{oracle: o, q: q, req: q.req, at: q.req.At, known: q.req.KnownAt, seen: map[string]*view{}}
	if t.at.IsZero() {
		t.at = present
	}
	var a answer
	var asked []field
	for _, f := range q.target.fields {
		if len(q.paths) == 0 || slices.Contains(q.paths, f.path) {
			asked = append(asked, f)
		}
	}
	unknown := slices.Contains(q.paths, "Nome")
	malformed := unknown || t.malformed(len(asked))
	obligations := map[string]bool{}
	permitted := 0
	for _, f := range asked {
		fa := fieldAnswer{path: f.path}
		if malformed {
			fa.failed = gateOf(policy.GateRequest)
		} else {
			t.judgeField(f, &fa, obligations)
		}
		if fa.failed == 0 {
			permitted++
		}
		a.fields = append(a.fields, fa)
	}
	switch {
	case permitted == 0:
		a.outcome = policy.OutcomeDenied
	case permitted < len(asked):
		a.outcome = policy.OutcomePartial
	default:
		a.outcome = policy.OutcomePermitted
	}
	if !malformed && t.bent != dutiesIgnored {
		t.duties(asked, obligations, permitted)
	}
	if t.bent != obligationsIgnored {
		for _, s := range q.scripts {
			if s.fail == "" && permitted > 0 {
				for _, k := range s.obligations {
					obligations[k] = true
				}
			}
		}
		for k := range obligations {
			a.obligations = append(a.obligations, k)
		}
		slices.Sort(a.obligations)
	}
	return a
}

// malformed says whether the request says too little, or nothing that the register knows, to be judged at all.
func (t *trial) malformed(fields int) bool {
	r := &t.req
	p := &r.Principal
	long := func(list ...string) bool {
		return slices.ContainsFunc(list, func(s string) bool { return len(s) > 256 })
	}
	switch {
	case t.q.target.nilled, fields == 0:
	case len(p.Roles) > 64 || len(p.Tasks) > 64 || len(r.Facts) > 64 || len(r.Provenance.ObtainedFor) > 64:
	case long(p.ID, p.Organisation, p.Country, r.Purpose, r.DataSubject, r.Recipient, r.Country, r.Statute, r.Dataset, r.Provenance.Source, r.Provenance.Record, r.Reviewer, r.TraceID):
	case long(p.Roles...), long(p.Tasks...), long(r.Provenance.ObtainedFor...):
	case slices.ContainsFunc(r.Facts, func(f purpose.NamedValue) bool {
		return long(f.Fact, f.Value.Text()) || long(f.Value.Texts()...) || len(f.Value.Texts()) > 64
	}):
	case p.ID == "" || len(p.Roles) == 0 || slices.Contains(p.Roles, ""):
	case r.Action < purpose.Collect || r.Action > purpose.Decide:
	case !t.isLeaf(r.Purpose) || r.Purpose == disclosed:
	case r.At.After(present) || r.KnownAt.After(present):
	default:
		return false
	}
	return true
}

// judgeField lets one field pass every gate.
func (t *trial) judgeField(f field, fa *fieldAnswer, obligations map[string]bool) {
	failed := func(g policy.Gate, if_ bool) {
		if if_ {
			fa.failed |= gateOf(g)
		}
	}
	whose, known := t.whose(f.role)
	failed(policy.GateRequest, !known)
	n, inForce := t.notice(t.at)
	failed(policy.GateRegister, !inForce && t.bent != noticeIgnored)
	failed(policy.GateFacts, !t.declared() || !t.met(t.spec.Controller.Conditions))
	failed(policy.GateRole, !t.inRole(f.category))
	failed(policy.GateProhibition, t.banned(f.category, whose))
	failed(policy.GateLock, t.locked(f.category))
	failed(policy.GatePurpose, len(f.purposes) > 0 && !underAny(t.req.Purpose, f.purposes) && t.bent != tagPurposeIgnored)
	m := t.matter(f)
	for _, v := range whose {
		failed(policy.GateRestriction, (t.req.Action != purpose.Store || t.bent == restrictionStopsStore) && t.bent != restrictionIgnored && v.restricted(f.category, t.req.Purpose))
		if t.marketing(t.req.Purpose) && t.bent != marketingAsOwn {
			_, objected := v.objects(basis.Marketing, m)
			failed(policy.GateObjection, objected)
			_, named := v.objectsByName(m)
			failed(policy.GateObjection, named && t.bent != namedObjectionIgnored)
		}
		if _, own := v.objects(basis.OwnSituation, m); own && t.bent == ownAsAbsolute {
			failed(policy.GateObjection, true)
		}
	}
	failed(policy.GateRecipient, !t.received(f.category))
	if x := t.recipient(t.req.Recipient); x != nil && t.req.Action == purpose.Share {
		failed(policy.GateFacts, !t.stated(x.Conditions))
		failed(policy.GateRecipient, t.stated(x.Conditions) && !t.met(x.Conditions))
	}
	failed(policy.GateTransfer, !t.transferred(f, whose))
	failed(policy.GatePolicy, !t.needed(f.path, fa))
	t.activities(f, n.Version, whose, fa, obligations)
}

// matter is what claims about a field are tested for.
func (t *trial) matter(f field) matter {
	m := matter{leaf: t.req.Purpose, category: f.category, statute: t.req.Statute}
	if t.req.Action == purpose.Share {
		m.recipient = t.req.Recipient
	}
	return m
}

// whose are the people that a field is about; known is false where the record or the request does not say, or they
// contradict each other.
func (t *trial) whose(i int) (list []*view, known bool) {
	r := t.q.target.roles[i]
	ids := r.ids
	if r.byAsk {
		ids = []string{t.req.DataSubject}
	}
	if slices.Contains(ids, "") || len(ids) == 0 && !r.absent {
		return nil, false
	}
	known = true
	for _, id := range ids {
		if i == 0 && !r.byAsk && t.req.DataSubject != "" && t.req.DataSubject != id {
			known = false
		}
		list = append(list, t.view(id))
	}
	if t.bent == mainPersonOnly && i > 0 {
		main, _ := t.whose(0)
		return main, known
	}
	return list, known
}

// declared says whether the facts of the request are declared, of their type and in their lists.
func (t *trial) declared() bool {
	if t.bent == factsUnchecked {
		return true
	}
	for i, f := range t.req.Facts {
		ok := false
		for _, d := range t.spec.Facts {
			if d.Key != f.Fact || d.Type != f.Value.Type() {
				continue
			}
			ok = true
			texts := f.Value.Texts()
			if d.Type == purpose.Text {
				texts = []string{f.Value.Text()}
			}
			for _, text := range texts {
				if len(d.Values) > 0 && !slices.Contains(d.Values, text) {
					ok = false
				}
			}
		}
		if slices.ContainsFunc(t.req.Facts[:i], func(x purpose.NamedValue) bool { return x.Fact == f.Fact }) {
			ok = false // stated twice
		}
		if !ok {
			return false
		}
	}
	return true
}

// stated says whether every fact that conditions ask for is.
func (t *trial) stated(list []purpose.Condition) bool {
	for _, c := range list {
		if !slices.ContainsFunc(t.req.Facts, func(f purpose.NamedValue) bool { return f.Fact == c.Fact }) {
			return t.bent == missingFactPasses
		}
	}
	return true
}

// met says whether all conditions are: the fact is stated, and is one of the values, or not false, zero or empty.
func (t *trial) met(list []purpose.Condition) bool {
	for _, c := range list {
		ok := t.bent == missingFactPasses
		for _, f := range t.req.Facts {
			if f.Fact != c.Fact {
				continue
			}
			ok = len(c.Is) == 0 && f.Value.Truthy()
			for _, v := range c.Is {
				ok = ok || f.Value.Equal(v)
			}
			break
		}
		if !ok {
			return false
		}
	}
	return true
}

// banned says whether a prohibition reaches the field.
func (t *trial) banned(category string, whose []*view) bool {
	for _, p := range t.spec.Prohibited {
		if !underAny(category, p.Categories) || len(p.Purposes) > 0 && !underAny(t.req.Purpose, p.Purposes) ||
			len(p.Actions) > 0 && !slices.Contains(p.Actions, t.req.Action) ||
			len(p.Recipients) > 0 && !slices.Contains(p.Recipients, t.req.Recipient) ||
			len(p.Unless) > 0 && t.met(p.Unless) {
			continue
		}
		if t.bent == consentOpensBan && slices.ContainsFunc(whose, func(v *view) bool {
			return slices.ContainsFunc(t.spec.Scopes, func(s purpose.Scope) bool {
				_, ok := v.consents(&basis.Claim{Scope: s.Key}, matter{leaf: t.req.Purpose})
				return ok
			})
		}) {
			continue
		}
		return t.bent != prohibitionIgnored
	}
	return false
}

// duties adds what bans say is to be done instead; without a permitted field it is all that is owed.
func (t *trial) duties(asked []field, owed map[string]bool, permitted int) {
	if permitted == 0 {
		clear(owed)
	}
	for i := range t.spec.Prohibited {
		one := *t
		spec := *t.spec
		spec.Prohibited = t.spec.Prohibited[i : i+1]
		only := *t.oracle
		only.spec = &spec
		one.oracle = &only
		for _, f := range asked {
			whose, _ := t.whose(f.role)
			if one.banned(f.category, whose) {
				for _, k := range t.spec.Prohibited[i].Obligations {
					owed[k] = true
				}
			}
		}
	}
}

// locked says whether a statute reserves the field for other purposes.
func (t *trial) locked(category string) bool {
	for _, l := range t.spec.Locks {
		if underAny(category, l.Categories) && !t.covers(t.req.Purpose, l.Purposes) {
			return t.bent != lockIgnored
		}
	}
	return false
}

func (o *oracle) marketing(leaf string) bool {
	return slices.ContainsFunc(o.spec.Purposes, func(p purpose.Purpose) bool { return p.Marketing && under(leaf, p.Key) })
}

// needed says whether the policies let a field through, and how it is masked.
func (t *trial) needed(path string, fa *fieldAnswer) bool {
	permitted, ok := false, true
	for _, s := range t.q.scripts {
		if s.fail != "" {
			ok = false
			continue
		}
		permitted = permitted || s.permit[path]
		if s.deny[path] && (t.bent != permitWins || !s.permit[path]) {
			ok = false
		}
		for _, r := range s.redact {
			if !r.paths[path] || t.bent == redactionIgnored {
				continue
			}
			if r.mask > policy.Initials {
				ok = false
				continue
			}
			if fa.redacted && fa.mask != r.mask {
				fa.mask = policy.Remove
			} else if !fa.redacted {
				fa.mask = r.mask
			}
			fa.redacted = true
		}
	}
	return ok && permitted
}

// datum is what the request says of the data that is kept.
func (t *trial) datum() datum {
	x := datum{t.req.Provenance.CollectedAt, t.req.Provenance.Record, map[string]time.Time{}}
	for _, f := range t.req.Facts {
		if f.Value.Type() == purpose.Instant {
			x.days[f.Fact] = f.Value.Instant()
		}
	}
	return x
}

// rulesFor are the retention rules that an activity has for a category, with those of the field's tags.
func (t *trial) rulesFor(a *purpose.Activity, f field) (rules []*retention.Rule) {
	for i := range t.spec.Retention {
		r := &t.spec.Retention[i]
		if slices.Contains(a.Retention, r.Key) && (len(r.Categories) == 0 || underAny(f.category, r.Categories)) ||
			slices.Contains(f.rules, r.Key) && t.bent != tagRuleIgnored {
			rules = append(rules, r)
		}
	}
	return rules
}
