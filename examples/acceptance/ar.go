package acceptance

import (
	"slices"
	"strings"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
)

// lending is the vocabulary of the notice behind examples/lending.
func lending() Vocabulary {
	return Vocabulary{
		Fields: map[string][]string{
			"contact_details":   {"contact.name", "contact.address", "contact.email", "contact.phone"},
			"identity_document": {"identity.id_document"},
			// AMB-60: of letters only those that the books need are material of the books.
			"correspondence:bookkeeping": {"books.voucher_letter"},
		},
		Events: map[string][]string{
			"application_withdrawn": {"application_closed"},
			"application_refused":   {"application_closed"},
			"application_lapsed":    {"application_closed"},
		},
		Sources: map[string]string{"business_customer": "src.business_customer", "src.person": "data_subject", "person": "data_subject"},
		Party:   "supplier_or_dealer",
		Claims:  []string{"ar.legal_claim"},
		Dated: map[string]string{"invoice": "booked", "receivable": "booked", "payment_record": "booked", "transaction_record": "booked",
			"correspondence": "booked",
			"content_viewed": "record_registered", "browser": "record_registered", "operating_system": "record_registered", "cookie_usage_data": "cookie_set"},
		Facts: map[string]Meaning{
			"stage":                stage,
			"in_default":           Occurs("default"),
			"third_party_attested": Attested("household"),
			"about_subject":        Choose(map[string]Meaning{"household_member": Occurs("household_member_named"), "connected_third_party": Occurs("connected_person_named")}),
			"became_customer":      Choose(map[string]Meaning{"true": Occurs("customer_relation_started"), "false": Nothing("nothing happened")}),
			"business_customer":    Nothing("the business has no file of its own"),
			"left_role_at":         Occurs("left_office"),
			"id_refresh_due":       Occurs("identity_refresh_due"),
			"id_refreshed":         Occurs("identity_refreshed"),
			"legal_form":           Nothing("business capacities are those of sole traders"),
			"payout_instruction":   payoutInstruction,
			"court_order":          courtOrder,
			"supplier":             supplierNamed, "recipient_org": supplierNamed, "recipient_name": supplierNamed,
			"reason":           Fact("disclosure_reason"),
			"product":          financedProduct,
			"financed_product": financedProduct, "loan_purpose": financedProduct, "energy_product": financedProduct, "tied_to": financedProduct,
			"extension_purposes": extensionPurposes,

			"bookkeeping": neededInBooks, "bookkeeping_material": neededInBooks, "bookkeeping_documentation": neededInBooks, "bookkeeping_relevant": neededInBooks,
			"documents_books": neededInBooks, "needed_as_documentation": neededInBooks, "needed_for_books": neededInBooks, "needed_for_bookkeeping": neededInBooks,
			"aml_suspicion_report": suspicionReport,
		},
		Loads:    map[string]Meaning{"expiry_table_entry": expiryTable("ar.ret.cookie"), "cookie": Nothing("the rule is that of cookies")},
		Defaults: map[string]any{"household_relevant": true, "cpr_relevant": true, "missing": []any{}},
		Finish:   finishLending,
	}
}

// finishLending says what the cases of lending leave out.
func finishLending(w *World) {
	req, c := &w.Request, w.Case
	task := c.Request.Object("actor").Text("task")
	if !w.Stated("use") && task == "disposable_income" { // what the data is used for is what somebody works on
		w.try("actor", "task", task, Fact("use"))
	}
	if !w.Stated("use") && truthy(c.Given.Facts["household_relevant"]) && c.Request.Text("purpose") == "ar.credit_assessment" { // relevant for the one use that is declared
		w.try("facts", "household_relevant", "disposable_income", Fact("use"))
	}
	if !w.says("id_required_by_law") && c.Request.Has("statute") { // who names the law says that it requires what it does
		w.try("request", "statute", true, Fact("id_required_by_law"))
	}
	if req.Statute == "court_order" && c.Given.Facts.Has("court_order") && !w.Stated("court_order") {
		req.Statute = ""
	}
	if c.Request.Text("recipient_role") == "controller" { // the role belongs to the flow: the processor's agreement is for another one
		if r := w.recipient(req.Recipient); r != nil && r.Kind == purpose.Processor {
			req.Recipient = "other_controller"
		}
	}
	if !c.Given.Facts.Has("third_party_attested") && !c.Request.Has("about_subject") { // whoever gave what is on file attested it
		w.Happened(w.Before(), basis.AttestationGiven{By: "giver", Categories: []string{"household"}})
	}
	asks := func(e Object) bool { return e.Text("type") == "enquiry" }
	if req.Action != 0 && !slices.ContainsFunc(c.Given.Events, asks) { // who deals with an enquiry has said that it is open
		w.Happened(w.Before(), basis.NecessityJudged{Rule: "ar.ret.enquiry", Necessary: true, ReviewAt: w.At.AddDate(1, 0, 0)})
	}
}

