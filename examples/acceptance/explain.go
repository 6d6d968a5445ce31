package acceptance

import (
	"slices"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// roles are the application roles of the cases (inventory, 0.2).
func roles() []string {
	return []string{"advisor", "credit_officer", "aml_officer", "bookkeeper", "collections_agent", "customer_service_agent", "marketing_agent", "web_analyst",
		"compliance_officer", "dpo", "property_manager", "security_officer", "letting_agent", "processor_operator", "it_operator", "system", "analyst",
		"hr_agent", "legal_counsel", "auditor"}
}

// explain answers what holds: the notice in force, who is controller, whether something was right in the past, when an
// answer is due.
func (w *World) explain(h *house, r *Result) {
	about := w.Case.Request.Object("about")
	if about.Has("deadline_for") {
		w.deadline(h, r)
		return
	}
	r.Outcome, r.Detail = Report, map[string]any{}
	at := w.At
	if t, ok := instant(about["at"], w.Zone); ok {
		at = t
	}
	i, version, ok := h.register.NoticeAt(at)
	if !ok {
		r.Outcome, r.Codes = Deny, []string{string(policy.CodeNoNotice)}
		return
	}
	spec := h.register.Spec()
	r.Detail["version"], r.Detail["dated"] = version, spec.Notices[i].From
	r.Detail["controller"], r.Detail["role"] = w.controllerOf(&spec)
	var processors []string
	for _, x := range spec.Recipients {
		if x.Kind == purpose.Processor {
			processors = append(processors, x.Key)
		}
	}
	r.Detail["processor"] = processors
	fields := w.Case.Request.Texts("fields")
	if list := about.Texts("fields"); len(list) > 0 {
		fields = list
	}
	if w.Request.Purpose == "" || len(fields) == 0 && !about.Has("action") {
		fields = w.purposeFields()
	}
	if about.Has("action") {
		w.past(h, r, fields)
		return
	}
	// What comes with a permit for the purpose now: a status is such an obligation.
	for _, role := range roles() {
		req := w.Request
		req.Action, req.Principal.Roles = purpose.Read, []string{role}
		a := w.ask(h, req, fields)
		var x Result
		x.decided(&a)
		if len(a.released) == 0 {
			continue
		}
		r.Detail["status"], r.Entries, r.Clauses = x.Detail["obligations"], x.Entries, x.Clauses
		break
	}
}

// controllerOf is who decides on the data of the case, and what the service is to them: a dataset that it holds as a
// processor is somebody else's.
func (w *World) controllerOf(spec *purpose.Spec) (name, role string) {
	if name, role = spec.Controller.Name, purpose.AsController.String(); w.Of != "" {
		return w.Of, ""
	}
	for _, d := range w.Case.Given.Data {
		key, _ := w.dataset(d.Text("dataset"))
		i := slices.IndexFunc(spec.Datasets, func(x purpose.Dataset) bool { return x.Key == key })
		if i < 0 {
			continue
		}
		if role = spec.Datasets[i].Role.String(); spec.Datasets[i].Role == purpose.AsProcessor {
			name = or(d.Text("controller"), spec.Datasets[i].OnBehalfOf)
		}
	}
	return name, role
}

// purposeFields are the categories of the purpose's activities, where a case names no field.
func (w *World) purposeFields() (list []string) {
	for _, a := range w.Spec.Activities {
		if contains(a.Purposes, w.Request.Purpose) {
			list = append(list, w.leaves(a.Categories)...)
		}
	}
	list = sorted(list)
	if len(list) > purpose.MaxFields {
		list = list[:purpose.MaxFields]
	}
	for _, c := range list {
		w.Data[c] = Object{}
	}
	return list
}

// past decides as of then: with what was true then as it is known now, for whoever had a need to know. The case names
// the time and not the role.
func (w *World) past(h *house, r *Result, fields []string) {
	about := w.Case.Request.Object("about")
	req := w.Request
	req.Action = actions[about.Text("action")]
	req.At, _ = instant(about["at"], w.Zone)
	if to := about.Text("recipient"); to != "" {
		req.Recipient = or(w.Notice.Vocabulary.Recipients[to], to)
	}
	who := about.Texts("role")
	if len(who) == 0 {
		who = roles()
	}
	var best Result
	for _, role := range who {
		req.Principal.Roles = []string{role}
		a := w.ask(h, req, fields)
		var x Result
		x.decided(&a)
		x.Err = a.err
		if best.Outcome == "" || rank(x.Outcome) > rank(best.Outcome) {
			best = x
		}
	}
	outcome := best.Outcome
	best.Detail["past_decision"] = outcome
	best.Outcome = Report
	*r = best
}

func rank(outcome string) int {
	return slices.Index([]string{"", Deny, Escalate, Return, Redact, Allow}, outcome)
}
