package rights

import (
	"slices"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// erasure decides datum by datum (GDPR Art. 17).
func (d *Desk) erasure(p *person, req *Request, right *purpose.Right, o *Outcome) error {
	err := d.each(req, o, Refused, func(h *Holding, x *Item) error {
		k, err := d.keeping(p, h, req.Facts)
		if err == nil {
			x.Keeping = &k
			d.erasable(p, req, right, h, x)
		}
		return err
	})
	if len(o.Items) == 0 {
		o.because(CodeNothingHeld, "")
	}
	if err == nil && (o.Result == Granted || o.Result == Partial) {
		o.Obligations = appendNew(o.Obligations, NotifyRecipients, EraseDerived)
	}
	return err
}

// erasable decides about one datum. What a law or a claim keeps stays whatever the ground.
func (d *Desk) erasable(p *person, req *Request, right *purpose.Right, h *Holding, x *Item) {
	if x.kept(); len(x.Reasons) > 0 {
		x.Result = Refused
		return
	}
	if x.unclear(); len(x.Reasons) > 0 {
		x.Result = Escalated
		return
	}
	for i := range p.state.Holds { // one that came late keeps the datum until somebody has looked at it (Art. 17(3)(e))
		if hold := &p.state.Holds[i]; d.reaches(hold.Categories, h.Category) {
			x.Result, x.Reasons = Escalated, []Reason{{Code: CodeLegalClaims, Evidence: hold.Event}}
			return
		}
	}
	for i := range p.state.Restrictions {
		if r := &p.state.Restrictions[i]; d.reaches(r.Categories, h.Category) {
			x.Result, x.Reasons = Escalated, []Reason{{Code: CodeRestricted, Evidence: r.Event}}
			return
		}
	}
	founded := req.Finding.Verdict == Founded && req.Finding.counts()
	switch {
	case founded && examined(req.Ground, right):
		x.Reasons = []Reason{{Code: CodeFounded, Param: req.Ground.String(), Evidence: req.Finding.Reference}}
		return
	case x.Keeping.Status == retention.MustErase:
		x.Reasons = []Reason{x.Keeping.reason(CodeExpired)}
		return
	}
	x.needed()
	switch judged := req.Finding.counts(); {
	case len(x.Reasons) > 0 && examined(req.Ground, right) && !judged:
		x.Result, x.Reasons = Escalated, append([]Reason{{Code: CodePersonDecides, Param: req.Ground.String()}}, x.Reasons...)
	case len(x.Reasons) > 0 && examined(req.Ground, right):
		x.Result, x.Reasons = Refused, append([]Reason{{Code: CodeUnfounded, Evidence: req.Finding.Reference}}, x.Reasons...)
	case len(x.Reasons) > 0:
		x.Result = Refused
	default:
		if x.undecided(); len(x.Reasons) > 0 {
			x.Result = Escalated
			return
		}
		x.Reasons = []Reason{{Code: CodeNotNeeded}}
	}
}

// examined reports whether the ground is one that somebody must look into, by the law or the notice. Whether consent was
// withdrawn or an objection stands, the ledger knows.
func examined(g Ground, right *purpose.Right) bool {
	switch g {
	case Inaccurate, Irrelevant, Unlawful, ErasureDuty, ChildService: // GDPR Art. 5(1)(d), 17(1)(a), (d), (e), (f)
		return true
	case Incomplete:
		return slices.Contains(right.Grounds, g.String())
	}
	return false
}

// kept gives the reasons of GDPR Art. 17(3) for which the datum stays.
func (x *Item) kept() {
	k := x.Keeping
	for i := range k.Uses {
		u := &k.Uses[i]
		r := Reason{Purpose: u.Purpose, Clause: u.Clause, Rule: u.Answer.Because.Rule, Term: u.Answer.Term}
		switch {
		case u.floor():
			r.Code, r.Law, r.Clause = CodeLegalObligation, u.Answer.Because.Law, u.Answer.Because.Clause
		case u.Live && slices.Contains(u.Bases, basis.LegalObligation):
			r.Code = CodeLegalObligation
			if len(u.Laws) > 0 {
				r.Law = u.Laws[0]
			}
		case u.Live && slices.Contains(u.Bases, basis.PublicTask):
			r.Code = CodePublicTask
		default:
			continue
		}
		x.add(r)
	}
	if k.Status == retention.MustKeep && k.Because.Reason == retention.OnHold {
		r := k.reason(CodeLegalClaims)
		r.Evidence = k.Because.Ref
		x.add(r)
	}
}

// unclear gives the rules with a floor that nobody can tell of.
func (x *Item) unclear() {
	for i := range x.Keeping.Uses {
		u := &x.Keeping.Uses[i]
		if !u.Heard || u.Answer.Status != retention.PersonDecides {
			continue
		}
		switch u.Answer.Because.Reason {
		case retention.NoRule, retention.Unanswered, retention.ReviewOverdue, retention.FloorOver, retention.HoldLate:
			continue
		}
		x.add(Reason{Code: CodeUndecided, Param: u.Purpose, Purpose: u.Purpose, Rule: u.Answer.Because.Rule, Law: u.Answer.Because.Law, Clause: u.Answer.Because.Clause})
	}
}

// needed gives the purposes that may still use the datum on a basis that the person cannot end by asking. One that rests on
// consent alone is none: who asks for erasure does not consent.
func (x *Item) needed() {
	for i := range x.Keeping.Uses {
		if u := &x.Keeping.Uses[i]; u.Live && slices.ContainsFunc(u.Bases, func(b basis.Basis) bool { return b != basis.Consent }) {
			x.add(Reason{Code: CodeNeeded, Param: u.Purpose, Purpose: u.Purpose, Clause: u.Clause, Rule: u.Answer.Because.Rule, Law: u.Answer.Because.Law, Term: u.Answer.Term})
		}
	}
}

// undecided gives the purposes of which nobody has said whether they still need the datum.
func (x *Item) undecided() {
	for i := range x.Keeping.Uses {
		u := &x.Keeping.Uses[i]
		asked := u.Answer.Because.Reason == retention.Unanswered || u.Answer.Because.Reason == retention.ReviewOverdue
		if u.Heard && asked && u.Current && slices.ContainsFunc(u.Bases, func(b basis.Basis) bool { return b != basis.Consent }) {
			x.add(Reason{Code: CodeUndecided, Param: u.Purpose, Purpose: u.Purpose, Clause: u.Clause, Rule: u.Answer.Because.Rule})
		}
	}
}

// add adds a reason, but not the same one for another purpose again.
func (x *Item) add(r Reason) {
	same := func(o Reason) bool {
		return o.Code == r.Code && o.Rule == r.Rule && o.Law == r.Law && o.Evidence == r.Evidence && (r.Code != CodeNeeded || o.Purpose == r.Purpose)
	}
	if !slices.ContainsFunc(x.Reasons, same) {
		x.Reasons = append(x.Reasons, r)
	}
}

// reason is what decided about a datum.
func (k *Keeping) reason(c Code) Reason {
	return Reason{Code: c, Rule: k.Because.Rule, Law: k.Because.Law, Clause: k.Because.Clause, Term: k.Term}
}
