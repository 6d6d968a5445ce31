package policy

import (
	"math"
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

// questionOf is what the gates read of a request.
func questionOf(k *kase, want purpose.FieldSet, role int, org *basis.State, r *Request) question {
	return question{kase: k, org: org, want: want, role: role, action: r.Action, mechanism: r.Mechanism, reviewed: r.Reviewer != "", minor: r.Minor,
		organisation: r.Principal.Organisation, from: r.Principal.Country, recipient: r.Recipient, country: r.Country, statute: r.Statute, dataset: r.Dataset}
}

// about reports whether the question is what questionOf would make.
func (q *question) about(k *kase, want *purpose.FieldSet, role int, org *basis.State, r *Request) bool {
	return q.kase == k && q.org == org && q.want == *want && q.role == role && q.action == r.Action && q.mechanism == r.Mechanism &&
		q.reviewed == (r.Reviewer != "") && q.minor == r.Minor && q.organisation == r.Principal.Organisation && q.from == r.Principal.Country &&
		q.recipient == r.Recipient && q.country == r.Country && q.statute == r.Statute && q.dataset == r.Dataset
}

// answer is what the gates found on a question. It is never changed.
type answer struct {
	question
	stretch
	notice  int
	version string
	standing
}

// stretch is when an answer stands, in microseconds since 1970. Until is not included.
type stretch struct{ since, until int64 }

// stands reports whether an instant lies within.
func (s *stretch) stands(at time.Time) bool {
	now := at.UnixMicro()
	return s.since <= now && now < s.until
}

// asks reports whether a question is all that the answer rests on: not so with several people, a stated time, facts that the
// register asks for, or where it is said where the data came from.
func (e *evaluation) asks(s *session) bool {
	r := &e.req
	if len(e.people) != 1 || len(e.findings) > 0 || !s.req.At.IsZero() || !s.req.KnownAt.IsZero() {
		return false
	}
	return !r.Provenance.given() && (len(r.Facts) == 0 || e.unasked())
}

// given reports whether anything is said of where data came from.
func (p *Provenance) given() bool {
	return p.Source != "" || len(p.ObtainedFor) > 0 || p.Record != "" || !p.CollectedAt.IsZero()
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
	p := &e.people[0]
	if p.view == nil {
		return false
	}
	a := p.view.answer(e.k, e.req.Action, &e.want).Load()
	if a == nil || !a.about(e.k, &e.want, p.role, e.org, &e.req) || !a.stands(e.req.At) {
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
	p := &e.people[0]
	a := &answer{question: questionOf(e.k, e.want, p.role, e.org, &e.req), stretch: stretch{since: ceiling(e.req.At)}, notice: e.notice, version: e.d.Notice, standing: e.standing}
	a.findings, a.uses, a.rejections, a.duties = own(a.findings), own(a.uses), own(a.rejections), own(a.duties)
	if until, ok := e.nextChange(); ok {
		a.until = floor(until)
		p.view.answer(e.k, e.req.Action, &e.want).Store(a)
		e.lend(a)
	}
}

// ceiling is an instant in microseconds, rounded up.
func ceiling(t time.Time) int64 { return t.Add(time.Microsecond - 1).UnixMicro() }

// floor is when something ends in microseconds, rounded down; the end of what has none is never reached.
func floor(t time.Time) int64 {
	if t.IsZero() {
		return math.MaxInt64
	}
	return t.UnixMicro()
}

// lend gives the decision what it shares with others.
func (e *evaluation) lend(a *answer) {
	e.d.used, e.d.rejected, e.d.duties, e.answer = a.uses, a.rejections, a.duties, a
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
