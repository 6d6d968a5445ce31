package policy

import (
	"slices"
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// question is all that the gates read of a request about one person, beside its time, the person's state and what
// unasked leaves out. Equal questions about one state have equal answers until something in register, state or retention
// begins or ends.
type question struct {
	kase         *kase
	org          *basis.State
	want         purpose.FieldSet
	role         int
	action       purpose.Action
	mechanism    purpose.Mechanism
	reviewed     bool
	minor        bool
	organisation string
	from         string // country of the principal
	recipient    string
	country      string
	statute      string
	dataset      string
}

// answer is what the gates found on a question. It is never changed.
type answer struct {
	question
	from, until time.Time // from is included; a zero until is open
	notice      int
	version     string
	standing
}

// stands reports whether the gates would find the same at an instant.
func (a *answer) stands(at time.Time) bool {
	return !at.Before(a.from) && (a.until.IsZero() || at.Before(a.until))
}

// ask makes the question that the evaluation is about. It is false when the answer rests on more than that: on several people,
// on a stated time, on facts that the register asks for, on where the data came from.
func (e *evaluation) ask(s *session) bool {
	r := &e.req
	if len(e.people) != 1 || len(e.findings) > 0 || !s.req.At.IsZero() || !s.req.KnownAt.IsZero() {
		return false
	}
	if p := &r.Provenance; p.Source != "" || len(p.ObtainedFor) > 0 || p.Record != "" || !p.CollectedAt.IsZero() {
		return false
	}
	if len(r.Facts) > 0 && !e.unasked() {
		return false
	}
	q := &e.asked
	q.kase, q.org, q.want, q.role = e.k, e.org, e.want, e.people[0].role
	q.action, q.mechanism, q.reviewed, q.minor = r.Action, r.Mechanism, r.Reviewer != "", r.Minor
	q.organisation, q.from, q.recipient, q.country, q.statute, q.dataset = r.Principal.Organisation, r.Principal.Country, r.Recipient, r.Country, r.Statute, r.Dataset
	return true
}

// unasked reports whether the facts of the request are in order and no gate looks at them.
func (e *evaluation) unasked() bool {
	if e.k.asks || e.to != nil && len(e.to.Conditions) > 0 || slices.ContainsFunc(e.req.Facts, isInstant) {
		return false
	}
	e.factsGate()
	in := len(e.findings) == 0
	e.blocked, e.findings = purpose.FieldSet{}, wipe(e.findings)
	return in
}

// isInstant reports whether retention may count from a fact.
func isInstant(n purpose.NamedValue) bool { return n.Value.Type() == purpose.Instant }

// recall takes up what the gates found the last time, if it still stands.
func (e *evaluation) recall() bool {
	if e.people[0].view == nil {
		return false
	}
	a := e.people[0].view.slot(&e.asked).Load()
	if a == nil || a.question != e.asked || !a.stands(e.req.At) {
		return false
	}
	e.blocked, e.passed, e.referTo, e.automated = a.blocked, a.passed, a.referTo, a.automated
	e.findings = append(e.findings, a.findings...) // to which policies may add
	e.notice, e.d.Notice = a.notice, a.version
	e.lend(a)
	return true
}

// remember keeps what the gates found.
func (e *evaluation) remember() {
	a := &answer{question: e.asked, from: e.req.At.Round(0), notice: e.notice, version: e.d.Notice, standing: e.standing}
	a.findings, a.uses, a.rejections, a.duties = own(a.findings), own(a.uses), own(a.rejections), own(a.duties)
	var ok bool
	if a.until, ok = e.nextChange(); ok {
		e.people[0].view.slot(&e.asked).Store(a)
		e.lend(a)
	}
}

// lend gives the decision what it shares with others.
func (e *evaluation) lend(a *answer) {
	e.d.used, e.d.rejected, e.d.duties, e.lent = a.uses, a.rejections, a.duties, true
}

// nextChange is the first instant at which the gates may find something else though nothing is recorded; zero when there
// is none, false when nobody can tell.
func (e *evaluation) nextChange() (next time.Time, ok bool) {
	p := &e.people[0]
	next = sooner(e.t.reg.NextChange(e.req.At), p.state.Until)
	for i := range e.k.acts {
		for j := range e.k.acts[i].rules {
			a, err := retention.Decide(e.k.acts[i].rules[j].rules, p.facts, e.req.At)
			if err != nil {
				return next, false
			}
			next = sooner(next, a.NextChange)
		}
	}
	if e.org != nil {
		next = sooner(next, e.org.Until)
	}
	return next, true
}

// sooner is the earlier of two instants; zero is never.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
