package acceptance

import (
	"context"
	"fmt"
	"maps"
	"slices"
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

// held lists what is held on the person, and what the request is about: the data of the case, whole datasets where it
// names no field, else the fields that are asked for.
func (w *World) held(req *rights.Request) {
	asked := w.Case.Request.Texts("fields")
	var names []string
	for _, d := range w.Case.Given.Data {
		switch f := d.Text("field"); {
		case f != "":
			names = append(names, f)
		case len(asked) == 0 && w.forOthers(d): // whoever it is held for knows what is in it
			x := rights.Holding{Controller: d.Text("controller"), ObtainedFor: d.Texts("obtained_for")}
			x.Dataset, _ = w.dataset(d.Text("dataset"))
			req.Holdings = append(req.Holdings, x)
		case req.Kind == purpose.AccessRight || req.Kind == purpose.CopyRight:
			for _, x := range w.everything() {
				x.Field, x.Controller, x.ObtainedFor = "", d.Text("controller"), d.Texts("obtained_for")
				x.Dataset, _ = w.dataset(d.Text("dataset"))
				req.Holdings = append(req.Holdings, x)
			}
		}
	}
	for _, f := range asked {
		if !slices.Contains(names, f) {
			names = append(names, f)
		}
	}
	for _, f := range sorted(names) {
		list, err := w.holdings(f)
		if err != nil {
			w.Closed("fields.%s: %v", f, err)
			continue
		}
		req.Holdings = append(req.Holdings, w.copies(f, list)...)
		if slices.Contains(asked, f) {
			for _, x := range list {
				req.Categories = append(req.Categories, x.Category)
			}
		}
	}
	req.Holdings = append(req.Holdings, w.Held...)
	req.Categories = sorted(req.Categories)
}

// forOthers reports whether a datum is in a dataset that the controller holds as a processor.
func (w *World) forOthers(d Object) bool {
	name, _ := w.dataset(d.Text("dataset"))
	return slices.ContainsFunc(w.Spec.Datasets, func(x purpose.Dataset) bool { return x.Key == name && x.Role == purpose.AsProcessor })
}

// copies are the holdings of a field in every dataset that the case gives the person: where it says of no datum which dataset
// the field is in, each has it.
func (w *World) copies(field string, list []rights.Holding) (all []rights.Holding) {
	for _, d := range w.Case.Given.Data {
		if d.Text("field") == field {
			return list
		}
		if name, ok := w.dataset(d.Text("dataset")); ok && !d.Has("field") {
			for _, x := range list {
				x.Dataset, x.Controller, x.ObtainedFor = name, d.Text("controller"), d.Texts("obtained_for")
				all = append(all, x)
			}
		}
	}
	if len(all) == 0 {
		return list
	}
	return all
}

// rightDetail is what a case may compare.
func (w *World) rightDetail(r *Result, req *rights.Request, o *rights.Outcome) {
	in := map[string][]string{} // the datasets of a field: one that is in several is named by each
	for i := range o.Items {
		if x := &o.Items[i]; !slices.Contains(in[x.Field], x.Dataset) {
			in[x.Field] = append(in[x.Field], x.Dataset)
		}
	}
	// What is handed over and what is passed on are decided apart; the data that both are about are those included.
	parts := slices.ContainsFunc(o.Items, func(x rights.Item) bool { return x.Part == rights.PartDirectTransfer })
	fields := func(result rights.Result, why ...rights.Code) (list []string) {
		for i := range o.Items {
			x := &o.Items[i]
			if x.Result != result || parts && x.Holding >= 0 && result != rights.Referred {
				continue
			}
			if len(why) > 0 && !slices.ContainsFunc(x.Reasons, func(y rights.Reason) bool { return slices.Contains(why, y.Code) }) {
				continue
			}
			name := or(x.Field, x.Part)
			if x.Dataset != "" && (x.Field == "" || len(in[x.Field]) > 1) {
				name = "dataset:" + x.Dataset
			}
			list = append(list, name)
		}
		return sorted(list)
	}
	contain := []string{}
	if o.Authority != "" {
		contain = append(contain, "authority")
	}
	if o.Officer != "" {
		contain = append(contain, "dpo")
	}
	r.Detail = map[string]any{
		"grant": fields(rights.Granted), "refuse": fields(rights.Refused), "refer": fields(rights.Referred), "include": fields(rights.Granted),
		"erase": fields(rights.Granted), "must_keep": fields(rights.Refused, rights.CodeLegalObligation), "obligations": o.Obligations, "must_contain": contain,
		"due": o.Clock.Due.String(),
	}
}

// deadline says until when a request must be answered.
func (w *World) deadline(h *house, r *Result) {
	facts := w.Case.Given.Facts
	kind, ok := rightKind(w.Case.Request.Object("about").Text("deadline_for"))
	if !ok {
		r.Err = fmt.Errorf("unknown right")
		return
	}
	desk, err := h.desk()
	if err != nil {
		r.Err = err
		return
	}
	var t rights.Timing
	if t.Received, ok = instant(facts["received"], w.Zone); !ok {
		r.Err = fmt.Errorf("facts.received is no time")
		return
	}
	if at, ok := instant(facts["answered"], w.Zone); ok {
		t.Answered = at
	}
	if x := facts.Object("extended"); x != nil {
		t.Told, _ = instant(x["informed_at"], w.Zone)
		if x.Has("months") {
			if t.Extension, err = period(Object{"months": x["months"]}); err != nil {
				r.Err = err
				return
			}
		}
	}
	c, err := desk.Due(kind, t)
	if err != nil {
		r.Err = err
		return
	}
	r.Outcome = Report
	r.Detail = map[string]any{"due": c.Due.String(), "target": c.Aim.String(), "warn": c.Warn.String(), "status": progress(c.Progress(w.At), c.Own(w.At)),
		"legal": progress(c.Legal(w.At)), "aim": progress(c.Own(w.At)), "extended": fmt.Sprint(c.Extended)}
	right, _ := h.register.RightOf(kind)
	r.Entries, r.Clauses = []string{"right:" + kind.String()}, []string{right.Clause}
}

// progress names how a clock stands by the words of the cases: one that warns is open still, and an aim that was missed
// stays so.
func progress(p rights.Progress, own ...rights.Progress) (list []string) {
	for _, x := range append([]rights.Progress{p}, own...) {
		switch {
		case x == rights.AimMissed:
			list = append(list, "target_missed")
		case x == p:
			list = append(list, x.String())
		}
		if x == rights.Warned {
			list = append(list, "open")
		}
	}
	return sorted(list)
}
