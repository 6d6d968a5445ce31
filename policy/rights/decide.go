package rights

import (
	"context"
	"slices"
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
)

// decide answers a request that was checked.
func (d *Desk) decide(ctx context.Context, req *Request) (Outcome, error) {
	p, err := d.person(ctx, req.DataSubject, time.Time{}, time.Time{})
	if err != nil {
		return Outcome{}, err
	}
	c := &d.spec.Controller
	o := Outcome{ID: req.ID, Kind: req.Kind, At: p.at, RegisterDigest: d.reg.Digest(), Authority: c.Authority, Officer: c.Officer}
	right, _ := d.reg.RightOf(req.Kind)
	o.Clause = right.Clause
	_, o.Notice, _ = d.reg.NoticeAt(p.at)
	if o.Clock, err = d.Due(req.Kind, Timing{Received: req.Received}); err != nil {
		return Outcome{}, err
	}
	switch {
	case d.elsewhere(req, &o):
	case d.excessive(req, &o):
	default:
		d.formal(req, &right, &o)
		if len(o.Reasons) > 0 && !d.theirs(req, &o) {
			o.Result = Refused
			break
		}
		if err := d.answer(p, req, &right, &o); err != nil {
			return Outcome{}, err
		}
	}
	o.refers()
	if o.Result == Refused || o.Result == Partial {
		o.Obligations = appendNew(o.Obligations, TellReasons)
	}
	return o, nil
}

// elsewhere refers a request that is about another controller's processing.
func (d *Desk) elsewhere(req *Request, o *Outcome) bool {
	r := d.recipients[req.Organisation]
	if req.Organisation == "" || r == nil || r.Kind == purpose.Processor || r.Kind == purpose.JointController {
		return false // its own, or one that acts for it or with it (GDPR Art. 26(3), 28)
	}
	o.Result, o.ReferTo = Referred, []string{r.Key}
	o.because(CodeOtherController, r.Key)
	return true
}

// excessive refuses what a named person found manifestly unfounded or excessive, for recorded reasons (GDPR Art. 12(5)).
func (d *Desk) excessive(req *Request, o *Outcome) bool {
	if req.Finding.Verdict != Excessive || !req.Finding.counts() {
		return false
	}
	if req.Finding.Reference == "" {
		o.Result = Escalated
		o.because(CodeReferenceMissing, "")
		return true
	}
	o.Result = Refused
	o.Reasons = append(o.Reasons, Reason{Code: CodeExcessive, Evidence: req.Finding.Reference})
	return true
}

// formal tests what the notice asks of a request of this kind, all of it.
func (d *Desk) formal(req *Request, right *purpose.Right, o *Outcome) {
	if !unconditional(req.Kind) {
		switch {
		case req.Identity == Doubted:
			o.because(CodeIdentityDoubted, "")
			o.Missing = append(o.Missing, "identity")
		case right.Identity && req.Identity != Proven:
			o.because(CodeIdentityMissing, "")
			o.Missing = append(o.Missing, "identity")
		}
	}
	if req.Channel != "" && len(right.Channels) > 0 && !slices.Contains(right.Channels, req.Channel) {
		o.because(CodeChannel, req.Channel)
		o.Missing = append(o.Missing, "channel")
	}
	states := right.States
	if req.Kind == purpose.ObjectionRight {
		// GDPR Art. 21(1) wants grounds that relate to the particular situation, Art. 21(2) wants none.
		if states = slices.DeleteFunc(slices.Clone(states), func(s string) bool { return s == "grounds" }); !d.marketingOnly(req.Purposes) {
			states = append(states, "grounds")
		}
	}
	for _, s := range states {
		if !slices.Contains(req.Stated, s) && !(s == "grounds" && req.Ground != NoGround) {
			o.because(CodeStatement, s)
			o.Missing = append(o.Missing, s)
		}
	}
	for i := range right.Conditions {
		if holds, _ := right.Conditions[i].Holds(req.Facts); !holds {
			o.because(CodeConditionUnmet, right.Conditions[i].Fact)
		}
	}
}

// theirs reports whether all that is held is other controllers': they ask of the request what their notices ask. Who asks
// must be known all the same, to be told whose data is held.
func (d *Desk) theirs(req *Request, o *Outcome) bool {
	if !d.forOthers(req) || slices.Contains(o.Missing, "identity") {
		return false
	}
	o.Reasons, o.Missing = nil, nil
	return true
}

// forOthers reports whether something is held, and all of it as a processor.
func (d *Desk) forOthers(req *Request) bool {
	return len(req.Holdings) > 0 && !slices.ContainsFunc(req.Holdings, func(h Holding) bool {
		ds := d.datasets[h.Dataset]
		return ds == nil || ds.Role != purpose.AsProcessor
	})
}

// unconditional rights wait for no proof of identity: a mistake costs the person nothing that a word cannot restore.
func unconditional(k purpose.RightKind) bool {
	return k == purpose.MarketingObjectionRight || k == purpose.WithdrawalRight || k == purpose.ComplaintRight
}

