package acceptance

import (
	"fmt"
	"maps"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
)

// creditbureau is the vocabulary of the notice behind examples/creditbureau.
func creditbureau() Vocabulary {
	voc := Vocabulary{
		Fields: map[string][]string{
			"contact_details": {"contact.name", "contact.address", "contact.email", "contact.phone"},
			"credit_score":    {"profile.score"},
			"payment_record":  {"payment.current_payment_data"},
			"receivable":      {"contract.contract_data"},
		},
		FieldDatasets: map[string]string{"cookie_usage_data": "website"},
		Parties:       map[string]string{"p1": "processor"},
		Party:         "processor",
		Finish:        finishBureau,
		// A request that names no product is for the one that has no mask; an agreement that is not described is a full one.
		Defaults: map[string]any{"product": "credit_check", "agreement_secures": true},
		Facts: map[string]Meaning{
			"client_instruction":                All(instructed, instructedFor),
			"source_instruction":                All(instructed, instructedFor),
			"client_relies_decisively_on_score": Nothing("see finishBureau"),
			"decision":                          All(bureauDecision, reliedOn),
			"exception":                         exception,
			"has_security_measures":             Says("agreement_secures"),
			"into":                              movedInto,
			"via":                               Nothing("the register says which disclosure a recipient has data by"),
			"loaded_versions":                   All(versions, endsWithItsLaw),
			"legal_duty":                        legalDuty,
			"cookie":                            cookie,
			"client_aim":                        clientAim,
			"decision_context":                  decisionContext,
			"employment_relation":               employmentRelation,
			"informed":                          Nothing("no purpose is registered that being informed would open"),
			"continued":                         Nothing("browsing on is no consent"),
			"review_overdue":                    Nothing("see finishBureau"),
		},
		Loads: map[string]Meaning{
			"basis":               wbpClaims,
			"class":               declared,
			"regime":              regime,
			"retention":           bureauRetention,
			"register_entry":      registerEntry,
			"substantive_purpose": substantivePurpose,
			"cookie_policy_ref":   cookiePolicy,
		},
		Reasons: map[string]string{"purpose_not_in_closed_register": "request.purpose-unknown"},
	}
	for _, key := range []string{"permission", "client_permission", "source_permission", "databank_permission", "client_permits", "source_permits",
		"client_permits_databank", "source_permits_databank", "instructing_party_permission", "permission_of_client", "permission_of_source",
		"client_approval", "source_approval", "client_agreed", "source_agreed", "move_permitted", "transfer_permitted", "permitted_by_client"} {
		voc.Facts[key] = Says("instructing_party_permits")
	}
	for _, key := range []string{"necessary_still", "still_necessary", "still_needed", "review_necessary"} {
		voc.Facts[key] = reviewed
	}
	return voc
}

// reviewed answers every criterion rule just before the request.
func reviewed(w *World, key string, v any) error {
	var rules []string
	for _, r := range w.Spec.Retention {
		if r.Criterion.Question != "" {
			rules = append(rules, r.Key)
		}
	}
	return Judged(rules...)(w, key, v)
}

// instructed replaces what the party that a dataset is held for has instructed. Nothing at all is an instruction that no
// request can meet: a disclosure is never asked for.
func instructed(w *World, key string, v any) error {
	if len(texts(v)) > 0 {
		return instruct(w, key, v)
	}
	return instruct(w, key, "fo.p14_group_sharing")
}

// instructedFor takes what a client or source has instructed for what its data was obtained for, and the client for the
// one that is worked for where the request names no other.
func instructedFor(w *World, _ string, v any) error {
	for _, d := range w.Data {
		if !d.Has("obtained_for") {
			d["obtained_for"] = texts(v)
		}
	}
	for _, d := range w.Case.Given.Data {
		party := d.Text("controller")
		if party == "" {
			continue
		}
		if err := w.State("data_controller", party); err != nil {
			return err
		}
		if !w.says("on_behalf_of") {
			return w.State("on_behalf_of", party)
		}
	}
	return nil
}

// reliedOn makes a score on which the client decisively relies a decision with significant effect (C-634/21).
func reliedOn(w *World, _ string, _ any) error {
	if truthy(w.Case.Given.Facts["client_relies_decisively_on_score"]) {
		w.Request.Minor = false
	}
	return nil
}

