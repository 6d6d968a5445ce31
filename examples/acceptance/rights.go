package acceptance

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/purpose"
)

// rightKinds are the rights by the names of the cases.
func rightKind(s string) (purpose.RightKind, bool) {
	var k purpose.RightKind
	if k.UnmarshalText([]byte(slug(s))) == nil {
		return k, true
	}
	switch s {
	case "inspection", "inspect":
		return purpose.AccessRight, true
	case "correction", "completion", "correct", "complete", "rectify":
		return purpose.RectificationRight, true
	case "removal", "remove", "deletion", "delete", "erase":
		return purpose.ErasureRight, true
	case "shielding", "shield", "restrict":
		return purpose.RestrictionRight, true
	case "data_portability", "export":
		return purpose.PortabilityRight, true
	case "object":
		return purpose.ObjectionRight, true
	case "withdraw", "withdraw_consent", "consent_withdrawal", "change_consent", "consent_change":
		return purpose.WithdrawalRight, true
	case "direct_marketing_objection", "restrict_marketing", "restrict_direct_marketing", "opt_out":
		return purpose.MarketingObjectionRight, true
	case "human_intervention", "human_review", "contest", "contest_decision", "automated_decision", "automated_decisions", "automated_decision_review":
		return purpose.ReviewRight, true
	}
	return 0, false
}

// contestedDecision is the decision that a case is about which contests one: there is no other.
const contestedDecision = "01HZ0000000000000000000001"

func (h *house) desk() (*rights.Desk, error) {
	return rights.NewDesk(h.register, h.ledger, h.trail, rights.WithClock(h.now), rights.WithPseudonyms(h.aliases))
}

// requestRight asks the desk.
func (w *World) requestRight(h *house, r *Result) {
	kind, ok := rightKind(w.Case.Request.Text("right"))
	if !ok {
		w.Unmapped("request.right %s", w.Case.Request.Text("right"))
		r.Err = fmt.Errorf("unknown right")
		return
	}
	desk, err := h.desk()
	if err != nil {
		r.Err = err
		return
	}
	req := w.rightRequest(kind)
	var o rights.Outcome
	switch kind {
	case purpose.AccessRight:
		o, err = w.accessReport(h, desk, &req, r)
	case purpose.PortabilityRight:
		o, err = w.export(h, desk, &req, r)
	default:
		o, err = desk.Serve(context.Background(), req)
	}
	if err != nil {
		r.Err = err
		return
	}
	o = o.Told()
	r.Outcome = rightOutcome(kind, o.Result)
	w.rightDetail(r, &req, &o)
	maps.Copy(r.Detail, r.Report)
	for _, x := range o.Reasons {
		r.Codes = append(r.Codes, strings.TrimSpace(string(x.Code)+" "+x.Param))
		r.Clauses = append(r.Clauses, x.Clause)
	}
	for i := range o.Items {
		x := &o.Items[i]
		r.Codes = append(r.Codes, or(x.Field, x.Part)+": "+x.Result.String())
		for _, y := range x.Reasons {
			r.Codes = append(r.Codes, strings.TrimSpace(string(y.Code)+" "+y.Param+" "+y.Rule))
			r.Entries, r.Clauses = append(r.Entries, "rule:"+y.Rule), append(r.Clauses, y.Clause)
		}
	}
	r.Entries = append(r.Entries, "right:"+kind.String())
	r.Clauses = append(r.Clauses, o.Clause)
	r.Codes, r.Entries, r.Clauses = sorted(r.Codes), sorted(r.Entries), sorted(r.Clauses)
}

// rightOutcome is the outcome of a case: what is granted is reported where the answer is information.
func rightOutcome(k purpose.RightKind, x rights.Result) string {
	switch x {
	case rights.Granted:
		switch k {
		case purpose.AccessRight, purpose.PortabilityRight, purpose.ComplaintRight:
			return Report
		}
		return Granted
	case rights.Partial:
		return Partial
	case rights.Referred:
		return Refer
	case rights.Escalated:
		return Escalate
	}
	return Refused
}