// marketingOnly reports whether all purposes are direct marketing; none is not.
func (d *Desk) marketingOnly(nodes []string) bool {
	leaves := d.leaves(nodes)
	return len(leaves) > 0 && !slices.ContainsFunc(leaves, func(leaf string) bool { return !d.marketing(leaf) })
}

func (d *Desk) marketing(leaf string) bool {
	id, ok := d.reg.Purposes().ID(leaf)
	return ok && d.reg.Marketing(id)
}

// leaves of the purpose tree at or below nodes, in order.
func (d *Desk) leaves(nodes []string) (list []string) {
	if len(nodes) == 0 {
		return nil
	}
	tree := d.reg.Purposes()
	for id := range tree.Below(nodes...).All {
		if tree.Leaf(id) {
			list = append(list, tree.Key(id))
		}
	}
	return list
}

// answer decides what the right itself asks.
func (d *Desk) answer(p *person, req *Request, right *purpose.Right, o *Outcome) error {
	all := func(*Holding, *Item) error { return nil }
	switch req.Kind {
	case purpose.AccessRight, purpose.CopyRight:
		return d.each(req, o, Granted, all)
	case purpose.RectificationRight:
		return d.rectification(req, o)
	case purpose.ErasureRight:
		return d.erasure(p, req, right, o)
	case purpose.RestrictionRight:
		return d.restriction(req, right, o)
	case purpose.PortabilityRight:
		return d.portability(p, req, o)
	case purpose.ObjectionRight, purpose.MarketingObjectionRight, purpose.WithdrawalRight:
		if d.forOthers(req) { // whoever it is held for has to hear it
			return d.each(req, o, Referred, all)
		}
		return d.will(p, req, o)
	case purpose.ReviewRight:
		return d.review(req, o)
	case purpose.ComplaintRight:
		if o.Result = Granted; o.Authority == "" {
			o.Result = Escalated
			o.because(CodeAuthorityMissing, "")
		}
	}
	return nil
}

// will carries out what the person wants no longer.
func (d *Desk) will(p *person, req *Request, o *Outcome) error {
	switch req.Kind {
	case purpose.ObjectionRight:
		return d.objection(p, req, o)
	case purpose.MarketingObjectionRight:
		return d.marketingObjection(req, o)
	}
	return d.withdrawal(p, req, o)
}

// each makes an item of every holding that the request is about, granted unless decide says otherwise. Empty is the result
// where nothing is held.
func (d *Desk) each(req *Request, o *Outcome, empty Result, decide func(*Holding, *Item) error) error {
	except := d.exceptions(req.Kind, o.At)
	for i, h := range d.holdings(req) {
		if h.Category != "" && len(req.Categories) > 0 && !d.reaches(req.Categories, h.Category) {
			continue // it was not asked for
		}
		x := Item{Part: h.Category, Field: h.Field, Dataset: h.Dataset, Holding: i, Result: Granted}
		if i >= len(req.Holdings) {
			x.Holding = -1
		}
		if x.Part == "" {
			x.Part = h.Dataset
		}
		if !d.beyond(req, h, &x, except) {
			if err := decide(h, &x); err != nil {
				return err
			}
		}
		if x.Result == Referred {
			o.Obligations = appendNew(o.Obligations, ForwardRequest)
		}
		o.Items = append(o.Items, x)
	}
	o.settle(empty)
	return nil
}

// beyond answers for a holding that the right does not reach whatever it asks.
func (d *Desk) beyond(req *Request, h *Holding, x *Item, except []purpose.RightException) bool {
	shows := showing(req.Kind)
	switch ds := d.datasets[h.Dataset]; {
	case h.Withheld != "":
		x.Result, x.Silent = Outside, true
		x.Reasons = []Reason{{Code: CodeWithheld, Param: h.Withheld, Law: h.Withheld}}
	case ds != nil && ds.Role == purpose.AsProcessor:
		x.Result, x.ReferTo = Referred, h.Controller
		if x.ReferTo == "" {
			x.ReferTo = ds.OnBehalfOf
		}
		x.Reasons = []Reason{{Code: CodeProcessor, Param: x.ReferTo, Clause: ds.Clause}}
	case h.Dataset == "" && d.foreign && x.Holding >= 0:
		x.Result, x.Reasons = Escalated, []Reason{{Code: CodeDatasetMissing}}
	case h.Person != "" && h.Person != req.DataSubject:
		if x.Reasons = []Reason{{Code: CodeAnotherPerson}}; shows {
			x.Result = Outside // GDPR Art. 15(4), 20(4)
		} else {
			x.Result = Refused
		}
	default:
		i := slices.IndexFunc(except, func(e purpose.RightException) bool { return h.Category != "" && d.reaches(e.Categories, h.Category) })
		if i < 0 {
			return false
		}
		if x.Reasons = []Reason{{Code: CodeWithheld, Param: except[i].Law, Law: except[i].Law, Clause: except[i].Clause}}; shows || except[i].Silent {
			x.Result, x.Silent = Outside, except[i].Silent
		} else {
			x.Result = Refused
		}
	}
	return true
}