// stage says how far the person has come. Of somebody tied to a business it is the business that applies, which has no file
// here.
func stage(w *World, key string, v any) error {
	party := func(role string) bool {
		return strings.HasPrefix(role, "private_") || strings.HasPrefix(role, "business_")
	}
	apply := Occurs("application_filed")
	if len(w.Case.Given.Subject) > 0 && !slices.ContainsFunc(w.Case.Given.Subject, party) {
		apply = Nothing("the business applies")
	}
	return Choose(map[string]Meaning{"enquiry": Nothing("whoever asks has asked"), "application": apply, "offer": Occurs("offer_made")})(w, key, v)
}

// neededInBooks makes a letter that the books need material of the books (AMB-60).
func neededInBooks(w *World, _ string, v any) error {
	if d := w.Data["correspondence"]; d != nil && truthy(v) {
		d["class"] = "bookkeeping"
	}
	return nil
}

// payoutInstruction states whom the customer wants to be paid.
func payoutInstruction(w *World, _ string, v any) error {
	if o := object(v); o.Text("payee") != "" {
		return w.State("payout_instruction", o.Text("payee"))
	}
	return nil
}

// courtOrder states which order of a court it is. An order of which nothing says that is none.
func courtOrder(w *World, key string, v any) error {
	if s, _ := v.(string); s == "" && object(v).Text("ref") == "" {
		return nil
	}
	return w.State(key, v)
}

// supplierNamed says which of the suppliers and dealers it is (AMB-58). With one that nobody names there is no agreement.
func supplierNamed(w *World, _ string, v any) error {
	name, _ := v.(string)
	if o := object(v); o != nil {
		name = or(o.Text("name"), o.Text("org"))
	}
	if name == "" {
		w.Case.Given.Agreements = &[]Object{}
	}
	return nil
}

// suspicionReport puts a report of a suspicion among what is held on the person.
func suspicionReport(w *World, _ string, v any) error {
	if truthy(v) {
		w.Held = append(w.Held, w.holding("suspicion_report", "aml.suspicion_report"))
	}
	return nil
}

// financedProduct says in the register's words what a loan is for.
func financedProduct(w *World, _ string, v any) error {
	text, ok := v.(string)
	switch tied, said := v.(bool); {
	case tied: // to one of those that the clause names
		text = "similar_product"
	case !ok && !said:
		return errValue
	}
	text = strings.ReplaceAll(text, "-", "_")
	switch {
	case strings.HasPrefix(text, "solar"):
		text = "solar_cells"
	case strings.HasPrefix(text, "heat_pump"):
		text = "heat_pump"
	}
	return w.State("financed_product", text)
}

// extensionPurposes declares purposes that an application adds: direct marketing on legitimate interests, by e-mail.
func extensionPurposes(w *World, _ string, v any) error {
	list := texts(v)
	w.Edit(func(s *purpose.Spec) {
		for _, p := range list {
			if slices.ContainsFunc(s.Purposes, func(x purpose.Purpose) bool { return x.Key == p }) {
				continue
			}
			key := strings.ReplaceAll(p, "_", "-")
			s.Purposes = append(slices.Clip(s.Purposes), purpose.Purpose{Key: p, Title: p, Marketing: strings.HasSuffix(p, "marketing"), Clause: "AR-6"})
			s.Assessments = append(slices.Clip(s.Assessments), purpose.Assessment{Key: key, Reference: "balancing test", Purposes: []string{p}, From: s.Notices[0].From})
			s.Activities = append(slices.Clip(s.Activities), purpose.Activity{
				Key: key, Title: p, Purposes: []string{p}, Capacities: []string{"private_customer", "business_customer"}, Categories: []string{"contact"},
				Claims:    []basis.Claim{{Basis: basis.LegitimateInterests, Interest: p, Assessment: key, Clause: "AR-6"}},
				Retention: []string{"ar.ret.customer"}, Clause: "AR-6"})
		}
	})
	return nil
}