// rightRequest is the request as the person makes it.
func (w *World) rightRequest(kind purpose.RightKind) rights.Request {
	c, facts := w.Case.Request, w.Case.Given.Facts
	req := rights.Request{Kind: kind, DataSubject: w.Request.DataSubject, Received: w.At, Channel: slug(c.Text("channel")), Facts: w.Request.Facts,
		AddressedTo: w.org(c.Text("addressed_to")), Organisation: w.controllerNamed(), TransferTo: c.Text("to"),
		TransferFeasible: truthy(facts["transfer_feasible"]), Reviewer: or(facts.Text("human_reviewer"), c.Object("decision").Text("human_reviewer"))}
	if kind == purpose.ReviewRight && (!c.Has("decision") || truthy(c["decision"])) {
		req.DecisionID = contestedDecision
	}
	if c.Text("channel") == "" {
		req.Channel = ""
	}
	if at, ok := instant(facts["received"], w.Zone); ok {
		req.Received = at
	}
	switch proven, said := facts["identity_proven"].(bool); {
	case truthy(facts["identity_doubted"]) && !proven:
		req.Identity = rights.Doubted
	case proven, !said && !w.Notice.Vocabulary.ProveIdentity:
		req.Identity = rights.Proven
	}
	for _, key := range []string{"changes", "grounds"} {
		if truthy(c[key]) {
			req.Stated = append(req.Stated, key)
		}
	}
	req.Ground = w.ground(kind)
	req.Finding = w.finding()
	if p := w.Request.Purpose; p != "" {
		req.Purposes = []string{p}
	}
	if s := or(c.Text("scope"), c.Text("consent_scope")); s != "" {
		if key, ok := w.scope(s); ok {
			req.Scopes = []string{key}
		}
	}
	w.held(&req)
	return req
}

func (w *World) org(s string) string {
	if s == "" {
		return ""
	}
	return or(w.Notice.Vocabulary.Recipients[s], w.party(s))
}

// controllerNamed is the controller whose processing the request is about, where the case names one.
func (w *World) controllerNamed() string {
	return or(w.Of, w.org(w.Case.Request.Object("about").Text("controller")))
}

// ground is why the person asks.
func (w *World) ground(kind purpose.RightKind) rights.Ground {
	c := w.Case.Request
	if kind == purpose.ObjectionRight || kind == purpose.MarketingObjectionRight {
		if truthy(c["grounds"]) {
			return rights.OwnSituation
		}
		return rights.NoGround
	}
	switch or(c.Text("ground"), c.Text("reason")) {
	case "not_relevant", "irrelevant", "no_longer_needed", "excessive":
		return rights.Irrelevant
	case "incorrect", "inaccurate", "not_correct", "factually_wrong", "accuracy_contested":
		return rights.Inaccurate
	case "incomplete", "not_complete":
		return rights.Incomplete
	case "unlawful", "unlawful_processing", "contrary_to_law", "against_the_law":
		return rights.Unlawful
	case "consent_withdrawn":
		return rights.ConsentWithdrawn
	case "objection", "objected", "objection_pending":
		if kind == purpose.RestrictionRight {
			return rights.ObjectionPending
		}
		return rights.Objected
	case "legal_claims":
		return rights.LegalClaims
	}
	said := false
	for _, key := range []string{"ground", "grounds", "reason"} {
		said = said || c.Has(key)
	}
	if kind == purpose.RestrictionRight && !said {
		return rights.Inaccurate // a case that says nothing of the ground asks on the one that the notices name
	}
	return rights.NoGround
}

// finding is what somebody found about the ground: whether the facts are as the person says.
func (w *World) finding() (f rights.Finding) {
	c, facts := w.Case.Request, w.Case.Given.Facts
	found := func(v rights.Finds) rights.Finding {
		return rights.Finding{Verdict: v, By: "examiner", Reference: "examination"}
	}
	if b, ok := c["facts_true"].(bool); ok {
		if b {
			return found(rights.Founded)
		}
		return found(rights.Unfounded)
	}
	n := 0
	for _, key := range []string{"data_correct", "data_relevant", "lawful"} {
		b, said := facts[key].(bool)
		switch {
		case said && !b:
			return found(rights.Founded)
		case said:
			n++
		}
	}
	if n > 0 {
		return found(rights.Unfounded)
	}
	if truthy(facts["legal_ground_to_refuse"]) || truthy(facts["compelling_grounds"]) {
		return found(rights.Overridden)
	}
	return f
}