// showing reports whether the right is to see data: what is kept out of it is left out, and refuses nothing.
func showing(k purpose.RightKind) bool {
	return k == purpose.AccessRight || k == purpose.CopyRight || k == purpose.PortabilityRight
}

// exceptions are what a law in force keeps out of a right. A copy holds no more than an access report.
func (d *Desk) exceptions(k purpose.RightKind, at time.Time) (list []purpose.RightException) {
	for i := range d.spec.Rights {
		if x := &d.spec.Rights[i]; x.Kind == k || x.Kind == purpose.AccessRight && k == purpose.CopyRight {
			for _, e := range x.Except {
				if d.reg.LawInForce(e.Law, at) {
					list = append(list, e)
				}
			}
		}
	}
	return list
}

// holdings are those of the request, and one for each category that it names and of which it lists none.
func (d *Desk) holdings(req *Request) (list []*Holding) {
	for i := range req.Holdings {
		list = append(list, &req.Holdings[i])
	}
	tree := d.reg.Categories()
	for _, node := range req.Categories {
		if slices.ContainsFunc(req.Holdings, func(h Holding) bool { return h.Category != "" && d.reaches([]string{node}, h.Category) }) {
			continue
		}
		for id := range tree.Below(node).All {
			if tree.Leaf(id) {
				list = append(list, &Holding{Category: tree.Key(id)})
			}
		}
	}
	return list
}

// rectification corrects and completes (GDPR Art. 16), unless a named person found the data right.
func (d *Desk) rectification(req *Request, o *Outcome) error {
	wrong := req.Finding.Verdict == Unfounded && req.Finding.counts()
	err := d.each(req, o, Granted, func(h *Holding, x *Item) error {
		if wrong {
			x.Result = Refused
			x.Reasons = []Reason{{Code: CodeAccurate, Evidence: req.Finding.Reference}}
		}
		return nil
	})
	if wrong && len(o.Items) == 0 {
		o.Result = Refused
		o.because(CodeAccurate, "")
	}
	if o.Result == Granted || o.Result == Partial {
		o.Obligations = appendNew(o.Obligations, NotifyRecipients)
	}
	return err
}

// restrictionReasons are the grounds of GDPR Art. 18(1), as the ledger records them, and those that a notice may add.
var restrictionReasons = map[Ground]string{Inaccurate: "accuracy-contested", Unlawful: "unlawful", LegalClaims: "legal-claims", ObjectionPending: "objection-pending",
	Incomplete: "accuracy-contested", Irrelevant: "unlawful"}

// restriction limits what is named to storage. The accuracy is contested when the person says so: it is examined afterwards.
// Whether data is irrelevant, where the notice restricts it for that, somebody must find before.
func (d *Desk) restriction(req *Request, right *purpose.Right, o *Outcome) error {
	if d.marketingOnly(req.Purposes) { // who limits direct marketing objects to it, in other words
		return d.marketingObjection(req, o)
	}
	reason := restrictionReasons[req.Ground]
	if (req.Ground == Incomplete || req.Ground == Irrelevant) && !slices.Contains(right.Grounds, req.Ground.String()) {
		reason = ""
	}
	result, why := Granted, Reason{Evidence: req.Finding.Reference}
	switch {
	case reason == "":
		result, why = Refused, Reason{Code: CodeGroundMissing}
		o.Missing = append(o.Missing, "ground")
	case req.Finding.Verdict == Unfounded && req.Finding.counts():
		result, why.Code = Refused, CodeUnfounded
	case req.Ground == Irrelevant && !req.Finding.counts():
		result, why = Escalated, Reason{Code: CodePersonDecides, Param: req.Ground.String()}
	}
	err := d.each(req, o, result, func(_ *Holding, x *Item) error {
		if x.Result = result; result != Granted {
			x.Reasons = []Reason{why}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if result != Granted && o.Result == result {
		o.Reasons = append(o.Reasons, why)
	}
	if o.Result != Granted && o.Result != Partial {
		return nil
	}
	categories := slices.Clone(req.Categories)
	if o.Result == Partial { // the rest is another's
		categories = o.Of(Granted)
	}
	slices.Sort(categories)
	o.effects = append(o.effects, effect{body: basis.RestrictionImposed{Categories: slices.Compact(categories), Reason: reason}})
	o.Obligations = appendNew(o.Obligations, NotifyRecipients, InformBeforeLifting)
	return nil
}

// review lets a named person look at an automated decision again (GDPR Art. 22(3)).
func (d *Desk) review(req *Request, o *Outcome) error {
	switch {
	case req.DecisionID == "":
		o.Result = Refused
		o.because(CodeDecisionMissing, "")
		o.Missing = append(o.Missing, "decision")
	case req.Reviewer == "":
		o.Result = Escalated
		o.because(CodeReviewerMissing, "")
	default:
		o.Result = Granted
	}
	o.Obligations = appendNew(o.Obligations, HumanIntervention, HearThePerson)
	return nil
}