// bureauDecision is a decision, of which being necessary for a contract is an exception.
func bureauDecision(w *World, key string, v any) error {
	o := maps.Clone(object(v))
	if truthy(o["necessary_for_contract"]) {
		if err := exception(w, key, "contract"); err != nil {
			return err
		}
	}
	delete(o, "necessary_for_contract")
	return decision(w, key, map[string]any(o))
}

// exception is the ground of GDPR Art. 22(2) that is shown for a decision by machine.
func exception(w *World, _ string, v any) error {
	switch v {
	case nil:
	case "explicit_consent", "gdpr.22.2.c":
		w.decisionConsent()
	case "contract", "contract_necessary", "contract_necessity", "gdpr.22.2.a":
		w.Happened(w.Before(), basis.Occurred{Event: "credit_applied_for"})
	default:
		return errValue
	}
	return nil
}

// movedInto makes a datum that enters another dataset come from the one that it was in.
func movedInto(w *World, _ string, v any) error {
	key, ok := v.(string)
	if !ok {
		return errValue
	}
	w.Request.Dataset, _ = w.dataset(key)
	for _, d := range w.Case.Given.Data {
		if from, ok := w.dataset(d.Text("dataset")); ok && from != w.Request.Dataset {
			w.Source = from
		}
	}
	return nil
}

// endsWithItsLaw lets the last version that is loaded end with the law that it was written under.
func endsWithItsLaw(w *World, _ string, _ any) error {
	w.Edit(func(s *purpose.Spec) {
		n := &s.Notices[len(s.Notices)-1]
		for _, l := range s.Laws {
			if l.Key == n.Regime {
				n.Through = l.Through
			}
		}
	})
	return nil
}

// legalDuty names the law that demands something.
func legalDuty(w *World, key string, v any) error {
	switch v {
	case "wbp":
		v = "nl.wbp"
	case "gdpr":
		v = "eu.gdpr"
	}
	return w.State(key, v)
}

// clientAim says in the register's words what a client wants to reach somebody for.
func clientAim(w *World, key string, v any) error {
	switch v {
	case "contact", "make_contact", "contact_debtor", "debt_contact", "overcredit_prevention", "prevent_overcredit", "prevent_overlending", "prevent_over_lending":
		v = "avoid_overcredit"
	case "avoid_cost", "avoid_costs", "cost_avoidance", "prevent_higher_cost", "prevent_costs", "limit_cost":
		v = "avoid_higher_cost"
	}
	return w.State(key, v)
}

// decisionContext says in the register's words what a client decides. A kind of trade or credit alone is about starting it.
func decisionContext(w *World, key string, v any) error {
	switch v {
	case "trade", "deferred_payment", "credit":
		v = fmt.Sprintf("start_%v", v)
	}
	return w.State(key, v)
}

// employmentRelation says in the register's words at which point a relation stands.
func employmentRelation(w *World, key string, v any) error {
	switch v {
	case "start", "started", "starting":
		v = "being_started"
	case "continue", "continued", "continuing":
		v = "being_continued"
	case "end", "ended", "ending":
		v = "being_ended"
	}
	return w.State(key, v)
}

// cookie is what is placed, and where the data comes from.
func cookie(w *World, key string, v any) error {
	w.Source = "cookie"
	return w.State(key, v)
}

// finishBureau records the yearly reviews, in order unless the case says that one is overdue, and makes a client that
// decisively relies on scores the recipient that the register has for it. Where erasure is asked about nobody has answered
// what the case does not: silence keeps nothing (AMB-96).
func finishBureau(w *World) {
	at, review := w.At, w.At.AddDate(1, 0, 0)
	if t, ok := instant(w.Case.Request.Object("about")["at"], w.Zone); ok && t.Before(at) {
		at = t
	}
	at = at.AddDate(0, -1, 0)
	if truthy(w.Case.Given.Facts["review_overdue"]) {
		review = w.At.AddDate(0, 0, -2)
	}
	silent := w.Case.Request.Text("action") == "erase" && !w.says("review_overdue")
	for _, r := range w.Spec.Retention {
		if r.Criterion.Question != "" && !silent {
			w.Happened(at, basis.NecessityJudged{Rule: r.Key, Necessary: true, ReviewAt: review})
		}
	}
	if truthy(w.Case.Given.Facts["client_relies_decisively_on_score"]) && w.Request.Recipient == "client_organisation" {
		w.Request.Recipient = "client_relying_on_score"
	}
}
